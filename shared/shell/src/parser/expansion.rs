//! What begins with `$`: the dispatch, and `${…}` up to its operator.

use super::word::Quoting;
use super::{Parsed, Parser, is_name_byte, is_name_start};
use crate::ast::{ParameterExpansion, ParameterName, ParameterOperator, Subscript, WordPart};
use crate::error::ErrorKind;

/// The parameters of one special character.
const SPECIAL: &[u8] = b"@*#?-$!";

impl Parser<'_> {
    /// What begins with the `$` that stands here; a literal when nothing does.
    pub(super) fn dollar(&mut self, quoting: Quoting) -> Parsed<WordPart> {
        let start = self.cursor.pos();
        let quoted = quoting != Quoting::None;
        self.cursor.bump();
        let Some(byte) = self.cursor.peek() else { return Ok(WordPart::Literal("$".to_owned())) };
        match byte {
            b'(' if self.cursor.peek_next() == Some(b'(') => {
                self.cursor.bump();
                self.cursor.eat(b'(');
                let expression = self.nested(|parser| parser.arithmetic_parentheses(start, quoted))?;
                Ok(WordPart::Arithmetic(Box::new(expression)))
            }
            b'(' => Ok(WordPart::Command(Box::new(self.command_substitution(start)?))),
            b'[' => {
                self.cursor.bump();
                let expression = self.nested(|parser| parser.arithmetic_bracket(start, quoted))?;
                Ok(WordPart::Arithmetic(Box::new(expression)))
            }
            b'{' => {
                self.cursor.bump();
                let expansion = self.nested(|parser| parser.braced_parameter(start, quoting))?;
                Ok(WordPart::Parameter(Box::new(expansion)))
            }
            b'\'' if !quoted => self.ansi_quotes(start),
            b'"' if !quoted => match self.nested(Self::double_quotes)? {
                WordPart::DoubleQuoted(parts) => Ok(WordPart::LocalizedQuoted(parts)),
                other => Ok(other),
            },
            _ => match self.simple_parameter(byte) {
                Some(name) => {
                    let span = self.span_from(start);
                    Ok(WordPart::Parameter(Box::new(ParameterExpansion {
                        name,
                        subscript: None,
                        indirect: false,
                        operator: None,
                        span,
                    })))
                }
                None => Ok(WordPart::Literal("$".to_owned())),
            },
        }
    }

    /// The name in `$name`, `$1`, `$?`.
    fn simple_parameter(&mut self, byte: u8) -> Option<ParameterName> {
        if is_name_start(byte) {
            return Some(ParameterName::Variable(self.cursor.name()));
        }
        if byte.is_ascii_digit() {
            self.cursor.bump();
            return Some(ParameterName::Positional(u32::from(byte - b'0')));
        }
        if SPECIAL.contains(&byte) {
            self.cursor.bump();
            return Some(ParameterName::Special(char::from(byte)));
        }
        None
    }

    /// After `${`.
    fn braced_parameter(&mut self, start: usize, quoting: Quoting) -> Parsed<ParameterExpansion> {
        if matches!(self.cursor.peek(), Some(b' ' | b'\t' | b'\n' | b'|' | b'(')) {
            return Err(self.error_from(ErrorKind::BraceSubstitution, start));
        }
        let (length, indirect) = self.expansion_prefix();
        let name = self.parameter_name(start)?;
        let subscript = match (&name, self.cursor.peek()) {
            (ParameterName::Variable(_), Some(b'[')) => Some(self.subscript()?),
            _ => None,
        };
        let operator = if length {
            Some(Box::new(ParameterOperator::Length))
        } else {
            self.parameter_operator(start, quoting, &name, subscript.as_ref(), indirect)?.map(Box::new)
        };
        if !self.cursor.eat(b'}') {
            return Err(match self.cursor.peek() {
                None => self.unterminated("an expansion `${…}`", start),
                Some(_) => self.error_from(ErrorKind::InvalidExpansion, start),
            });
        }
        Ok(ParameterExpansion { name, subscript, indirect, operator, span: self.span_from(start) })
    }

    /// Moves past `#` of a length or `!` of an indirection: which one it is (length, indirect).
    fn expansion_prefix(&mut self) -> (bool, bool) {
        let Some(byte @ (b'#' | b'!')) = self.cursor.peek() else { return (false, false) };
        let Some(next) = self.cursor.peek_next() else { return (false, false) };
        let here = self.cursor.pos();
        self.cursor.bump();
        self.cursor.peek();
        // `${#-}` is the length of `$-`, `${#-word}` is `$#` with an operator.
        let applies = is_name_byte(next) || SPECIAL.contains(&next) && self.cursor.peek_next() == Some(b'}');
        if !applies {
            self.cursor.set_pos(here);
        }
        (applies && byte == b'#', applies && byte == b'!')
    }

    fn parameter_name(&mut self, start: usize) -> Parsed<ParameterName> {
        match self.cursor.peek() {
            Some(byte) if is_name_start(byte) => Ok(ParameterName::Variable(self.cursor.name())),
            Some(byte) if byte.is_ascii_digit() => {
                let mut number = 0_u32;
                while let Some(digit @ b'0'..=b'9') = self.cursor.peek() {
                    number = number.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
                    self.cursor.bump();
                }
                Ok(ParameterName::Positional(number))
            }
            Some(byte) if SPECIAL.contains(&byte) => {
                self.cursor.bump();
                Ok(ParameterName::Special(char::from(byte)))
            }
            None => Err(self.unterminated("an expansion `${…}`", start)),
            Some(_) => Err(self.error_from(ErrorKind::InvalidExpansion, start)),
        }
    }

    /// Whether `*}` or `@}` follows, as in `${!prefix*}`.
    pub(super) fn at_prefix_names(
        &mut self,
        name: &ParameterName,
        subscript: Option<&Subscript>,
        indirect: bool,
    ) -> bool {
        indirect
            && subscript.is_none()
            && matches!(name, ParameterName::Variable(_))
            && matches!(self.cursor.peek(), Some(b'*' | b'@'))
            && self.cursor.peek_next() == Some(b'}')
    }
}
