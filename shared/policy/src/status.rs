//! What becomes of the status of SQL that changes something.

mod outcome;

use crate::context::Context;
use crate::facts::Facts;
use crate::mysql::changing_calls;
use hookgate_shell::ast::{
    AndOr, AndOrOperator, Command, CommandKind, If, List, Loop, ParameterName, Pipeline, Span, Terminator,
    Word, WordPart,
};
use hookgate_shell::visit::{Visit, walk_command, walk_part};
use outcome::{fails, is_success, is_true, leaves, leaves_list, only_reports, only_reports_list};
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
    let mut changing = changing_calls(context);
    if changing.is_empty() {
        return Vec::new();
    }
    let calls = Calls::find(context.facts);
    calls.add_callers(context.facts, &mut changing);
    let mut functions = BTreeSet::new();
    let mut nested = false;
    for command in context.facts.commands.iter().filter(|command| changing.contains(&command.command.span)) {
        functions.extend(command.place.function);
        nested |= command.place.subshells > 0;
    }
    let mut walker = Walker {
        changing,
        nested,
        found: Vec::new(),
        errexit: has_option(context, "errexit", 'e'),
        pipefail: has_option(context, "pipefail", '\0'),
    };
    let names = calls.reachable_from(BLOCKING);
    for function in functions.into_iter().map(|index| &context.facts.functions[index]) {
        if let CommandKind::Group(body) = &function.definition.body.kind
            && names.contains(function.name)
        {
            walker.list(body, Fate::Used);
        }
    }
    walker.found
}

/// Whether an option is set at the top level.
fn has_option(context: &Context<'_>, name: &str, letter: char) -> bool {
    context.facts.called("set").filter(|command| command.place.depth == 0).any(|command| {
        command
            .arguments()
            .iter()
            .filter_map(Word::literal)
            .any(|text| text == name || text.strip_prefix('-').is_some_and(|flags| flags.contains(letter)))
    })
}

/// Which function calls which.
struct Calls<'a> {
    by_caller: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Calls<'a> {
    fn find(facts: &Facts<'a>) -> Self {
        let mut by_caller: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for command in &facts.commands {
            if let (Some(function), Some(name)) = (command.place.function, command.name())
                && let Some(callee) = facts.function_names.get(name)
            {
                by_caller.entry(facts.functions[function].name).or_default().insert(callee);
            }
        }
        Self { by_caller }
    }

    /// A function and all that run as a part of it, by their names.
    fn reachable_from(&self, function: &'a str) -> BTreeSet<&'a str> {
        let mut names = BTreeSet::from([function]);
        let mut open = vec![function];
        while let Some(name) = open.pop() {
            for callee in self.by_caller.get(name).into_iter().flatten() {
                if names.insert(callee) {
                    open.push(callee);
                }
            }
        }
        names
    }

    /// Adds the calls of functions that change something to what changes something: the status of such a
    /// function is that of its SQL.
    fn add_callers(&self, facts: &Facts<'a>, changing: &mut BTreeSet<Span>) {
        let mut callers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (caller, callees) in &self.by_caller {
            callees.iter().for_each(|callee| callers.entry(callee).or_default().push(caller));
        }
        let direct = facts.commands.iter().filter(|command| changing.contains(&command.command.span));
        let mut open: Vec<&str> =
            direct.filter_map(|command| Some(facts.functions[command.place.function?].name)).collect();
        let mut changers: BTreeSet<&str> = open.iter().copied().collect();
        while let Some(name) = open.pop() {
            for caller in callers.get(name).into_iter().flatten() {
                if changers.insert(caller) {
                    open.push(caller);
                }
            }
        }
        let calls = facts
            .commands
            .iter()
            .filter(|command| command.name().is_some_and(|name| changers.contains(name)));
        changing.extend(calls.map(|command| command.command.span));
    }
}

struct Walker {
    /// Where SQL changes something.
    changing: BTreeSet<Span>,
    /// Whether any of it stands in a subshell or substitution.
    nested: bool,
    found: Vec<(Span, Fate)>,
    errexit: bool,
    pipefail: bool,
}

impl Walker {
    /// Walks a list whose own status has the fate `last`.
    fn list(&mut self, list: &List, last: Fate) {
        for (index, item) in list.items.iter().enumerate() {
            let fate = match list.items.get(index + 1) {
                // `set -e` looks away from what `!` turns round.
                _ if item.command.rest.is_empty() && item.command.first.negated => Fate::Masked,
                None => last,
                Some(next) if reads_status(&next.command) => Fate::Used,
                // Where the function is called in a condition `set -e` does not hold, and a `true` does.
                Some(next) if self.errexit && !is_true(&next.command) => Fate::Used,
                Some(next) if is_success(&next.command) && item.terminator != Terminator::Background => {
                    Fate::Masked
                }
                Some(_) => Fate::Unused,
            };
            self.and_or(&item.command, fate);
        }
    }

    /// Walks the condition of `if`, `while` or `until`, in which `!` is a question like any other.
    fn condition(&mut self, list: &List, fate: Fate) {
        match list.items.as_slice() {
            [only] => self.and_or(&only.command, fate),
            _ => self.list(list, fate),
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
            match operator {
                AndOrOperator::Or if only_reports(pipeline) => handler = Some(Fate::Masked),
                // A failure stays one.
                AndOrOperator::Or if fails(pipeline) => {}
                // `statement && return` goes on when the statement has failed.
                AndOrOperator::And if !leaves(pipeline) => {}
                _ => handler = Some(Fate::Used),
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
                if !self.nested {
                    return;
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
                let asked = if hides_failure(clause) { Fate::Masked } else { Fate::Used };
                for (condition, body) in &clause.branches {
                    self.condition(condition, asked);
                    self.list(body, fate);
                }
                clause.otherwise.iter().for_each(|list| self.list(list, fate));
            }
            CommandKind::While(clause) | CommandKind::Until(clause) => {
                let Loop { condition, body } = &**clause;
                self.condition(condition, Fate::Used);
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

/// Whether `if statement; then … else … fi` goes on in the same way after a failure: what stands where it has
/// failed only reports, and so does what stands where it has succeeded; or it leaves with success.
fn hides_failure(clause: &If) -> bool {
    let [(condition, body)] = clause.branches.as_slice() else { return false };
    let [asked] = condition.items.as_slice() else { return false };
    let negated = asked.command.rest.is_empty() && asked.command.first.negated;
    let plain = asked.command.rest.iter().all(|(operator, _)| *operator == AndOrOperator::And);
    if !plain {
        return false;
    }
    let (succeeded, failed) = match negated {
        true => (clause.otherwise.as_ref(), Some(body)),
        false => (Some(body), clause.otherwise.as_ref()),
    };
    let reports = |list: Option<&List>| list.is_none_or(only_reports_list);
    let goes_on = |list: Option<&List>| !list.is_some_and(leaves_list);
    reports(failed) && (!goes_on(failed) || reports(succeeded) && goes_on(succeeded))
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
        walk_part(self, part);
    }
}
