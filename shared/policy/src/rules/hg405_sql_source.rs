//! # HG405: mysql without exactly one source of SQL
//!
//! ## What it finds
//! A call of mysql that gets its SQL from a pipe, from a file, from the standard input of the script, from several
//! places or from none.
//!
//! ## Why it is bad
//! What is sent must be in the script, where it can be read.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo 'SHOW BACKENDS' | $MYSQL_CMD
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD <<'EOF'
//! SHOW BACKENDS;
//! EOF
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None: the sources are one `-e`, one here-document, or one here-string.

use crate::context::Context;
use crate::finding::Findings;
use crate::mysql::MysqlCall;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::RedirectionKind;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(405),
    name: "sql-source",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg405_sql_source.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for call in context.calls.all() {
        let span = call.command.command.span;
        let message = match call.sources.as_slice() {
            _ if !call.command.place.first_in_pipeline => "mysql must not read from a pipe",
            _ if reads_file(call) => "mysql must not read from a file",
            [_] => continue,
            [] => "mysql needs its SQL: without it the client reads its standard input",
            _ => "mysql has several sources of SQL",
        };
        findings.error(RULE.id, span, message.to_owned(), "give the SQL by one -e 'SQL' or one <<'EOF'");
    }
}

/// Whether the client's input is redirected; `/dev/null` says that it has none.
fn reads_file(call: &MysqlCall<'_>) -> bool {
    call.command.command.redirections.iter().any(|redirection| {
        let is_input = redirection.descriptor.unwrap_or(0) == 0;
        match &redirection.kind {
            RedirectionKind::Read(word) => is_input && word.literal().as_deref() != Some("/dev/null"),
            RedirectionKind::ReadWrite(_) | RedirectionKind::DuplicateInput(_) => is_input,
            _ => false,
        }
    })
}
