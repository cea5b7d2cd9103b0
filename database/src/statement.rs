//! Statements that the operator makes itself.

use std::fmt;

/// `ADMIN SET FRONTEND CONFIG ("key" = "value")`, of which nothing but the statement can come.
///
/// Key and value come from the status, which others may write: they are input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetConfig {
    key: String,
    value: String,
}

/// A key or value that can't be in a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not the name of a setting.
    #[error("{0:?} is not the name of an FE setting")]
    Key(String),
    /// Not a value that a held setting can have.
    #[error(
        "{0:?} is not a value of an FE setting: true, false, a number, or up to 128 letters, digits and _-.,:/%"
    )]
    Value(String),
}

/// Whether a text is the name of an FE setting.
pub(crate) fn is_name(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !key.is_empty() && key.len() <= 100 && key.bytes().all(plain)
}

impl SetConfig {
    /// A statement that sets `key` to `value`.
    ///
    /// # Errors
    /// When the key isn't made of lower-case letters, digits and `_`, or the value has anything that could end it.
    pub fn new(key: &str, value: &str) -> Result<Self, StatementError> {
        if !is_name(key) {
            return Err(StatementError::Key(key.to_owned()));
        }
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.,:/%".contains(&byte);
        if value.is_empty() || value.len() > 128 || !value.bytes().all(harmless) {
            return Err(StatementError::Value(value.to_owned()));
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned() })
    }
}

impl fmt::Display for SetConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ADMIN SET FRONTEND CONFIG (\"{}\" = \"{}\")", self.key, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_from_a_status_can_not_become_another_statement() {
        assert_eq!(
            SetConfig::new("disable_balance", "true").unwrap().to_string(),
            "ADMIN SET FRONTEND CONFIG (\"disable_balance\" = \"true\")"
        );
        for value in ["2147483647", "-1", "FALSE", "0.1", "disk_and_tablet", "10.0.0.0/8,10.1.0.0/16"] {
            assert!(SetConfig::new("key", value).is_ok(), "{value}");
        }
        for (key, value) in [
            ("a\") ; DROP DATABASE x; --", "1"),
            ("", "1"),
            ("Key", "1"),
            ("key", ""),
            ("key", "1\""),
            ("key", "1;"),
            ("key", "1 2"),
            ("key", "1\\"),
            ("key", "'"),
        ] {
            assert!(SetConfig::new(key, value).is_err(), "{key} {value}");
        }
    }
}
