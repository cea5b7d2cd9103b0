//! What a command tests, and whether anything runs after it.

use super::{is_decimal, is_single, plain_variable};
use hookgate_shell::ast::{
    AndOrOperator, CommandKind, Condition, List, Pipeline, Simple, Terminator, Word, WordPart,
};

/// The names that are numbers when a pipeline has this outcome.
pub(super) fn tests(pipeline: &Pipeline, outcome: bool) -> Vec<&str> {
    let mut names = Vec::new();
    let [command] = pipeline.commands.as_slice() else { return names };
    if pipeline.negated == outcome {
        // It has failed, which `[[ ! … ]]` does when what it negates holds.
        if let CommandKind::Condition(condition) = &command.kind
            && let Condition::Not(condition) = condition.as_ref()
            && command.redirections.is_empty()
        {
            condition_tests(condition, &mut names);
        }
        return names;
    }
    match &command.kind {
        CommandKind::Condition(condition) => condition_tests(condition, &mut names),
        CommandKind::Simple(simple) => names.extend(simple_test(simple)),
        _ => {}
    }
    names
}

/// `*[!0-9]*`, which whatever has something else than digits in it matches.
pub(super) fn matches_all_but_numbers(pattern: &Word) -> bool {
    matches!(pattern.parts.as_slice(), [WordPart::Literal(text)] if text == "*[!0-9]*" || text == "*[^0-9]*")
}

/// The names that are numbers when the condition of `if` or `while` has this outcome.
pub(super) fn list_tests(list: &List, outcome: bool) -> Vec<&str> {
    let [item] = list.items.as_slice() else { return Vec::new() };
    match item.command.rest.as_slice() {
        [] => tests(&item.command.first, outcome),
        rest if outcome && rest.iter().all(|(operator, _)| *operator == AndOrOperator::And) => {
            item.command.pipelines().flat_map(|pipeline| tests(pipeline, true)).collect()
        }
        rest if !outcome && rest.iter().all(|(operator, _)| *operator == AndOrOperator::Or) => {
            item.command.pipelines().flat_map(|pipeline| tests(pipeline, false)).collect()
        }
        _ => Vec::new(),
    }
}

/// The regular expressions that only numbers match.
const NUMBERS: &[&str] = &[
    "^[0-9]+$",
    "^-?[0-9]+$",
    "^[0-9]*$",
    "^[1-9][0-9]*$",
    "^([0-9]+)$",
    "^[[:digit:]]+$",
    "^[0-9]{1,9}$",
    "^[0-9][0-9]*$",
];

pub(super) fn condition_tests<'a>(condition: &'a Condition, names: &mut Vec<&'a str>) {
    match condition {
        Condition::And(all) => all.iter().for_each(|part| condition_tests(part, names)),
        Condition::Group(inner) => condition_tests(inner, names),
        Condition::Binary(left, operator, right) if operator == "=~" => {
            let is_number =
                !right.is_quoted() && right.text().is_some_and(|text| NUMBERS.contains(&text.as_ref()));
            if let Some(name) = plain_variable(left).filter(|_| is_number) {
                names.push(name);
            }
        }
        _ => {}
    }
}

/// `[ "$n" -ge 0 ]` and its kin, which fail for what is no number.
pub(super) fn simple_test(simple: &Simple) -> Option<&str> {
    let is = |word: &Word, wanted: &str| word.literal().is_some_and(|text| text == wanted);
    let operands = match simple.words.as_slice() {
        [command, middle @ .., last] if is(command, "[") && is(last, "]") => middle,
        [command, rest @ ..] if is(command, "test") => rest,
        _ => return None,
    };
    let [left, operator, right] = operands else { return None };
    let operator = operator.literal();
    let compares = matches!(operator.as_deref(), Some("-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge"));
    let is_number = right.literal().is_some_and(|text| is_decimal(&text));
    plain_variable(left).filter(|_| compares && left.is_quoted() && is_number)
}

/// Whether nothing after a pipeline runs: it ends with `return` or `exit`, or in a loop with `break` or
/// `continue`, in a form that cannot fail. bash goes on after `exit 1 2`, after a redirection that fails, and
/// after `break` outside a loop.
pub(super) fn leaves(pipeline: &Pipeline, in_loop: bool) -> bool {
    let [command] = pipeline.commands.as_slice() else { return false };
    if pipeline.negated || !command.redirections.is_empty() {
        return false;
    }
    match &command.kind {
        CommandKind::Simple(simple) if simple.assignments.is_empty() => {
            let Some((name, arguments)) = simple.words.split_first() else { return false };
            match (name.literal().as_deref(), arguments) {
                (Some("return" | "exit"), []) => true,
                (Some("return" | "exit"), [status]) => is_single(status),
                (Some("break" | "continue"), []) => in_loop,
                _ => false,
            }
        }
        CommandKind::Group(list) => leaves_list(list, in_loop),
        _ => false,
    }
}

pub(super) fn leaves_list(list: &List, in_loop: bool) -> bool {
    list.items.last().is_some_and(|item| {
        item.terminator != Terminator::Background
            && item.command.rest.is_empty()
            && leaves(&item.command.first, in_loop)
    })
}
