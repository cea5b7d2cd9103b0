//! Commands that run other commands: what `env nice curl` really starts.

use super::command::CommandWord;
use super::known_prefix;
use crate::tables::{Meaning, Wrapper, WrapperShape, meaning};
use hookgate_shell::ast::Word;
use std::borrow::Cow;

/// A command that is started, directly or by another one that is given it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Invocation<'a> {
    /// The name without its directories; `None` when it is not known when read.
    pub(crate) name: Option<Cow<'a, str>>,
    /// The command word.
    pub(crate) word: &'a Word,
    /// The arguments.
    pub(crate) arguments: &'a [Word],
    /// The name of the command that starts it, when that is not the shell.
    pub(crate) wrapper: Option<&'static str>,
    /// What its name says about it.
    pub(crate) meaning: Meaning,
}

impl<'a> Invocation<'a> {
    /// The word in which it is given a command as text, which a shell reads.
    pub(crate) fn text(&self) -> Option<&'a Word> {
        text_of_wrapper(self.meaning.wrapper?, self.arguments)
    }
}

/// What the name of a command means, and what it is given to start. `command` is the first of the words.
pub(super) fn given<'a>(
    command: &CommandWord<'a>,
    words: &'a [Word],
) -> (Meaning, Option<Box<[Invocation<'a>]>>) {
    let (CommandWord::Literal(name), Some((word, arguments))) = (command, words.split_first()) else {
        return (Meaning::default(), None);
    };
    let (direct, mut next) = read(Some(name.clone()), word, arguments, None);
    let mut given = Vec::new();
    while let Some((word, arguments, wrapper)) = next.take() {
        let invocation;
        (invocation, next) = read(word.literal(), word, arguments, wrapper);
        given.push(invocation);
    }
    (direct.meaning, (!given.is_empty()).then(|| given.into_boxed_slice()))
}

/// Reads an invocation, and what it is given to start.
fn read<'a>(
    name: Option<Cow<'a, str>>,
    word: &'a Word,
    arguments: &'a [Word],
    wrapper: Option<&'static str>,
) -> (Invocation<'a>, Option<Inner<'a>>) {
    let name = name.map(base_name);
    let meaning = name.as_deref().map(meaning).unwrap_or_default();
    let next = meaning
        .wrapper
        .filter(|wrapper| !asks(wrapper, arguments))
        .and_then(|wrapper| inner(wrapper, arguments));
    (Invocation { name, word, arguments, wrapper, meaning }, next)
}

/// The last component of a path.
pub(crate) fn base_name(path: Cow<'_, str>) -> Cow<'_, str> {
    match path {
        Cow::Borrowed(path) => Cow::Borrowed(path.rsplit('/').next().unwrap_or(path)),
        Cow::Owned(path) => Cow::Owned(path.rsplit('/').next().unwrap_or_default().to_owned()),
    }
}

/// Whether a wrapper is only asked about a command, as `command -v` is.
fn asks(wrapper: &Wrapper, arguments: &[Word]) -> bool {
    let option = arguments.first().and_then(Word::literal);
    option.is_some_and(|option| wrapper.asking.contains(&option.as_ref()))
}

fn text_of_wrapper<'a>(wrapper: &'static Wrapper, arguments: &'a [Word]) -> Option<&'a Word> {
    if wrapper.reads_operands {
        let (word, ..) = inner(wrapper, arguments)?;
        let is_code = word.literal().is_none_or(|text| !text.bytes().all(|byte| byte.is_ascii_graphic()));
        return is_code.then_some(word);
    }
    let text = wrapper.text?;
    let started = inner(wrapper, arguments).map(|(word, ..)| word.span.start);
    let options =
        arguments.iter().enumerate().take_while(|(_, word)| started.is_none_or(|at| word.span.start <= at));
    let is_option = |word: &Word| {
        let prefix = known_prefix(word);
        match prefix.strip_prefix('-') {
            Some(long) if long.starts_with('-') => prefix.split('=').next() == Some(text.long),
            Some(letters) => letters.contains(text.letter),
            None => false,
        }
    };
    options.map(|(_, word)| word).find(|word| is_option(word))
}

type Inner<'a> = (&'a Word, &'a [Word], Option<&'static str>);

/// What a wrapper starts.
fn inner<'a>(wrapper: &'static Wrapper, arguments: &'a [Word]) -> Option<Inner<'a>> {
    let start = match wrapper.shape {
        WrapperShape::After { operands, assignments, valued } => {
            after_options(arguments, operands, assignments, valued)?
        }
        WrapperShape::Marked(markers) => {
            let marked = |word: &Word| word.literal().is_some_and(|text| markers.contains(&text.as_ref()));
            arguments.iter().position(marked)? + 1
        }
    };
    let word = arguments.get(start)?;
    Some((word, arguments.get(start + 1..).unwrap_or_default(), Some(wrapper.name)))
}

/// Where the command begins after options, operands and assignments.
fn after_options(arguments: &[Word], operands: usize, assignments: bool, valued: &[&str]) -> Option<usize> {
    let mut index = 0;
    let mut skipped = 0;
    let mut options = true;
    while let Some(word) = arguments.get(index) {
        let text = word.literal();
        match text.as_deref() {
            Some("--") if options => options = false,
            // `env -` is `env -i`.
            Some("-") if options && assignments => {}
            Some(text) if options && text.len() > 1 && text.starts_with('-') => {
                if valued.contains(&text) {
                    index += 1;
                }
            }
            Some(text) if assignments && text.contains('=') => {}
            None if assignments && begins_with_assignment(word) => {}
            _ if skipped < operands => {
                skipped += 1;
                options = false;
            }
            _ => return Some(index),
        }
        index += 1;
    }
    None
}

fn begins_with_assignment(word: &Word) -> bool {
    use hookgate_shell::ast::WordPart;
    matches!(word.parts.first(), Some(WordPart::Literal(text)) if text.contains('='))
}
