//! Writes to variables, by any construct.

use hookgate_shell::ast::{
    Arithmetic, ArrayElement, Assignment, ParameterName, Span, Subscript, Word, WordPart,
};
use std::borrow::Cow;
use std::cell::OnceCell;
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

impl<'a> WriteValue<'a> {
    /// The words that are written, or that the variable runs over.
    pub(crate) fn words(self) -> impl Iterator<Item = &'a Word> {
        let (one, elements, words): (Option<&Word>, &[ArrayElement], &[Word]) = match self {
            Self::Word(word) | Self::DeclarationWord(word) => (Some(word), &[], &[]),
            Self::Array(elements) => (None, elements, &[]),
            Self::LoopWords(words) => (None, &[], words),
            Self::Arithmetic(_) | Self::Nothing | Self::Unknown => (None, &[], &[]),
        };
        one.into_iter().chain(elements.iter().map(|element| &element.value)).chain(words)
    }
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
    pub(crate) depth: u32,
}

impl<'a> Write<'a> {
    /// The known text of one of the words that are written, without the `name=` of a declaration.
    pub(crate) fn text_of(&self, word: &'a Word) -> Cow<'a, str> {
        match (self.value, super::known_text(word)) {
            (WriteValue::DeclarationWord(_), Cow::Borrowed(text)) => {
                Cow::Borrowed(text.split_once('=').map_or(text, |(_, value)| value))
            }
            (WriteValue::DeclarationWord(_), Cow::Owned(text)) => {
                Cow::Owned(text.split_once('=').map_or(text.as_str(), |(_, value)| value).to_owned())
            }
            (_, text) => text,
        }
    }
}

/// All writes, by name.
#[derive(Debug, Default)]
pub(crate) struct Variables<'a> {
    writes: Vec<Write<'a>>,
    by_name: BTreeMap<&'a str, Variable<'a>>,
}

/// The writes to one variable, and what follows from all of them, which is asked for at every use.
#[derive(Debug, Default)]
struct Variable<'a> {
    /// Their indices, in their order.
    writes: Vec<usize>,
    /// Whether a list is written to it.
    has_list: bool,
    /// Whether a list with elements without subscripts is written to it.
    has_bare_list: bool,
    /// How often it is written at the top level.
    top_level: usize,
    text: OnceCell<Option<Cow<'a, str>>>,
    keys_of: OnceCell<Option<&'a str>>,
}

impl<'a> Variables<'a> {
    pub(crate) fn add(&mut self, write: Write<'a>) {
        let variable = self.by_name.entry(write.name).or_default();
        variable.writes.push(self.writes.len());
        variable.top_level += usize::from(write.depth == 0);
        if let WriteValue::Array(elements) = write.value {
            variable.has_list = true;
            variable.has_bare_list |= elements.iter().any(|element| element.subscript.is_none());
        }
        self.writes.push(write);
    }

    /// All writes in their order.
    pub(crate) fn writes(&self) -> &[Write<'a>] {
        &self.writes
    }

    /// The writes to the variable of a name, in their order.
    pub(crate) fn of_name(&self, name: &str) -> impl Iterator<Item = &Write<'a>> {
        self.by_name.get(name).into_iter().flat_map(|variable| self.of(variable))
    }

    /// The writes to one variable, in their order.
    fn of(&self, variable: &Variable<'a>) -> impl Iterator<Item = &Write<'a>> {
        variable.writes.iter().map(|index| &self.writes[*index])
    }

    /// The only write to a variable.
    fn only(&self, variable: &Variable<'a>) -> Option<&Write<'a>> {
        match variable.writes.as_slice() {
            [index] => self.writes.get(*index),
            _ => None,
        }
    }

    /// The names that are written.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.by_name.keys().copied()
    }

    /// How often the script writes the variable.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.by_name.get(name).map_or(0, |variable| variable.writes.len())
    }

    /// Whether the script writes the variable.
    pub(crate) fn is_written(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// How often the script writes the variable at the top level.
    pub(crate) fn top_level_count(&self, name: &str) -> usize {
        self.by_name.get(name).map_or(0, |variable| variable.top_level)
    }

    /// Whether the script writes a list to the variable.
    pub(crate) fn has_list(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|variable| variable.has_list)
    }

    /// Whether the script writes a list with elements without subscripts to the variable.
    pub(crate) fn has_bare_list(&self, name: &str) -> bool {
        self.by_name.get(name).is_some_and(|variable| variable.has_bare_list)
    }

    /// The text that the variable always holds: its only write assigns or declares it, a literal.
    pub(crate) fn only_text(&self, name: &str) -> Option<&str> {
        let variable = self.by_name.get(name)?;
        variable.text.get_or_init(|| only_text(self.only(variable)?)).as_deref()
    }

    /// The elements of an array whose only write is a list of words.
    pub(crate) fn only_array(&self, name: &str) -> Option<&'a [ArrayElement]> {
        match self.only(self.by_name.get(name)?)? {
            Write { value: WriteValue::Array(elements), partial: false, .. } => Some(elements),
            _ => None,
        }
    }

    /// The array over whose keys the variable runs: all that is written to it are its keys.
    pub(crate) fn keys_of(&self, name: &str) -> Option<&'a str> {
        let variable = self.by_name.get(name)?;
        *variable.keys_of.get_or_init(|| {
            let is_declared = |write: &&Write<'_>| {
                write.value == WriteValue::Nothing && write.kind == WriteKind::Declaration
            };
            let mut arrays = self.of(variable).filter(|write| !is_declared(write)).map(keys_written);
            let first = arrays.next()??;
            arrays.all(|array| array == Some(first)).then_some(first)
        })
    }
}

/// The literal that a write assigns or declares.
fn only_text<'a>(only: &Write<'a>) -> Option<Cow<'a, str>> {
    match (only.value, only.kind) {
        _ if only.partial => None,
        (WriteValue::Word(word), WriteKind::Assignment) => word.text(),
        (WriteValue::DeclarationWord(word), _) => match word.text()? {
            Cow::Borrowed(text) => text.split_once('=').map(|(_, value)| Cow::Borrowed(value)),
            Cow::Owned(text) => text.split_once('=').map(|(_, value)| Cow::Owned(value.to_owned())),
        },
        _ => None,
    }
}

/// The array of a loop over `"${!array[@]}"`.
fn keys_written<'a>(write: &Write<'a>) -> Option<&'a str> {
    let WriteValue::LoopWords([word]) = write.value else { return None };
    let parts = match word.parts.as_slice() {
        [WordPart::DoubleQuoted(parts)] => parts.as_slice(),
        parts => parts,
    };
    let [WordPart::Parameter(parameter)] = parts else { return None };
    let keys = parameter.indirect
        && parameter.operator.is_none()
        && matches!(parameter.subscript, Some(Subscript::At | Subscript::Star));
    match &parameter.name {
        ParameterName::Variable(name) if keys => Some(name),
        _ => None,
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
