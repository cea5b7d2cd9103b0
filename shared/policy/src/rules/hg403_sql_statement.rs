//! # HG403: a statement that a hook may not send
//!
//! ## What it finds
//! SQL statements other than those that prepare and observe an upgrade: `ADMIN SET FRONTEND CONFIG` for the settings of the
//! scheduler, `SHOW`, `SELECT` from the cluster's own tables with StarRocks' own functions, `ADMIN SHOW REPLICA`, `ADMIN REPAIR TABLE`, `ALTER SYSTEM CREATE IMAGE`,
//! `DESC`, `EXPLAIN`, and `SET` of `query_timeout` and `time_zone`.
//!
//! ## Why it is bad
//! A hook runs with the rights of the FE's administrator. `FILES(…)` in a query reads and writes remote storage; other settings
//! switch off authentication or recovery.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'DROP TABLE sales.orders'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'ADMIN SET FRONTEND CONFIG ("tablet_sched_disable_balance" = "true")'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! A policy can allow more statements and settings. `SQL COMMAND`, which guides write where a statement is to be put, is a
//! warning: no FE takes it, so the hook fails, and nothing else can come of it.

use crate::context::Context;
use crate::finding::Findings;
use crate::mysql::{placeholders, sql_errors};
use crate::sql::{Refusal, SqlError};
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(403),
    name: "sql-statement",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg403_sql_statement.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (span, error) in sql_errors(context) {
        match error {
            SqlError::Statement(Refusal { beginning, reason }) => {
                let what = if beginning.is_empty() {
                    "this statement".to_owned()
                } else {
                    format!("`{beginning} …`")
                };
                findings.error(RULE.id, span, format!("{what} is not allowed in a hook: {reason}"), HELP);
            }
            SqlError::Empty => {
                findings.error(RULE.id, span, "there is no SQL statement".to_owned(), HELP);
            }
            SqlError::Text(_) => {}
        }
    }
    for span in placeholders(context) {
        findings.warning(RULE.id, span, crate::sql::PLACEHOLDER_MESSAGE.to_owned(), HELP);
    }
}

const HELP: &str = "use one of the statements that the rule's page lists";
