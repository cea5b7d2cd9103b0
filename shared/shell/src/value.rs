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
        match self.parts.as_slice() {
            [] => return Some(Cow::Borrowed("")),
            [WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text)] => {
                return Some(Cow::Borrowed(text));
            }
            _ => {}
        }
        let mut value = String::new();
        collect(&self.parts, &mut value).then_some(Cow::Owned(value))
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

/// Adds the text of parts that are not expanded; `false` when one is.
fn collect(parts: &[WordPart], value: &mut String) -> bool {
    parts.iter().all(|part| {
        match part {
            WordPart::Literal(text) | WordPart::SingleQuoted(text) | WordPart::AnsiQuoted(text) => {
                value.push_str(text);
            }
            WordPart::Escaped(character) => value.push(*character),
            WordPart::DoubleQuoted(parts) => return collect(parts, value),
            _ => return false,
        }
        true
    })
}
