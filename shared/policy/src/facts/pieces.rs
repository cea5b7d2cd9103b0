//! A word as a sequence of known texts and expansions, whatever its quotes.

use super::command::plain_parameter;
use hookgate_shell::ast::{ParameterExpansion, Word, WordPart};
use smallvec::SmallVec;
use std::borrow::Cow;

/// A piece of a word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece<'a> {
    /// Text that is known when it is read.
    Text(Cow<'a, str>),
    /// An expansion, and whether it is quoted.
    Parameter(&'a ParameterExpansion, bool),
    /// Anything else that is expanded, and whether it is quoted.
    Other(&'a WordPart, bool),
}

/// The pieces of a word. Most words have one or two, which are kept in place.
pub(crate) type Pieces<'a> = SmallVec<[Piece<'a>; 2]>;

/// The pieces of a word; adjacent texts are one.
pub(crate) fn pieces(word: &Word) -> Pieces<'_> {
    let mut all = Pieces::new();
    add(&word.parts, false, &mut all);
    all
}

fn add<'a>(parts: &'a [WordPart], quoted: bool, all: &mut Pieces<'a>) {
    for part in parts {
        match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
                push(all, text);
            }
            WordPart::Escaped(character) => push_owned(all, *character),
            WordPart::DoubleQuoted(parts) => add(parts, true, all),
            WordPart::Parameter(parameter) => all.push(Piece::Parameter(parameter, quoted)),
            other => all.push(Piece::Other(other, quoted)),
        }
    }
}

fn push<'a>(all: &mut Pieces<'a>, text: &'a str) {
    match all.last_mut() {
        Some(Piece::Text(last)) => last.to_mut().push_str(text),
        _ => all.push(Piece::Text(Cow::Borrowed(text))),
    }
}

fn push_owned(all: &mut Pieces<'_>, character: char) {
    match all.last_mut() {
        Some(Piece::Text(last)) => last.to_mut().push(character),
        _ => all.push(Piece::Text(Cow::Owned(character.to_string()))),
    }
}

/// The text at the beginning of a word that is known, which is empty when it begins with an expansion.
pub(crate) fn known_prefix(word: &Word) -> Cow<'_, str> {
    let mut prefix = Cow::Borrowed("");
    add_known(&word.parts, &mut prefix);
    prefix
}

/// Adds the text of parts up to the first that is expanded; `false` when there is one.
fn add_known<'a>(parts: &'a [WordPart], known: &mut Cow<'a, str>) -> bool {
    parts.iter().all(|part| {
        match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
                append(known, text);
            }
            WordPart::Escaped(character) => known.to_mut().push(*character),
            WordPart::DoubleQuoted(parts) => return add_known(parts, known),
            _ => return false,
        }
        true
    })
}

/// Adds a text, which is only copied when another one stands before it.
fn append<'a>(known: &mut Cow<'a, str>, text: &'a str) {
    if known.is_empty() {
        *known = Cow::Borrowed(text);
    } else {
        known.to_mut().push_str(text);
    }
}

/// The characters of a word that are known when it is read; what is expanded is left out.
pub(crate) fn known_text(word: &Word) -> Cow<'_, str> {
    let mut text = Cow::Borrowed("");
    add_text(&word.parts, &mut text);
    text
}

fn add_text<'a>(parts: &'a [WordPart], known: &mut Cow<'a, str>) {
    for part in parts {
        match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
                append(known, text);
            }
            WordPart::Escaped(character) => known.to_mut().push(*character),
            WordPart::DoubleQuoted(parts) | WordPart::LocalizedQuoted(parts) => add_text(parts, known),
            _ => {}
        }
    }
}

/// Whether a word is always exactly one argument: nothing in it is split, matched against file names, or
/// expanded to a list.
pub(crate) fn is_single(word: &Word) -> bool {
    !word.has_glob()
        && pieces(word).iter().all(|piece| match piece {
            Piece::Text(_) => true,
            Piece::Parameter(parameter, quoted) => *quoted && !is_list(parameter) || is_count(parameter),
            Piece::Other(WordPart::Command(_), quoted) => *quoted,
            Piece::Other(part, _) => matches!(part, WordPart::Arithmetic(_)),
        })
}

/// Whether an expansion yields any number of arguments even inside double quotes: `"$@"`, `"${a[@]}"`, and
/// `"${x:-$@}"`, whose word is such a list.
pub(crate) fn is_list(parameter: &ParameterExpansion) -> bool {
    use hookgate_shell::ast::{ParameterName, ParameterOperator, Subscript};
    let whole = matches!(parameter.name, ParameterName::Special('@'))
        || matches!(parameter.subscript, Some(Subscript::At))
        || parameter.indirect;
    let in_word = |word: &Word| {
        pieces(word).iter().any(|piece| match piece {
            Piece::Parameter(parameter, _) => is_list(parameter),
            _ => false,
        })
    };
    whole
        || match parameter.operator.as_deref() {
            Some(
                ParameterOperator::Default { word, .. }
                | ParameterOperator::Assign { word, .. }
                | ParameterOperator::Error { word, .. }
                | ParameterOperator::Alternative { word, .. },
            ) => in_word(word),
            Some(ParameterOperator::Replace { pattern, replacement, .. }) => {
                in_word(pattern) || replacement.as_ref().is_some_and(in_word)
            }
            _ => false,
        }
}

/// Whether an expansion is always a number: `$#`, `$?` and lengths.
pub(crate) fn is_count(parameter: &ParameterExpansion) -> bool {
    use hookgate_shell::ast::{ParameterName, ParameterOperator};
    if parameter.indirect {
        return false;
    }
    match parameter.operator.as_deref() {
        Some(ParameterOperator::Length) => true,
        None => matches!(parameter.name, ParameterName::Special('#' | '?')),
        _ => false,
    }
}

/// The known text before a variable and its name, when a word is exactly that: `-h"$SR_FE_HOST"`.
pub(crate) fn text_and_variable(word: &Word) -> Option<(Cow<'_, str>, &str)> {
    match pieces(word).as_slice() {
        [Piece::Parameter(parameter, _)] => Some((Cow::Borrowed(""), plain_parameter(parameter)?)),
        [Piece::Text(text), Piece::Parameter(parameter, _)] => {
            Some((text.clone(), plain_parameter(parameter)?))
        }
        _ => None,
    }
}
