//! # HG104: bash reads this in two ways
//!
//! ## What it finds
//! Text whose meaning depends on the version of bash, on an option or on an alias: `((` that is not closed by
//! `))`, extended globs outside `[[ … ]]`, aliases, here-documents that end in an unusual place, and the like.
//!
//! ## Why it is bad
//! What was judged must be what runs.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     ((echo one); echo two)
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     ( (echo one); echo two)
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None: there is always a plain way to write it, which the finding names.

use crate::context::Context;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(104),
    name: "ambiguous",
    profiles: &[Profile::Restricted, Profile::Baseline, Profile::Privileged],
    fragments: true,
    check,
    source: include_str!("hg104_ambiguous.rs"),
};

// Reported by `report_parse_error`.
fn check(_: &Context<'_>, _: &mut Findings<'_>) {}
