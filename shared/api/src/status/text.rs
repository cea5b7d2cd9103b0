//! Sentences that fit.

/// The most that a message in a condition or in the wave has, in bytes. An Event's note has the same bound.
pub const MESSAGE_BYTES: usize = 1024;

/// The text, cut where it is longer than [`MESSAGE_BYTES`]; an ellipsis shows where.
pub fn cap(text: &str) -> String {
    cap_at(text, MESSAGE_BYTES)
}

/// The text, cut where it is longer than so many bytes; an ellipsis shows where.
pub fn cap_at(text: &str, bytes: usize) -> String {
    const ELLIPSIS: &str = " …";
    if text.len() <= bytes {
        return text.to_owned();
    }
    let room = bytes.saturating_sub(ELLIPSIS.len());
    let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    format!("{}{ELLIPSIS}", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_stays_and_a_longer_one_is_cut_between_characters() {
        assert_eq!(cap("short"), "short");
        for text in ["a".repeat(1025), "ü".repeat(600), "€".repeat(2000)] {
            let cut = cap(&text);
            assert!(
                cut.len() <= MESSAGE_BYTES && cut.len() > MESSAGE_BYTES - 8 && cut.ends_with(" …"),
                "{cut}"
            );
        }
    }
}
