//! # HG204: text is run as code
//!
//! ## What it finds
//! `eval`, `source` and `.`, directly or through `command` and `builtin`.
//!
//! ## Why it is bad
//! Text that is run as code can be anything by the time it runs, whatever the script says now.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     eval "$HOOK_EXTRA"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     prepare
//! }
//! prepare() {
//!     echo "what is to be done is a function of the script"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use crate::context::Context;
use crate::finding::Findings;
use crate::rules::named::named_invocations;
use crate::tables::Class;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(204),
    name: "evaluated-text",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg204_evaluated_text.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for found in named_invocations(context) {
        if found.class == Some(Class::Evaluation) {
            let message =
                format!("{}`{}` runs text as code, which nobody can review", found.how(), found.name);
            findings.error(RULE.id, found.span, message, "put the code into a function of the script");
        }
    }
}
