//! Assignments, before a command and as arguments of `declare` and its kin, and arrays.

use super::{Parsed, Parser, add, is_name_byte, is_name_start};
use crate::ast::{ArrayElement, Assignment, AssignmentValue, Parts, Word, WordPart};
use crate::error::{ErrorKind, ParseError};

impl Parser<'_> {
    /// The assignment that stands here, if one does; otherwise nothing is consumed.
    pub(super) fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let start = self.cursor.pos();
        if !self.may_be_assignment() {
            return Ok(None);
        }
        let name = self.cursor.name();
        let subscript = if self.cursor.peek() == Some(b'[') {
            let subscript = self.subscript()?;
            if !self.at_assignment_operator() {
                return Err(self.error_from(ErrorKind::AmbiguousSubscript, start));
            }
            Some(subscript)
        } else {
            None
        };
        if !self.at_assignment_operator() {
            self.cursor.set_pos(start);
            return Ok(None);
        }
        let append = self.cursor.eat(b'+');
        self.cursor.bump();
        self.check_mode(&name, start)?;
        let value = if self.cursor.peek() == Some(b'(') && subscript.is_none() {
            AssignmentValue::Array(self.array()?)
        } else {
            AssignmentValue::Scalar(self.value_word()?)
        };
        Ok(Some(Assignment { name, subscript, append, value, span: self.span_from(start) }))
    }

    /// Whether a name stands here with what may belong to an assignment behind it.
    fn may_be_assignment(&mut self) -> bool {
        if !self.cursor.peek().is_some_and(is_name_start) {
            return false;
        }
        let rest = self.cursor.rest();
        let length = rest.iter().take_while(|byte| is_name_byte(**byte)).count();
        self.cursor.count(length);
        matches!(rest.get(length), Some(b'=' | b'+' | b'[' | b'\\'))
    }

    /// Bash reads the text after an assignment to this variable as POSIX wants it.
    fn check_mode(&self, name: &str, start: usize) -> Parsed<()> {
        if name == "POSIXLY_CORRECT" {
            Err(self.error_from(ErrorKind::AliasDependent, start))
        } else {
            Ok(())
        }
    }

    fn at_assignment_operator(&mut self) -> bool {
        match self.cursor.peek() {
            Some(b'=') => true,
            Some(b'+') => self.cursor.peek_next() == Some(b'='),
            _ => false,
        }
    }

    /// The word after `=`, which may be empty.
    fn value_word(&mut self) -> Parsed<Word> {
        let start = self.cursor.pos();
        let stop = super::word::Stop::Word(super::word::Mode::Plain);
        let parts = self.parts(stop, super::word::Quoting::None)?;
        Ok(Word { parts, span: self.span_from(start) })
    }

    /// `( … )` of an array.
    fn array(&mut self) -> Parsed<Vec<ArrayElement>> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let mut elements = Vec::new();
        loop {
            self.skip_lines()?;
            match self.cursor.peek() {
                None => return Err(self.unterminated("an array `( … )`", start)),
                Some(b')') => {
                    self.cursor.bump();
                    // In `a=(b)c` the array is the beginning of a longer word.
                    if !self.at_word_end() {
                        return Err(self.error_from(ErrorKind::AmbiguousEnd, start));
                    }
                    return Ok(elements);
                }
                Some(_) => {
                    let element = self.nested(Self::array_element)?;
                    self.check_escapes(&element.value)?;
                    add(&mut elements, element);
                }
            }
        }
    }

    /// In an array inside `$( … )` a backslash does not quote in bash 5.2 and 5.3, so that `\$(…)` runs.
    fn check_escapes(&self, word: &Word) -> Parsed<()> {
        let escaped = word.parts.iter().any(|part| matches!(part, WordPart::Escaped(_)));
        if self.in_substitution && escaped {
            return Err(Box::new(ParseError { kind: ErrorKind::AmbiguousQuote, span: word.span }));
        }
        Ok(())
    }

    fn array_element(&mut self) -> Parsed<ArrayElement> {
        let start = self.cursor.pos();
        if self.cursor.peek() != Some(b'[') {
            return Ok(ArrayElement { subscript: None, value: self.braced_word()? });
        }
        let subscript = Some(self.subscript()?);
        if !self.at_assignment_operator() {
            return Err(self.error_from(ErrorKind::AmbiguousSubscript, start));
        }
        self.cursor.eat(b'+');
        self.cursor.bump();
        Ok(ArrayElement { subscript, value: self.value_word()? })
    }

    /// An argument of `declare` and its kin: `name=( … )` is an array there.
    pub(super) fn declaration_word(&mut self) -> Parsed<Word> {
        let start = self.cursor.pos();
        if self.may_be_assignment() {
            let name = self.cursor.name();
            if self.cursor.peek() == Some(b'[') {
                return Err(self.error_from(ErrorKind::AmbiguousSubscript, start));
            }
            if self.at_assignment_operator() {
                self.check_mode(&name, start)?;
                let mut text = name;
                if self.cursor.eat(b'+') {
                    text.push('+');
                }
                self.cursor.bump();
                text.push('=');
                let mut parts = Parts::from([WordPart::Literal(text)]);
                if self.cursor.peek() == Some(b'(') {
                    parts.push(WordPart::Array(self.array()?));
                } else {
                    parts.extend(self.value_word()?.parts);
                }
                return Ok(Word { parts, span: self.span_from(start) });
            }
            self.cursor.set_pos(start);
        }
        self.braced_word()
    }
}
