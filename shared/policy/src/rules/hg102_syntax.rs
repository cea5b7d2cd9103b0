//! # HG102: the script is not valid bash
//!
//! ## What it finds
//! A script that bash would reject, or that nests deeper than 64 levels.
//!
//! ## Why it is bad
//! What cannot be read cannot be judged, and would fail in the middle of an upgrade.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     if true; then
//!         echo "no end"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     if true; then
//!         echo "an end"
//!     fi
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use crate::context::Context;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(102),
    name: "syntax",
    profiles: &[Profile::Restricted, Profile::Baseline, Profile::Privileged],
    fragments: true,
    check,
    source: include_str!("hg102_syntax.rs"),
};

// Reported by `report_parse_error`.
fn check(_: &Context<'_>, _: &mut Findings<'_>) {}
