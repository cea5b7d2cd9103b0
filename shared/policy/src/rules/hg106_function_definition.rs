//! # HG106: a function is defined in an unusual way
//!
//! ## What it finds
//! Functions that are defined inside a function, subshell, condition or loop; more than one on a line; defined
//! twice; with a body that is not `{ … }`; with a name that is not made of letters, digits and `_`, or that is the
//! name of a builtin, a keyword, an allowed program or a variable of the script.
//!
//! ## Why it is bad
//! What a name stands for must be the same whenever and wherever it is called.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     helper() { :; }
//!     helper
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! helper() { :; }
//! pre_upgrade() {
//!     helper
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use crate::context::Context;
use crate::context::shorten;
use crate::facts::FunctionFact;
use crate::finding::Findings;
use crate::tables::{ALLOWED_PROGRAMS, BUILTINS, KEYWORDS};
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::CommandKind;
use std::collections::BTreeSet;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(106),
    name: "function-definition",
    profiles: &[Profile::Restricted],
    fragments: false,
    check,
    source: include_str!("hg106_function_definition.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut seen = BTreeSet::new();
    for function in &context.facts.functions {
        if let Some(reason) = reason(function, context, &mut seen) {
            let message = format!("the function `{}` {reason}", shorten(function.name));
            findings.error(RULE.id, function.definition.name_span, message, HELP);
        }
    }
}

const HELP: &str = "define each function once, at the top level, on a line of its own: name() { …; }";

fn reason<'a>(
    function: &FunctionFact<'a>,
    context: &Context<'_>,
    seen: &mut BTreeSet<&'a str>,
) -> Option<&'static str> {
    let name = function.name;
    let body = &function.definition.body;
    if !function.top_level {
        return Some("is defined inside another command");
    }
    if !starts_its_line(context.source, function.span.range().start) {
        return Some("does not begin its line");
    }
    if !matches!(body.kind, CommandKind::Group(_)) || !body.redirections.is_empty() {
        return Some("has a body that is not `{ … }`");
    }
    if !hookgate_shell::is_name(name) {
        return Some("has a name that is not made of letters, digits and `_`");
    }
    let program = ALLOWED_PROGRAMS.contains(&name) || context.policy.programs.contains_key(name);
    if BUILTINS.contains(&name) || KEYWORDS.contains(&name) || program {
        return Some("has the name of a builtin, a keyword or a program");
    }
    if context.facts.variables.is_written(name) {
        return Some("has the name of a variable of the script");
    }
    (!seen.insert(name)).then_some("is defined twice")
}

fn starts_its_line(source: &str, offset: usize) -> bool {
    let before = source.as_bytes().get(..offset).unwrap_or_default();
    let visible = before.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
    visible.is_none_or(|byte| *byte == b'\n')
}
