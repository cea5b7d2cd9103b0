//! The runner's `mysql` beside Debian's client: the same output, errors and exit codes, and the same statements at the
//! same server, for every option and every kind of value.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod clients;
mod server;

use clients::{Supervisor, debian};
use opensrv_mysql::{ColumnType as Kind, ErrorKind};
use server::{Answer, Field, Rows, start};

const ANYTHING: &str = r#"[{"name":"test@1","enforced":true,"rules":{"profile":"privileged"}}]"#;
const RESTRICTED: &str = r#"[{"name":"test@1","enforced":true,"rules":{"profile":"restricted"}}]"#;

fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, never_null: false }
}

fn text(value: &str) -> Option<Vec<u8>> {
    Some(value.as_bytes().to_vec())
}

/// One column of texts.
fn texts(values: &[&[u8]]) -> Answer {
    let rows: Rows = values.iter().map(|value| vec![Some(value.to_vec())]).collect();
    Answer::Rows(vec![field("value", Kind::MYSQL_TYPE_VAR_STRING)], rows)
}

const KINDS: &[(&str, Kind, &str)] = &[
    ("decimal", Kind::MYSQL_TYPE_NEWDECIMAL, "-12.50"),
    ("tiny", Kind::MYSQL_TYPE_TINY, "1"),
    ("short", Kind::MYSQL_TYPE_SHORT, "-7"),
    ("long_column_name", Kind::MYSQL_TYPE_LONG, "42"),
    ("float", Kind::MYSQL_TYPE_FLOAT, "1.5"),
    ("double", Kind::MYSQL_TYPE_DOUBLE, "1e300"),
    ("bigint", Kind::MYSQL_TYPE_LONGLONG, "9223372036854775807"),
    ("int24", Kind::MYSQL_TYPE_INT24, "3"),
    ("year", Kind::MYSQL_TYPE_YEAR, "2026"),
    ("stamp", Kind::MYSQL_TYPE_TIMESTAMP, "2026-01-02 03:04:05"),
    ("date", Kind::MYSQL_TYPE_DATE, "2026-01-02"),
    ("time", Kind::MYSQL_TYPE_TIME, "-01:02:03"),
    ("datetime", Kind::MYSQL_TYPE_DATETIME, "2026-01-02 03:04:05"),
    ("varchar", Kind::MYSQL_TYPE_VARCHAR, "text"),
    ("string", Kind::MYSQL_TYPE_STRING, "fixed"),
    ("blob", Kind::MYSQL_TYPE_BLOB, "bytes"),
    ("json", Kind::MYSQL_TYPE_JSON, "{\"a\": 1}"),
    ("enum", Kind::MYSQL_TYPE_ENUM, "one"),
    ("bit", Kind::MYSQL_TYPE_BIT, "\u{1}"),
];

fn answer(statement: &str) -> Answer {
    let long = "x".repeat(3000);
    match statement.trim() {
        "SELECT kinds" => {
            let fields = KINDS.iter().map(|(name, kind, _)| field(name, *kind)).collect();
            let row = |value: fn(&str) -> Option<Vec<u8>>| {
                KINDS.iter().map(|(.., text)| value(text)).collect::<Vec<_>>()
            };
            Answer::Rows(fields, vec![row(text), row(|_| None), row(|_| text(""))])
        }
        "SELECT special" => texts(&[
            b"tab\there",
            b"line\nbreak",
            b"nul\0byte",
            b"back\\slash",
            b"return\rhere",
            b"quote's \"both\"",
            b"",
            b" spaces ",
            b"NULL",
        ]),
        "SELECT wide" => {
            let values =
                ["größe", "日本語", "e\u{301}", "ascii", "😀", "𠀀", "ｗｉｄｅ", "한국어", "\u{200b}"];
            texts(&values.map(str::as_bytes))
        }
        "SELECT names" => {
            let fields = vec![
                field("größe", Kind::MYSQL_TYPE_VAR_STRING),
                field("日本", Kind::MYSQL_TYPE_LONG),
                field("a", Kind::MYSQL_TYPE_LONG),
            ];
            Answer::Rows(fields, vec![vec![text("x"), text("1"), text("12345")]])
        }
        "SELECT long" => texts(&[long.as_bytes(), b"short"]),
        "SELECT never null" => {
            let one = |name, kind| Field { name, kind, never_null: true };
            let fields = vec![one("a", Kind::MYSQL_TYPE_LONG), one("b", Kind::MYSQL_TYPE_VAR_STRING)];
            Answer::Rows(fields, vec![vec![text("1"), text("x")], vec![text("2"), text("yz")]])
        }
        "SELECT empty" => texts(&[]),
        "SELECT rows" => texts(&[b"1", b"2", b"3"]),
        "INSERT" => Answer::Done { affected: 3, warnings: 0 },
        "WARN" => Answer::Done { affected: 0, warnings: 2 },
        "FAIL" => Answer::Error(ErrorKind::ER_PARSE_ERROR, "Getting syntax error at line 1, column 0."),
        "DENY" => Answer::Error(ErrorKind::ER_ACCESS_DENIED_ERROR, "Access denied for user 'root'"),
        "LINES" => Answer::Error(ErrorKind::ER_UNKNOWN_ERROR, "two\nlines\tand größe"),
        other => texts(&[other.as_bytes()]),
    }
}

/// Options in every combination that makes a difference.
const OPTIONS: &[&[&str]] = &[
    &[],
    &["-N"],
    &["--skip-column-names"],
    &["-B"],
    &["--batch"],
    &["-s"],
    &["--silent"],
    &["-ss"],
    &["-E"],
    &["--vertical"],
    &["-t"],
    &["--table"],
    &["-r"],
    &["--raw"],
    &["-NB"],
    &["-sN"],
    &["-tN"],
    &["-EN"],
    &["-Es"],
    &["-ts"],
    &["-tss"],
    &["-tE"],
    &["-tr"],
    &["-Er"],
    &["-Nr"],
    &["-NBs", "-r"],
    &["-D", "shop"],
    &["--database=shop", "--connect-timeout=5", "--protocol=TCP"],
];

const STATEMENTS: &[&str] = &[
    "SELECT kinds",
    "SELECT special",
    "SELECT wide",
    "SELECT names",
    "SELECT long",
    "SELECT never null",
    "SELECT empty",
    "INSERT",
    "WARN",
    "SELECT rows; SELECT special",
    "SELECT rows\\G",
    "SELECT rows\\G SELECT empty; SELECT never null\\g",
    "FAIL",
    "SELECT rows; FAIL; SELECT rows",
];

/// What differs, all of it.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, ours: &T, theirs: &T) {
        if ours != theirs {
            self.0.push(format!("{what}\n  ours   {ours:?}\n  theirs {theirs:?}"));
        }
    }

    fn none(self) {
        let count = self.0.len();
        assert!(self.0.is_empty(), "{count} differences:\n{}", self.0[..count.min(12)].join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_prints_every_value_as_the_client_does() {
    let (port, asked) = start(answer).await;
    let supervisor = Supervisor::start(port, ANYTHING);
    let mut differences = Differences::default();
    for options in OPTIONS {
        for statement in STATEMENTS {
            let arguments: Vec<&str> = options.iter().copied().chain(["-e", statement]).collect();
            let expected = debian(port, &arguments, None);
            let theirs: Vec<String> = std::mem::take(&mut asked.lock().unwrap());
            let got = supervisor.ask(&arguments, None);
            let ours: Vec<String> = std::mem::take(&mut asked.lock().unwrap());
            differences.compare(&format!("mysql {arguments:?}"), &got, &expected);
            let sent =
                |all: Vec<String>| all.into_iter().filter(|one| !one.starts_with("USE")).collect::<Vec<_>>();
            differences.compare(&format!("sent by mysql {arguments:?}"), &sent(ours), &sent(theirs));
        }
    }
    differences.none();
}

/// Texts of several statements, on several lines, through standard input and `-e`.
const SCRIPTS: &[&str] = &[
    "",
    "\n\n",
    ";",
    "SELECT rows",
    "SELECT rows;",
    "SELECT rows;\n\nSELECT never null;\n",
    "SELECT rows;\nFAIL;\nSELECT rows;\n",
    "\n\nSELECT\nrows\n;\n  FAIL;\n",
    "SELECT rows;\n\n\nFAIL\n",
    "SELECT 'a;b';SELECT \"c;d\";SELECT `e;f`",
    "SELECT 'it''s; here'; SELECT 'a\\';b'",
    "FAIL; SELECT rows",
    "DENY;",
    "LINES;",
    "SELECT rows\\G\nSELECT rows\\g\nSELECT rows;\n",
    "SELECT 'größe';\n",
    "SELECT 1, 2 ,  3;",
    "SELECT 1\n,\n2;\nFAIL;",
    "SELECT a;SELECT b;FAIL",
];

#[tokio::test(flavor = "multi_thread")]
async fn several_statements_end_and_fail_where_the_client_says() {
    let (port, _) = start(answer).await;
    let supervisor = Supervisor::start(port, ANYTHING);
    let mut differences = Differences::default();
    for script in SCRIPTS {
        for options in [&[][..], &["-t"], &["-N"]] {
            let expected = debian(port, options, Some(script));
            let got = supervisor.ask(options, Some(script));
            differences.compare(&format!("{options:?} <<< {script:?}"), &got, &expected);
            let arguments: Vec<&str> = options.iter().copied().chain(["-e", script]).collect();
            let expected = debian(port, &arguments, None);
            let got = supervisor.ask(&arguments, None);
            differences.compare(&format!("{options:?} -e {script:?}"), &got, &expected);
        }
    }
    differences.none();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_has_the_exit_code_of_the_client() {
    let (port, _) = start(answer).await;
    let supervisor = Supervisor::start(port, ANYTHING);
    let codes =
        |arguments: &[&str]| (supervisor.ask(arguments, None).code, debian(port, arguments, None).code);
    let (ours, theirs) = codes(&["--no-such-option"]);
    assert_eq!(ours, theirs, "an unknown option");
    let unknown_database = ["-D", "nosuch", "-e", "SELECT rows"];
    let (ours, theirs) = (supervisor.ask(&unknown_database, None), debian(port, &unknown_database, None));
    assert_eq!((ours.code, ours.output), (theirs.code, theirs.output));
    assert!(ours.errors.starts_with("ERROR ") && theirs.errors.starts_with("ERROR "), "{}", ours.errors);
    let other = supervisor.ask(&["-hdb.example.org", "-e", "SELECT rows"], None);
    assert_eq!(other.code, Some(1));
    assert!(other.errors.contains("a hook's mysql reaches its own FE only"), "{}", other.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_admission_refuses_is_never_sent() {
    let (port, asked) = start(answer).await;
    let supervisor = Supervisor::start(port, RESTRICTED);
    for statement in [
        "DROP TABLE a",
        "SHOW BACKENDS; DROP TABLE a",
        "SELECT 1 INTO OUTFILE 's3://x'",
        "SELECT /*!1*/ 1",
        "SELECT 'a\\'; DROP TABLE a; -- '",
        "ADMIN SET FRONTEND CONFIG (\"enable_auth_check\" = \"false\")",
    ] {
        asked.lock().unwrap().clear();
        let did = supervisor.ask(&["-e", statement], None);
        assert_eq!(did.code, Some(1), "{statement}");
        assert!(did.errors.starts_with("ERROR 1227 (42000) at line 1: HG4"), "{statement}: {}", did.errors);
        let sent = asked.lock().unwrap().clone();
        assert!(sent.iter().all(|one| one == "SHOW BACKENDS"), "{statement}: {sent:?}");
    }
}
