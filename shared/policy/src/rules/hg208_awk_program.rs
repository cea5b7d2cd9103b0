//! # HG208: an awk program that does more than compute
//!
//! ## What it finds
//! awk programs that are not literals, and `system`, `getline`, redirections and pipes, `@`, `ENVIRON`, `ARGV` and the like
//! in them.
//!
//! ## Why it is bad
//! awk is a language of its own: it can run programs, read and write files, and with gawk open connections.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     awk 'BEGIN { system("id") }'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo "1 2" | awk '{ print $1 + $2 }'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use super::calls::complaints;
use crate::context::Context;
use crate::finding::Findings;
use crate::programs::ComplaintKind;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(208),
    name: "awk-program",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg208_awk_program.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for complaint in complaints(context) {
        if complaint.kind == ComplaintKind::Awk {
            findings.error(RULE.id, complaint.span, complaint.message.clone(), HELP);
        }
    }
}

const HELP: &str = "compute with patterns, print without redirection, arithmetic and text functions";
