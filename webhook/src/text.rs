//! Text of others in our messages.

/// At most `limit` characters of `text` on one line; control and formatting characters become spaces, so that
/// nothing can pretend to be another line, colour a terminal or reorder what is read.
#[must_use]
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line: String = text.chars().take(limit.saturating_add(1)).map(printable).collect();
    if line.chars().count() > limit {
        line = line.chars().take(limit.saturating_sub(1)).collect();
        line.push('…');
    }
    line
}

fn printable(character: char) -> char {
    let reorders = matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if character.is_control() || reorders { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_length_are_bounded() {
        assert_eq!(one_line("a\nb\u{1b}[31m\u{202e}c", 20), "a b [31m c");
        assert_eq!(one_line("abcdef", 6), "abcdef");
        assert_eq!(one_line("abcdefg", 6), "abcde…");
        assert_eq!(one_line("äöü", 2), "ä…");
        assert_eq!(one_line("abc", 0), "…");
    }
}
