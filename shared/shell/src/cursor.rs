//! A position in a text.
//!
//! Outside quotes bash removes a backslash with the newline after it before it looks at anything, even
//! inside an operator or a keyword. [`Cursor::peek`] does the same; the `raw` methods do not.

use crate::ast::Span;
use crate::parser::is_name_byte;

#[cfg(test)]
thread_local! {
    /// The bytes that cursors of this thread have looked at, some of them several times.
    pub(crate) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A text that was copied out of the source to leave something out.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    pub(crate) text: String,
    /// The offset in the source of each byte of `text`, and of its end.
    pub(crate) map: Vec<u32>,
}

/// A text, and how its offsets map to those of the source.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    /// The offset in the source of each byte of `text`, and of its end; `None` when they are the same.
    map: Option<&'a [u32]>,
    pos: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { end: text.len(), text, map: None, pos: 0 }
    }

    /// A cursor over a text that was copied out of the source, with the source offset of each byte.
    pub(crate) fn mapped(copy: &'a Copied) -> Self {
        Self { end: copy.text.len(), text: &copy.text, map: Some(&copy.map), pos: 0 }
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    pub(crate) fn set_pos(&mut self, pos: usize) {
        self.pos = pos.min(self.end);
    }

    pub(crate) fn end(&self) -> usize {
        self.end
    }

    /// Narrows or widens the part of the text that is read, and returns the old end.
    pub(crate) fn set_end(&mut self, end: usize) -> usize {
        std::mem::replace(&mut self.end, end.min(self.text.len()))
    }

    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(crate) fn source_offset(&self, pos: usize) -> usize {
        match self.map {
            Some(map) => map.get(pos).or(map.last()).map_or(0, |offset| *offset as usize),
            None => pos,
        }
    }

    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source_offset(start), self.source_offset(end))
    }

    /// From `start` to here.
    pub(crate) fn span_from(&self, start: usize) -> Span {
        self.span(start, self.pos)
    }

    pub(crate) fn raw(&self) -> Option<u8> {
        self.raw_at(0)
    }

    pub(crate) fn raw_at(&self, ahead: usize) -> Option<u8> {
        self.count(1);
        let pos = self.pos + ahead;
        if pos < self.end { self.text.as_bytes().get(pos).copied() } else { None }
    }

    fn continuation_at(&self, pos: usize) -> bool {
        let bytes = self.text.as_bytes();
        pos + 1 < self.end && bytes[pos] == b'\\' && bytes[pos + 1] == b'\n'
    }

    /// Counts bytes that are looked at, for the test of the parser's cost.
    #[cfg(test)]
    pub(crate) fn count(&self, bytes: usize) {
        STEPS.with(|steps| steps.set(steps.get() + bytes));
    }

    /// Counts in tests only.
    #[cfg(not(test))]
    #[inline(always)]
    #[allow(clippy::unused_self)] // it has a use in the tests
    pub(crate) fn count(&self, _bytes: usize) {}

    /// The text from here to its end.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.pos..self.end]
    }

    /// The name of letters, digits and `_` that stands here, and moves past it.
    pub(crate) fn name(&mut self) -> String {
        self.peek();
        let length = self.rest().iter().take_while(|byte| is_name_byte(**byte)).count();
        self.count(length);
        let mut name = self.slice(self.pos, self.pos + length).to_owned();
        self.pos += length;
        // What goes on behind a line continuation belongs to it.
        while let Some(byte) = self.peek().filter(|byte| is_name_byte(*byte)) {
            name.push(char::from(byte));
            self.bump();
        }
        name
    }

    /// The byte here, after line continuations.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        while self.continuation_at(self.pos) {
            self.pos += 2;
        }
        self.raw()
    }

    /// The byte after the one here, after line continuations.
    pub(crate) fn peek_next(&mut self) -> Option<u8> {
        self.peek()?;
        let mut pos = self.pos + 1;
        while self.continuation_at(pos) {
            pos += 2;
        }
        if pos < self.end { self.text.as_bytes().get(pos).copied() } else { None }
    }

    /// Moves past the byte here.
    pub(crate) fn bump(&mut self) {
        if self.pos < self.end {
            self.pos += 1;
        }
    }

    /// Moves past `byte` when it stands here.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        if here {
            self.bump();
        }
        here
    }

    /// The character here, raw, and moves past it.
    pub(crate) fn next_char(&mut self) -> Option<char> {
        let character = self.slice(self.pos, self.end).chars().next()?;
        self.pos += character.len_utf8();
        Some(character)
    }

    /// Whether the logical text here begins with `text`; nothing is consumed beyond continuations.
    pub(crate) fn starts_with(&mut self, text: &[u8]) -> Option<usize> {
        self.peek();
        self.count(text.len());
        let mut pos = self.pos;
        for &byte in text {
            while self.continuation_at(pos) {
                pos += 2;
            }
            if pos >= self.end || self.text.as_bytes()[pos] != byte {
                return None;
            }
            pos += 1;
        }
        Some(pos)
    }

    /// Moves past `text` when it stands here.
    pub(crate) fn eat_str(&mut self, text: &[u8]) -> bool {
        match self.starts_with(text) {
            Some(pos) => {
                self.pos = pos;
                true
            }
            None => false,
        }
    }

    /// Skips blanks, which end a word but not a command.
    pub(crate) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.bump();
        }
    }
}
