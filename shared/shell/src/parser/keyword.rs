//! Reserved words, which count only where a command may begin and only without quotes.

use super::{Parsed, Parser, is_meta};

/// The reserved words of bash.
pub(super) const KEYWORDS: &[&str] = &[
    "!", "[[", "]]", "in", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function",
    "if", "select", "then", "time", "until", "while", "{", "}",
];

/// The longest reserved word, in bytes.
const LONGEST: usize = 8;

impl Parser<'_> {
    /// The reserved word that stands here, without moving.
    pub(super) fn peek_keyword(&mut self) -> Option<&'static str> {
        let first = self.cursor.peek()?;
        let rest = self.cursor.rest();
        let length = rest.iter().take(LONGEST + 1).take_while(|byte| !is_meta(**byte)).count();
        self.cursor.count(length);
        let (word, next) = (&rest[..length], rest.get(length));
        if !word.contains(&b'\\') && !matches!(next, Some(b'<' | b'>' | b'\\')) {
            return KEYWORDS.iter().find(|keyword| keyword.as_bytes() == word).copied();
        }
        let candidates = KEYWORDS.iter().filter(|word| word.as_bytes().first() == Some(&first));
        for word in candidates {
            debug_assert!(word.len() <= LONGEST);
            if self.word_end(word).is_some() {
                return Some(word);
            }
        }
        None
    }

    /// Where `word` ends when it stands here as a whole word.
    fn word_end(&mut self, word: &str) -> Option<usize> {
        let end = self.cursor.starts_with(word.as_bytes())?;
        let here = self.cursor.pos();
        self.cursor.set_pos(end);
        let whole = self.at_word_end();
        self.cursor.set_pos(here);
        whole.then_some(end)
    }

    /// Moves past `word` when it stands here as a whole word.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        match self.word_end(word) {
            Some(end) => {
                self.cursor.set_pos(end);
                true
            }
            None => false,
        }
    }

    /// Moves past a reserved word that must stand here.
    pub(super) fn expect_word(&mut self, word: &str, expected: &'static str) -> Parsed<()> {
        self.skip_lines()?;
        if self.eat_word(word) { Ok(()) } else { Err(self.unexpected(expected)) }
    }
}
