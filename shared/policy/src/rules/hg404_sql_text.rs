//! # HG404: SQL that can be read in two ways
//!
//! ## What it finds
//! SQL with characters beyond ASCII, with a backslash other than a final `\G`, with comments other than `-- ` and `/* … */`, with
//! `@`, or with a text that has no end.
//!
//! ## Why it is bad
//! The mysql client takes a backslash for a command of its own: `\! id` runs a program. `/*! … */` is a comment for some
//! readers and code for others.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e '\! id'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'SHOW BACKENDS\G'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use crate::context::Context;
use crate::finding::Findings;
use crate::mysql::sql_errors;
use crate::sql::SqlError;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(404),
    name: "sql-text",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg404_sql_text.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (span, error) in sql_errors(context) {
        if let SqlError::Text(error) = error {
            findings.error(RULE.id, span, error.message(), "write plain SQL, with comments after `-- ` only");
        }
    }
}
