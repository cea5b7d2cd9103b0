//! Facts: what a script says, gathered in one walk over its tree and free of any judgement.

mod command;
mod gather;
mod globs;
mod guards;
mod kinds;
mod numbers;
mod pieces;
mod subscripts;
mod unwrap;
mod variables;

pub(crate) use command::{CommandFact, CommandWord, Place};
pub(crate) use gather::gather;
pub(crate) use globs::Globs;
pub(crate) use guards::Guards;
pub(crate) use kinds::{Kind, Kinds};
pub(crate) use numbers::{Numbers, Numeric, is_decimal};
pub(crate) use pieces::{
    Piece, is_count, is_list, is_single, known_prefix, known_text, pieces, text_and_variable,
};
pub(crate) use subscripts::is_safe_subscript;
pub(crate) use variables::{Variables, Write, WriteKind, WriteValue};

use crate::content::HOOK_FUNCTIONS;
use hookgate_shell::ast::{
    Arithmetic, Condition, FunctionDefinition, ParameterExpansion, Redirection, RedirectionKind, Span,
    Subscript, Word, WordPart,
};
use std::collections::{BTreeMap, BTreeSet};

/// The names of commands that rules look for one by one, which are noted so that none of them needs to look at all
/// commands.
const NOTED: &[&str] = &["[", "env", "readonly", "set", "test", "trap"];

/// The names of functions.
pub(crate) type FunctionNames<'a> = BTreeSet<&'a str>;

/// What a script says.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    /// The function definitions in their order, wherever they stand.
    pub(crate) functions: Vec<FunctionFact<'a>>,
    /// Their names.
    pub(crate) function_names: FunctionNames<'a>,
    /// The names that are declared with `-a` or `-A`, and whether it is `-A`; those that become arrays because
    /// an element is written or a builtin fills them among them.
    arrays: BTreeMap<&'a str, bool>,
    /// The process substitutions that are all of the target of `<`.
    input_substitutions: BTreeSet<Span>,
    /// The simple commands in their order, wherever they stand.
    pub(crate) commands: Vec<CommandFact<'a>>,
    /// Those of [`NOTED`] names, by their indices.
    noted: Vec<usize>,
    /// Those of each kind.
    kinds: Kinds,
    /// The hook functions that the script itself calls.
    called_hooks: BTreeSet<&'static str>,
    /// Where the command stands that writes into the pipe which a command reads, when it is not a simple one; by the index
    /// of the first simple command of the reader.
    pub(crate) writers: BTreeMap<usize, Span>,
    /// All writes to variables.
    pub(crate) variables: Variables<'a>,
    /// Whether IFS is set for more than one command.
    pub(crate) sets_separator: bool,
    /// The expansions in their order that are more than a name, and those of `$_`.
    pub(crate) parameters: Vec<&'a ParameterExpansion>,
    /// The arithmetic expressions in their order, without subscripts.
    pub(crate) arithmetic: Vec<&'a Arithmetic>,
    /// The subscripts with the name of the array.
    pub(crate) subscripts: Vec<(&'a str, &'a Subscript, Span)>,
    /// The redirections, with the index of the simple command that they belong to.
    pub(crate) redirections: Vec<(&'a Redirection, Option<usize>)>,
    /// The tests of `[[ … ]]`.
    pub(crate) conditions: Vec<&'a Condition>,
    /// The parts of words that are structures of their own: substitutions, braces, tildes.
    pub(crate) parts: Vec<(&'a WordPart, Span)>,
    /// The words with a `~` before something that bash takes for a part of a user's name.
    pub(crate) user_names: Vec<Span>,
    /// The words with a literal that looks random, wherever they stand.
    pub(crate) random_words: Vec<&'a Word>,
    /// The words that hold a known secret when their quotes are taken away, and what it is.
    pub(crate) joined_secrets: Vec<(&'a Word, &'static str)>,
    /// Where something runs in the background.
    pub(crate) background: Vec<Span>,
    /// Where a coprocess begins.
    pub(crate) coprocesses: Vec<Span>,
    /// Where `time` or `select` stands.
    pub(crate) unusual: Vec<(Span, &'static str)>,
}

/// A function definition and where it stands.
pub(crate) struct FunctionFact<'a> {
    pub(crate) name: &'a str,
    pub(crate) definition: &'a FunctionDefinition,
    /// The whole definition.
    pub(crate) span: Span,
    /// Whether it stands at the top level, outside any other command.
    pub(crate) top_level: bool,
}

impl<'a> Facts<'a> {
    /// Whether the script defines a function of that name.
    pub(crate) fn is_function(&self, name: &str) -> bool {
        self.function_names.contains(name)
    }

    /// The function around a place, by its index. Functions do not stand in one another.
    pub(crate) fn function_at(&self, place: Span) -> Option<usize> {
        let after = self.functions.partition_point(|function| function.span.start <= place.start);
        after.checked_sub(1).filter(|index| place.start < self.functions[*index].span.end)
    }

    /// Whether only the operator calls a function, given by its index: it is `pre_upgrade` or `post_upgrade`,
    /// and the script does not call it.
    pub(crate) fn is_only_called_from_outside(&self, function: Option<usize>) -> bool {
        let name = function.and_then(|index| self.functions.get(index)).map(|function| function.name);
        name.is_some_and(|name| HOOK_FUNCTIONS.contains(&name) && !self.called_hooks.contains(name))
    }

    /// The indices of the simple commands of a kind, in their order.
    pub(crate) fn indices(&self, kind: Kind) -> &[usize] {
        self.kinds.of(kind)
    }

    /// The simple commands of a kind, in their order.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &CommandFact<'a>> {
        self.kinds.of(kind).iter().map(|index| &self.commands[*index])
    }

    /// The simple commands of one of the [`NOTED`] names, in their order.
    pub(crate) fn called(&self, name: &str) -> impl Iterator<Item = &CommandFact<'a>> {
        debug_assert!(NOTED.contains(&name), "`{name}` is not noted");
        let noted = self.noted.iter().map(|index| &self.commands[*index]);
        noted.filter(move |command| command.name() == Some(name))
    }

    /// Whether the script declares the array with `-A`.
    pub(crate) fn is_associative(&self, array: &str) -> bool {
        self.arrays.get(array).is_some_and(|associative| *associative)
    }

    /// Whether the script declares the name with `-a` or `-A`, or makes an array of it by writing an element.
    pub(crate) fn is_array(&self, name: &str) -> bool {
        self.arrays.contains_key(name)
    }

    /// Whether a process substitution is all of the target of `<`.
    pub(crate) fn is_input(&self, substitution: Span) -> bool {
        self.input_substitutions.contains(&substitution)
    }
}

pub(crate) use command::{MYSQL_VARIABLE, is_mysql_variable, plain_parameter, plain_variable};
pub(crate) use unwrap::Invocation;

/// The word that a redirection opens, when it opens one.
pub(crate) fn target(redirection: &Redirection) -> Option<&Word> {
    match &redirection.kind {
        RedirectionKind::Read(word)
        | RedirectionKind::Write(word)
        | RedirectionKind::Clobber(word)
        | RedirectionKind::Append(word)
        | RedirectionKind::ReadWrite(word)
        | RedirectionKind::DuplicateInput(word)
        | RedirectionKind::DuplicateOutput(word)
        | RedirectionKind::WriteBoth(word)
        | RedirectionKind::AppendBoth(word) => Some(word),
        RedirectionKind::HereString(_) | RedirectionKind::HereDocument(_) => None,
    }
}
