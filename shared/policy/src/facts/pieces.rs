//! A word as a sequence of known texts and expansions, whatever its quotes.

use super::command::plain_parameter;
use hookgate_shell::ast::{ParameterExpansion, Word, WordPart};

/// A piece of a word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece<'a> {
    /// Text that is known when it is read.
    Text(String),
    /// An expansion, and whether it is quoted.
    Parameter(&'a ParameterExpansion, bool),
    /// Anything else that is expanded, and whether it is quoted.
    Other(&'a WordPart, bool),
}

/// The pieces of a word; adjacent texts are one.
pub(crate) fn pieces(word: &Word) -> Vec<Piece<'_>> {
    let mut all = Vec::new();
    add(&word.parts, false, &mut all);
    all
}

fn add<'a>(parts: &'a [WordPart], quoted: bool, all: &mut Vec<Piece<'a>>) {
    for part in parts {
        match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
                push(all, text)
            }
            WordPart::Escaped(character) => push(all, character.encode_utf8(&mut [0; 4])),
            WordPart::DoubleQuoted(parts) => add(parts, true, all),
            WordPart::Parameter(parameter) => all.push(Piece::Parameter(parameter, quoted)),
            other => all.push(Piece::Other(other, quoted)),
        }
    }
}

fn push(all: &mut Vec<Piece<'_>>, text: &str) {
    match all.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => all.push(Piece::Text(text.to_owned())),
    }
}

/// The text at the beginning of a word that is known, which is empty when it begins with an expansion.
pub(crate) fn known_prefix(word: &Word) -> String {
    match pieces(word).into_iter().next() {
        Some(Piece::Text(text)) => text,
        _ => String::new(),
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

/// Whether an expansion yields any number of arguments even inside double quotes.
fn is_list(parameter: &ParameterExpansion) -> bool {
    use hookgate_shell::ast::{ParameterName, Subscript};
    matches!(parameter.name, ParameterName::Special('@'))
        || matches!(parameter.subscript, Some(Subscript::At))
        || parameter.indirect
}

/// Whether an expansion is always a number: `$#`, `$?` and lengths.
pub(crate) fn is_count(parameter: &ParameterExpansion) -> bool {
    use hookgate_shell::ast::{ParameterName, ParameterOperator};
    if parameter.indirect {
        return false;
    }
    match &parameter.operator {
        Some(ParameterOperator::Length) => true,
        None => matches!(parameter.name, ParameterName::Special('#' | '?')),
        _ => false,
    }
}

/// The known text before a variable and its name, when a word is exactly that: `-h"$SR_FE_HOST"`.
pub(crate) fn text_and_variable(word: &Word) -> Option<(String, &str)> {
    match pieces(word).as_slice() {
        [Piece::Parameter(parameter, _)] => Some((String::new(), plain_parameter(parameter)?)),
        [Piece::Text(text), Piece::Parameter(parameter, _)] => {
            Some((text.clone(), plain_parameter(parameter)?))
        }
        _ => None,
    }
}
