//! # HG207: a program used in a way that is not allowed
//!
//! ## What it finds
//! Options and operands of the allowed programs that are not in their tables: spelled in another way, abbreviated, expanded
//! where they must be literals, or able to run programs, write files or open connections.
//!
//! ## Why it is bad
//! `sort --compress-program`, `date -s`, `timeout sh`, `grep "$x"` with `x=-f/etc/passwd`: options are where harmless programs
//! become harmful.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo b a | sort --compress-program=gzip
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo b a | sort -r
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! A policy's extra programs have tables of their own.

use super::calls::complaints;
use crate::context::Context;
use crate::finding::Findings;
use crate::programs::ComplaintKind;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(207),
    name: "program-options",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg207_program_options.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for complaint in complaints(context) {
        if complaint.kind == ComplaintKind::Option {
            findings.error(RULE.id, complaint.span, complaint.message.clone(), HELP);
        }
    }
}

const HELP: &str = "use the options that the rule's page lists, and values that are literals";
