//! What becomes of the status of SQL that changes something.

use crate::context::Context;
use crate::facts::Facts;
use crate::mysql::changing_calls;
use hookgate_shell::ast::{
    AndOr, AndOrOperator, Command, CommandKind, List, ParameterName, Pipeline, Span, Terminator, Word,
    WordPart,
};
use hookgate_shell::visit::{Visit, walk_command};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of the status of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It decides how the function goes on or ends.
    Used,
    /// Nothing looks at it.
    Unused,
    /// It is replaced by success.
    Masked,
}

/// The function whose failure blocks the upgrade.
const BLOCKING: &str = "pre_upgrade";

/// The SQL that changes something in `pre_upgrade` and what it calls, with the fate of its status.
pub(crate) fn fates<'a>(context: &'a Context<'_>) -> &'a [(Span, Fate)] {
    context.shared.fates.get_or_init(|| find(context))
}

fn find(context: &Context<'_>) -> Vec<(Span, Fate)> {
    let changing = changing_calls(context);
    if changing.is_empty() {
        return Vec::new();
    }
    let mut walker = Walker {
        changing,
        found: Vec::new(),
        errexit: has_option(context, "errexit", 'e'),
        pipefail: has_option(context, "pipefail", '\0'),
    };
    let names = reachable(context.facts);
    for function in context.facts.functions.iter().filter(|function| names.contains(function.name)) {
        if let CommandKind::Group(body) = &function.definition.body.kind {
            walker.list(body, Fate::Used);
        }
    }
    walker.found
}

/// Whether an option is set at the top level.
fn has_option(context: &Context<'_>, name: &str, letter: char) -> bool {
    context
        .facts
        .commands
        .iter()
        .filter(|command| command.name() == Some("set") && command.place.depth == 0)
        .any(|command| {
            command.arguments().iter().filter_map(Word::literal).any(|text| {
                text == name || text.strip_prefix('-').is_some_and(|flags| flags.contains(letter))
            })
        })
}

/// The functions that run as a part of `pre_upgrade`, by their names.
fn reachable<'a>(facts: &'a Facts<'a>) -> BTreeSet<&'a str> {
    let mut calls: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for command in &facts.commands {
        if let (Some(function), Some(name)) = (command.place.function, command.name())
            && facts.is_function(name)
        {
            calls.entry(function).or_default().insert(name);
        }
    }
    let indices: BTreeMap<&str, usize> =
        facts.functions.iter().enumerate().map(|(index, function)| (function.name, index)).collect();
    let mut names = BTreeSet::new();
    let mut open = vec![BLOCKING];
    while let Some(name) = open.pop() {
        let Some(index) = indices.get(name).filter(|_| names.insert(name)) else { continue };
        open.extend(calls.get(index).into_iter().flatten().copied());
    }
    names
}

struct Walker {
    /// Where SQL changes something.
    changing: BTreeSet<Span>,
    found: Vec<(Span, Fate)>,
    errexit: bool,
    pipefail: bool,
}

impl Walker {
    /// Walks a list whose own status has the fate `last`.
    fn list(&mut self, list: &List, last: Fate) {
        for (index, item) in list.items.iter().enumerate() {
            let fate = match list.items.get(index + 1) {
                None => last,
                Some(next) if self.errexit || reads_status(&next.command) => Fate::Used,
                Some(next) if is_success(&next.command) && item.terminator != Terminator::Background => {
                    Fate::Masked
                }
                Some(_) => Fate::Unused,
            };
            self.and_or(&item.command, fate);
        }
    }

    fn and_or(&mut self, and_or: &AndOr, last: Fate) {
        if and_or.rest.is_empty() {
            return self.pipeline(&and_or.first, last);
        }
        // From the end to the beginning: what stands after the next `||` decides.
        let mut handler: Option<Fate> = None;
        let mut fates = vec![last];
        for (operator, pipeline) in and_or.rest.iter().rev() {
            if *operator == AndOrOperator::Or {
                handler = Some(if only_reports(pipeline) { Fate::Masked } else { Fate::Used });
            }
            // Without a handler a failure ends the chain and becomes its status.
            fates.push(handler.unwrap_or(last));
        }
        for (pipeline, fate) in and_or.pipelines().zip(fates.into_iter().rev()) {
            self.pipeline(pipeline, fate);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, fate: Fate) {
        let last = pipeline.commands.len().saturating_sub(1);
        for (index, command) in pipeline.commands.iter().enumerate() {
            let fate = if index == last || self.pipefail { fate } else { fate_of_piped(fate) };
            self.command(command, fate);
        }
    }

    fn command(&mut self, command: &Command, fate: Fate) {
        match &command.kind {
            CommandKind::Simple(simple) => {
                if self.changing.contains(&command.span) {
                    self.note(command.span, fate);
                }
                // `local x=$(…)` and `echo $(…)` have a status of their own.
                let kept = simple.words.is_empty();
                let inner = if kept { fate } else { fate_of_piped(fate) };
                let mut substitutions = Substitutions { lists: Vec::new() };
                walk_command(&mut substitutions, command);
                for list in substitutions.lists {
                    self.list(list, inner);
                }
            }
            CommandKind::Group(list) | CommandKind::Subshell(list) => self.list(list, fate),
            CommandKind::If(clause) => {
                for (condition, body) in &clause.branches {
                    self.list(condition, Fate::Used);
                    self.list(body, fate);
                }
                clause.otherwise.iter().for_each(|list| self.list(list, fate));
            }
            CommandKind::While { condition, body } | CommandKind::Until { condition, body } => {
                self.list(condition, Fate::Used);
                self.list(body, fate);
            }
            CommandKind::For(clause) | CommandKind::Select(clause) => self.list(&clause.body, fate),
            CommandKind::ArithmeticFor { body, .. } => self.list(body, fate),
            CommandKind::Case(clause) => clause.arms.iter().for_each(|arm| self.list(&arm.body, fate)),
            CommandKind::Condition(_)
            | CommandKind::Arithmetic(_)
            | CommandKind::Function(_)
            | CommandKind::Coprocess { .. } => {}
        }
    }

    fn note(&mut self, span: Span, fate: Fate) {
        if fate != Fate::Used {
            self.found.push((span, fate));
        }
    }
}

/// The status of a command that is not the last of its pipeline is lost.
fn fate_of_piped(fate: Fate) -> Fate {
    if fate == Fate::Masked { Fate::Masked } else { Fate::Unused }
}

/// The lists of the command substitutions directly inside a command.
struct Substitutions<'a> {
    lists: Vec<&'a List>,
}

impl<'a> Visit<'a> for Substitutions<'a> {
    fn list(&mut self, list: &'a List) {
        self.lists.push(list);
    }
}

/// The name of a simple command and its arguments.
fn name_and_arguments(command: &Command) -> Option<(Cow<'_, str>, &[Word])> {
    let CommandKind::Simple(simple) = &command.kind else { return None };
    let (name, arguments) = simple.words.split_first()?;
    Some((name.literal()?, arguments))
}

/// Whether a command line is success and nothing else: `true`, `:`, `return 0`, `exit 0`.
fn is_success(and_or: &AndOr) -> bool {
    and_or.rest.is_empty()
        && !and_or.first.negated
        && matches!(and_or.first.commands.as_slice(), [command] if succeeds(command))
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
fn only_reports(pipeline: &Pipeline) -> bool {
    if pipeline.negated {
        return false;
    }
    pipeline.commands.last().is_some_and(|command| match &command.kind {
        CommandKind::Group(list) | CommandKind::Subshell(list) => {
            list.items.iter().all(|item| item.command.rest.is_empty() && only_reports(&item.command.first))
        }
        _ => {
            succeeds(command)
                || name_and_arguments(command)
                    .is_some_and(|(name, _)| matches!(name.as_ref(), "echo" | "printf" | "date" | "sleep"))
        }
    })
}

/// Whether a command line begins by looking at `$?`.
fn reads_status(and_or: &AndOr) -> bool {
    let mut search = StatusSearch { found: false };
    for command in &and_or.first.commands {
        match &command.kind {
            CommandKind::If(clause) => {
                if let Some((condition, _)) = clause.branches.first() {
                    search.list(condition);
                }
            }
            CommandKind::Case(clause) => search.word(&clause.subject),
            _ => search.command(command),
        }
    }
    search.found
}

struct StatusSearch {
    found: bool,
}

impl<'a> Visit<'a> for StatusSearch {
    fn part(&mut self, part: &'a WordPart) {
        if let WordPart::Parameter(parameter) = part {
            self.found |= parameter.name == ParameterName::Special('?');
        }
        hookgate_shell::visit::walk_part(self, part);
    }
}
