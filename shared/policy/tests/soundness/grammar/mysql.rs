//! Calls of mysql in all forms.

use super::Writer;

/// Statements that change nothing.
const READS: &[&str] = &[
    "SHOW FRONTENDS",
    "SHOW BACKENDS",
    "SHOW COMPUTE NODES",
    "SHOW DATABASES",
    "SHOW TABLES FROM db",
    "SHOW PARTITIONS FROM db.t",
    "SHOW TABLET FROM db.t",
    "SHOW TABLET 10001",
    "SHOW DATABASES LIKE 'a%'",
    "SHOW TABLES FROM db LIKE 'x|$'",
    "SHOW PROC '/statistic'",
    "SHOW PROC '/cluster_balance'",
    "SHOW PROC '/frontends'",
    "SHOW PROC '/backends'",
    "SHOW PROC '/compute_nodes'",
    "DESC db.t",
    "EXPLAIN SELECT 1",
    "ADMIN SHOW FRONTEND CONFIG LIKE 'tablet_sched_disable_balance'",
    "ADMIN SHOW REPLICA STATUS FROM db.t",
    "ADMIN SHOW REPLICA DISTRIBUTION FROM t PARTITION (p1, p2)",
    "ADMIN SHOW REPLICA STATUS FROM t WHERE STATUS != 'OK'",
    "SELECT 1",
    "SELECT name FROM db.t WHERE a = 'x; y' AND b > 3",
    "SELECT count(*) FROM information_schema.tables",
    "SELECT a, upper(b) FROM t ORDER BY 1 LIMIT 5",
    "SELECT `a b` FROM `t` -- comment\nWHERE 1 = 1",
    "SELECT /* note */ 1",
    "SET SESSION query_timeout = 60; SELECT 2",
    "SHOW BACKENDS\\G",
    "SELECT 'it''s'",
    "SHOW FRONTENDS; SHOW BACKENDS;",
];

/// Statements that change something.
const CHANGES: &[&str] = &[
    "ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"0\")",
    "ADMIN SET FRONTEND CONFIG ('disable_balance' = 'true');",
    "ALTER SYSTEM CREATE IMAGE",
    "ADMIN REPAIR TABLE db.t PARTITION (p1)",
    "ADMIN CANCEL REPAIR TABLE t",
    "ADMIN SET FRONTEND CONFIG (\"tablet_sched_disable_colocate_balance\" = \"false\"); ALTER SYSTEM CREATE IMAGE",
];

/// Statements that yield numbers.
const NUMBERS: &[&str] = &[
    "SELECT count(*) FROM information_schema.tables",
    "SELECT sum(a) FROM db.t",
    "SELECT max(a), min(b) FROM t",
    "SHOW PROC '/statistic'",
];

impl Writer {
    fn client(&mut self) -> String {
        if self.own_separator {
            return "mysql -h\"$SR_FE_HOST\" -P\"$SR_FE_PORT\" -u\"$SR_FE_USER\"".to_owned();
        }
        self.choose(
            "mysql",
            &[
                "$MYSQL_CMD",
                "mysql -h\"$SR_FE_HOST\" -P\"$SR_FE_PORT\" -u\"$SR_FE_USER\"",
                "mysql -h${SR_FE_HOST} -P${SR_FE_PORT} -u${SR_FE_USER}",
                "mysql -h $SR_FE_HOST -P $SR_FE_PORT -u $SR_FE_USER",
                "mysql --host=\"$SR_FE_HOST\" --port=\"$SR_FE_PORT\" --user=\"$SR_FE_USER\"",
                "mysql --host $SR_FE_HOST --port $SR_FE_PORT --user \"$SR_FE_USER\" --protocol=TCP",
                "timeout 20 $MYSQL_CMD",
                "timeout -k 1 20s mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER",
            ],
        )
    }

    /// A call with one source of SQL.
    fn call(&mut self, sql: &str) -> String {
        let client = self.client();
        let flags = self.choose(
            "mysql flags",
            &[
                "",
                "-N",
                "-B",
                "-s",
                "-E",
                "-t",
                "-r",
                "-NB",
                "--batch",
                "--skip-column-names",
                "--silent",
                "--vertical",
                "--table",
                "--raw",
                "-D db",
                "--database=db",
                "--connect-timeout=5",
                "--connect-timeout 5",
                "-N -B",
                "-sNr",
            ],
        );
        let single = format!("'{}'", sql.replace('\'', "'\\''"));
        let double = format!(
            "\"{}\"",
            sql.replace('\\', "\\\\").replace('"', "\\\"").replace('`', "\\`").replace('$', "\\$")
        );
        let source = self.choose(
            "sql",
            &[
                "-e ''",
                "-e \"\"",
                "-e''",
                "--execute=",
                "--execute ''",
                "-NBe",
                "-sBe''",
                "<<<",
                "<<'E'",
                "<<E",
            ],
        );
        let has_dollar = sql.contains(['$', '`', '\\']);
        match source.as_str() {
            "-e \"\"" => format!("{client} {flags} -e {double}"),
            "-e''" => format!("{client} {flags} -e{single}"),
            "--execute=" => format!("{client} {flags} --execute={single}"),
            "--execute ''" => format!("{client} {flags} --execute {single}"),
            "-NBe" => format!("{client} {flags} -NBe {single}"),
            "-sBe''" => format!("{client} {flags} -sBe{single}"),
            "<<<" => format!("{client} {flags} <<< {single}"),
            "<<'E'" => format!("{client} {flags} <<'SQL'\n{sql}\nSQL\n"),
            "<<E" if !has_dollar => format!("{client} {flags} <<SQL\n{sql}\nSQL\n"),
            _ => format!("{client} {flags} -e {single}"),
        }
    }

    /// A call whose answer is read, on one line.
    pub(super) fn query(&mut self) -> String {
        let sql = self.pick(READS);
        self.tag("mysql answer");
        let call = self.call(&sql);
        if call.ends_with('\n') {
            format!(
                "mysql -h\"$SR_FE_HOST\" -P\"$SR_FE_PORT\" -u\"$SR_FE_USER\" -Ne '{}'",
                sql.replace('\'', "'\\''")
            )
        } else {
            call
        }
    }

    /// A query that yields numbers.
    pub(super) fn number_query(&mut self) -> String {
        let sql = self.pick(NUMBERS);
        self.tag("mysql number");
        let client = self.client();
        format!("{client} -NBe \"{sql}\" | head -n 1 | cut -f 1")
    }

    /// A statement that sends SQL.
    pub(super) fn sql_statement(&mut self) {
        if self.random.chance(40) {
            let sql = self.pick(CHANGES);
            let call = self.call(&sql);
            if call.ends_with('\n') {
                let (first, rest) = call.split_once('\n').unwrap();
                self.out.push_str(&format!("{first} || return 1\n{rest}"));
                return;
            }
            let shape = self.choose("sql change", &["|| return", "if !", "&&"]);
            match shape.as_str() {
                "|| return" => self.line(&format!("{call} || return 1")),
                "if !" => self.line(&format!("if ! {call}; then return 1; fi")),
                _ => self.line(&format!("{call} && echo done || return 1")),
            }
        } else {
            let sql = self.pick(READS);
            let call = self.call(&sql);
            if call.ends_with('\n') {
                self.out.push_str(&call);
            } else {
                self.line(&call);
            }
        }
    }
}
