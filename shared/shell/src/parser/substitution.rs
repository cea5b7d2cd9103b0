//! Command and process substitutions.

use super::list::End;
use super::word::Quoting;
use super::{Parsed, Parser};
use crate::COPY_LEVELS;
use crate::ast::{List, Substitution};
use crate::cursor::{Copied, Cursor};
use crate::error::ErrorKind;

impl Parser<'_> {
    /// `( … )` after `$`; `start` is the place of the `$`.
    pub(super) fn command_substitution(&mut self, start: usize) -> Parsed<Substitution> {
        let body = self.parenthesized_list("a command substitution `$( … )`", start)?;
        Ok(Substitution { body, backquoted: false, span: self.span_from(start) })
    }

    /// `<( … )` and `>( … )`.
    pub(super) fn process_substitution(&mut self) -> Parsed<Substitution> {
        let start = self.cursor.pos();
        self.cursor.bump();
        self.cursor.peek();
        // Bash looks for the end of `<((` as for that of arithmetic, and runs it as commands.
        if self.cursor.peek_next() == Some(b'(') {
            return Err(self.error_from(ErrorKind::AmbiguousParentheses, start));
        }
        let body = self.parenthesized_list("a process substitution", start)?;
        Ok(Substitution { body, backquoted: false, span: self.span_from(start) })
    }

    fn parenthesized_list(&mut self, construct: &'static str, start: usize) -> Parsed<List> {
        self.cursor.bump();
        self.cursor.skip_blanks();
        let word = self.cursor.pos();
        if self.peek_keyword() == Some("time") {
            return Err(self.error_at(ErrorKind::AmbiguousKeyword, word, word + 4));
        }
        let body = self.isolated(|parser| parser.list(End::Parenthesis))?;
        if !self.cursor.eat(b')') {
            return Err(self.unterminated(construct, start));
        }
        Ok(body)
    }

    /// Reads a list whose here-documents must end inside it.
    fn isolated(&mut self, read: impl FnOnce(&mut Self) -> Parsed<List>) -> Parsed<List> {
        let pending = std::mem::take(&mut self.pending);
        let outer = self.outer_pending;
        self.outer_pending |= !pending.is_empty();
        let inside = std::mem::replace(&mut self.in_substitution, true);
        let start = self.cursor.pos();
        let list = self.nested(read)?;
        if !self.pending.is_empty() {
            return Err(self.error_from(ErrorKind::AmbiguousHereDocument, start));
        }
        self.pending = pending;
        self.outer_pending = outer;
        self.in_substitution = inside;
        Ok(list)
    }

    /// `` `…` ``. Bash finds the end first and removes one level of backslashes from what is between.
    pub(super) fn backquotes(&mut self, quoting: Quoting) -> Parsed<Substitution> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let begin = self.cursor.pos();
        let (end, escaped) = self.closing_backquote(begin, start, quoting)?;
        let body = if escaped {
            let copy = self.unescaped(begin, end);
            let (depth, outer) = (self.depth, self.outer_pending || !self.pending.is_empty());
            self.deeper(COPY_LEVELS, |_| {
                let mut inner = Parser::over(Cursor::mapped(&copy), depth + COPY_LEVELS);
                inner.outer_pending = outer;
                inner.isolated(|parser| parser.list(End::Text))
            })?
        } else {
            let old_end = self.cursor.set_end(end);
            let body = self.isolated(|parser| parser.list(End::Text))?;
            self.cursor.set_end(old_end);
            body
        };
        self.cursor.set_pos(end);
        self.cursor.bump();
        Ok(Substitution { body, backquoted: true, span: self.span_from(start) })
    }

    /// The position of the closing backquote, and whether a backslash before it has to be removed.
    fn closing_backquote(&self, begin: usize, start: usize, quoting: Quoting) -> Parsed<(usize, bool)> {
        let bytes = &self.cursor.text().as_bytes()[..self.cursor.end()];
        let mut escaped = false;
        let mut pos = begin;
        while pos < bytes.len() {
            match bytes[pos] {
                b'`' => {
                    self.cursor.count(pos - begin);
                    return Ok((pos, escaped));
                }
                b'\\' => {
                    match bytes.get(pos + 1) {
                        Some(b'$' | b'`' | b'\\' | b'\n') => escaped = true,
                        Some(b'"') if quoting != Quoting::None => {
                            return Err(self.error_at(ErrorKind::AmbiguousQuote, pos, pos + 2));
                        }
                        _ => {}
                    }
                    pos += 2;
                }
                _ => pos += 1,
            }
        }
        self.cursor.count(bytes.len() - begin);
        Err(self.unterminated("backquotes", start))
    }

    fn unescaped(&self, begin: usize, end: usize) -> Copied {
        let mut text = String::with_capacity(end - begin);
        let mut map = Vec::with_capacity(end - begin + 1);
        let source = |pos: usize| u32::try_from(self.cursor.source_offset(pos)).unwrap_or(u32::MAX);
        let mut characters = self.cursor.slice(begin, end).char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            let (offset, character) = match characters.peek() {
                Some(&(_, '\n')) if character == '\\' => {
                    characters.next();
                    continue;
                }
                Some(&(next, escaped @ ('$' | '`' | '\\'))) if character == '\\' => {
                    characters.next();
                    (next, escaped)
                }
                _ => (offset, character),
            };
            text.push(character);
            map.extend(std::iter::repeat_n(source(begin + offset), character.len_utf8()));
        }
        map.push(source(end));
        self.cursor.count(end - begin);
        Copied { text, map }
    }
}
