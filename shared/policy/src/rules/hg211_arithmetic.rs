//! # HG211: arithmetic with a value that may not be a number
//!
//! ## What it finds
//! Arithmetic — `$(( ))`, `(( ))`, `[[ … -eq … ]]`, `for ((`, subscripts, `${s:x:y}` — that reads a variable which is not proven to
//! hold a number.
//!
//! ## Why it is bad
//! Arithmetic evaluates what it reads again and again: with `n='a[$(id)]'` each of `$((n))`, `[[ $n -eq 0 ]]` and `${list[$n]}`
//! runs `id`.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     local n="$1"
//!     if (( n > 5 )); then return 1; fi
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     local n="$1"
//!     if [ "$n" -gt 5 ]; then return 1; fi
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! Variables that are only ever assigned numbers, arithmetic, `$#`, `$?`, `${#x}`, `$SECONDS`, `$(wc -l …)`, `$(grep -c …)` or `$(date +%s)`,
//! with `|| true` after them or without; variables of loops over `${!array[@]}`, unless the array is declared with `-A`;
//! and variables after `[[ $n =~ ^[0-9]+$ ]] || return 1`, `[ "$n" -ge 0 ] || return 1` or
//! `case $n in '' | *[!0-9]*) return 1 ;; esac`, as long as they are not written again and no function is called.

use super::evaluated::evaluated;
use crate::context::Context;
use crate::facts::Numeric;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(211),
    name: "arithmetic",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg211_arithmetic.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for place in evaluated(context) {
        if place.numeric == Numeric::Unknown {
            let message =
                format!("`{}` is evaluated, and may hold more than a number", context.quote(place.span));
            findings.error(RULE.id, place.span, message, HELP);
        }
    }
}

const HELP: &str = "compare with [ \"$n\" -gt 0 ], which does not evaluate, or test it first: [[ $n =~ ^[0-9]+$ ]] || return 1";
