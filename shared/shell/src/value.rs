//! What can be said about a word without running it.

use crate::ast::{Word, WordPart};
use std::borrow::Cow;

/// Whether a text is a name of letters, digits and `_` that does not begin with a digit.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Word {
    /// The word's value after quote removal, when nothing in it is expanded: no expansion, no
    /// substitution, no brace, tilde or file name pattern.
    #[must_use]
    pub fn literal(&self) -> Option<Cow<'_, str>> {
        if self.has_glob() { None } else { self.text() }
    }

    /// Like [`literal`](Self::literal), but unquoted pattern characters stay as they are: for places
    /// where bash does not expand file names, such as assignments and `[[ … ]]`.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        text(&self.parts)
    }

    /// Whether the word has a file name pattern that is not quoted.
    #[must_use]
    pub fn has_glob(&self) -> bool {
        let mut open = false;
        for part in &self.parts {
            match part {
                WordPart::Literal(text) => {
                    for byte in text.bytes() {
                        match byte {
                            b'*' | b'?' => return true,
                            b'[' => open = true,
                            b']' if open => return true,
                            _ => {}
                        }
                    }
                }
                // A quoted bracket does not close, but what is expanded may.
                WordPart::ExtendedGlob(..) => return true,
                WordPart::Parameter(_) | WordPart::Command(_) | WordPart::Arithmetic(_) if open => {
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// Whether the word has a `~` that is expanded.
    #[must_use]
    pub fn has_tilde(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, WordPart::Tilde(_)))
    }

    /// Whether any part of the word is quoted.
    #[must_use]
    pub fn is_quoted(&self) -> bool {
        self.parts.iter().any(|part| {
            matches!(
                part,
                WordPart::Escaped(_)
                    | WordPart::SingleQuoted(_)
                    | WordPart::AnsiQuoted(_)
                    | WordPart::DoubleQuoted(_)
                    | WordPart::LocalizedQuoted(_)
            )
        })
    }
}

/// The text of parts of which none is expanded.
fn text(parts: &[WordPart]) -> Option<Cow<'_, str>> {
    match parts {
        [] => Some(Cow::Borrowed("")),
        [WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text)] => {
            Some(Cow::Borrowed(text))
        }
        [WordPart::DoubleQuoted(parts)] => text(parts),
        _ => {
            let length = parts.iter().map(length).sum::<Option<usize>>()?;
            let mut value = String::with_capacity(length);
            collect(parts, &mut value);
            Some(Cow::Owned(value))
        }
    }
}

/// The bytes of a part; `None` when it is expanded.
fn length(part: &WordPart) -> Option<usize> {
    match part {
        WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
            Some(text.len())
        }
        WordPart::Escaped(character) => Some(character.len_utf8()),
        WordPart::DoubleQuoted(parts) => parts.iter().map(length).sum(),
        _ => None,
    }
}

/// Adds the text of parts that are not expanded.
fn collect(parts: &[WordPart], value: &mut String) {
    for part in parts {
        match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
                value.push_str(text);
            }
            WordPart::Escaped(character) => value.push(*character),
            WordPart::DoubleQuoted(parts) => collect(parts, value),
            _ => {}
        }
    }
}
