//! # HG103: the script has bytes that readers cannot see
//!
//! ## What it finds
//! NUL bytes, carriage returns, other control characters than tab and newline, characters that change the
//! direction of the text, invisible characters, bytes that are not UTF-8, and more than 256 KiB.
//!
//! ## Why it is bad
//! A reviewer must see what runs. Bash drops a NUL byte silently, so that `cu\0rl` runs curl; it takes a
//! carriage return as a part of the word before it; and bidirectional characters show a text in another order
//! than it runs in.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo "a zero-width space:​"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo "plain text, which may be in any language: größer ⚠️"
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
    id: RuleId(103),
    name: "text",
    profiles: &[Profile::Restricted, Profile::Baseline, Profile::Privileged],
    fragments: true,
    check,
    source: include_str!("hg103_text.rs"),
};

// Reported by `report_parse_error`.
fn check(_: &Context<'_>, _: &mut Findings<'_>) {}
