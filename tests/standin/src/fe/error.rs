//! An error as a MySQL client sees it.

use super::settings::SettingError;
use super::state::ChangeError;

/// Code, SQLSTATE and text of an error. Codes and texts follow StarRocks' `ErrorCode.java`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// The code.
    pub code: u16,
    /// The SQLSTATE: five ASCII letters or digits.
    pub state: &'static str,
    /// The text.
    pub message: String,
}

impl SqlError {
    /// The code that StarRocks gives to everything that has none of its own.
    pub fn general(message: impl Into<String>) -> Self {
        Self { code: 1064, state: "HY000", message: message.into() }
    }

    /// A syntax error at a place in the text.
    pub fn syntax(text: &str, at: usize, detail: &str) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count());
        Self::general(format!(
            "Getting syntax error at line {line}, column {column}. Detail message: {detail}."
        ))
    }

    /// A statement that reads well and asks for something that isn't there.
    pub fn analyzing(detail: &str) -> Self {
        Self::general(format!("Getting analyzing error. Detail message: {detail}."))
    }

    /// The login was refused.
    pub fn access_denied(user: &str, with_password: bool) -> Self {
        let using = if with_password { "YES" } else { "NO" };
        let message = format!("Access denied for user '{user}' (using password: {using})");
        Self { code: 1045, state: "28000", message }
    }

    /// A command of the protocol that an FE doesn't have.
    pub fn unknown_command(command: u8) -> Self {
        Self { code: 1047, state: "08S01", message: format!("Unknown command({command})") }
    }

    /// There's no such system variable.
    pub fn unknown_variable(name: &str) -> Self {
        Self { code: 1193, state: "HY000", message: format!("Unknown system variable '{name}'") }
    }

    /// There's no such database.
    pub fn unknown_database(name: &str) -> Self {
        Self { code: 5501, state: "3F000", message: format!("Unknown database '{name}'") }
    }

    /// There's no such table.
    pub fn unknown_table(name: &str) -> Self {
        Self { code: 5502, state: "42602", message: format!("Unknown table '{name}'") }
    }

    /// Forwarding a setting to other FEs failed; this FE has it already.
    pub fn set_config_failed(detail: &str) -> Self {
        Self { code: 5101, state: "F0000", message: format!("Set config failed: {detail}") }
    }
}

impl From<SettingError> for SqlError {
    fn from(error: SettingError) -> Self {
        let message = error.to_string();
        match error {
            SettingError::NotMutable(_) => Self { code: 5102, state: "F0000", message },
            SettingError::BadValue { .. } => Self::general(message),
        }
    }
}

impl From<ChangeError> for SqlError {
    fn from(error: ChangeError) -> Self {
        Self::general(error.to_string())
    }
}
