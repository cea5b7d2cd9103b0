//! From byte offsets to lines and columns.

/// The longest excerpt of a line, in characters, so that a report stays small for any script.
const MAX_EXCERPT: usize = 200;

/// How many characters of a long line stand before the place that is shown.
const LEAD: usize = 80;

/// A script's lines.
#[derive(Default)]
pub(crate) struct Lines<'a> {
    source: &'a [u8],
    /// The offset of the beginning of each line.
    starts: Vec<usize>,
}

/// A place for people.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) excerpt: String,
    pub(crate) excerpt_offset: u32,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(source: &'a [u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(source.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1));
        Self { source, starts }
    }

    /// The place of a byte; one beyond the end is at the end.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let offset = offset.min(self.source.len());
        let line = self.starts.partition_point(|start| *start <= offset).max(1) - 1;
        let start = self.starts[line];
        let end = self.starts.get(line + 1).map_or(self.source.len(), |next| next - 1);
        let before = characters(&self.source[start..offset.min(end)]);
        let skipped = before.saturating_sub(LEAD);
        // Only the part that is shown is decoded: four bytes are the most for a character.
        let (skipped, from) = if end - start <= MAX_EXCERPT {
            (0, start)
        } else {
            (skipped, start + nth_character(&self.source[start..end], skipped))
        };
        let shown = &self.source[from..end.min(from + 4 * MAX_EXCERPT)];
        let excerpt = String::from_utf8_lossy(shown).chars().take(MAX_EXCERPT).map(visible).collect();
        Place { line: count(line + 1), column: count(before + 1), excerpt, excerpt_offset: count(skipped) }
    }
}

/// Control characters would disturb the place where the excerpt is shown.
fn visible(character: char) -> char {
    let hidden = character.is_control() && character != '\t'
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if hidden { '\u{fffd}' } else { character }
}

/// Characters of UTF-8 text, or of text that is not, by its leading bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

fn nth_character(bytes: &[u8], index: usize) -> usize {
    bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte & 0xc0 != 0x80)
        .nth(index)
        .map_or(bytes.len(), |(offset, _)| offset)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_one_in_characters() {
        let lines = Lines::new("ab\nüx y\n".as_bytes());
        let at = |offset| {
            let place = lines.place(offset);
            (place.line, place.column, place.excerpt)
        };
        assert_eq!(at(0), (1, 1, "ab".to_owned()));
        assert_eq!(at(5), (2, 2, "üx y".to_owned()));
        assert_eq!(at(100), (3, 1, String::new()));
    }

    #[test]
    fn cuts_long_lines() {
        let text = "x".repeat(10_000);
        let place = Lines::new(text.as_bytes()).place(5_000);
        assert_eq!((place.column, place.excerpt_offset, place.excerpt.len()), (5_001, 4_920, 200));
    }

    #[test]
    fn hides_control_characters() {
        assert_eq!(Lines::new(b"a\x1b[0m").place(0).excerpt, "a\u{fffd}[0m");
    }
}
