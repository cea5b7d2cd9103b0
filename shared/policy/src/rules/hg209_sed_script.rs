//! # HG209: a sed script that does more than edit
//!
//! ## What it finds
//! sed scripts that are not literals, and commands in them other than `s` (with the flags g, p, i, I and numbers), `p`,
//! `d`, `q` and `n`.
//!
//! ## Why it is bad
//! sed's `e` runs programs, and `r` and `w` read and write files.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo x | sed 's/x/id/e'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo x | sed 's/x/y/g'
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
    id: RuleId(209),
    name: "sed-script",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg209_sed_script.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for complaint in complaints(context) {
        if complaint.kind == ComplaintKind::Sed {
            findings.error(RULE.id, complaint.span, complaint.message.clone(), HELP);
        }
    }
}

const HELP: &str = "use s, p, d, q and n with addresses, in a literal in single quotes";
