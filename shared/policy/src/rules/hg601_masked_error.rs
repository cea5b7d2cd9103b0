//! # HG601: the failure of a statement is hidden
//!
//! ## What it finds
//! `set +e`; and in `pre_upgrade`, or in a function that it calls, SQL that changes something and is followed by `|| true`,
//! `|| :`, `|| echo …`, `; true`, `; return 0` and the like, stands behind `!`, or is the condition of an `if` that goes on in
//! the same way whether it has failed or not. A call of a function that sends such SQL counts like the SQL itself.
//!
//! ## Why it is bad
//! A pre-upgrade hook that fails must block the upgrade. When its failure is hidden the component is rolled without
//! preparation.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || true
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     $MYSQL_CMD -e 'ALTER SYSTEM CREATE IMAGE' || return 1
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `post_upgrade`, whose failure is recorded and does not block.

use crate::context::Context;
use crate::finding::Findings;
use crate::status::{Fate, fates};
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(601),
    name: "masked-error",
    profiles: &[Profile::Restricted],
    fragments: false,
    check,
    source: include_str!("hg601_masked_error.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for command in context.facts.called("set") {
        let mut words = command.arguments().iter().filter_map(|word| word.literal());
        let disables =
            words.any(|text| text.strip_prefix('+').is_some_and(|flags| flags.contains(['e', 'o', 'u'])));
        if disables {
            findings.error(RULE.id, command.command.span, "error handling is switched off".to_owned(), HELP);
        }
    }
    for (span, fate) in fates(context) {
        if *fate == Fate::Masked {
            findings.error(RULE.id, *span, "the failure of this statement is hidden".to_owned(), HELP);
        }
    }
}

const HELP: &str = "let the failure count: … || return 1";
