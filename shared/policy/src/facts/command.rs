//! Simple commands as facts.

use super::unwrap::{Invocation, base_name, given};
use crate::tables::Meaning;
use hookgate_shell::ast::{Command, ParameterExpansion, ParameterName, Simple, Span, Word, WordPart};
use std::borrow::Cow;

/// The variable that stands for mysql with its connection.
pub(crate) const MYSQL_VARIABLE: &str = "MYSQL_CMD";

/// What stands where the command's name is expected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CommandWord<'a> {
    /// Nothing: assignments or redirections only.
    None,
    /// A name that is known when it is read, after quote removal.
    Literal(Cow<'a, str>),
    /// `$MYSQL_CMD`
    Mysql,
    /// Anything that is expanded.
    Dynamic,
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// The function around it, by its index in the facts.
    pub(crate) function: Option<usize>,
    /// How many commands are around it.
    pub(crate) depth: u32,
    /// How many subshells and substitutions are around it.
    pub(crate) subshells: u32,
    /// Whether it is the first command of its pipeline.
    pub(crate) first_in_pipeline: bool,
    /// Whether its standard input comes from a pipe or from a redirection of a command around it.
    pub(crate) input: bool,
    /// Whether it is the last command of its pipeline.
    pub(crate) last_in_pipeline: bool,
}

/// A simple command and where it stands.
pub(crate) struct CommandFact<'a> {
    pub(crate) simple: &'a Simple,
    pub(crate) command: &'a Command,
    pub(crate) word: CommandWord<'a>,
    pub(crate) place: Place,
    meaning: Meaning,
    /// What it is given to start, which most commands aren't.
    given: Option<Box<[Invocation<'a>]>>,
}

impl<'a> CommandFact<'a> {
    pub(crate) fn new(simple: &'a Simple, command: &'a Command, place: Place) -> Self {
        let word = command_word(simple.words.first());
        let (meaning, given) = given(&word, &simple.words);
        Self { simple, command, word, place, meaning, given }
    }

    /// What it starts: itself first, then what it is given to start; nothing for `$MYSQL_CMD`.
    pub(crate) fn invocations(&self) -> impl Iterator<Item = Invocation<'a>> {
        let direct = match (&self.word, self.simple.words.split_first()) {
            (CommandWord::Literal(_) | CommandWord::Dynamic, Some((word, arguments))) => {
                let name = match &self.word {
                    CommandWord::Literal(name) => Some(base_name(name.clone())),
                    _ => None,
                };
                Some(Invocation { name, word, arguments, wrapper: None, meaning: self.meaning })
            }
            _ => None,
        };
        direct.into_iter().chain(self.given.iter().flatten().cloned())
    }

    /// Whether a rule with a message of its own reports the command, or what it runs.
    pub(crate) fn is_reported_elsewhere(&self) -> bool {
        // The command word is mostly one that starts nothing else.
        let given = || self.given.iter().flatten();
        self.word == CommandWord::Dynamic
            || self.meaning.class.is_some()
            || given().any(|given| {
                let is_unknown = given.name.is_none() && !is_mysql_variable(given.word);
                is_unknown || given.meaning.class.is_some()
            })
    }

    /// What its name means, without its folders.
    pub(super) fn meaning(&self) -> Meaning {
        self.meaning
    }

    /// The name, when it is known.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.word {
            CommandWord::Literal(name) => Some(name),
            _ => None,
        }
    }

    /// The words after the command word.
    pub(crate) fn arguments(&self) -> &'a [Word] {
        self.simple.words.get(1..).unwrap_or_default()
    }

    /// The place of the command word, or of the whole command.
    pub(crate) fn word_span(&self) -> Span {
        self.simple.words.first().map_or(self.command.span, |word| word.span)
    }
}

fn command_word(word: Option<&Word>) -> CommandWord<'_> {
    let Some(word) = word else { return CommandWord::None };
    if is_mysql_variable(word) {
        return CommandWord::Mysql;
    }
    word.literal().map_or(CommandWord::Dynamic, CommandWord::Literal)
}

/// Whether a word is `$MYSQL_CMD`, with or without braces and double quotes.
pub(crate) fn is_mysql_variable(word: &Word) -> bool {
    plain_variable(word) == Some(MYSQL_VARIABLE)
}

/// The name, when a word is the plain expansion of one variable and nothing else.
pub(crate) fn plain_variable(word: &Word) -> Option<&str> {
    let parameter = match word.parts.as_slice() {
        [WordPart::Parameter(parameter)] => parameter,
        [WordPart::DoubleQuoted(parts)] => match parts.as_slice() {
            [WordPart::Parameter(parameter)] => parameter,
            _ => return None,
        },
        _ => return None,
    };
    plain_parameter(parameter)
}

/// The variable that an expansion without operator, subscript and indirection reads.
pub(crate) fn plain_parameter(parameter: &ParameterExpansion) -> Option<&str> {
    match parameter {
        ParameterExpansion {
            name: ParameterName::Variable(name),
            subscript: None,
            indirect: false,
            operator: None,
            ..
        } => Some(name),
        _ => None,
    }
}
