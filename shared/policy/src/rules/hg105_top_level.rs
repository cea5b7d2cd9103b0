//! # HG105: only definitions may stand at the top level
//!
//! ## What it finds
//! Anything at the top level that is not a comment, `set` with `-e`, `-u` or `-o pipefail`, an assignment of a
//! constant, `readonly NAME=constant`, or the definition of a function.
//!
//! ## Why it is bad
//! The script is read before its functions are called, for both phases: what stands outside a function would
//! run at times that nobody expects.
//!
//! ## Example
//! ```bash
//! echo "loading"
//! pre_upgrade() { :; }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! set -euo pipefail
//! readonly MARK="hook"
//! pre_upgrade() { echo "$MARK"; }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `MYSQL_CMD="mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER"`, once, with `readonly` before it or without.

use crate::context::{Context, shorten};
use crate::facts::{MYSQL_VARIABLE, known_prefix};
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::{ArrayElement, Assignment, AssignmentValue, Command, CommandKind, Word, WordPart};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(105),
    name: "top-level",
    profiles: &[Profile::Restricted],
    fragments: false,
    check,
    source: include_str!("hg105_top_level.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for item in &context.tree.body.items {
        let span = item.command.span;
        let plain = item.command.rest.is_empty() && !item.command.first.negated && !item.command.first.timed;
        let allowed = match item.command.first.commands.as_slice() {
            [command] if plain => is_allowed(command),
            _ => false,
        };
        if !allowed {
            let message = format!("`{}` may not stand at the top level", context.quote(span));
            findings.error(RULE.id, span, message, HELP);
        }
    }
    // A write to what is read-only ends the reading of the script there, before the functions behind it.
    for command in context.facts.called("readonly") {
        for word in command.arguments() {
            let prefix = known_prefix(word);
            let name = prefix.split('=').next().unwrap_or_default();
            if command.place.depth == 0 && context.facts.variables.top_level_count(name) > 1 {
                let message = format!("the constant `{}` is written twice", shorten(name));
                findings.error(RULE.id, word.span, message, "write each constant once");
            }
        }
    }
}

const HELP: &str =
    "put it into a function; at the top level may stand: set -euo pipefail, constants, functions";

fn is_allowed(command: &Command) -> bool {
    match &command.kind {
        // The rule about function definitions looks at them.
        CommandKind::Function(_) => true,
        CommandKind::Simple(simple) if command.redirections.is_empty() => match simple.words.split_first() {
            None => simple.assignments.iter().all(is_constant_assignment),
            Some((name, arguments)) if simple.assignments.is_empty() => match name.literal().as_deref() {
                Some("set") => is_allowed_set(arguments),
                Some("readonly") => is_constant_declaration(arguments),
                _ => false,
            },
            Some(_) => false,
        },
        _ => false,
    }
}

fn is_constant_assignment(assignment: &Assignment) -> bool {
    if assignment.subscript.is_some() || assignment.append {
        return false;
    }
    if assignment.name == MYSQL_VARIABLE {
        // The rule about variables looks at its value.
        return true;
    }
    match &assignment.value {
        AssignmentValue::Scalar(word) => word.text().is_some(),
        AssignmentValue::Array(elements) => is_constant_array(elements),
    }
}

fn is_constant_array(elements: &[ArrayElement]) -> bool {
    elements.iter().all(|element| element.subscript.is_none() && element.value.literal().is_some())
}

/// Exactly these options, in any grouping; every `o` needs its name.
pub(super) fn is_allowed_set(arguments: &[Word]) -> bool {
    let mut index = 0;
    while let Some(word) = arguments.get(index) {
        index += 1;
        let Some(text) = word.literal() else { return false };
        let Some(flags) = text.strip_prefix('-').filter(|flags| !flags.is_empty()) else { return false };
        for flag in flags.chars() {
            match flag {
                'e' | 'u' => {}
                'o' => {
                    let name = arguments.get(index).and_then(Word::literal);
                    index += 1;
                    if !matches!(name.as_deref(), Some("pipefail" | "errexit" | "nounset")) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }
    !arguments.is_empty()
}

/// `readonly NAME=constant` and `readonly -a NAME=(constants)`.
fn is_constant_declaration(arguments: &[Word]) -> bool {
    let (array, names) = match arguments.split_first() {
        Some((first, rest)) if first.literal().as_deref() == Some("-a") => (true, rest),
        _ => (false, arguments),
    };
    !names.is_empty()
        && names.iter().all(|word| {
            let prefix = known_prefix(word);
            let Some((name, _)) = prefix.split_once('=').filter(|(name, _)| hookgate_shell::is_name(name))
            else {
                return false;
            };
            // The rule about variables looks at the value of that one.
            name == MYSQL_VARIABLE && !array
                || match word.parts.as_slice() {
                    [WordPart::Literal(_), WordPart::Array(elements)] => array && is_constant_array(elements),
                    _ => !array && word.text().is_some(),
                }
        })
}
