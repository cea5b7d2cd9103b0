//! What scripts print, made fit for logs that people and programs read.

/// What a line of the audit begins with, or its log target.
pub const AUDIT_MARK: &str = "SECURITY AUDIT";

/// A script's text made harmless: what steers a terminal is spelled out, and the mark of the audit is broken, so that
/// nobody who looks for it finds what a script has said. Tabs stay, and so do newlines: a log that is read line by line
/// is given one line at a time.
///
/// ```
/// assert_eq!(hookgate_policy::neutralised("Security Audit\x1b[2J\n"), "Security_Audit\\u{1b}[2J\n");
/// ```
#[must_use]
pub fn neutralised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\t' | '\n') || !is_steering(character) {
            out.push(character);
        } else {
            out.extend(character.escape_unicode());
        }
    }
    // Not by case: whoever searches may not look at it either.
    let (upper, mark) = (out.to_ascii_uppercase(), AUDIT_MARK);
    if !upper.contains(mark) {
        return out;
    }
    let space = mark.find(' ').unwrap_or(0);
    let places: Vec<usize> = upper.match_indices(mark).map(|(at, _)| at + space).collect();
    for place in places {
        out.replace_range(place..=place, "_");
    }
    out
}

/// Control characters, and those that turn or hide text.
fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_can_not_steer_a_terminal() {
        assert_eq!(neutralised("a\tb\nc\x1b[2J\r\x07"), "a\tb\nc\\u{1b}[2J\\u{d}\\u{7}");
        assert_eq!(neutralised("\u{202e}x\u{9b}"), "\\u{202e}x\\u{9b}");
        assert_eq!(neutralised("größe 日本"), "größe 日本");
    }

    #[test]
    fn a_script_can_not_play_the_audit() {
        assert_eq!(neutralised("SECURITY AUDIT {}: Security Audit"), "SECURITY_AUDIT {}: Security_Audit");
        assert_eq!(neutralised("ä\nSECURITY AUDIT"), "ä\nSECURITY_AUDIT");
        assert_eq!(neutralised("security audits"), "security_audits");
    }
}
