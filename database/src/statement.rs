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
    #[error("{0:?} is neither true, false nor a whole number")]
    Value(String),
}

impl SetConfig {
    /// A statement that sets `key` to `value`.
    ///
    /// # Errors
    /// When the key isn't made of lower-case letters, digits and `_`, or the value isn't a boolean or number.
    pub fn new(key: &str, value: &str) -> Result<Self, StatementError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if key.is_empty() || key.len() > 100 || !key.bytes().all(plain) {
            return Err(StatementError::Key(key.to_owned()));
        }
        let number = value.parse::<i64>().is_ok_and(|number| number.to_string() == value);
        let boolean = value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false");
        if !number && !boolean {
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
        for value in ["2147483647", "-1", "FALSE"] {
            assert!(SetConfig::new("key", value).is_ok(), "{value}");
        }
        for (key, value) in [
            ("a\") ; DROP DATABASE x; --", "1"),
            ("", "1"),
            ("Key", "1"),
            ("key", ""),
            ("key", "1\""),
            ("key", "12345678901234567890"),
            ("key", "+1"),
            ("key", "01"),
            ("key", "truely"),
        ] {
            assert!(SetConfig::new(key, value).is_err(), "{key} {value}");
        }
    }
}
