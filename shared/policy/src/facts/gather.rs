//! The walk that gathers the facts.

mod writes;

use super::variables::{assignment_kind, assignment_value};
use super::{CommandFact, Facts, FunctionFact, NOTED, Place, Write, WriteKind, WriteValue};
use crate::content::HOOK_FUNCTIONS;
use hookgate_shell::ast::{
    Arithmetic, Assignment, Command, CommandKind, Condition, List, LoopWords, ParameterExpansion,
    ParameterName, ParameterOperator, Redirection, RedirectionKind, Script, Simple, Span, Terminator, Word,
    WordPart,
};
use hookgate_shell::visit::{
    Visit, walk_arithmetic, walk_assignment, walk_command, walk_condition, walk_parameter, walk_part,
    walk_redirection,
};

/// Gathers the facts about a script.
pub(crate) fn gather(script: &Script) -> Facts<'_> {
    // About as many as people write, so that what is gathered is hardly ever moved.
    let size = script.body.span.range().len();
    let facts = Facts { commands: Vec::with_capacity(size / 32), ..Facts::default() };
    let mut gatherer = Gatherer { facts, place: Place::default(), span: Span::default(), command: None };
    gatherer.list(&script.body);
    gatherer.facts
}

struct Gatherer<'a> {
    facts: Facts<'a>,
    /// Where the walk is.
    place: Place,
    /// The word or command that the walk is in.
    span: Span,
    /// The simple command that the walk is in.
    command: Option<usize>,
}

impl<'a> Gatherer<'a> {
    fn write(&mut self, name: &'a str, kind: WriteKind, value: WriteValue<'a>, span: Span) {
        self.write_part(name, kind, value, span, false);
    }

    fn write_part(
        &mut self,
        name: &'a str,
        kind: WriteKind,
        value: WriteValue<'a>,
        span: Span,
        partial: bool,
    ) {
        self.facts.sets_separator |= name == "IFS" && kind != WriteKind::Prefix;
        self.facts.variables.add(Write {
            name,
            kind,
            value,
            partial,
            span,
            command: self.command,
            depth: self.place.depth,
        });
    }

    fn simple(&mut self, simple: &'a Simple, command: &'a Command) {
        let index = self.facts.commands.len();
        let fact = CommandFact::new(simple, command, self.place);
        let outer = self.command.replace(index);
        self.builtin_writes(&fact);
        self.note(index, &fact);
        self.facts.commands.push(fact);
        let is_prefix = !simple.words.is_empty();
        for assignment in &simple.assignments {
            let partial = assignment.append || assignment.subscript.is_some();
            if assignment.subscript.is_some() {
                self.facts.arrays.entry(&assignment.name).or_default();
            }
            let value = assignment_value(assignment);
            self.write_part(&assignment.name, assignment_kind(is_prefix), value, assignment.span, partial);
        }
        walk_command(self, command);
        self.command = outer;
    }

    /// Notes for which rules the command is of interest.
    fn note(&mut self, index: usize, fact: &CommandFact<'a>) {
        self.facts.kinds.note(index, fact);
        let Some(name) = fact.name() else { return };
        if NOTED.contains(&name) {
            self.facts.noted.push(index);
        }
        self.facts.called_hooks.extend(HOOK_FUNCTIONS.iter().find(|hook| **hook == name));
    }

    /// Walks into something that runs in a process of its own.
    fn in_subshell(&mut self, walk: impl FnOnce(&mut Self)) {
        let outer = self.place;
        self.place.subshells += 1;
        self.place.depth += 1;
        self.place.input = false;
        walk(self);
        self.place = outer;
    }
}

impl<'a> Visit<'a> for Gatherer<'a> {
    fn list(&mut self, list: &'a List) {
        for item in &list.items {
            if item.terminator == Terminator::Background {
                self.facts.background.push(item.command.span);
            }
            for pipeline in item.command.pipelines() {
                if pipeline.timed {
                    self.facts.unusual.push((pipeline.span, "time"));
                }
                let last = pipeline.commands.len().saturating_sub(1);
                for (index, command) in pipeline.commands.iter().enumerate() {
                    let outer = self.place;
                    self.place.first_in_pipeline = index == 0;
                    self.place.last_in_pipeline = index == last;
                    self.place.input |= index > 0;
                    self.place.subshells += u32::from(last > 0);
                    let writer = index.checked_sub(1).map(|before| &pipeline.commands[before]);
                    if let Some(writer) =
                        writer.filter(|writer| !matches!(writer.kind, CommandKind::Simple(_)))
                    {
                        self.facts.writers.insert(self.facts.commands.len(), writer.span);
                    }
                    self.command(command);
                    self.place = outer;
                }
            }
        }
    }

    fn command(&mut self, command: &'a Command) {
        let outer = (self.place, self.span);
        self.span = command.span;
        match &command.kind {
            CommandKind::Simple(simple) => self.simple(simple, command),
            CommandKind::Function(definition) => {
                let top_level = self.place.depth == 0;
                let index = self.facts.functions.len();
                let name = definition.name.as_str();
                self.facts.function_names.insert(name);
                self.facts.functions.push(FunctionFact { name, definition, span: command.span, top_level });
                self.place = Place { function: Some(index), depth: self.place.depth + 1, ..Place::default() };
                self.command(&definition.body);
            }
            kind => {
                match kind {
                    CommandKind::For(clause) | CommandKind::Select(clause) => {
                        let value = match &clause.words {
                            LoopWords::Words(words) => WriteValue::LoopWords(words),
                            LoopWords::Positional => WriteValue::Unknown,
                        };
                        self.write(&clause.name, WriteKind::Loop, value, clause.name_span);
                        if matches!(kind, CommandKind::Select(_)) {
                            self.facts.unusual.push((command.span, "select"));
                        }
                    }
                    CommandKind::Coprocess { name, .. } => {
                        self.facts.coprocesses.push(command.span);
                        let name = name.as_deref().unwrap_or("COPROC");
                        self.write(name, WriteKind::Coprocess, WriteValue::Unknown, command.span);
                    }
                    _ => {}
                }
                self.place.depth += 1;
                self.place.subshells += u32::from(matches!(kind, CommandKind::Subshell(_)));
                self.place.input |= command.redirections.iter().any(is_input);
                walk_command(self, command);
            }
        }
        (self.place, self.span) = outer;
    }

    fn redirection(&mut self, redirection: &'a Redirection) {
        self.facts.redirections.push((redirection, self.command));
        if let RedirectionKind::Read(word) = &redirection.kind
            && let [WordPart::Process(_, substitution)] = word.parts.as_slice()
        {
            self.facts.input_substitutions.insert(substitution.span);
        }
        if let Some(name) = &redirection.variable {
            self.write(name, WriteKind::Descriptor, WriteValue::Unknown, redirection.span);
        }
        walk_redirection(self, redirection);
    }

    fn assignment(&mut self, assignment: &'a Assignment) {
        if let Some(subscript) = &assignment.subscript {
            self.facts.subscripts.push((&assignment.name, subscript, assignment.span));
        }
        if let hookgate_shell::ast::AssignmentValue::Array(elements) = &assignment.value {
            let subscripts = elements.iter().filter_map(|element| element.subscript.as_ref());
            self.facts
                .subscripts
                .extend(subscripts.map(|subscript| (assignment.name.as_str(), subscript, assignment.span)));
        }
        walk_assignment(self, assignment);
    }

    fn condition(&mut self, condition: &'a Condition) {
        self.facts.conditions.push(condition);
        walk_condition(self, condition);
    }

    fn word(&mut self, word: &'a Word) {
        if crate::secrets::has_random_literal(word) {
            self.facts.random_words.push(word);
        }
        self.facts.joined_secrets.extend(crate::secrets::in_joined(word).map(|what| (word, what)));
        if word.parts.windows(2).any(names_a_user) {
            self.facts.user_names.push(word.span);
        }
        let outer = std::mem::replace(&mut self.span, word.span);
        for part in &word.parts {
            self.part(part);
        }
        self.span = outer;
    }

    fn part(&mut self, part: &'a WordPart) {
        match part {
            WordPart::Command(substitution) | WordPart::Process(_, substitution) => {
                self.facts.parts.push((part, substitution.span));
                self.in_subshell(|gatherer| walk_part(gatherer, part));
            }
            WordPart::Tilde(_)
            | WordPart::Brace(_)
            | WordPart::LocalizedQuoted(_)
            | WordPart::ExtendedGlob(..) => {
                self.facts.parts.push((part, self.span));
                walk_part(self, part);
            }
            _ => walk_part(self, part),
        }
    }

    fn parameter(&mut self, parameter: &'a ParameterExpansion) {
        let is_last_argument = matches!(&parameter.name, ParameterName::Variable(name) if name == "_");
        if parameter.indirect || parameter.operator.is_some() || is_last_argument {
            self.facts.parameters.push(parameter);
        }
        if let ParameterName::Variable(name) = &parameter.name {
            if let Some(subscript) = &parameter.subscript {
                self.facts.subscripts.push((name, subscript, parameter.span));
            }
            if let Some(ParameterOperator::Assign { word, .. }) = parameter.operator.as_deref() {
                self.write(name, WriteKind::Default, WriteValue::Word(word), parameter.span);
                if parameter.subscript.is_some() {
                    self.facts.arrays.entry(name).or_default();
                }
            }
        }
        walk_parameter(self, parameter);
    }

    fn arithmetic(&mut self, arithmetic: &'a Arithmetic) {
        self.facts.arithmetic.push(arithmetic);
        self.arithmetic_writes(arithmetic);
        walk_arithmetic(self, arithmetic);
    }

    fn subscript(&mut self, subscript: &'a hookgate_shell::ast::Subscript) {
        // The rules look at subscripts apart from arithmetic, but what they write and run is the same.
        if let hookgate_shell::ast::Subscript::Expression(expression) = subscript {
            self.arithmetic_writes(expression);
            walk_arithmetic(self, expression);
        }
    }
}

/// Whether a `~` stands before something that is neither quoted nor begins with `/` or `:`. bash takes its text for a part
/// of a user's name, before anything in it is expanded: `~$x` looks for the user `$x`.
fn names_a_user(parts: &[WordPart]) -> bool {
    match parts {
        [WordPart::Tilde(_), WordPart::Literal(text)] => !text.starts_with(['/', ':']),
        [
            WordPart::Tilde(_),
            WordPart::Escaped(_)
            | WordPart::SingleQuoted(_)
            | WordPart::AnsiQuoted(_)
            | WordPart::DoubleQuoted(_)
            | WordPart::LocalizedQuoted(_),
        ] => false,
        [WordPart::Tilde(_), _] => true,
        _ => false,
    }
}

/// Whether a redirection gives a standard input.
fn is_input(redirection: &Redirection) -> bool {
    let descriptor = redirection.descriptor.unwrap_or(0);
    descriptor == 0
        && matches!(
            redirection.kind,
            RedirectionKind::Read(_)
                | RedirectionKind::ReadWrite(_)
                | RedirectionKind::DuplicateInput(_)
                | RedirectionKind::HereDocument(_)
                | RedirectionKind::HereString(_)
        )
}
