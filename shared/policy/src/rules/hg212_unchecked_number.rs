//! # HG212: arithmetic with the answer to a query
//!
//! ## What it finds
//! Arithmetic that reads a variable which holds the answer to a query that yields numbers, or what is printed by an awk
//! program that prints numbers only.
//!
//! ## Why it is bad
//! It is a number as long as the FE answers honestly; a test makes it one whatever happens, and catches an empty
//! answer as well.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     local n
//!     n=$($MYSQL_CMD -Ne 'SELECT count(*) FROM information_schema.tables') || return 1
//!     echo $((n + 1))
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     local n
//!     n=$($MYSQL_CMD -Ne 'SELECT count(*) FROM information_schema.tables') || return 1
//!     [[ $n =~ ^[0-9]+$ ]] || return 1
//!     echo $((n + 1))
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! This is a warning: the script is accepted. The rows of `SHOW PROC '/statistic'` hold the names of databases beside the
//! numbers, and which of them a script picks is not followed: names are letters, digits, `_` and `-`, in which there is
//! nothing to run, but arithmetic with one fails.

use super::evaluated::evaluated;
use crate::context::Context;
use crate::facts::Numeric;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(212),
    name: "unchecked-number",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg212_unchecked_number.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for place in evaluated(context) {
        if place.numeric == Numeric::Query {
            let message = format!(
                "`{}` is the answer of a program, and nothing tests that it is one number",
                context.quote(place.span)
            );
            findings.warning(
                RULE.id,
                place.span,
                message,
                "compare with [ \"$n\" -gt 0 ], or test it first: [[ $n =~ ^[0-9]+$ ]] || return 1",
            );
        }
    }
}
