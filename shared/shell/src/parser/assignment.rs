//! Assignments, before a command and as arguments of `declare` and its kin, and arrays.

use super::{Parsed, Parser, is_name_byte, is_name_start};
use crate::ast::{ArrayElement, Assignment, AssignmentValue, Word, WordPart};
use crate::error::ErrorKind;

impl Parser<'_> {
    /// The assignment that stands here, if one does; otherwise nothing is consumed.
    pub(super) fn assignment(&mut self) -> Parsed<Option<Assignment>> {
        let start = self.cursor.pos();
        let Some(name) = self.name_here() else { return Ok(None) };
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
        let value = if self.cursor.peek() == Some(b'(') && subscript.is_none() {
            AssignmentValue::Array(self.array()?)
        } else {
            AssignmentValue::Scalar(self.value_word()?)
        };
        Ok(Some(Assignment { name, subscript, append, value, span: self.span_from(start) }))
    }

    /// The name that stands here; otherwise nothing is consumed.
    fn name_here(&mut self) -> Option<String> {
        if !self.cursor.peek().is_some_and(is_name_start) {
            return None;
        }
        let mut name = String::new();
        while let Some(byte) = self.cursor.peek().filter(|byte| is_name_byte(*byte)) {
            name.push(char::from(byte));
            self.cursor.bump();
        }
        Some(name)
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
                    return Ok(elements);
                }
                Some(_) => elements.push(self.nested(Self::array_element)?),
            }
        }
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
        if let Some(name) = self.name_here() {
            if self.cursor.peek() == Some(b'[') {
                return Err(self.error_from(ErrorKind::AmbiguousSubscript, start));
            }
            if self.at_assignment_operator() {
                let mut text = name;
                if self.cursor.eat(b'+') {
                    text.push('+');
                }
                self.cursor.bump();
                text.push('=');
                let mut parts = vec![WordPart::Literal(text)];
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
