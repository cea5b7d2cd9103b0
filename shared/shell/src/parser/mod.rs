//! The parser: recursive descent straight over the bytes, with an explicit nesting limit.
//!
//! There is no separate token stream, because what a byte means in bash depends on the construct around
//! it. Nothing is read again after a guess: each look ahead is over a name or a few bytes.

mod arithmetic;
mod assignment;
mod brace;
mod command;
mod compound;
mod condition;
#[cfg(test)]
mod cost;
mod expansion;
mod extent;
mod function;
mod heredoc;
mod keyword;
mod list;
mod loops;
mod operand;
mod quote;
mod redirection;
mod substitution;
mod word;

use crate::MAX_NESTING;
use crate::ast::{Script, Span};
use crate::cursor::Cursor;
use crate::error::{ErrorKind, ParseError};
use heredoc::Pending;

/// Errors are boxed to keep the results of the recursive functions small.
pub(crate) type Parsed<T> = Result<T, Box<ParseError>>;

/// A parser over one text: the script, or a part of it that had to be copied.
pub(crate) struct Parser<'a> {
    cursor: Cursor<'a>,
    depth: u32,
    /// Here-documents whose bodies begin after the next newline.
    pending: Vec<Pending>,
    /// Whether a here-document of a surrounding construct waits for its body, so that a newline here
    /// would be read in two ways.
    outer_pending: bool,
    /// Whether the text is inside a command or process substitution.
    in_substitution: bool,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self::over(Cursor::new(text), 0)
    }

    fn over(cursor: Cursor<'a>, depth: u32) -> Self {
        Self { cursor, depth, pending: Vec::new(), outer_pending: false, in_substitution: false }
    }

    /// The whole text as a script.
    pub(crate) fn script(&mut self) -> Parsed<Script> {
        let body = self.list(list::End::Text)?;
        self.finish_here_documents()?;
        Ok(Script { body })
    }

    /// Runs `read` one level deeper.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.deeper(1, read)
    }

    fn deeper<T>(&mut self, levels: u32, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth + levels > MAX_NESTING {
            let pos = self.cursor.pos();
            return Err(self.error_at(ErrorKind::TooDeep { limit: MAX_NESTING }, pos, pos + 1));
        }
        self.depth += levels;
        let result = read(self);
        self.depth -= levels;
        result
    }

    fn error_at(&self, kind: ErrorKind, start: usize, end: usize) -> Box<ParseError> {
        Box::new(ParseError { kind, span: self.cursor.span(start, end) })
    }

    /// An error about the text from `start` to here.
    fn error_from(&self, kind: ErrorKind, start: usize) -> Box<ParseError> {
        self.error_at(kind, start, self.cursor.pos().max(start + 1))
    }

    fn unterminated(&self, construct: &'static str, start: usize) -> Box<ParseError> {
        self.error_at(ErrorKind::Unterminated { construct }, start, start + 1)
    }

    /// An error about what stands here.
    fn unexpected(&mut self, expected: &'static str) -> Box<ParseError> {
        let found = match self.cursor.peek() {
            None => "the end of the text".to_owned(),
            Some(b'\n') => "a newline".to_owned(),
            Some(_) => {
                let pos = self.cursor.pos();
                let rest = self.cursor.slice(pos, self.cursor.end());
                let word = |c: &char| !c.is_whitespace() && !";&|()<>".contains(*c);
                let text: String = rest.chars().take(20).take_while(word).collect();
                let text = if text.is_empty() { rest.chars().take(1).collect() } else { text };
                format!("`{text}`")
            }
        };
        let pos = self.cursor.pos();
        self.error_at(ErrorKind::Unexpected { found, expected }, pos, pos + 1)
    }

    fn span_from(&self, start: usize) -> Span {
        self.cursor.span_from(start)
    }

    /// Moves past a newline and the bodies of the here-documents that begin there.
    fn newline(&mut self) -> Parsed<()> {
        let pos = self.cursor.pos();
        self.cursor.bump();
        if self.outer_pending {
            return Err(self.error_at(ErrorKind::AmbiguousHereDocument, pos, pos + 1));
        }
        self.read_here_documents()
    }

    /// Skips blanks and a comment: what may stand between two tokens of one line.
    fn skip_space(&mut self) {
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some(b'#') {
            while !matches!(self.cursor.raw(), None | Some(b'\n')) {
                self.cursor.bump();
            }
        }
    }

    /// Skips blanks, comments and newlines.
    fn skip_lines(&mut self) -> Parsed<()> {
        loop {
            self.skip_space();
            if self.cursor.peek() != Some(b'\n') {
                return Ok(());
            }
            self.newline()?;
        }
    }
}

impl Parser<'_> {
    /// Whether a word that was read up to here ends here: `<(` and `>(` are a part of it.
    fn at_word_end(&mut self) -> bool {
        match self.cursor.peek() {
            Some(b'<' | b'>') => self.cursor.peek_next() != Some(b'('),
            byte => byte.is_none_or(is_meta),
        }
    }
}

/// Whether a byte ends an unquoted word.
fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'|' | b'&' | b';' | b'(' | b')' | b'<' | b'>')
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Adds an element. Most sequences have one, for which a vector would make room for four.
fn add<T>(sequence: &mut Vec<T>, element: T) {
    if sequence.capacity() == 0 {
        sequence.reserve_exact(1);
    }
    sequence.push(element);
}

pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
