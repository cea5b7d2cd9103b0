//! Where a variable is known to hold a number because the script has just tested it.
//!
//! `[[ $n =~ ^[0-9]+$ ]]` and `[ "$n" -ge 0 ]` are tests that are only true for numbers. A test holds
//! from where it has succeeded until the variable is written again or a function is called.

mod names;
mod tested;

use super::numbers::{Numbers, Numeric, is_decimal};
use super::{Facts, WriteKind, WriteValue, is_single, plain_variable};
use crate::content::HOOK_FUNCTIONS;
use hookgate_shell::ast::{
    AndOr, AndOrOperator, CaseEnd, Command, CommandKind, Condition, List, Loop, Pipeline, Script, Span,
};
use names::{Names, Regions};
use std::collections::{BTreeMap, BTreeSet};
use tested::{condition_tests, leaves, leaves_list, list_tests, matches_all_but_numbers, tests};

/// Where which names hold a number.
#[derive(Debug, Default)]
pub(crate) struct Guards<'a> {
    regions: Regions<'a>,
    /// The names that no test can be trusted for.
    never_held: BTreeSet<&'a str>,
}

impl<'a> Guards<'a> {
    /// Finds the tests of a script and how far they reach.
    pub(crate) fn find(script: &'a Script, facts: &Facts<'a>, numbers: &Numbers<'a>) -> Self {
        let mut events: Vec<(u32, Option<&'a str>)> = Vec::new();
        for (index, write) in facts.variables.writes().iter().enumerate() {
            let is_number = match write.value {
                WriteValue::Arithmetic(_) => true,
                WriteValue::Word(_) => numbers.written(index) == Numeric::Proven && !write.partial,
                _ => false,
            };
            if !is_number {
                events.push((write.span.start, Some(write.name)));
            }
        }
        for command in &facts.commands {
            let calls = command.name().is_none_or(|name| facts.is_function(name));
            if calls && !command.simple.words.is_empty() {
                events.push((command.command.span.start, None));
            }
        }
        events.sort_unstable();
        let mut finder = Finder { noted: Vec::new(), events, loops: 0 };
        finder.list(&script.body, &Names::default());
        Self { regions: Regions::new(finder.noted), never_held: never_held(facts, numbers) }
    }

    /// Whether a name is a number at a place.
    pub(crate) fn holds(&self, name: &str, place: Span) -> bool {
        !self.never_held.contains(name) && self.regions.hold(name, place.start)
    }
}

/// The names that no test can be trusted for, because they are written where the text does not show it: by
/// `${name:=word}` in a here-document, whose text stands behind the command, or by a function that a trap
/// calls at any time.
fn never_held<'a>(facts: &Facts<'a>, numbers: &Numbers<'_>) -> BTreeSet<&'a str> {
    let handlers = facts.called("trap");
    let called: BTreeSet<String> = handlers
        .filter_map(|trap| trap.arguments().first()?.text())
        .flat_map(|text| called_by(&text))
        .collect();
    let handled = |name: &str| called.contains(name);
    let has_handler = facts.functions.iter().any(|function| handled(function.name));
    let writes = facts.variables.writes().iter().enumerate();
    let unsafe_writes = writes.filter(|(index, write)| {
        let is_number = numbers.written(*index) == Numeric::Proven && !write.partial;
        // A handler may call any function, which may write what another one has tested.
        !is_number
            && (write.kind == WriteKind::Default || has_handler && write.kind != WriteKind::Declaration)
    });
    let mut names: BTreeSet<&'a str> = unsafe_writes.map(|(_, write)| write.name).collect();
    if has_handler {
        // What only one function writes, and no handler calls, is as it was tested.
        let mut places: BTreeMap<&str, Option<Option<usize>>> = BTreeMap::new();
        for write in facts.variables.writes() {
            let place = facts.function_at(write.span);
            let known = places.entry(write.name).or_insert(Some(place));
            *known = known.filter(|known| *known == place);
        }
        let calls_hook = HOOK_FUNCTIONS.iter().any(|name| handled(name));
        names.retain(|name| {
            let place = places.get(name).copied().flatten();
            calls_hook || !place.is_some_and(|place| facts.is_only_called_from_outside(place))
        });
    }
    names
}

/// What the handler of a trap may call. One that cannot be read, which is refused as such, may call all that
/// it names.
fn called_by(handler: &str) -> BTreeSet<String> {
    match hookgate_shell::parse(handler.as_bytes()) {
        Ok(tree) => {
            let facts = super::gather(&tree);
            facts.commands.iter().filter_map(|command| command.name().map(str::to_owned)).collect()
        }
        Err(_) => {
            let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
            handler.split(|character| !is_part(character)).map(str::to_owned).collect()
        }
    }
}

struct Finder<'a> {
    /// Parts of the text, from their beginning to their end, in all of which names are numbers.
    noted: Vec<(u32, u32, Names<'a>)>,
    /// Where a name is written, or a function is called, in their order.
    events: Vec<(u32, Option<&'a str>)>,
    /// How many loops are around the walk, in the same function and shell.
    loops: usize,
}

impl<'a> Finder<'a> {
    /// Forgets what does not hold after `span` has run.
    fn forget(&self, span: Span, names: &mut Names<'a>) {
        if names.is_empty() {
            return;
        }
        let from = self.events.partition_point(|(at, _)| *at < span.start);
        for (_, name) in self.events[from..].iter().take_while(|(at, _)| *at < span.end) {
            match name {
                None => names.clear(),
                Some(name) => names.remove(name),
            }
            if names.is_empty() {
                return;
            }
        }
    }

    /// Notes that names are numbers in all of a command, unless it writes them itself.
    fn note(&mut self, span: Span, names: &Names<'a>) {
        let mut names = names.clone();
        self.forget(span, &mut names);
        if !names.is_empty() {
            self.noted.push((span.start, span.end, names));
        }
    }

    fn list(&mut self, list: &'a List, before: &Names<'a>) {
        let mut names = before.clone();
        for item in &list.items {
            self.and_or(&item.command, &mut names);
        }
    }

    fn and_or(&mut self, and_or: &'a AndOr, names: &mut Names<'a>) {
        let mut current = names.clone();
        let operators = and_or.rest.iter().map(|(operator, _)| Some(*operator)).chain([None]);
        for (pipeline, next) in and_or.pipelines().zip(operators) {
            self.pipeline(pipeline, &current);
            self.forget(pipeline.span, names);
            match next {
                Some(AndOrOperator::And) => {
                    self.forget(pipeline.span, &mut current);
                    current.add(tests(pipeline, true));
                }
                // After `||` none of the tests before it needs to have succeeded.
                Some(AndOrOperator::Or) => {
                    current.clone_from(names);
                }
                None => {}
            }
        }
        self.keep_after_leaving(and_or, names);
    }

    /// `test || return` and `if ! test; then return; fi`: afterwards the test holds.
    fn keep_after_leaving(&self, and_or: &'a AndOr, names: &mut Names<'a>) {
        if let Some((AndOrOperator::Or, last)) = and_or.rest.last()
            && leaves(last, self.loops > 0)
            && and_or.rest[..and_or.rest.len() - 1]
                .iter()
                .all(|(operator, _)| *operator == AndOrOperator::And)
        {
            let count = and_or.rest.len();
            for pipeline in and_or.pipelines().take(count) {
                self.forget(pipeline.span, names);
                names.add(tests(pipeline, true));
            }
        }
        // `! test && return`
        if let [(AndOrOperator::And, last)] = and_or.rest.as_slice()
            && leaves(last, self.loops > 0)
        {
            names.add(tests(&and_or.first, false));
        }
        // A redirection that fails would let the command be passed by.
        if and_or.rest.is_empty()
            && let [Command { kind, redirections, .. }] = and_or.first.commands.as_slice()
            && redirections.is_empty()
        {
            self.keep_after_branch(kind, names);
        }
    }

    /// `if ! test; then return; fi` and `case $n in *[!0-9]*) return ;; esac`
    fn keep_after_branch(&self, kind: &'a CommandKind, names: &mut Names<'a>) {
        match kind {
            CommandKind::If(clause) => {
                if let [(condition, body)] = clause.branches.as_slice()
                    && clause.otherwise.is_none()
                    && leaves_list(body, self.loops > 0)
                {
                    names.add(list_tests(condition, false));
                }
            }
            CommandKind::Case(clause) => {
                if let [arm, ..] = clause.arms.as_slice()
                    && arm.end == CaseEnd::Break
                    && arm.patterns.iter().any(matches_all_but_numbers)
                    && leaves_list(&arm.body, self.loops > 0)
                    && let Some(name) = plain_variable(&clause.subject)
                {
                    names.add([name]);
                }
            }
            _ => {}
        }
    }

    fn pipeline(&mut self, pipeline: &'a Pipeline, names: &Names<'a>) {
        if let [command] = pipeline.commands.as_slice() {
            return self.command(command, names);
        }
        self.outside_loops(|finder| {
            for command in &pipeline.commands {
                finder.command(command, names);
            }
        });
    }

    fn command(&mut self, command: &'a Command, names: &Names<'a>) {
        match &command.kind {
            CommandKind::Simple(_) | CommandKind::Arithmetic(_) => self.note(command.span, names),
            CommandKind::Condition(condition) => {
                self.note(command.span, names);
                self.condition(condition, &mut names.clone());
            }
            CommandKind::Group(list) => self.list(list, names),
            CommandKind::Subshell(list) => self.outside_loops(|finder| finder.list(list, names)),
            CommandKind::If(clause) => {
                for (condition, body) in &clause.branches {
                    self.list(condition, names);
                    let mut inside = names.clone();
                    self.forget(condition.span, &mut inside);
                    inside.add(list_tests(condition, true));
                    self.list(body, &inside);
                }
                if let Some(body) = &clause.otherwise {
                    let mut inside = names.clone();
                    let from = clause.branches.first().map_or(command.span, |(condition, _)| condition.span);
                    let to = clause.branches.last().map_or(command.span, |(condition, _)| condition.span);
                    self.forget(from.to(to), &mut inside);
                    if let [(condition, _)] = clause.branches.as_slice() {
                        inside.add(list_tests(condition, false));
                    }
                    self.list(body, &inside);
                }
            }
            CommandKind::While(clause) | CommandKind::Until(clause) => {
                let Loop { condition, body } = &**clause;
                let mut inside = names.clone();
                self.forget(command.span, &mut inside);
                self.list(condition, &inside);
                if matches!(command.kind, CommandKind::While(_)) {
                    inside.add(list_tests(condition, true));
                }
                self.in_loop(body, &inside);
            }
            CommandKind::For(clause) | CommandKind::Select(clause) => {
                let mut inside = names.clone();
                self.forget(command.span, &mut inside);
                self.note(command.span, &inside);
                self.in_loop(&clause.body, &inside);
            }
            CommandKind::ArithmeticFor { body, .. } => {
                let mut inside = names.clone();
                self.forget(command.span, &mut inside);
                self.note(command.span, &inside);
                self.in_loop(body, &inside);
            }
            CommandKind::Case(clause) => {
                let mut inside = names.clone();
                self.forget(command.span, &mut inside);
                clause.arms.iter().for_each(|arm| self.list(&arm.body, &inside));
            }
            CommandKind::Function(definition) => {
                self.outside_loops(|finder| finder.command(&definition.body, &Names::default()));
            }
            CommandKind::Coprocess { .. } => {}
        }
    }

    fn in_loop(&mut self, body: &'a List, names: &Names<'a>) {
        self.loops += 1;
        self.list(body, names);
        self.loops -= 1;
    }

    fn outside_loops(&mut self, walk: impl FnOnce(&mut Self)) {
        let loops = std::mem::take(&mut self.loops);
        walk(self);
        self.loops = loops;
    }

    /// In `a && b` the second is evaluated only when the first holds.
    fn condition(&mut self, condition: &'a Condition, names: &mut Names<'a>) {
        match condition {
            Condition::And(all) => {
                for part in all {
                    if let Some(span) = condition_span(part) {
                        self.note(span, names);
                    }
                    self.condition(part, &mut names.clone());
                    let mut found = Vec::new();
                    condition_tests(part, &mut found);
                    names.add(found);
                }
            }
            Condition::Group(inner) => self.condition(inner, names),
            _ => {}
        }
    }
}

fn condition_span(condition: &Condition) -> Option<Span> {
    match condition {
        Condition::Binary(left, _, right) => Some(left.span.to(right.span)),
        Condition::Unary(_, word) | Condition::Word(word) => Some(word.span),
        Condition::Group(inner) | Condition::Not(inner) => condition_span(inner),
        Condition::And(all) | Condition::Or(all) => {
            let mut spans = all.iter().filter_map(condition_span);
            let first = spans.next()?;
            Some(spans.fold(first, Span::to))
        }
    }
}
