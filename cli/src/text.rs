//! Lines and columns of a file, and the part of a line that is shown.

use std::ops::Range;

/// The longest part of a line that is shown, in characters.
const MAX_SHOWN: usize = 160;

/// How many characters of a long line are shown before the place.
const LEAD: usize = 60;

/// A text with the places of its lines.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// A place in a text: the line and the column in characters, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A line, or the part of it around a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// What is shown. Characters that would disturb a terminal are replaced.
    pub(crate) text: String,
    /// How many characters of it stand before the place.
    pub(crate) before: usize,
    /// How many characters of it are marked, at least 1.
    pub(crate) width: usize,
}

const BOM: char = '\u{feff}';

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut starts = vec![if text.starts_with(BOM) { BOM.len_utf8() } else { 0 }];
        starts.extend(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1));
        Self { text, starts }
    }

    fn index(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// The line without its end.
    fn line(&self, index: usize) -> &'a str {
        let start = self.starts[index];
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let line = self.text.get(start..end).unwrap_or_default();
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn before(&self, index: usize, offset: usize) -> usize {
        let line = self.line(index);
        let end = offset.saturating_sub(self.starts[index]).min(line.len());
        line.char_indices().take_while(|(at, _)| *at < end).count()
    }

    /// The place of a byte; one beyond the end is at the end.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let index = self.index(offset.min(self.text.len()));
        Position { line: count(index + 1), column: count(self.before(index, offset) + 1) }
    }

    /// The line of a part of the text with this part marked, as far as it stands in that line.
    pub(crate) fn excerpt(&self, range: &Range<usize>) -> Excerpt {
        let index = self.index(range.start.min(self.text.len()));
        let line = self.line(index);
        let (before, after) =
            (self.before(index, range.start), self.before(index, range.end.max(range.start)));
        let skipped = if line.len() <= MAX_SHOWN { 0 } else { before.saturating_sub(LEAD) };
        let mut rest = line.chars().skip(skipped);
        let mut text: String = rest.by_ref().take(MAX_SHOWN).map(visible).collect();
        if rest.next().is_some() {
            text.push('…');
        }
        let room = MAX_SHOWN - (before - skipped).min(MAX_SHOWN - 1);
        let mut excerpt = Excerpt { text, before: before - skipped, width: (after - before).clamp(1, room) };
        if skipped > 0 {
            excerpt.text.insert(0, '…');
            excerpt.before += 1;
        }
        excerpt
    }
}

/// Control characters, and characters that change the direction of text, would disturb the terminal.
pub(crate) fn visible(character: char) -> char {
    let hidden = character.is_control() && character != '\t'
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | BOM);
    if hidden { '\u{fffd}' } else { character }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_one_in_characters_without_the_mark_at_the_head() {
        let lines = Lines::new("\u{feff}ab\r\nüx y\n");
        let at = |offset| (lines.position(offset).line, lines.position(offset).column);
        assert_eq!((at(3), at(4), at(7), at(9), at(100)), ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1)));
        assert_eq!(lines.excerpt(&(3..5)), Excerpt { text: "ab".to_owned(), before: 0, width: 2 });
        assert_eq!(lines.excerpt(&(9..100)).width, 3);
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = "x".repeat(10_000);
        let excerpt = Lines::new(&text).excerpt(&(5_000..5_003));
        assert_eq!((excerpt.before, excerpt.width), (LEAD + 1, 3));
        assert_eq!(excerpt.text.chars().count(), MAX_SHOWN + 2);
        assert_eq!(Lines::new(&text).excerpt(&(0..10_000)).width, MAX_SHOWN);
    }

    #[test]
    fn what_disturbs_a_terminal_is_replaced() {
        assert_eq!(Lines::new("a\u{1b}[0m\u{202e}b").excerpt(&(0..1)).text, "a\u{fffd}[0m\u{fffd}b");
    }
}
