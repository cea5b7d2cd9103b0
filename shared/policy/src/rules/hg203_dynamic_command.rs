//! # HG203: the command is not known when the script is read
//!
//! ## What it finds
//! A command word that is expanded: a variable, a substitution, a pattern or braces, alone or given to a program
//! that runs it.
//!
//! ## Why it is bad
//! What runs would depend on values that nobody has reviewed: `c=curl; $c` runs curl.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     local tool="$1"
//!     $tool +%s
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     date +%s
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `$MYSQL_CMD`, which stands for mysql with its connection.

use crate::context::Context;
use crate::facts::{Kind, is_mysql_variable};
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(203),
    name: "dynamic-command",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg203_dynamic_command.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for command in context.facts.of(Kind::Starting) {
        if findings.is_full() {
            return;
        }
        for invocation in command.invocations() {
            if invocation.name.is_some() || is_mysql_variable(invocation.word) {
                continue;
            }
            let span = invocation.word.span;
            let message =
                format!("the command `{}` is not known when the script is read", context.quote(span));
            findings.error(
                RULE.id,
                span,
                message,
                "write the command's name; for mysql `$MYSQL_CMD` is allowed",
            );
        }
    }
}
