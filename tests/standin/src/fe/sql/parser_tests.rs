use super::*;

fn error(text: &str) -> SqlError {
    parse(text).unwrap_err()
}

#[test]
fn settings_are_set_and_shown_in_any_case_and_quotes() {
    let expected = Statement::SetConfig {
        properties: vec![("disable_balance".into(), "true".into())],
        persistent: false,
    };
    for text in [
        "ADMIN SET FRONTEND CONFIG (\"disable_balance\" = \"true\")",
        "admin set frontend config('disable_balance'='true');",
        "/* a */ ADMIN\nSET FRONTEND CONFIG (\"disable_balance\"=\"true\") ; -- b",
    ] {
        assert_eq!(parse(text).unwrap(), expected, "{text}");
    }
    let shown = parse("ADMIN SHOW FRONTEND CONFIG LIKE '%disable\\_balance%'").unwrap();
    assert_eq!(shown, Statement::ShowConfig { pattern: Some("%disable\\_balance%".into()) });
}

#[test]
fn nodes_have_a_host_and_a_port() {
    let added = parse("ALTER SYSTEM ADD COMPUTE NODE \"a.b:9050\", 'c:9051'").unwrap();
    let nodes = vec![("a.b".to_owned(), 9050), ("c".to_owned(), 9051)];
    assert_eq!(added, Statement::AlterNodes { verb: NodeVerb::Add, kind: NodeKind::ComputeNode, nodes });
    for text in [
        "ALTER SYSTEM ADD BACKEND \"a\"",
        "ALTER SYSTEM ADD BACKEND \":1\"",
        "ALTER SYSTEM ADD BACKEND 'a:x'",
    ] {
        assert!(error(text).message.contains("write it like \"host:9050\""), "{text}");
    }
}

#[test]
fn passwords_come_in_three_ways() {
    let set = |user: Option<&str>, password| Statement::SetPassword { user: user.map(Into::into), password };
    let clear = || Password::Clear("s3".into());
    assert_eq!(parse("SET PASSWORD = PASSWORD('s3')").unwrap(), set(None, clear()));
    assert_eq!(parse("SET PASSWORD FOR 'root'@'%' = PASSWORD('s3')").unwrap(), set(Some("root"), clear()));
    assert_eq!(parse("ALTER USER root IDENTIFIED BY 's3'").unwrap(), set(Some("root"), clear()));
    let hash = Password::Hash("*AB".into());
    assert_eq!(parse("ALTER USER root@'%' IDENTIFIED BY PASSWORD '*AB'").unwrap(), set(Some("root"), hash));
}

#[test]
fn session_variables_lose_their_scope() {
    let set = |pairs: &[(&str, &str)]| {
        Statement::SetVariables(pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect())
    };
    assert_eq!(parse("SET @@SESSION.Query_Timeout = 10").unwrap(), set(&[("query_timeout", "10")]));
    assert_eq!(parse("SET GLOBAL a = 'x', autocommit=1").unwrap(), set(&[("a", "x"), ("autocommit", "1")]));
}

#[test]
fn the_rest_is_a_syntax_error_that_names_the_place() {
    assert_eq!(
        error("SHOW\n TABLETS").message,
        "Getting syntax error at line 2, column 1. Detail message: Unexpected input 'TABLETS', the most similar \
         input is {'BACKENDS', 'FRONTENDS', 'PROC', 'VARIABLES'}."
    );
    for text in [
        "",
        ";",
        "DROP TABLE t",
        "SHOW FRONTENDS nonsense",
        "ADMIN SET FRONTEND CONFIG ()",
        "SELECT 1; SELECT 2",
    ] {
        let error = error(text);
        assert_eq!(
            (error.code, error.message.starts_with("Getting syntax error at line 1")),
            (1064, true),
            "{text}"
        );
    }
    assert!(error("SELECT 'a").message.contains("not closed"));
}
