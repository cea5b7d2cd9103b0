//! Here-documents. The operator is read with its command, the body after the next newline.

use super::word::Quoting;
use super::{Parsed, Parser};
use crate::COPY_LEVELS;
use crate::ast::{HereDocument, HereDocumentText, RedirectionKind, Word, WordPart};
use crate::cursor::{Copied, Cursor};
use crate::error::ErrorKind;

/// How many here-documents may wait for their bodies: bash gives up at more.
const HERE_DOCUMENTS: usize = 16;

/// A here-document that waits for its body.
pub(super) struct Pending {
    delimiter: String,
    quoted: bool,
    strip_tabs: bool,
    text: HereDocumentText,
}

impl Parser<'_> {
    /// After `<<`.
    pub(super) fn here_document(&mut self, start: usize) -> Parsed<RedirectionKind> {
        let strip_tabs = self.cursor.eat(b'-');
        self.cursor.skip_blanks();
        // Bash takes the delimiter's text without expanding it, and its versions differ in how they read
        // one with an expansion or `$'…'` in it.
        let rest = self.cursor.slice(self.cursor.pos(), self.cursor.end()).bytes();
        if rest.take_while(|byte| !super::is_meta(*byte)).any(|byte| matches!(byte, b'$' | b'`')) {
            return Err(self.error_from(ErrorKind::HereDocumentDelimiter, start));
        }
        let word_start = self.cursor.pos();
        let word = self.word()?;
        self.check_blank_after(word_start, false)?;
        let quoted = !matches!(word.parts.as_slice(), [WordPart::Literal(_)]);
        let raw = self.cursor.slice(word_start, self.cursor.pos());
        let plain = !raw.contains(['$', '`', '\n', '\t']) && !word.has_tilde();
        let Some(delimiter) = word.literal().filter(|_| plain) else {
            return Err(self.error_from(ErrorKind::HereDocumentDelimiter, start));
        };
        let delimiter = delimiter.into_owned();
        // In a substitution bash up to 5.1 looks for the first one only.
        if self.pending.len() >= if self.in_substitution { 1 } else { HERE_DOCUMENTS } {
            return Err(self.error_from(ErrorKind::AmbiguousHereDocument, start));
        }
        let text = HereDocumentText::default();
        self.pending.push(Pending {
            delimiter: delimiter.clone(),
            quoted,
            strip_tabs,
            text: std::sync::Arc::clone(&text),
        });
        Ok(RedirectionKind::HereDocument(HereDocument { delimiter, quoted, strip_tabs, text }))
    }

    /// Reads the bodies that begin here.
    pub(super) fn read_here_documents(&mut self) -> Parsed<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        for pending in std::mem::take(&mut self.pending) {
            let start = self.cursor.pos();
            let body = self.here_document_body(&pending)?;
            // Its lines are looked at before what is in them.
            self.cursor.count(self.cursor.pos() - start);
            // The cell is filled here only, once for each pending document.
            let _ = pending.text.set(body);
        }
        Ok(())
    }

    /// At the end of the whole text bash takes what is there as the body.
    pub(super) fn finish_here_documents(&mut self) -> Parsed<()> {
        self.read_here_documents()
    }

    fn here_document_body(&mut self, pending: &Pending) -> Parsed<Word> {
        let start = self.cursor.pos();
        let mut line_start = start;
        let body_end = loop {
            if line_start >= self.cursor.end() {
                // Inside a substitution the text after it would be swallowed as well.
                if self.in_substitution {
                    return Err(self.error_at(ErrorKind::AmbiguousHereDocument, start, start + 1));
                }
                break line_start.min(self.cursor.end());
            }
            let (next, continued) = self.logical_line(line_start, pending.quoted);
            let line = self.cursor.slice(line_start, next);
            let line = line.strip_suffix('\n').unwrap_or(line);
            if self.ends_here(line, pending, continued, line_start)? {
                self.cursor.set_pos(next);
                return self.body_word(pending, start, line_start, next);
            }
            line_start = next;
        };
        self.body_word(pending, start, body_end, body_end)
    }

    /// The end of the line that begins at `start`, and whether it goes over a backslash and a newline,
    /// which joins lines when the delimiter is not quoted.
    fn logical_line(&self, start: usize, quoted: bool) -> (usize, bool) {
        let bytes = &self.cursor.text().as_bytes()[..self.cursor.end()];
        let mut pos = start;
        let mut continued = false;
        while pos < bytes.len() {
            match bytes[pos] {
                b'\n' => return (pos + 1, continued),
                b'\\' if !quoted && pos + 1 < bytes.len() => {
                    continued |= bytes[pos + 1] == b'\n';
                    pos += 2;
                }
                _ => pos += 1,
            }
        }
        (bytes.len(), continued)
    }

    fn ends_here(&self, line: &str, pending: &Pending, continued: bool, at: usize) -> Parsed<bool> {
        let strip = |line: &str| -> String {
            let line = if pending.strip_tabs { line.trim_start_matches('\t') } else { line };
            line.to_owned()
        };
        let ambiguous = || self.error_at(ErrorKind::AmbiguousHereDocument, at, at + line.len().max(1));
        if continued {
            // A delimiter that only appears, or only disappears, by joining lines is a trap.
            let joined = strip(&line.replace("\\\n", ""));
            if joined == pending.delimiter || line.split('\n').any(|part| strip(part) == pending.delimiter) {
                return Err(ambiguous());
            }
            return Ok(false);
        }
        let text = if pending.strip_tabs { line.trim_start_matches('\t') } else { line };
        if text == pending.delimiter {
            return Ok(true);
        }
        // In a substitution bash also accepts the delimiter before a closing parenthesis of its line.
        let rest = text.strip_prefix(pending.delimiter.as_str());
        if self.in_substitution && rest.is_some_and(|rest| rest.contains([')', '`'])) {
            return Err(ambiguous());
        }
        Ok(false)
    }

    /// The body from `start` to `end` as a word; reading goes on at `next`.
    fn body_word(&mut self, pending: &Pending, start: usize, end: usize, next: usize) -> Parsed<Word> {
        let span = self.cursor.span(start, end);
        let body = self.cursor.slice(start, end);
        let tabs = pending.strip_tabs && (body.starts_with('\t') || body.contains("\n\t"));
        let parts = if pending.quoted {
            [WordPart::SingleQuoted(if tabs { strip_tabs(body) } else { body.to_owned() })].into()
        } else if tabs {
            let copy = self.without_tabs(start, end);
            let depth = self.depth;
            self.deeper(COPY_LEVELS, |_| {
                let mut inner = Parser::over(Cursor::mapped(&copy), depth + COPY_LEVELS);
                inner.in_substitution = true;
                inner.parts(super::word::Stop::End, Quoting::HereDocument)
            })?
        } else {
            self.cursor.set_pos(start);
            let old_end = self.cursor.set_end(end);
            let parts = self.nested(|parser| parser.parts(super::word::Stop::End, Quoting::HereDocument))?;
            self.cursor.set_end(old_end);
            parts
        };
        self.cursor.set_pos(next);
        Ok(Word { parts, span })
    }

    /// The text from `start` to `end` without the tabs at the beginning of its lines.
    fn without_tabs(&self, start: usize, end: usize) -> Copied {
        let mut text = String::with_capacity(end - start);
        let mut map = Vec::with_capacity(end - start + 1);
        let mut at_line_start = true;
        let mut escaped = false;
        for (offset, character) in self.cursor.slice(start, end).char_indices() {
            if at_line_start && character == '\t' {
                continue;
            }
            // A line that continues another does not begin one.
            at_line_start = character == '\n' && !escaped;
            escaped = character == '\\' && !escaped;
            text.push(character);
            let source = u32::try_from(self.cursor.source_offset(start + offset)).unwrap_or(u32::MAX);
            map.extend(std::iter::repeat_n(source, character.len_utf8()));
        }
        map.push(u32::try_from(self.cursor.source_offset(end)).unwrap_or(u32::MAX));
        Copied { text, map }
    }
}

fn strip_tabs(body: &str) -> String {
    body.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
}
