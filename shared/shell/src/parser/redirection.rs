//! Redirections.

use super::{Parsed, Parser, is_name_byte, is_name_start};
use crate::ast::{Redirection, RedirectionKind, Word};
use crate::error::ErrorKind;

/// Makes a redirection of a target.
type Make = fn(Word) -> RedirectionKind;

/// The operators, longest first; here-documents are apart.
const OPERATORS: &[(&[u8], Make)] = &[
    (b"&>>", RedirectionKind::AppendBoth),
    (b"&>", RedirectionKind::WriteBoth),
    (b"<<<", RedirectionKind::HereString),
    (b"<&", RedirectionKind::DuplicateInput),
    (b"<>", RedirectionKind::ReadWrite),
    (b">>", RedirectionKind::Append),
    (b">|", RedirectionKind::Clobber),
    (b">&", RedirectionKind::DuplicateOutput),
    (b"<", RedirectionKind::Read),
    (b">", RedirectionKind::Write),
];

impl Parser<'_> {
    /// The redirection that stands here, if one does.
    pub(super) fn redirection(&mut self) -> Parsed<Option<Redirection>> {
        let first = match self.cursor.peek() {
            Some(byte @ (b'<' | b'>' | b'&' | b'{' | b'0'..=b'9')) => byte,
            _ => return Ok(None),
        };
        let start = self.cursor.pos();
        let (mut descriptor, mut variable) = (None, None);
        match first {
            b'0'..=b'9' => match self.descriptor(start)? {
                Some(number) => descriptor = Some(number),
                None => return Ok(None),
            },
            b'{' => match self.descriptor_name(start) {
                Some(name) => variable = Some(name),
                None => return Ok(None),
            },
            b'&' if self.cursor.peek_next() != Some(b'>') => return Ok(None),
            b'<' | b'>' if self.cursor.peek_next() == Some(b'(') => return Ok(None),
            _ => {}
        }
        let kind = self.operator_and_target(start)?;
        Ok(Some(Redirection { descriptor, variable, kind, span: self.span_from(start) }))
    }

    /// A number directly before `<` or `>`; otherwise nothing is consumed.
    fn descriptor(&mut self, start: usize) -> Parsed<Option<u16>> {
        let (mut number, mut digits) = (0_u16, 0);
        while let Some(byte @ b'0'..=b'9') = self.cursor.peek() {
            number = number.saturating_mul(10).saturating_add(u16::from(byte - b'0'));
            digits += 1;
            self.cursor.bump();
        }
        if !matches!(self.cursor.peek(), Some(b'<' | b'>')) {
            self.cursor.set_pos(start);
            return Ok(None);
        }
        if digits > 3 {
            return Err(self.error_from(ErrorKind::InvalidFileDescriptor, start));
        }
        Ok(Some(number))
    }

    /// `{name}` directly before `<` or `>`; otherwise nothing is consumed.
    fn descriptor_name(&mut self, start: usize) -> Option<String> {
        self.cursor.bump();
        let mut name = String::new();
        while let Some(byte) = self.cursor.peek().filter(|byte| is_name_byte(*byte)) {
            name.push(char::from(byte));
            self.cursor.bump();
        }
        let valid = name.bytes().next().is_some_and(is_name_start);
        if valid && self.cursor.eat(b'}') && matches!(self.cursor.peek(), Some(b'<' | b'>')) {
            return Some(name);
        }
        self.cursor.set_pos(start);
        None
    }

    fn operator_and_target(&mut self, start: usize) -> Parsed<RedirectionKind> {
        if self.cursor.starts_with(b"<<<").is_none() && self.cursor.eat_str(b"<<") {
            return self.here_document(start);
        }
        for (operator, make) in OPERATORS {
            if self.cursor.eat_str(operator) {
                self.cursor.skip_blanks();
                let duplicates = operator.ends_with(b"&");
                return Ok(make(self.target(duplicates)?));
            }
        }
        Err(self.unexpected("a redirection"))
    }

    /// The word after an operator.
    fn target(&mut self, duplicates: bool) -> Parsed<Word> {
        let start = self.cursor.pos();
        // Bash takes the `-` of `<&-` alone: what follows without a blank is a word of its own.
        if duplicates && self.cursor.peek() == Some(b'-') {
            self.cursor.bump();
            if !self.at_word_end() {
                return Err(self.error_from(ErrorKind::AmbiguousEnd, start));
            }
            self.cursor.set_pos(start);
        }
        let word = self.braced_word()?;
        self.check_blank_after(start, duplicates)?;
        Ok(word)
    }

    /// Refuses a word from `start` to here which bash takes for the descriptor of the operator that follows: a number
    /// or `{name}`. After `>&` and `<&` a number is a word.
    pub(super) fn check_blank_after(&mut self, start: usize, duplicates: bool) -> Parsed<()> {
        if matches!(self.cursor.peek(), Some(b'<' | b'>')) {
            let raw = self.cursor.slice(start, self.cursor.pos()).replace("\\\n", "");
            let number = !duplicates && raw.bytes().all(|byte| byte.is_ascii_digit());
            let name = raw.strip_prefix('{').and_then(|raw| raw.strip_suffix('}'));
            if number || name.is_some_and(crate::is_name) {
                return Err(self.unexpected("a blank between a number and `<` or `>`"));
            }
        }
        Ok(())
    }
}
