//! # HG107: something runs in the background
//!
//! ## What it finds
//! `&` after a command, `coproc`, and the keywords `time` and `select`.
//!
//! ## Why it is bad
//! What runs in the background outlives the function, and nobody sees whether it failed.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     sleep 60 &
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     sleep 60
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `&` in redirections, such as `2>&1`.

use crate::context::Context;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(107),
    name: "background",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg107_background.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for span in &context.facts.background {
        let message = "a hook must not start anything in the background".to_owned();
        findings.error(RULE.id, *span, message, "run the command in the foreground, without `&`");
    }
    for span in &context.facts.coprocesses {
        let message = "a hook must not start a coprocess".to_owned();
        findings.error(RULE.id, *span, message, "use `$( … )` or a pipe");
    }
    for (span, keyword) in &context.facts.unusual {
        let message = format!("the keyword `{keyword}` is not allowed in a hook");
        findings.error(RULE.id, *span, message, "leave it out: a hook has no terminal");
    }
}
