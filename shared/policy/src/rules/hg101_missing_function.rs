//! # HG101: a hook function is missing
//!
//! ## What it finds
//! A script that does not define both `pre_upgrade` and `post_upgrade`.
//!
//! ## Why it is bad
//! The operator calls `pre_upgrade` before a component is rolled and `post_upgrade` after it. A script without
//! one of them fails in the middle of an upgrade.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo "preparing"
//! }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo "preparing"
//! }
//! post_upgrade() {
//!     :
//! }
//! ```
//!
//! ## Exceptions
//! None: a function that has nothing to do has the body `:`.

use crate::content::HOOK_FUNCTIONS;
use crate::context::Context;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Span;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(101),
    name: "missing-function",
    profiles: &[Profile::Restricted, Profile::Baseline, Profile::Privileged],
    fragments: false,
    check,
    source: include_str!("hg101_missing_function.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for name in HOOK_FUNCTIONS {
        if !context.facts.is_function(name) {
            let message = format!("script must define {name}() function");
            let help = format!("add `{name}() {{ …; }}`; when there is nothing to do, its body is `:`");
            findings.error(RULE.id, Span::default(), message, help);
        }
    }
}
