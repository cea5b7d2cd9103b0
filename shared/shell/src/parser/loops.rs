//! Loops: `for` in its three forms, `select`, `while` and `until`.

use super::list::End;
use super::{Parsed, Parser, is_meta, is_name_byte, is_name_start};
use crate::ast::{CommandKind, For, List, LoopWords, Span};
use crate::error::ErrorKind;

impl Parser<'_> {
    pub(super) fn for_clause(&mut self, start: usize) -> Parsed<CommandKind> {
        self.cursor.skip_blanks();
        if self.cursor.peek() == Some(b'(') {
            return self.arithmetic_for(start);
        }
        Ok(CommandKind::For(Box::new(self.for_words(start)?)))
    }

    pub(super) fn select_clause(&mut self, start: usize) -> Parsed<CommandKind> {
        self.cursor.skip_blanks();
        Ok(CommandKind::Select(Box::new(self.for_words(start)?)))
    }

    fn for_words(&mut self, start: usize) -> Parsed<For> {
        let (name, name_span) = self.loop_name()?;
        self.cursor.skip_blanks();
        let words = if self.cursor.eat(b';') {
            LoopWords::Positional
        } else {
            self.skip_lines()?;
            if self.eat_word("in") { LoopWords::Words(self.loop_words()?) } else { LoopWords::Positional }
        };
        let body = self.loop_body(start)?;
        Ok(For { name, name_span, words, body })
    }

    fn loop_name(&mut self) -> Parsed<(String, Span)> {
        let start = self.cursor.pos();
        let mut name = String::new();
        while let Some(byte) = self.cursor.peek().filter(|byte| is_name_byte(*byte)) {
            name.push(char::from(byte));
            self.cursor.bump();
        }
        let whole = self.cursor.peek().is_none_or(is_meta);
        if !whole || !name.bytes().next().is_some_and(is_name_start) {
            while self.cursor.raw().is_some_and(|byte| !is_meta(byte)) {
                self.cursor.next_char();
            }
            let found = self.cursor.slice(start, self.cursor.pos()).to_owned();
            return Err(self.error_from(ErrorKind::InvalidName { found }, start));
        }
        Ok((name, self.span_from(start)))
    }

    /// The words after `in`, with what ends them.
    fn loop_words(&mut self) -> Parsed<Vec<crate::ast::Word>> {
        let mut words = Vec::new();
        loop {
            self.skip_space();
            match self.cursor.peek() {
                None => return Ok(words),
                Some(b';') => {
                    self.cursor.bump();
                    return Ok(words);
                }
                Some(b'\n') => {
                    self.newline()?;
                    return Ok(words);
                }
                Some(_) => words.push(self.braced_word()?),
            }
        }
    }

    /// `do …; done`, or the older `{ …; }`.
    fn loop_body(&mut self, start: usize) -> Parsed<List> {
        self.skip_lines()?;
        if self.eat_word("{") {
            return self.braces(start);
        }
        self.expect_word("do", "`do`")?;
        let body = self.nonempty_list(End::Words(&["done"]))?;
        self.close("done", "a loop", start)?;
        Ok(body)
    }

    pub(super) fn while_clause(&mut self, start: usize) -> Parsed<(List, List)> {
        let condition = self.nonempty_list(End::Words(&["do"]))?;
        self.close("do", "a loop", start)?;
        let body = self.nonempty_list(End::Words(&["done"]))?;
        self.close("done", "a loop", start)?;
        Ok((condition, body))
    }

    fn arithmetic_for(&mut self, start: usize) -> Parsed<CommandKind> {
        if !self.cursor.eat_str(b"((") {
            return Err(self.unexpected("`((` or a name"));
        }
        let header = self.arithmetic_header(start)?;
        self.skip_space();
        self.cursor.eat(b';');
        let body = self.loop_body(start)?;
        Ok(CommandKind::ArithmeticFor { header: Box::new(header), body })
    }
}
