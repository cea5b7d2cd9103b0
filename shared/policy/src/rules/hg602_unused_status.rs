//! # HG602: nobody looks whether a statement has failed
//!
//! ## What it finds
//! SQL in `pre_upgrade`, or in a function that it calls, that changes something and whose status nobody uses.
//!
//! ## Why it is bad
//! The function goes on as if the statement had succeeded, and the component is rolled without preparation.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE'
//!     echo "created"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || return 1
//!     echo "created"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! This is a warning: the script is accepted. With `set -e` at the top level there is none.

use crate::context::Context;
use crate::finding::Findings;
use crate::status::{Fate, fates};
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(602),
    name: "unused-status",
    profiles: &[Profile::Restricted],
    fragments: false,
    check,
    source: include_str!("hg602_unused_status.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (span, fate) in fates(context) {
        if *fate == Fate::Unused {
            let message = "nobody looks whether this statement has failed".to_owned();
            findings.warning(RULE.id, *span, message, "let the failure count: … || return 1");
        }
    }
}
