//! # HG401: SQL built from variables
//!
//! ## What it finds
//! SQL for mysql with an expansion in it: in `-e` or `--init-command`, in a here-document with an unquoted delimiter, in a
//! here-string, or in what `echo`, `printf`, `cat`, `sed` or `awk` write into its pipe or into the file that it reads.
//!
//! ## Why it is bad
//! SQL that is put together when the hook runs cannot be reviewed, and a value with a quote in it becomes a
//! statement of its own: SQL injection.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e "SHOW TABLES FROM $SR_DATABASE"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'SHOW TABLES FROM sales'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `-e "$SQL"`, where the script assigns `SQL` exactly once, a constant.

use crate::context::Context;
use crate::finding::Findings;
use crate::mysql::known_text;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Word;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(401),
    name: "sql-from-variables",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg401_sql_from_variables.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for call in context.calls.all() {
        for sql in &call.sources {
            let word = sql.source.word();
            if sql.statements.is_none() {
                report(word, context, findings);
            }
        }
        for word in &call.piped {
            if known_text(word, context.facts).is_none() {
                report(word, context, findings);
            }
        }
    }
}

fn report(word: &Word, context: &Context<'_>, findings: &mut Findings<'_>) {
    let message = format!("SQL is built from variables: `{}`", context.quote(word.span));
    findings.error(RULE.id, word.span, message, "write the SQL out as a literal in single quotes");
}
