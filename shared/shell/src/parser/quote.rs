//! Quotes: single, double, and `$'…'` with its escapes.

use super::word::{Quoting, Stop};
use super::{Parsed, Parser};
use crate::ast::WordPart;
use crate::error::ErrorKind;

impl Parser<'_> {
    pub(super) fn single_quotes(&mut self) -> Parsed<WordPart> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let begin = self.cursor.pos();
        let rest = self.cursor.slice(begin, self.cursor.end());
        let Some(length) = rest.find('\'') else {
            return Err(self.unterminated("single quotes", start));
        };
        self.cursor.count(length);
        let text = rest[..length].to_owned();
        self.cursor.set_pos(begin + length + 1);
        Ok(WordPart::SingleQuoted(text))
    }

    pub(super) fn double_quotes(&mut self) -> Parsed<WordPart> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let parts = self.parts(Stop::Quote, Quoting::Double)?;
        if !self.cursor.eat(b'"') {
            return Err(self.unterminated("double quotes", start));
        }
        Ok(WordPart::DoubleQuoted(parts.into_vec()))
    }

    /// `'…'` after `$`.
    pub(super) fn ansi_quotes(&mut self, start: usize) -> Parsed<WordPart> {
        self.cursor.bump();
        let mut bytes = Vec::new();
        loop {
            match self.cursor.next_char() {
                None => return Err(self.unterminated("`$'…'`", start)),
                Some('\'') => break,
                Some('\\') => self.ansi_escape(&mut bytes, start)?,
                Some(character) => {
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok(WordPart::AnsiQuoted(text)),
            _ => Err(self.error_from(ErrorKind::UndecodableText, start)),
        }
    }

    fn ansi_escape(&mut self, bytes: &mut Vec<u8>, start: usize) -> Parsed<()> {
        let Some(character) = self.cursor.next_char() else {
            return Err(self.unterminated("`$'…'`", start));
        };
        let byte = match character {
            'a' => 7,
            'b' => 8,
            'e' | 'E' => 0x1b,
            'f' => 0x0c,
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            'v' => 0x0b,
            '\\' | '\'' | '"' | '?' => u8::try_from(character).unwrap_or_default(),
            '0'..='7' => {
                let first = character.to_digit(8).unwrap_or_default();
                let value = self.digits(8, 2, first);
                u8::try_from(value & 0xff).unwrap_or_default()
            }
            // What bash makes of `\x` without digits, of `\x{…}` and of control characters differs
            // between its versions.
            'x' if self.cursor.raw().is_some_and(|byte| byte.is_ascii_hexdigit()) => {
                u8::try_from(self.digits(16, 2, 0)).unwrap_or_default()
            }
            'x' | 'c' => return Err(self.error_from(ErrorKind::UndecodableText, start)),
            'u' | 'U' => {
                let value = self.digits(16, if character == 'u' { 4 } else { 8 }, 0);
                let decoded = char::from_u32(value).filter(|_| value != 0);
                let Some(decoded) = decoded else {
                    return Err(self.error_from(ErrorKind::UndecodableText, start));
                };
                bytes.extend_from_slice(decoded.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            other => {
                bytes.push(b'\\');
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
        };
        bytes.push(byte);
        Ok(())
    }

    /// Up to `count` more digits after `value`.
    fn digits(&mut self, radix: u32, count: usize, mut value: u32) -> u32 {
        for _ in 0..count {
            let Some(digit) = self.cursor.raw().and_then(|byte| char::from(byte).to_digit(radix)) else {
                break;
            };
            value = value.wrapping_mul(radix) | digit;
            self.cursor.bump();
        }
        value
    }
}
