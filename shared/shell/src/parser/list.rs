//! Lists, and-or lists and pipelines.

use super::{Parsed, Parser, add};
use crate::ast::{
    AndOr, AndOrOperator, Command, List, ListItem, Pipeline, Redirection, RedirectionKind, Span, Terminator,
    Word, WordPart,
};
use crate::error::ErrorKind;

/// What ends a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The end of the text.
    Text,
    /// `)`
    Parenthesis,
    /// One of these reserved words.
    Words(&'static [&'static str]),
    /// `;;`, `;&`, `;;&` or `esac`.
    CaseArm,
}

impl Parser<'_> {
    /// A list up to its end, which stays. It may be empty.
    pub(super) fn list(&mut self, end: End) -> Parsed<List> {
        let mut items = Vec::new();
        loop {
            self.skip_lines()?;
            if self.at_end(end) {
                break;
            }
            let command = self.and_or()?;
            self.skip_space();
            let terminator = match self.cursor.peek() {
                Some(b';') if !matches!(self.cursor.peek_next(), Some(b';' | b'&')) => {
                    self.cursor.bump();
                    Terminator::Semicolon
                }
                Some(b'&') => {
                    self.cursor.bump();
                    Terminator::Background
                }
                _ => Terminator::Newline,
            };
            let ended = terminator != Terminator::Newline || matches!(self.cursor.peek(), Some(b'\n'));
            add(&mut items, ListItem { command, terminator });
            if !ended {
                if !self.at_end(end) {
                    return Err(self.unexpected("`;`, `&` or a newline"));
                }
                break;
            }
        }
        let span = match (items.first(), items.last()) {
            (Some(first), Some(last)) => first.command.span.to(last.command.span),
            _ => self.cursor.span(self.cursor.pos(), self.cursor.pos()),
        };
        Ok(List { items, span })
    }

    /// A list that must have a command.
    pub(super) fn nonempty_list(&mut self, end: End) -> Parsed<List> {
        let list = self.list(end)?;
        if list.items.is_empty() {
            return Err(self.unexpected("a command"));
        }
        Ok(list)
    }

    fn at_end(&mut self, end: End) -> bool {
        let byte = self.cursor.peek();
        match end {
            End::Text => byte.is_none(),
            End::Parenthesis => byte == Some(b')') || byte.is_none(),
            End::Words(words) => {
                byte.is_none() || self.peek_keyword().is_some_and(|word| words.contains(&word))
            }
            End::CaseArm => {
                byte.is_none()
                    || byte == Some(b';') && matches!(self.cursor.peek_next(), Some(b';' | b'&'))
                    || self.peek_keyword() == Some("esac")
            }
        }
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut span = first.span;
        let mut rest = Vec::new();
        loop {
            self.skip_space();
            if !matches!(self.cursor.peek(), Some(b'&' | b'|')) {
                return Ok(AndOr { first, rest, span });
            }
            let operator = if self.cursor.eat_str(b"&&") {
                AndOrOperator::And
            } else if self.cursor.eat_str(b"||") {
                AndOrOperator::Or
            } else {
                return Ok(AndOr { first, rest, span });
            };
            self.skip_lines()?;
            let pipeline = self.pipeline()?;
            span = span.to(pipeline.span);
            add(&mut rest, (operator, pipeline));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.cursor.peek();
        let start = self.cursor.pos();
        let (mut negated, mut timed, mut prefixed) = (false, false, false);
        loop {
            self.cursor.skip_blanks();
            if !matches!(self.cursor.peek(), Some(b'!' | b't')) {
                break;
            }
            if self.eat_word("!") {
                if self.cursor.peek() == Some(b'(') {
                    return Err(self.error_from(ErrorKind::ExtendedGlob, start));
                }
                negated = !negated;
            } else if self.eat_word("time") {
                timed = true;
                self.cursor.skip_blanks();
                if self.eat_word("-p") {
                    self.cursor.skip_blanks();
                }
                self.eat_word("--");
            } else {
                break;
            }
            prefixed = true;
        }
        if prefixed && matches!(self.cursor.peek(), None | Some(b'\n' | b';')) {
            return Ok(Pipeline { negated, timed, commands: Vec::new(), span: self.span_from(start) });
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_space();
            if self.cursor.peek() != Some(b'|') || self.cursor.peek_next() == Some(b'|') {
                break;
            }
            let bar = self.cursor.pos();
            self.cursor.bump();
            if self.cursor.eat(b'&') {
                merge_errors(&mut commands, self.span_from(bar));
            }
            self.skip_lines()?;
            commands.push(self.command()?);
        }
        let begin = self.cursor.span(start, start);
        let span = commands.last().map_or(begin, |last| begin.to(last.span));
        Ok(Pipeline { negated, timed, commands, span })
    }
}

/// `|&` is short for `2>&1 |`, after the other redirections of the command.
fn merge_errors(commands: &mut [Command], span: Span) {
    if let Some(last) = commands.last_mut() {
        let target = Word { parts: [WordPart::Literal("1".to_owned())].into(), span };
        let kind = RedirectionKind::DuplicateOutput(target);
        last.span = last.span.to(span);
        last.redirections.push(Redirection { descriptor: Some(2), variable: None, kind, span });
    }
}
