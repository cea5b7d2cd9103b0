//! Writes to variables, by any construct.

use hookgate_shell::ast::{Arithmetic, ArrayElement, Assignment, Span, Word};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How a variable is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteKind {
    /// `name=value` as a command of its own.
    Assignment,
    /// `name=value command`: for that command only.
    Prefix,
    /// `local`, `declare`, `readonly`, `export`, `typeset`.
    Declaration,
    /// The variable of `for` or `select`.
    Loop,
    /// `read`, `mapfile`, `getopts`, `printf -v`.
    Builtin,
    /// `${name:=word}`
    Default,
    /// `name=…`, `name++` and the like in arithmetic.
    Arithmetic,
    /// `{name}>file`
    Descriptor,
    /// `coproc name`
    Coprocess,
    /// `unset name`
    Unset,
}

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum WriteValue<'a> {
    /// The value of a word.
    Word(&'a Word),
    /// The value after `name=` in an argument of a declaration.
    DeclarationWord(&'a Word),
    /// An array.
    Array(&'a [ArrayElement]),
    /// The words that a loop runs over.
    LoopWords(&'a [Word]),
    /// The number that an expression yields.
    Arithmetic(&'a Arithmetic),
    /// Nothing: the variable is declared or unset.
    Nothing,
    /// Something that is not known from the text.
    Unknown,
}

/// A write to a variable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Write<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: WriteKind,
    pub(crate) value: WriteValue<'a>,
    /// Whether an element is written, or the value is added to.
    pub(crate) partial: bool,
    pub(crate) span: Span,
    /// The simple command that does it, by its index.
    pub(crate) command: Option<usize>,
    /// How many commands are around it.
    pub(crate) depth: usize,
}

/// All writes, by name.
#[derive(Debug, Default)]
pub(crate) struct Variables<'a> {
    writes: Vec<Write<'a>>,
    by_name: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Variables<'a> {
    pub(crate) fn add(&mut self, write: Write<'a>) {
        self.by_name.entry(write.name).or_default().push(self.writes.len());
        self.writes.push(write);
    }

    /// All writes in their order.
    pub(crate) fn writes(&self) -> &[Write<'a>] {
        &self.writes
    }

    /// The writes to one variable, in their order.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &Write<'a>> {
        self.by_name.get(name).into_iter().flatten().map(|index| &self.writes[*index])
    }

    /// The names that are written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.by_name.keys().copied()
    }

    /// Whether the script writes the variable.
    pub(crate) fn is_written(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The text that the variable always holds: its only write assigns or declares it, a literal.
    pub(crate) fn only_text(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut writes = self.of(name);
        let only = writes.next()?;
        if writes.next().is_some() || only.partial {
            return None;
        }
        match (only.value, only.kind) {
            (WriteValue::Word(word), WriteKind::Assignment) => word.text(),
            (WriteValue::DeclarationWord(word), _) => {
                let text = word.text()?;
                text.split_once('=').map(|(_, value)| Cow::Owned(value.to_owned()))
            }
            _ => None,
        }
    }

    /// The elements of an array whose only write is a list of words.
    pub(crate) fn only_array(&self, name: &str) -> Option<&'a [ArrayElement]> {
        let mut writes = self.of(name);
        let only = writes.next()?;
        match only.value {
            WriteValue::Array(elements) if writes.next().is_none() && !only.partial => {
                elements.iter().all(|element| element.subscript.is_none()).then_some(elements)
            }
            _ => None,
        }
    }
}

/// The kind of a write by an assignment before a command word.
pub(crate) fn assignment_kind(is_prefix: bool) -> WriteKind {
    if is_prefix { WriteKind::Prefix } else { WriteKind::Assignment }
}

/// What an assignment writes.
pub(crate) fn assignment_value(assignment: &Assignment) -> WriteValue<'_> {
    use hookgate_shell::ast::AssignmentValue;
    match &assignment.value {
        AssignmentValue::Scalar(word) => WriteValue::Word(word),
        AssignmentValue::Array(elements) => WriteValue::Array(elements),
    }
}
