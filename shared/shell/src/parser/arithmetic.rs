//! Arithmetic and subscripts, as sequences of tokens.

use super::word::Quoting;
use super::{Parsed, Parser, is_name_byte, is_name_start};
use crate::ast::{Arithmetic, ArithmeticToken, Subscript, WordPart};
use crate::error::ErrorKind;

/// Where an expression ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// `))`
    Parentheses,
    /// `;`
    Semicolon,
    /// `]`
    Bracket,
    /// `:` or `}` of `${name:offset:length}`.
    Substring,
}

impl Parser<'_> {
    /// After `((`, up to and with `))`.
    pub(super) fn arithmetic_parentheses(&mut self, start: usize, quoted: bool) -> Parsed<Arithmetic> {
        let begin = self.cursor.pos();
        let expression = self.arithmetic(Stop::Parentheses, quoted)?;
        self.close_parentheses(start, begin)?;
        Ok(expression)
    }

    /// Moves past the `))` of the arithmetic that began with `((` directly before `begin`.
    fn close_parentheses(&mut self, start: usize, begin: usize) -> Parsed<()> {
        if self.cursor.peek().is_none() {
            return Err(self.unterminated("arithmetic `(( … ))`", start));
        }
        self.check_extent(begin, self.cursor.pos(), (b'(', b')'))?;
        self.cursor.bump();
        if self.cursor.raw() != Some(b')') {
            return Err(self.error_at(ErrorKind::AmbiguousParentheses, start, self.cursor.pos()));
        }
        self.cursor.bump();
        Ok(())
    }

    /// After `for ((`, up to and with `))`.
    pub(super) fn arithmetic_header(&mut self, start: usize) -> Parsed<[Arithmetic; 3]> {
        let begin = self.cursor.pos();
        let first = self.arithmetic_until_semicolon(start)?;
        let second = self.arithmetic_until_semicolon(start)?;
        let third = self.arithmetic(Stop::Parentheses, false)?;
        if third.tokens.iter().any(|token| matches!(token, ArithmeticToken::Operator(';', _))) {
            return Err(self.unexpected("three expressions in `for (( … ))`"));
        }
        self.close_parentheses(start, begin)?;
        Ok([first, second, third])
    }

    /// Up to and with `;`.
    fn arithmetic_until_semicolon(&mut self, start: usize) -> Parsed<Arithmetic> {
        let expression = self.arithmetic(Stop::Semicolon, false)?;
        if !self.cursor.eat(b';') {
            return Err(self.unterminated("`for (( … ))`", start));
        }
        Ok(expression)
    }

    /// After `$[`, up to and with `]`.
    pub(super) fn arithmetic_bracket(&mut self, start: usize, quoted: bool) -> Parsed<Arithmetic> {
        let begin = self.cursor.pos();
        let expression = self.arithmetic(Stop::Bracket, quoted)?;
        self.check_extent(begin, self.cursor.pos(), (b'[', b']'))?;
        if !self.cursor.eat(b']') {
            return Err(self.unterminated("arithmetic `$[ … ]`", start));
        }
        Ok(expression)
    }

    /// A part of `${name:offset:length}`.
    pub(super) fn arithmetic_substring(&mut self, quoted: bool) -> Parsed<Arithmetic> {
        self.arithmetic(Stop::Substring, quoted)
    }

    /// `[ … ]` after a name.
    pub(super) fn subscript(&mut self) -> Parsed<Subscript> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let expression = self.nested(|parser| parser.arithmetic(Stop::Bracket, false))?;
        if !self.cursor.eat(b']') {
            return Err(self.unterminated("a subscript `[ … ]`", start));
        }
        Ok(match expression.tokens.as_slice() {
            [ArithmeticToken::Operator('@', _)] => Subscript::At,
            [ArithmeticToken::Operator('*', _)] => Subscript::Star,
            _ => Subscript::Expression(Box::new(expression)),
        })
    }

    fn arithmetic(&mut self, stop: Stop, quoted: bool) -> Parsed<Arithmetic> {
        let begin = self.cursor.pos();
        let mut tokens = Vec::new();
        let (mut parentheses, mut brackets, mut ternaries) = (0_usize, 0_usize, 0_usize);
        while let Some(byte) = self.cursor.peek() {
            let outside = parentheses == 0 && brackets == 0;
            let ends = match stop {
                Stop::Parentheses => parentheses == 0 && byte == b')',
                Stop::Semicolon => byte == b';',
                Stop::Bracket => brackets == 0 && byte == b']',
                Stop::Substring => byte == b'}' || outside && ternaries == 0 && byte == b':',
            };
            if ends {
                break;
            }
            match byte {
                b'(' => parentheses += 1,
                b')' => parentheses = parentheses.saturating_sub(1),
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b'?' => ternaries += 1,
                b':' => ternaries = ternaries.saturating_sub(1),
                _ => {}
            }
            // Bash ends a surrounding `${…}` at the first brace, and takes `<(` for a command in one.
            let substitution = matches!(stop, Stop::Bracket | Stop::Substring)
                && matches!(byte, b'<' | b'>')
                && self.cursor.peek_next() == Some(b'(');
            // `for ((` is split at any semicolon, in a subscript as well.
            if byte == b'}' || substitution || stop == Stop::Bracket && byte == b';' {
                let here = self.cursor.pos();
                return Err(self.error_at(ErrorKind::AmbiguousEnd, here, here + 1));
            }
            // Up to 5.1 bash takes it for a here-document when it looks for the end of a substitution.
            if byte == b'<' && self.in_substitution && self.cursor.peek_next() == Some(b'<') {
                let here = self.cursor.pos();
                return Err(self.error_at(ErrorKind::AmbiguousHereDocument, here, here + 2));
            }
            if let Some(token) = self.arithmetic_token(byte, quoted)? {
                tokens.push(token);
            }
        }
        Ok(Arithmetic { tokens, span: self.span_from(begin) })
    }

    fn arithmetic_token(&mut self, byte: u8, quoted: bool) -> Parsed<Option<ArithmeticToken>> {
        let start = self.cursor.pos();
        let token = match byte {
            b' ' | b'\t' | b'\n' => {
                self.cursor.bump();
                return Ok(None);
            }
            b'0'..=b'9' => {
                let mut text = String::new();
                while let Some(byte) = self.cursor.peek().filter(|b| is_name_byte(*b) || b"#@".contains(b)) {
                    text.push(char::from(byte));
                    self.cursor.bump();
                }
                ArithmeticToken::Number(text, self.span_from(start))
            }
            byte if is_name_start(byte) => {
                let name = self.cursor.name();
                let subscript = match self.cursor.peek() {
                    Some(b'[') => Some(self.subscript()?),
                    _ => None,
                };
                ArithmeticToken::Name(name, subscript, self.span_from(start))
            }
            b'$' => {
                let quoting = if quoted { Quoting::Double } else { Quoting::None };
                let part = self.dollar(quoting)?;
                // When bash splits `for ((`, it takes the second dollar for the beginning of an expansion.
                if self.cursor.slice(start, self.cursor.pos()) == "$$"
                    && matches!(self.cursor.peek(), Some(b'{' | b'('))
                {
                    return Err(self.error_from(ErrorKind::AmbiguousEnd, start));
                }
                match part {
                    WordPart::Literal(_) => ArithmeticToken::Operator('$', self.span_from(start)),
                    part => ArithmeticToken::Part(part, self.span_from(start)),
                }
            }
            b'`' => {
                let quoting = if quoted { Quoting::Double } else { Quoting::None };
                let part = WordPart::Command(Box::new(self.backquotes(quoting)?));
                ArithmeticToken::Part(part, self.span_from(start))
            }
            b'\'' | b'"' if quoted => {
                return Err(self.error_at(ErrorKind::AmbiguousQuote, start, start + 1));
            }
            b'\'' => {
                let part = self.single_quotes()?;
                ArithmeticToken::Part(part, self.span_from(start))
            }
            b'"' => {
                let part = self.nested(Self::double_quotes)?;
                ArithmeticToken::Part(part, self.span_from(start))
            }
            b'\\' => {
                self.cursor.bump();
                let character = self.cursor.next_char();
                let part = character.map_or(WordPart::Literal("\\".to_owned()), WordPart::Escaped);
                ArithmeticToken::Part(part, self.span_from(start))
            }
            _ => {
                let character = self.cursor.next_char().unwrap_or('\u{fffd}');
                ArithmeticToken::Operator(character, self.span_from(start))
            }
        };
        Ok(Some(token))
    }
}
