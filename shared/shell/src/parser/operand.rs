//! The operators of `${…}` and their words.

use super::word::{Quoting, Stop};
use super::{Parsed, Parser};
use crate::ast::{ParameterName, ParameterOperator, Parts, ReplaceMode, Subscript, Word, WordPart};
use crate::error::ErrorKind;

/// What kind of text an operator takes, which decides how quotes are read inside double quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// `${name:-word}`: single quotes are text inside double quotes.
    Word,
    /// `${name#pattern}`: single quotes quote everywhere.
    Pattern,
    /// `${name/…/replacement}`: versions of bash differ.
    Replacement,
}

impl Parser<'_> {
    /// The operator that stands here, if one does.
    pub(super) fn parameter_operator(
        &mut self,
        start: usize,
        quoting: Quoting,
        name: &ParameterName,
        subscript: Option<&Subscript>,
        indirect: bool,
    ) -> Parsed<Option<ParameterOperator>> {
        if self.at_prefix_names(name, subscript, indirect) {
            self.cursor.bump();
            return Ok(Some(ParameterOperator::NamesWithPrefix));
        }
        let Some(byte) = self.cursor.peek() else { return Ok(None) };
        let operator = match byte {
            b'}' => return Ok(None),
            b':' => {
                self.cursor.bump();
                match self.cursor.peek() {
                    Some(byte @ (b'-' | b'=' | b'?' | b'+')) => self.default_operator(byte, true, quoting)?,
                    _ => self.substring(quoting)?,
                }
            }
            b'-' | b'=' | b'?' | b'+' => self.default_operator(byte, false, quoting)?,
            b'#' | b'%' => {
                self.cursor.bump();
                let longest = self.cursor.eat(byte);
                let pattern = self.operand(Stop::Brace, Operand::Pattern, quoting)?;
                if byte == b'#' {
                    ParameterOperator::RemovePrefix { longest, pattern }
                } else {
                    ParameterOperator::RemoveSuffix { longest, pattern }
                }
            }
            b'/' => self.replace(quoting)?,
            b'^' | b',' | b'~' => {
                self.cursor.bump();
                let all = self.cursor.eat(byte);
                let pattern = self.operand(Stop::Brace, Operand::Pattern, quoting)?;
                ParameterOperator::Case { operator: char::from(byte), all, pattern }
            }
            b'@' => {
                self.cursor.bump();
                match self.cursor.next_char() {
                    Some(letter) if "UuLQEPAKak".contains(letter) => ParameterOperator::Transform(letter),
                    _ => return Err(self.error_from(ErrorKind::InvalidExpansion, start)),
                }
            }
            _ => return Err(self.error_from(ErrorKind::InvalidExpansion, start)),
        };
        Ok(Some(operator))
    }

    fn default_operator(&mut self, byte: u8, colon: bool, quoting: Quoting) -> Parsed<ParameterOperator> {
        self.cursor.bump();
        let word = self.operand(Stop::Brace, Operand::Word, quoting)?;
        Ok(match byte {
            b'-' => ParameterOperator::Default { colon, word },
            b'=' => ParameterOperator::Assign { colon, word },
            b'?' => ParameterOperator::Error { colon, word },
            _ => ParameterOperator::Alternative { colon, word },
        })
    }

    fn substring(&mut self, quoting: Quoting) -> Parsed<ParameterOperator> {
        let quoted = quoting != Quoting::None;
        let offset = self.arithmetic_substring(quoted)?;
        let length = if self.cursor.eat(b':') { Some(self.arithmetic_substring(quoted)?) } else { None };
        Ok(ParameterOperator::Substring { offset, length })
    }

    fn replace(&mut self, quoting: Quoting) -> Parsed<ParameterOperator> {
        self.cursor.bump();
        let mode = match self.cursor.peek() {
            Some(b'/') => ReplaceMode::All,
            Some(b'#') => ReplaceMode::Prefix,
            Some(b'%') => ReplaceMode::Suffix,
            _ => ReplaceMode::First,
        };
        if mode != ReplaceMode::First {
            self.cursor.bump();
        }
        let pattern = self.operand(Stop::BraceOrSlash, Operand::Pattern, quoting)?;
        let replacement = if self.cursor.eat(b'/') {
            Some(self.operand(Stop::Brace, Operand::Replacement, quoting)?)
        } else {
            None
        };
        Ok(ParameterOperator::Replace { mode, pattern, replacement })
    }

    /// The word of an operator, up to `stop`.
    fn operand(&mut self, stop: Stop, operand: Operand, quoting: Quoting) -> Parsed<Word> {
        let start = self.cursor.pos();
        let parts = match (quoting, operand) {
            (Quoting::None, _) => self.parts(stop, Quoting::None)?,
            (_, Operand::Pattern) => self.quoted_operand(stop, true, quoting)?,
            (_, Operand::Word) => self.quoted_operand(stop, false, quoting)?,
            (_, Operand::Replacement) => {
                let parts = self.quoted_operand(stop, false, quoting)?;
                // Whether the quotes stay depends on the version.
                let text = self.cursor.slice(start, self.cursor.pos());
                if text.contains('\'') {
                    return Err(self.error_from(ErrorKind::AmbiguousQuote, start));
                }
                parts
            }
        };
        Ok(Word { parts, span: self.span_from(start) })
    }

    /// `'…'` where single quotes do not quote. They still hide what is between them when bash looks for
    /// the end of the expansion, so what has a meaning there is refused.
    fn text_in_single_quotes(&mut self) -> Parsed<String> {
        let start = self.cursor.pos();
        self.cursor.bump();
        while let Some(byte) = self.cursor.raw() {
            self.cursor.bump();
            match byte {
                b'\'' => return Ok(self.cursor.slice(start, self.cursor.pos()).to_owned()),
                b'"' | b'$' | b'`' | b'\\' | b'}' | b'/' | b'<' | b'>' => break,
                _ => {}
            }
        }
        Err(self.error_at(ErrorKind::AmbiguousQuote, start, start + 1))
    }

    /// An operand inside double quotes: quotes nest there, and single quotes quote in patterns only.
    fn quoted_operand(&mut self, stop: Stop, single_quotes: bool, quoting: Quoting) -> Parsed<Parts> {
        let mut parts = Parts::new();
        loop {
            let between = match stop {
                Stop::BraceOrSlash => Stop::BraceOrSlashOrQuote,
                _ => Stop::BraceOrQuote,
            };
            let more = self.parts(between, quoting)?;
            parts.extend(more);
            let start = self.cursor.pos();
            match self.cursor.peek() {
                Some(b'"' | b'\'') if quoting == Quoting::HereDocument => {
                    return Err(self.error_at(ErrorKind::AmbiguousQuote, start, start + 1));
                }
                Some(b'"') => parts.push(self.nested(Self::double_quotes)?),
                Some(b'\'') if single_quotes => parts.push(self.single_quotes()?),
                Some(b'\'') => {
                    let text = self.text_in_single_quotes()?;
                    parts.push(WordPart::Literal(text));
                }
                _ => return Ok(parts),
            }
        }
    }
}
