//! # HG108: a trap that is not a plain one
//!
//! ## What it finds
//! `trap` with a handler that is not a literal, that does anything but print and call functions, or with other signals
//! than EXIT, INT and TERM.
//!
//! ## Why it is bad
//! A trap runs at any time, between any two commands. On DEBUG, ERR and RETURN it runs for every command.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     trap 'echo "failed"' ERR
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! cleanup() {
//!     echo "interrupted"
//! }
//! pre_upgrade() {
//!     trap 'cleanup' INT TERM
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use crate::context::Context;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::{Span, Word};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(108),
    name: "trap",
    profiles: &[Profile::Restricted],
    fragments: false,
    check,
    source: include_str!("hg108_trap.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for command in context.facts.called("trap") {
        let span = command.command.span;
        let Some((handler, signals)) = command.arguments().split_first() else {
            findings.error(RULE.id, span, "`trap` needs a handler and signals".to_owned(), HELP);
            continue;
        };
        let allowed = |word: &Word| matches!(word.literal().as_deref(), Some("EXIT" | "INT" | "TERM"));
        if signals.is_empty() || !signals.iter().all(allowed) {
            findings.error(RULE.id, span, "`trap` is allowed for EXIT, INT and TERM only".to_owned(), HELP);
            continue;
        }
        match handler.literal() {
            None => findings.error(RULE.id, handler.span, "the handler must be a literal".to_owned(), HELP),
            Some(code) if code.starts_with('-') => {
                findings.error(RULE.id, handler.span, "`trap` may not have options".to_owned(), HELP);
            }
            Some(code) => check_handler(&code, handler.span, context, findings),
        }
    }
}

const HELP: &str = "put the code into a function and write trap 'function' EXIT";

fn check_handler(code: &str, span: Span, context: &Context<'_>, findings: &mut Findings<'_>) {
    let Ok(tree) = hookgate_shell::parse(code.as_bytes()) else {
        findings.error(RULE.id, span, "the handler is not valid bash".to_owned(), HELP);
        return;
    };
    let facts = crate::facts::gather(&tree);
    let writes = !facts.variables.writes().is_empty() || !facts.functions.is_empty();
    let evaluates =
        !facts.arithmetic.is_empty() || !facts.subscripts.is_empty() || !facts.conditions.is_empty();
    let traps = facts.called("trap").chain(facts.called("set")).next().is_some();
    if writes || evaluates || traps {
        findings.error(RULE.id, span, "the handler does more than print and call functions".to_owned(), HELP);
        return;
    }
    findings.within(span, |findings| {
        crate::run_rules(code, &tree, context.policy, Some(&context.facts.function_names), findings);
    });
}
