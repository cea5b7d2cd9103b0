//! The commands of a pipeline, and what is known of the numbers that it prints.

use super::{Numeric, is_decimal};
use crate::programs::{numeric_substitution, redirects_only_errors, removes_blanks};
use hookgate_shell::ast::{AndOrOperator, Command, CommandKind, List, Pipeline, Redirection, Simple, Word};

/// The commands of a pipeline, with their redirections; `None` for one that is not simple or has assignments.
pub(super) type Commands<'a> = Vec<(Option<&'a Simple>, &'a [Redirection])>;

/// The commands of a list that is one pipeline, at most with a fallback such as `|| true` after it, and what is known
/// about a number that the pipeline prints together with what the fallback does.
pub(super) fn pipeline(list: &List) -> Option<(Commands<'_>, Numeric)> {
    let [item] = list.items.as_slice() else { return None };
    let instead = match item.command.rest.as_slice() {
        [] => Numeric::Proven,
        [(AndOrOperator::Or, instead)] => fallback(instead)?,
        _ => return None,
    };
    let commands = item.command.first.commands.iter();
    Some((commands.map(|command| (simple(command), command.redirections.as_slice())).collect(), instead))
}

fn simple(command: &Command) -> Option<&Simple> {
    match &command.kind {
        CommandKind::Simple(simple) if simple.assignments.is_empty() => Some(simple),
        _ => None,
    }
}

/// What a number becomes when this is done after it has been printed: it stays alone, or another one stands in the next
/// line. `None` where that is not known.
fn fallback(pipeline: &Pipeline) -> Option<Numeric> {
    let [command] = pipeline.commands.as_slice() else { return None };
    let simple = simple(command).filter(|_| command.redirections.is_empty())?;
    let words: Option<Vec<_>> = simple.words.iter().map(Word::literal).collect();
    match words?.iter().map(AsRef::as_ref).collect::<Vec<_>>().as_slice() {
        ["true" | "false" | ":"] | ["return" | "exit"] => Some(Numeric::Proven),
        ["return" | "exit", status] if is_decimal(status) => Some(Numeric::Proven),
        ["echo", number] if is_decimal(number) => Some(Numeric::Query),
        _ => None,
    }
}

/// Whether the last command of a pipeline prints a number, at most with blanks around it that those after it take away.
pub(super) fn prints_a_number(commands: &[(Option<&Simple>, &[Redirection])]) -> bool {
    let is_cut = |(simple, redirections): &&(Option<&Simple>, &[Redirection])| {
        simple.is_some_and(removes_blanks) && redirects_only_errors(redirections)
    };
    let cut = commands.iter().rev().take_while(is_cut).count();
    let Some((last, redirections)) = commands.iter().rev().nth(cut) else { return false };
    (cut == 0 || redirects_only_errors(redirections)) && last.is_some_and(numeric_substitution)
}
