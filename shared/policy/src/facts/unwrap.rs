//! Commands that run other commands: what `env nice curl` really starts.

use super::command::CommandWord;
use super::known_prefix;
use crate::tables::{Meaning, Wrapper, WrapperShape, meaning};
use hookgate_shell::ast::Word;
use std::borrow::Cow;
use std::collections::VecDeque;

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
    let mut waiting = VecDeque::new();
    let direct = read(Some(name.clone()), word, arguments, None, &mut waiting, 0);
    let mut given = Vec::new();
    while let Some((depth, (word, arguments, wrapper))) = waiting.pop_front() {
        given.push(read(word.literal(), word, arguments, wrapper, &mut waiting, depth));
    }
    (direct.meaning, (!given.is_empty()).then(|| given.into_boxed_slice()))
}

/// In how many commands around it a command with several marked ones is looked at as a whole. All words are read for
/// each of them.
const MOST_DEPTH: usize = 8;

/// Reads an invocation, and adds what it is given to start to what waits to be read.
fn read<'a>(
    name: Option<Cow<'a, str>>,
    word: &'a Word,
    arguments: &'a [Word],
    wrapper: Option<&'static str>,
    waiting: &mut VecDeque<(usize, Inner<'a>)>,
    depth: usize,
) -> Invocation<'a> {
    let name = name.map(base_name);
    let meaning = name.as_deref().map(meaning).unwrap_or_default();
    if let Some(wrapper) = meaning.wrapper.filter(|wrapper| !asks(wrapper, arguments)) {
        match wrapper.shape {
            WrapperShape::Marked(markers) if depth < MOST_DEPTH => {
                let all = marked(wrapper.name, markers, arguments);
                waiting.extend(all.map(|inner| (depth + 1, inner)));
            }
            _ => waiting.extend(inner(wrapper, arguments).map(|inner| (depth + 1, inner))),
        }
    }
    Invocation { name, word, arguments, wrapper, meaning }
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

/// What a wrapper starts; the first of it, when that is several commands.
fn inner<'a>(wrapper: &'static Wrapper, arguments: &'a [Word]) -> Option<Inner<'a>> {
    let start = match wrapper.shape {
        WrapperShape::After { operands, assignments, valued } => {
            after_options(arguments, operands, assignments, valued)?
        }
        WrapperShape::Marked(markers) => marker(markers, arguments)? + 1,
    };
    let word = arguments.get(start)?;
    Some((word, arguments.get(start + 1..).unwrap_or_default(), Some(wrapper.name)))
}

/// Where the first of the markers stands.
fn marker(markers: &[&str], arguments: &[Word]) -> Option<usize> {
    arguments.iter().position(|word| word.literal().is_some_and(|text| markers.contains(&text.as_ref())))
}

/// The commands after markers, each up to its end: `;`, or `+` after `{}`.
fn marked<'a>(
    wrapper: &'static str,
    markers: &'static [&'static str],
    arguments: &'a [Word],
) -> impl Iterator<Item = Inner<'a>> {
    let is = |word: &Word, text: &str| word.literal().as_deref() == Some(text);
    let ends = move |words: &[Word], index: usize| {
        is(&words[index], ";") || index > 0 && is(&words[index], "+") && is(&words[index - 1], "{}")
    };
    let mut rest = arguments;
    std::iter::from_fn(move || {
        loop {
            let words = rest.get(marker(markers, rest)? + 1..)?;
            let end = (0..words.len()).find(|index| ends(words, *index)).unwrap_or(words.len());
            rest = &words[end..];
            if let Some((word, arguments)) = words[..end].split_first() {
                return Some((word, arguments, Some(wrapper)));
            }
        }
    })
}

/// Whether an option takes the next word as its value: the last letter of a bundle, or a long option, which may be
/// abbreviated.
fn takes_next(option: &str, valued: &[&str]) -> bool {
    if option.starts_with("--") {
        return valued.iter().any(|known| known.starts_with(option));
    }
    let is_valued = |letter: char| {
        valued.iter().any(|known| known.strip_prefix('-').is_some_and(|known| known.chars().eq([letter])))
    };
    let letters = option.strip_prefix('-').unwrap_or_default();
    // What follows the letter in the same word is its value.
    letters.find(is_valued).is_some_and(|at| letters[at..].chars().nth(1).is_none())
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
                if takes_next(text, valued) {
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
