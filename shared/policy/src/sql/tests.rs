use super::*;

fn check(text: &str) -> Result<Vec<Statement>, SqlError> {
    super::check(text, SqlAdditions::NONE)
}

const ALLOWED: &[&str] = &[
    r#"ADMIN SET FRONTEND CONFIG ("tablet_sched_max_scheduling_tablets" = "0")"#,
    r#"admin set frontend config ('disable_balance'='true');"#,
    "ADMIN SHOW FRONTEND CONFIG LIKE 'disable_balance'",
    "ADMIN SHOW REPLICA STATUS FROM db.t PARTITION (p1, `p 2`) WHERE STATUS != 'OK'",
    "ADMIN SHOW REPLICA DISTRIBUTION FROM t",
    "ADMIN REPAIR TABLE db.t; ADMIN CANCEL REPAIR TABLE t PARTITION (p)",
    "ALTER SYSTEM CREATE IMAGE",
    "SHOW FRONTENDS\\G",
    "SHOW BACKENDS; SHOW COMPUTE NODES;",
    "SHOW TABLES FROM `my db` LIKE 'a%'",
    "SHOW PARTITIONS FROM db.t WHERE PartitionName = 'p'",
    "SHOW TABLET FROM t",
    "SHOW TABLET 123",
    "SHOW PROC '/statistic'",
    "DESC db.t",
    "EXPLAIN SELECT * FROM t",
    "SELECT 1",
    "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'a;b' -- a comment",
    "SELECT /* all */ t.a, `b` FROM db.t t WHERE a IN (1, 2) AND c LIKE 'files(%'",
    "SELECT current_version()",
    "SELECT COALESCE(SUM(IF(`alive` = 'true', 1, 0)), 0) AS `n` FROM (SELECT alive FROM t) AS u(alive)",
    "SELECT DISTINCT (a), row_number() OVER (PARTITION BY (b)) FROM t PARTITION (p) LEFT JOIN (SELECT 1) u USING (a)",
    "SELECT 1e5, 1.5e-3, 2.E+4, 0x1F, 12, .5 FROM 2024db.1t AS `u` (a, `b c`) WHERE a.1st < 2e1 - 1",
    "SHOW TABLES FROM 2024db WHERE (a = 1) AND `b` IN ('x')",
    "SELECT CAST(a AS DECIMAL(10, 2)) FROM t WHERE NOT (a) OR EXISTS (SELECT 1) GROUP BY GROUPING SETS ((a), ())",
    "SET SESSION query_timeout = 30",
    "SET time_zone = 'UTC'",
];

const REFUSED: &[&str] = &[
    r#"ADMIN SET FRONTEND CONFIG ("enable_auth_check" = "false")"#,
    r#"ADMIN SET FRONTEND CONFIG ("disable_balance" = "yes")"#,
    r#"ADMIN SET FRONTEND CONFIG ("disable_balance" = "1234567890")"#,
    r#"ADMIN SET FRONTEND CONFIG ("disable_balance" = "true", "x" = "y")"#,
    r#"ADMIN SET FRONTEND CONFIG ("disable_balance" = "true") WITH PERSISTENT"#,
    "ADMIN SHOW FRONTEND CONFIG",
    "ADMIN SHOW FRONTEND CONFIG LIKE '%'",
    "ADMIN SHOW REPLICA STATUS FROM a.b.c",
    "ALTER SYSTEM DROP BACKEND 'a:1'",
    "ALTER SYSTEM CREATE IMAGE; DROP TABLE t",
    "DROP TABLE t",
    "GRANT ALL ON *.* TO root",
    "SET PASSWORD FOR root = PASSWORD('x')",
    "SET GLOBAL query_timeout = 1",
    "SET query_timeout = 1, time_zone = 'x'",
    "SHOW GRANTS",
    "SHOW PROC '/'",
    "SHOW PROC '/statistic/10'",
    "SHOW DATABASES WHERE sleep(1)",
    "SHOW BACKENDS WHERE `abs`(1) = 1",
    "SHOW BACKENDS WHERE `in`(1) = 1",
    "SHOW BACKENDS WHERE 2udf(1) = 1",
    "SHOW BACKENDS WHERE a IN (SELECT b FROM hive.db.t)",
    r#"SELECT * FROM FILES("path"="s3://a")"#,
    "SELECT * FROM files ('path'='x')",
    "SELECT * FROM TABLE(generate_series(1, 2))",
    "SELECT * FROM hive.db.t",
    "SELECT * FROM hive.2024db.t",
    "SELECT * FROM 2hive.db.t",
    "SELECT * FROM 0xhive.`db`.1t",
    "SELECT * FROM 1e5e.db.t",
    "SELECT * FROM hive.2024.t",
    "SELECT 2udf(1)",
    "SELECT 1e5udf(1)",
    "SELECT db.2udf(1)",
    "SELECT 1db.udf(1)",
    "SELECT a AS sleep(1)",
    "SELECT a AS `sleep` (1)",
    "SELECT * FROM x JOIN y AS files(\"path\"=\"s3://x\")",
    "SELECT * FROM x AS files(path)",
    "SELECT a AS udf(b, 1)",
    "SELECT a AS udf(b(c))",
    "SELECT `files`('a')",
    "SELECT db.udf(1)",
    "SELECT udf(1)",
    "SELECT `udf`(1) FROM t",
    "SELECT a FROM t WHERE b = UDF (a)",
    "SELECT ai_complete('x')",
    "EXPLAIN SELECT udf(1)",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT sleep(10)",
    "SELECT @@version",
    "SELECT @x",
    "SELECT /*+ SET_VAR(a=1) */ 1",
    "SELECT /*!1*/ 1",
    "SELECT 1 # comment",
    "SELECT 1 --comment",
    "SELECT 1 /* ; */",
    "SELECT 'a\\'b'",
    "\\! sh",
    "system sh",
    "source /tmp/x",
    "SELECT 'a",
    "SELECT (1",
    "EXPLAIN ANALYZE SELECT 1",
    "SELECT 'ü'",
    "",
    " ; ",
];

#[test]
fn allows_what_the_page_allows() {
    for sql in ALLOWED {
        assert!(check(sql).is_ok(), "{sql}: {:?}", check(sql));
    }
}

#[test]
fn refuses_everything_else() {
    for sql in REFUSED {
        assert!(check(sql).is_err(), "{sql}");
    }
}

#[test]
fn knows_what_changes_something_and_what_yields_numbers() {
    let one = |sql: &str| check(sql).unwrap()[0];
    assert!(one(r#"ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")"#).changes);
    assert!(!one("SHOW BACKENDS").changes);
    for sql in
        ["SELECT count(*) FROM t", "SELECT sum(a), max(b) AS m FROM t", "SHOW PROC '/statistic'", "SELECT 1"]
    {
        assert!(one(sql).yields_numbers, "{sql}");
    }
    for sql in [
        "SELECT a FROM t",
        "SELECT count(*), a FROM t",
        "SELECT count(*) FROM t UNION SELECT a FROM t",
        "SHOW BACKENDS",
    ] {
        assert!(!one(sql).yields_numbers, "{sql}");
    }
}

#[test]
fn a_policy_adds_settings_and_statements() {
    let additions = SqlAdditions {
        keys: BTreeMap::from([("max_routine_load_task_num_per_be".to_owned(), KeyValue::Number)]),
        statements: vec!["PAUSE ROUTINE LOAD FOR <table>".parse().unwrap()],
    };
    for sql in [
        r#"ADMIN SET FRONTEND CONFIG ("max_routine_load_task_num_per_be" = "0")"#,
        "ADMIN SHOW FRONTEND CONFIG LIKE 'max_routine_load_task_num_per_be'",
        "SHOW BACKENDS; PAUSE ROUTINE LOAD FOR db.job;",
    ] {
        assert!(check(sql).is_err(), "{sql}");
        assert!(super::check(sql, &additions).is_ok(), "{sql}: {:?}", super::check(sql, &additions));
    }
    for sql in [
        r#"ADMIN SET FRONTEND CONFIG ("max_routine_load_task_num_per_be" = "true")"#,
        r#"ADMIN SET FRONTEND CONFIG ("enable_auth_check" = "false")"#,
        "PAUSE ROUTINE LOAD FOR db.job; DROP TABLE t",
        "RESUME ROUTINE LOAD FOR db.job",
    ] {
        assert!(super::check(sql, &additions).is_err(), "{sql}");
    }
    assert!(super::check("PAUSE ROUTINE LOAD FOR a", &additions).unwrap()[0].changes);
}
