//! The variables that builtins and arithmetic write.

use super::{CommandFact, Gatherer, WriteKind, WriteValue};
use hookgate_shell::ast::{Arithmetic, ArithmeticToken, Word, WordPart};

impl<'a> Gatherer<'a> {
    /// The writes of builtins that are given names.
    pub(super) fn builtin_writes(&mut self, fact: &CommandFact<'a>) {
        let Some(name) = fact.name() else { return };
        let arguments = fact.arguments();
        match name {
            "local" | "declare" | "typeset" | "readonly" | "export" => self.declarations(arguments),
            "unset" => {
                for word in arguments {
                    if let Some(name) = literal_part(word).filter(|name| hookgate_shell::is_name(name)) {
                        self.write(name, WriteKind::Unset, WriteValue::Nothing, word.span);
                    }
                }
            }
            "read" | "mapfile" | "readarray" | "getopts" | "wait" => {
                for word in arguments {
                    if let Some(target) = literal_part(word).filter(|name| hookgate_shell::is_name(name)) {
                        self.write(target, WriteKind::Builtin, WriteValue::Unknown, word.span);
                        if matches!(name, "mapfile" | "readarray") {
                            self.facts.arrays.entry(target).or_default();
                        }
                    }
                }
                match name {
                    "read" => self.write("REPLY", WriteKind::Builtin, WriteValue::Unknown, fact.command.span),
                    "mapfile" | "readarray" => {
                        self.write("MAPFILE", WriteKind::Builtin, WriteValue::Unknown, fact.command.span);
                    }
                    _ => {}
                }
            }
            "printf" => {
                if let [option, target, ..] = arguments
                    && option.literal().as_deref() == Some("-v")
                    && let Some(name) = literal_part(target)
                {
                    self.write(name, WriteKind::Builtin, WriteValue::Unknown, target.span);
                }
            }
            _ => {}
        }
    }

    fn declarations(&mut self, arguments: &'a [Word]) {
        let (mut functions, mut array, mut associative) = (false, false, false);
        for word in arguments {
            let Some(text) = literal_part(word) else { continue };
            if text.starts_with(['-', '+']) {
                functions |= text.contains(['f', 'F']);
                array |= text.contains(['a', 'A']);
                associative |= text.contains('A');
                continue;
            }
            let (name, value) = match text.split_once('=') {
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
