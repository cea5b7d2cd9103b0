//! What a command that stands after another one makes of its failure.

use hookgate_shell::ast::{
    AndOr, Arithmetic, ArithmeticToken, Assignment, AssignmentValue, Command, CommandKind, List, Pipeline,
    Word, WordPart,
};
use hookgate_shell::visit::{Visit, walk_arithmetic, walk_command, walk_part};
use std::borrow::Cow;

/// The name of a simple command and its arguments.
fn name_and_arguments(command: &Command) -> Option<(Cow<'_, str>, &[Word])> {
    let CommandKind::Simple(simple) = &command.kind else { return None };
    let (name, arguments) = simple.words.split_first()?;
    Some((name.literal()?, arguments))
}

/// Whether a command line is success and nothing else: `true`, `:`, `return 0`, `exit 0`.
pub(super) fn is_success(and_or: &AndOr) -> bool {
    and_or.rest.is_empty()
        && !and_or.first.negated
        && matches!(and_or.first.commands.as_slice(), [command] if succeeds(command))
}

/// `true` or `:`, alone.
pub(super) fn is_true(and_or: &AndOr) -> bool {
    is_success(and_or)
        && matches!(and_or.first.commands.as_slice(), [command]
            if name_and_arguments(command).is_some_and(|(name, _)| matches!(name.as_ref(), "true" | ":")))
}

fn succeeds(command: &Command) -> bool {
    match name_and_arguments(command) {
        Some((name, arguments)) => match name.as_ref() {
            "true" | ":" => true,
            "return" | "exit" => {
                matches!(arguments, [status] if status.literal().as_deref() == Some("0"))
            }
            _ => false,
        },
        None => false,
    }
}

/// Whether what stands after `||` only reports, so that the failure becomes success.
pub(super) fn only_reports(pipeline: &Pipeline) -> bool {
    if pipeline.negated {
        return false;
    }
    pipeline.commands.last().is_some_and(|command| match &command.kind {
        CommandKind::Group(list) | CommandKind::Subshell(list) => only_reports_list(list),
        _ => {
            succeeds(command)
                || tests_nothing(command)
                || says_success(command)
                || name_and_arguments(command)
                    .is_some_and(|(name, _)| matches!(name.as_ref(), "echo" | "printf" | "date" | "sleep"))
        }
    })
}

/// Whether a command is a test without a variable, as `[[ 1 ]]` or `(( 1 ))`: it says the same after every failure.
fn tests_nothing(command: &Command) -> bool {
    let is_test = match &command.kind {
        CommandKind::Condition(_) | CommandKind::Arithmetic(_) => true,
        _ => name_and_arguments(command).is_some_and(|(name, _)| matches!(name.as_ref(), "test" | "[")),
    };
    let mut search = ExpansionSearch { found: false };
    walk_command(&mut search, command);
    is_test && !search.found
}

struct ExpansionSearch {
    found: bool,
}

impl<'a> Visit<'a> for ExpansionSearch {
    fn part(&mut self, part: &'a WordPart) {
        let is_text = matches!(
            part,
            WordPart::Literal(_)
                | WordPart::Escaped(_)
                | WordPart::SingleQuoted(_)
                | WordPart::AnsiQuoted(_)
                | WordPart::DoubleQuoted(_)
        );
        self.found |= !is_text;
        walk_part(self, part);
    }

    fn arithmetic(&mut self, arithmetic: &'a Arithmetic) {
        self.found |= arithmetic.tokens.iter().any(|token| matches!(token, ArithmeticToken::Name(..)));
        walk_arithmetic(self, arithmetic);
    }
}

/// Whether a command is `rc=0`, which makes a success of the status that is looked at later.
fn says_success(command: &Command) -> bool {
    let CommandKind::Simple(simple) = &command.kind else { return false };
    let is_zero = |assignment: &Assignment| match &assignment.value {
        AssignmentValue::Scalar(word) => word.text().as_deref() == Some("0"),
        AssignmentValue::Array(_) => false,
    };
    simple.words.is_empty() && !simple.assignments.is_empty() && simple.assignments.iter().all(is_zero)
}

/// Whether a pipeline is `false`.
pub(super) fn fails(pipeline: &Pipeline) -> bool {
    let [command] = pipeline.commands.as_slice() else { return false };
    !pipeline.negated
        && name_and_arguments(command)
            .is_some_and(|(name, arguments)| name == "false" && arguments.is_empty())
}

/// Whether a pipeline ends its function, script or loop.
pub(super) fn leaves(pipeline: &Pipeline) -> bool {
    pipeline.commands.last().is_some_and(|command| match &command.kind {
        CommandKind::Group(list) => leaves_list(list),
        _ => name_and_arguments(command)
            .is_some_and(|(name, _)| matches!(name.as_ref(), "return" | "exit" | "break" | "continue")),
    })
}

pub(super) fn leaves_list(list: &List) -> bool {
    list.items.last().and_then(|item| item.command.pipelines().last()).is_some_and(leaves)
}

pub(super) fn only_reports_list(list: &List) -> bool {
    list.items.iter().all(|item| item.command.rest.is_empty() && only_reports(&item.command.first))
}
