//! Words: the loop over their parts.

use super::{Parsed, Parser, is_meta};
use crate::ast::{Direction, Parts, Word, WordPart};
use crate::error::ErrorKind;

/// Where a word ends, besides the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// At a blank or an operator.
    Plain,
    /// The same, with extended globs: to the right of `==` in `[[ … ]]`.
    Pattern,
    /// To the right of `=~` in `[[ … ]]`: parentheses and `|` are part of the word.
    Regex,
}

/// Where a sequence of parts ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The end of the text.
    End,
    /// As a word does.
    Word(Mode),
    /// `}` of `${…}`.
    Brace,
    /// `/` or `}` of `${…}`.
    BraceOrSlash,
    /// `}` of `${…}`, or a quote.
    BraceOrQuote,
    /// `/` or `}` of `${…}`, or a quote.
    BraceOrSlashOrQuote,
    /// `)` of an extended glob or of a group in a regular expression.
    Parenthesis,
    /// `"`
    Quote,
}

impl Stop {
    /// Whether it is the end of an operand of `${…}`.
    fn is_operand(self) -> bool {
        matches!(self, Self::Brace | Self::BraceOrSlash | Self::BraceOrQuote | Self::BraceOrSlashOrQuote)
    }
}

/// What surrounds a sequence of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Nothing: all quotes are active.
    None,
    /// `"…"`: only `$`, a backquote and a backslash are.
    Double,
    /// The body of a here-document.
    HereDocument,
}

impl Parser<'_> {
    /// A word that must stand here.
    pub(super) fn word(&mut self) -> Parsed<Word> {
        self.word_in(Mode::Plain)
    }

    /// A word that undergoes brace expansion.
    pub(super) fn braced_word(&mut self) -> Parsed<Word> {
        let mut word = self.word()?;
        self.structure_braces(&mut word)?;
        Ok(word)
    }

    pub(super) fn word_in(&mut self, mode: Mode) -> Parsed<Word> {
        self.cursor.peek();
        let start = self.cursor.pos();
        if self.cursor.peek() == Some(b'#') {
            return Err(self.unexpected("a word"));
        }
        let parts = self.parts(Stop::Word(mode), Quoting::None)?;
        if self.cursor.pos() == start {
            return Err(self.unexpected("a word"));
        }
        // `{name[subscript]}>` is a redirection that writes an array element.
        if matches!(self.cursor.raw(), Some(b'<' | b'>')) {
            let raw = self.cursor.slice(start, self.cursor.pos());
            if raw.starts_with('{') && raw.ends_with('}') && raw.contains('[') {
                return Err(self.error_from(ErrorKind::AmbiguousSubscript, start));
            }
        }
        Ok(Word { parts, span: self.span_from(start) })
    }

    /// The parts up to `stop`, which stays.
    pub(super) fn parts(&mut self, stop: Stop, quoting: Quoting) -> Parsed<Parts> {
        let mut parts = Parts::new();
        let mut text = String::new();
        while let Some(byte) = self.cursor.peek() {
            if self.stops(stop, byte, &text)? {
                break;
            }
            if stop.is_operand() {
                self.check_operand(byte, quoting, &text)?;
            }
            match byte {
                b'\\' => self.backslash(quoting, stop, &mut text, &mut parts)?,
                b'$' => {
                    let part = self.dollar(quoting)?;
                    push(&mut parts, &mut text, part);
                }
                b'`' => {
                    let part = WordPart::Command(Box::new(self.backquotes(quoting)?));
                    flush(&mut parts, &mut text);
                    parts.push(part);
                }
                b'\'' if quoting == Quoting::None => {
                    let part = self.single_quotes()?;
                    flush(&mut parts, &mut text);
                    parts.push(part);
                }
                b'"' if quoting == Quoting::None => {
                    let part = self.nested(Self::double_quotes)?;
                    flush(&mut parts, &mut text);
                    parts.push(part);
                }
                b'~' if quoting == Quoting::None && tilde_expands(&text, &parts) => {
                    flush(&mut parts, &mut text);
                    let part = self.tilde();
                    parts.push(part);
                }
                b'<' | b'>' if quoting == Quoting::None && self.cursor.peek_next() == Some(b'(') => {
                    let direction = if byte == b'<' { Direction::Read } else { Direction::Write };
                    let part = WordPart::Process(direction, Box::new(self.process_substitution()?));
                    flush(&mut parts, &mut text);
                    parts.push(part);
                }
                b'(' if matches!(stop, Stop::Word(Mode::Regex | Mode::Pattern) | Stop::Parenthesis) => {
                    self.parenthesized(stop, &mut text, &mut parts)?;
                }
                _ => self.literal_run(&mut text),
            }
        }
        flush(&mut parts, &mut text);
        Ok(parts)
    }

    /// Whether the sequence ends at `byte`.
    fn stops(&mut self, stop: Stop, byte: u8, text: &str) -> Parsed<bool> {
        Ok(match stop {
            Stop::End => false,
            Stop::Brace => byte == b'}',
            Stop::BraceOrSlash => byte == b'}' || byte == b'/',
            Stop::BraceOrQuote => matches!(byte, b'}' | b'"' | b'\''),
            Stop::BraceOrSlashOrQuote => matches!(byte, b'}' | b'/' | b'"' | b'\''),
            Stop::Quote => byte == b'"',
            Stop::Parenthesis => byte == b')',
            Stop::Word(mode) => {
                if !is_meta(byte) {
                    return Ok(false);
                }
                if matches!(byte, b'<' | b'>') && self.cursor.peek_next() == Some(b'(') {
                    return Ok(false);
                }
                match mode {
                    Mode::Regex => !matches!(byte, b'(' | b'|'),
                    Mode::Pattern => byte != b'(' || !ends_with_glob(text),
                    Mode::Plain => {
                        if byte == b'(' && ends_with_glob(text) {
                            let pos = self.cursor.pos();
                            return Err(self.error_at(
                                ErrorKind::ExtendedGlob,
                                pos.saturating_sub(1),
                                pos + 1,
                            ));
                        }
                        true
                    }
                }
            }
        })
    }

    /// A group in a regular expression, or an extended glob: up to the matching parenthesis.
    fn parenthesized(&mut self, stop: Stop, text: &mut String, parts: &mut Parts) -> Parsed<()> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let operator = if stop == Stop::Word(Mode::Regex) { None } else { text.pop() };
        let inner = self.nested(|parser| parser.parts(Stop::Parenthesis, Quoting::None))?;
        self.check_extent(start + 1, self.cursor.pos(), (b'(', b')'))?;
        if !self.cursor.eat(b')') {
            return Err(self.unterminated("parentheses", start));
        }
        match operator {
            Some(operator) if "?*+@!".contains(operator) => {
                flush(parts, text);
                parts.push(WordPart::ExtendedGlob(operator, inner.into_vec()));
            }
            other => {
                text.extend(other);
                text.push('(');
                flush(parts, text);
                parts.extend(inner);
                text.push(')');
            }
        }
        Ok(())
    }

    fn backslash(
        &mut self,
        quoting: Quoting,
        stop: Stop,
        text: &mut String,
        parts: &mut Parts,
    ) -> Parsed<()> {
        let start = self.cursor.pos();
        self.cursor.bump();
        let next = self.cursor.raw();
        // At the end of a file it continues the line, at the end of a string it is text.
        if next.is_none() && quoting == Quoting::None {
            return Err(self.error_from(ErrorKind::AmbiguousQuote, start));
        }
        let escapes = match (quoting, next) {
            (_, None) => false,
            (Quoting::None, Some(_)) | (_, Some(b'$' | b'`' | b'\\')) => true,
            (Quoting::Double, Some(b'"')) => true,
            // Inside `${…}` a backslash hides the closing brace.
            (_, Some(b'}')) => matches!(stop, Stop::BraceOrQuote | Stop::BraceOrSlashOrQuote),
            (_, Some(b'/')) => stop == Stop::BraceOrSlashOrQuote,
            (_, Some(b'\'' | b'"')) => matches!(stop, Stop::BraceOrQuote | Stop::BraceOrSlashOrQuote),
            _ => false,
        };
        if escapes && let Some(character) = self.cursor.next_char() {
            flush(parts, text);
            parts.push(WordPart::Escaped(character));
        } else {
            text.push('\\');
        }
        Ok(())
    }

    /// Refuses what the operand of `${…}` begins with here when bash looks for the end of the expansion
    /// in another way than it reads the operand.
    fn check_operand(&mut self, byte: u8, quoting: Quoting, text: &str) -> Parsed<()> {
        let here = self.cursor.pos();
        match byte {
            b'$' if quoting != Quoting::None && matches!(self.cursor.peek_next(), Some(b'\'' | b'"')) => {
                Err(self.error_at(ErrorKind::AmbiguousQuote, here, here + 2))
            }
            b'<' | b'>'
                if (quoting != Quoting::None || text.ends_with(['<', '>']))
                    && self.cursor.peek_next() == Some(b'(') =>
            {
                Err(self.error_at(ErrorKind::AmbiguousEnd, here, here + 2))
            }
            _ => Ok(()),
        }
    }

    /// `~` and the name after it.
    fn tilde(&mut self) -> WordPart {
        self.cursor.bump();
        let mut name = String::new();
        while let Some(byte) = self.cursor.peek().filter(|b| b.is_ascii_alphanumeric() || b"_-+.".contains(b))
        {
            name.push(char::from(byte));
            self.cursor.bump();
        }
        WordPart::Tilde(name)
    }

    /// Characters that mean nothing to the loop.
    fn literal_run(&mut self, text: &mut String) {
        let start = self.cursor.pos();
        let bytes = self.cursor.text().as_bytes();
        let end = self.cursor.end();
        let mut pos = start + 1;
        while pos < end
            && (bytes[pos].is_ascii_alphanumeric() || bytes[pos] >= 0x80 || b"_-.,=:".contains(&bytes[pos]))
        {
            pos += 1;
        }
        self.cursor.count(pos - start);
        text.push_str(self.cursor.slice(start, pos));
        self.cursor.set_pos(pos);
    }
}

/// Whether `~` is expanded after what was read: at the beginning, and after `=` and `:`.
fn tilde_expands(text: &str, parts: &[WordPart]) -> bool {
    if text.is_empty() { parts.is_empty() } else { text.ends_with(['=', ':']) }
}

fn ends_with_glob(text: &str) -> bool {
    text.ends_with(['?', '*', '+', '@', '!'])
}

/// Moves the collected text into a part of its own.
pub(super) fn flush(parts: &mut Parts, text: &mut String) {
    if !text.is_empty() {
        parts.push(WordPart::Literal(std::mem::take(text)));
    }
}

/// Adds what began with `$`: a lone `$` joins the text around it.
fn push(parts: &mut Parts, text: &mut String, part: WordPart) {
    match part {
        WordPart::Literal(literal) => text.push_str(&literal),
        part => {
            flush(parts, text);
            parts.push(part);
        }
    }
}
