//! The variables that builtins and arithmetic write.

use super::{CommandFact, Gatherer, WriteKind, WriteValue};
use crate::facts::{is_single, known_prefix};
use crate::reserved::{RESERVED_PREFIXES, RESERVED_VARIABLES};
use hookgate_shell::ast::{Arithmetic, ArithmeticToken, Span, Word, WordPart};
use std::borrow::Cow;

impl<'a> Gatherer<'a> {
    /// The writes of builtins that are given names.
    pub(super) fn builtin_writes(&mut self, fact: &CommandFact<'a>) {
        let Some(name) = fact.name() else { return };
        let arguments = fact.arguments();
        match name {
            "local" | "declare" | "typeset" | "readonly" | "export" => self.declarations(arguments),
            "unset" => {
                for (name, is_element, span) in arguments.iter().filter_map(target) {
                    self.write_part(name, WriteKind::Unset, WriteValue::Nothing, span, is_element);
                }
            }
            "read" => {
                self.given_names(arguments, "adinNptu", Some('a'));
                self.write("REPLY", WriteKind::Builtin, WriteValue::Unknown, fact.command.span);
            }
            "mapfile" | "readarray" => {
                for name in self.given_names(arguments, "dnOsuCc", None) {
                    self.facts.arrays.entry(name).or_default();
                }
                self.write("MAPFILE", WriteKind::Builtin, WriteValue::Unknown, fact.command.span);
            }
            "getopts" => {
                self.given_names(arguments, "", None);
            }
            "wait" => {
                self.given_names(arguments, "p", Some('p'));
            }
            // What follows the options is printed.
            "printf" => {
                let is_option = |word: &Word| known_prefix(word).starts_with("-v");
                let mut rest = arguments;
                while let Some((option, after)) = rest.split_first().filter(|(word, _)| is_option(word)) {
                    let apart = usize::from(known_prefix(option) == "-v").min(after.len());
                    self.given_names(&rest[..=apart], "v", Some('v'));
                    rest = &after[apart..];
                }
            }
            _ => {}
        }
    }

    /// The writes to the variables that a builtin is given: its operands, and the value of its option `naming`. The options
    /// `valued` take a value, in the same word or the next one. Returns the names.
    fn given_names(&mut self, arguments: &'a [Word], valued: &str, naming: Option<char>) -> Vec<&'a str> {
        let mut names = Vec::new();
        let mut words = arguments.iter().peekable();
        while let Some(word) = words.next() {
            let prefix = known_prefix(word);
            let option = prefix
                .strip_prefix('-')
                .and_then(|letters| letters.char_indices().find(|(_, letter)| valued.contains(*letter)));
            let found = match option {
                Some((at, letter)) => {
                    let attached = at + 1 + letter.len_utf8();
                    let names_it = naming == Some(letter);
                    if attached < prefix.len() || word.text().is_none() {
                        names_it.then(|| name_at(word, attached)).flatten()
                    } else if names_it {
                        words.next().and_then(target)
                    } else {
                        // What is split may be more than the value.
                        words.next_if(|value| is_single(value));
                        None
                    }
                }
                None if prefix.starts_with('-') => None,
                None => target(word),
            };
            if let Some((name, is_element, span)) = found {
                self.write_part(name, WriteKind::Builtin, WriteValue::Unknown, span, is_element);
                names.push(name);
            }
        }
        names
    }

    fn declarations(&mut self, arguments: &'a [Word]) {
        let (mut functions, mut array, mut associative) = (false, false, false);
        for word in arguments {
            let Some((text, assigns)) = declared(word) else { continue };
            if text.starts_with(['-', '+']) {
                functions |= text.contains(['f', 'F']);
                array |= text.contains(['a', 'A']);
                associative |= text.contains('A');
                continue;
            }
            let (name, value) = match text.split_once('=') {
                None if assigns => (text, WriteValue::DeclarationWord(word)),
                None => (text, WriteValue::Nothing),
                Some((name, _)) => match word.parts.as_slice() {
                    [_, WordPart::Array(elements)] => (name, WriteValue::Array(elements)),
                    _ => (name, WriteValue::DeclarationWord(word)),
                },
            };
            // `-f` is about functions.
            if functions {
                continue;
            }
            let partial = name.ends_with('+');
            let name = name.trim_end_matches('+');
            if let WriteValue::Array(elements) = value {
                let subscripts = elements.iter().filter_map(|element| element.subscript.as_ref());
                self.facts.subscripts.extend(subscripts.map(|subscript| (name, subscript, word.span)));
            }
            if array {
                *self.facts.arrays.entry(name).or_default() |= associative;
            }
            self.write_part(name, WriteKind::Declaration, value, word.span, partial);
        }
    }

    /// The variables that an expression assigns: those next to `=`, `++` and `--`, but not `==`, `<=`,
    /// `>=` and `!=`.
    pub(super) fn arithmetic_writes(&mut self, arithmetic: &'a Arithmetic) {
        let tokens = &arithmetic.tokens;
        for (index, token) in tokens.iter().enumerate() {
            let ArithmeticToken::Name(name, subscript, span) = token else { continue };
            if let Some(subscript) = subscript {
                self.facts.subscripts.push((name, subscript, *span));
            }
            if is_assigned(tokens, index) {
                let value = WriteValue::Arithmetic(arithmetic);
                self.write_part(name, WriteKind::Arithmetic, value, *span, subscript.is_some());
                if subscript.is_some() {
                    self.facts.arrays.entry(name).or_default();
                }
            }
        }
    }
}

/// The text of a word's first part when it stands without quotes, or of a word in quotes.
fn literal_part(word: &Word) -> Option<&str> {
    match word.parts.first()? {
        WordPart::Literal(text) | WordPart::SingleQuoted(text) => Some(text),
        WordPart::DoubleQuoted(parts) => match parts.first()? {
            WordPart::Literal(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// A variable that a word names, whether it names an element of it, and where.
type Target<'a> = (&'a str, bool, Span);

/// The variable that an operand names: `x`, `x[0]`.
fn target(word: &Word) -> Option<Target<'_>> {
    let first = || literal_part(word).filter(|name| hookgate_shell::is_name(name));
    name_at(word, 0).or_else(|| first().map(|name| (name, false, word.span)))
}

/// The variable that is named in a word from an offset on.
fn name_at(word: &Word, start: usize) -> Option<Target<'_>> {
    let base = |text: &str| text[start..].find('[').map_or(text.len(), |at| start + at);
    let prefix = known_prefix(word);
    prefix.get(start..)?;
    let end = base(&prefix);
    let is_element = end < prefix.len();
    let name = match prefix {
        Cow::Borrowed(text) => &text[start..end],
        Cow::Owned(text) => joined_name(&text[start..end])?,
    };
    hookgate_shell::is_name(name).then_some((name, is_element, word.span))
}

/// What an argument of a declaration says, and whether it assigns a value although there is no `=` in that: a name in
/// which quotes stand, as in `PA"TH"=x`, is looked for among those that mean something.
fn declared(word: &Word) -> Option<(&str, bool)> {
    let first = literal_part(word);
    if first.is_some_and(|text| text.contains('=')) {
        return first.map(|text| (text, false));
    }
    match known_prefix(word) {
        Cow::Borrowed("") => first.map(|text| (text, false)),
        Cow::Borrowed(text) => Some((text, false)),
        Cow::Owned(text) => {
            let end = text.find(['=', '[', '+']).unwrap_or(text.len());
            let joined = joined_name(&text[..end]).map(|name| (name, end < text.len()));
            joined.or_else(|| first.map(|text| (text, false)))
        }
    }
}

/// A name in which quotes stand, when it means something.
fn joined_name(name: &str) -> Option<&'static str> {
    const OTHERS: &[&str] =
        &["BASH_ENV", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "MYSQL_CMD", "MYSQL_PWD"];
    let mut known = RESERVED_VARIABLES.iter().chain(OTHERS);
    let prefix = || RESERVED_PREFIXES.iter().find(|prefix| name.starts_with(**prefix));
    known.find(|known| **known == name).or_else(prefix).copied()
}

fn is_assigned(tokens: &[ArithmeticToken], index: usize) -> bool {
    let operator = |index: Option<usize>| match index.and_then(|index| tokens.get(index)) {
        Some(ArithmeticToken::Operator(character, _)) => Some(*character),
        _ => None,
    };
    let before = (operator(index.checked_sub(2)), operator(index.checked_sub(1)));
    if matches!(before, (Some('+'), Some('+')) | (Some('-'), Some('-'))) {
        return true;
    }
    match (operator(Some(index + 1)), operator(Some(index + 2)), operator(Some(index + 3))) {
        (Some('='), next, _) => next != Some('='),
        (Some('+'), Some('+'), _) | (Some('-'), Some('-'), _) => true,
        (Some('+' | '-' | '*' | '/' | '%' | '&' | '|' | '^'), Some('='), next) => next != Some('='),
        (Some('<'), Some('<'), Some('=')) | (Some('>'), Some('>'), Some('=')) => true,
        _ => false,
    }
}
