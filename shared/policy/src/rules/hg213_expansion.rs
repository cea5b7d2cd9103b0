//! # HG213: an expansion that hides what it does
//!
//! ## What it finds
//! `${!name}`, `${name@P}` and other `@` operators than `Q U u L`, `$"…"`, `$[…]`, `$_`, process substitution other than
//! `< <(command)`, brace expansion of anything but literals, and `~name`.
//!
//! ## Why it is bad
//! They evaluate a value again, depend on the locale or on what ran before, or make words that cannot be read off the
//! script.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     local name=SR_FE_HOST
//!     echo "${!name}"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo "$SR_FE_HOST"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `${!array[@]}`, the keys of an array.

use crate::context::Context;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::{
    Brace, Direction, ParameterExpansion, ParameterName, ParameterOperator, Span, Subscript, WordPart,
};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(213),
    name: "expansion",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg213_expansion.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for expansion in &context.facts.parameters {
        if let Some(reason) = parameter(expansion) {
            findings.error(RULE.id, expansion.span, reason.to_owned(), HELP);
        }
    }
    for (part, span) in &context.facts.parts {
        if let Some(reason) = part_reason(part, *span, context) {
            findings.error(RULE.id, *span, reason.to_owned(), HELP);
        }
    }
    for span in &context.facts.user_names {
        findings.error(RULE.id, *span, LOOKS_UP_A_USER.to_owned(), HELP);
    }
    for expression in &context.facts.arithmetic {
        let before = expression.span.range().start.checked_sub(1);
        if before.and_then(|at| context.source.as_bytes().get(at)) == Some(&b'[') {
            findings.error(
                RULE.id,
                expression.span,
                "`$[…]` is an old form that bash may drop".to_owned(),
                "write $(( … ))",
            );
        }
    }
}

const HELP: &str = "write what is meant: a plain variable, a literal, or `$( … )`";

fn parameter(parameter: &ParameterExpansion) -> Option<&'static str> {
    if parameter.indirect {
        let keys = matches!(parameter.name, ParameterName::Variable(_))
            && matches!(parameter.subscript, Some(Subscript::At))
            && parameter.operator.is_none();
        return (!keys).then_some("an indirect expansion reads a variable that the script does not name");
    }
    if matches!(&parameter.name, ParameterName::Variable(name) if name == "_") {
        return Some("`$_` depends on what ran before");
    }
    match parameter.operator.as_deref() {
        Some(ParameterOperator::Transform(letter)) if !"QUuL".contains(*letter) => {
            Some("this `@` operator evaluates the value")
        }
        _ => None,
    }
}

const LOOKS_UP_A_USER: &str = "`~name` looks up a user";

fn part_reason(part: &WordPart, span: Span, context: &Context<'_>) -> Option<&'static str> {
    match part {
        WordPart::LocalizedQuoted(_) => Some("`$\"…\"` is translated and evaluated"),
        WordPart::Process(direction, _) => {
            let allowed = *direction == Direction::Read && context.facts.is_input(span);
            (!allowed).then_some("process substitution is allowed as `< <(command)` only")
        }
        WordPart::Brace(brace) => {
            (!is_literal(brace)).then_some("brace expansion is allowed for literals only")
        }
        WordPart::Tilde(name) => (!matches!(name.as_str(), "" | "+" | "-")).then_some(LOOKS_UP_A_USER),
        _ => None,
    }
}

fn is_literal(brace: &Brace) -> bool {
    let text = |parts: &[WordPart]| {
        parts.iter().all(|part| match part {
            WordPart::Literal(_) | WordPart::Escaped(_) | WordPart::SingleQuoted(_) => true,
            WordPart::DoubleQuoted(parts) => {
                parts.iter().all(|part| matches!(part, WordPart::Literal(_) | WordPart::Escaped(_)))
            }
            WordPart::Brace(inner) => is_literal(inner),
            _ => false,
        })
    };
    match brace {
        Brace::Alternatives(alternatives) => alternatives.iter().all(|parts| text(parts)),
        Brace::Range(parts) => text(parts),
    }
}
