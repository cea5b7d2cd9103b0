//! Texts that machines send, made fit for logs and conditions.

use std::fmt;

/// What stands in for a secret.
const MASK: &str = "********";
/// Shorter secrets would mask half of every text.
const SHORTEST_SECRET: usize = 4;

/// What must appear in no log: the passwords and keys of a machine. They can't be printed.
#[derive(Clone, Default)]
pub struct Masks(Vec<String>);

impl Masks {
    /// Masks these texts, and every line of a text of many lines. Those of fewer than 4 characters are not masked: they
    /// would be found in every text.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let lines = secrets.into_iter().flat_map(str::lines).map(str::trim);
        let mut secrets: Vec<String> =
            lines.filter(|line| line.len() >= SHORTEST_SECRET).map(str::to_owned).collect();
        // The longest first, so that a secret that holds another one is masked whole.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(secrets)
    }

    /// The text without the secrets.
    pub fn apply(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| {
            if text.contains(secret.as_str()) { text.replace(secret.as_str(), MASK) } else { text }
        })
    }
}

impl fmt::Debug for Masks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Masks({})", self.0.len())
    }
}

/// The end of a text, in at most so many bytes; whole characters, and whole lines where there are any.
pub fn end_of(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut start = text.len() - bytes;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let end = text.get(start..).unwrap_or_default();
    match end.split_once('\n') {
        Some((_, lines)) if !lines.is_empty() => lines,
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_the_longest_first_and_never_printed() {
        let masks = Masks::new(["pass", "password 1", "abc", "-----BEGIN\nQUJDREVG\n"]);
        assert_eq!(
            masks.apply("password 1, pass, abc, QUJDREVG".to_owned()),
            "********, ********, abc, ********"
        );
        assert_eq!(format!("{masks:?}"), "Masks(4)");
    }

    #[test]
    fn the_end_of_a_text_is_whole_lines_or_at_least_whole_characters() {
        assert_eq!(end_of("abc", 3), "abc");
        assert_eq!(end_of("one\ntwo\nthree\n", 12), "two\nthree\n");
        assert_eq!(end_of("ääää", 5), "ää");
        assert_eq!(end_of("abcdef\n", 3), "ef\n");
    }
}
