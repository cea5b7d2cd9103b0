//! Where bash itself finds the end of what it reads without looking at the grammar.
//!
//! Bash reads some constructs in two steps: it first looks for the closing character, minding quotes and
//! counting the opening ones, and reads what is between them later. This parser reads once. Where the
//! two could end at different places, as in `$(( $(echo # ) ) ))`, the text is refused.

use super::{Parsed, Parser};
use crate::error::ErrorKind;

impl Parser<'_> {
    /// Refuses the text from `begin` to `end`, which stand inside a pair of `open` and `close`, unless
    /// bash's search for the closing character ends there as well.
    pub(super) fn check_extent(&self, begin: usize, end: usize, pair: (u8, u8)) -> Parsed<()> {
        self.cursor.count(end - begin);
        if ends_at_its_end(self.cursor.slice(begin, end).as_bytes(), pair) {
            Ok(())
        } else {
            Err(self.error_at(ErrorKind::AmbiguousEnd, begin, end))
        }
    }
}

/// Whether a search that starts inside a pair does not end within these bytes.
fn ends_at_its_end(bytes: &[u8], (open, close): (u8, u8)) -> bool {
    let mut depth = 0_usize;
    let mut pos = 0;
    let mut after_dollar = false;
    while pos < bytes.len() {
        let byte = bytes[pos];
        let dollar = after_dollar;
        after_dollar = byte == b'$' && !dollar;
        let next = match byte {
            b'\\' => Some(pos + 2),
            b'\'' if dollar => quoted(bytes, pos + 1, b'\'', true),
            b'\'' => quoted(bytes, pos + 1, b'\'', false),
            b'`' => quoted(bytes, pos + 1, b'`', true),
            b'"' => double_quoted(bytes, pos + 1),
            _ => Some(pos + 1),
        };
        if byte == close {
            if depth == 0 {
                return false;
            }
            depth -= 1;
        } else if byte == open {
            depth += 1;
        }
        let Some(next) = next else { return false };
        pos = next;
    }
    depth == 0 && pos == bytes.len()
}

/// The position after the next `quote`.
fn quoted(bytes: &[u8], mut pos: usize, quote: u8, escapes: bool) -> Option<usize> {
    while pos < bytes.len() {
        match bytes[pos] {
            byte if byte == quote => return Some(pos + 1),
            b'\\' if escapes => pos += 2,
            _ => pos += 1,
        }
    }
    None
}

/// The position after the closing double quote. `None` as well when there is an expansion between
/// them that is not plain enough to be skipped.
fn double_quoted(bytes: &[u8], mut pos: usize) -> Option<usize> {
    while pos < bytes.len() {
        match (bytes[pos], bytes.get(pos + 1)) {
            (b'"', _) => return Some(pos + 1),
            (b'`', _) => return None,
            (b'\\', _) => pos += 2,
            (b'$', Some(b'{')) => pos = plain(bytes, pos + 2, b'}')?,
            (b'$', Some(b'(')) => pos = plain(bytes, pos + 2, b')')?,
            (b'$', Some(b'[')) => return None,
            (b'$', Some(b'$')) => pos += 2,
            _ => pos += 1,
        }
    }
    None
}

/// The position after the next `close`, when nothing before it has a meaning of its own.
fn plain(bytes: &[u8], begin: usize, close: u8) -> Option<usize> {
    let length = bytes.get(begin..)?.iter().position(|byte| b"'\"\\`#(){}[]\n".contains(byte))?;
    let pos = begin + length;
    (bytes[pos] == close).then_some(pos + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> bool {
        ends_at_its_end(text.as_bytes(), (b'(', b')'))
    }

    #[test]
    fn finds_the_end_as_bash_does() {
        for text in ["", "a + (b)", "')'", "$')\\''", "\")\"", "\\)", "`)`", "\"$(wc -l <f)\"", "\"${x}\""] {
            assert!(ends(text), "{text}");
        }
        for text in [")", "(", "a[)]", "'", "\"", "\\", "a)(", "\"$(echo ')')\"", "\"`a`\"", "$(a # )\n)#'"] {
            assert!(!ends(text), "{text}");
        }
    }
}
