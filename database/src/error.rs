//! Why an FE gave no answer, and what its refusals mean.

use super::StatementError;

/// Why an FE gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// No answer within the time, in seconds.
    #[error("no answer within {0} s")]
    Timeout(f64),
    /// The FE can't be reached, or the connection broke.
    #[error("{0}")]
    Connection(#[source] Box<mysql_async::Error>),
    /// The FE refused the statement or the user.
    #[error("ERROR {code} ({state}): {message}")]
    Refused {
        /// The MySQL error number.
        code: u16,
        /// The SQLSTATE.
        state: String,
        /// The FE's own words.
        message: String,
    },
    /// The FE answered with something else than it should.
    #[error("{0}")]
    Unexpected(String),
    /// The user's password isn't known.
    #[error("{0}")]
    Password(String),
    /// A statement that must not be sent.
    #[error(transparent)]
    Statement(#[from] StatementError),
}

impl From<mysql_async::Error> for SqlError {
    fn from(error: mysql_async::Error) -> Self {
        match error {
            mysql_async::Error::Server(refused) => {
                Self::Refused { code: refused.code, state: refused.state, message: refused.message }
            }
            other => Self::Connection(Box::new(other)),
        }
    }
}

/// What a refusal means, where the way out is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The FE doesn't take the user with that password.
    WrongPassword,
    /// Where the password comes from can't be read.
    PasswordUnreadable,
    /// The user may not do that.
    MissingPrivilege,
    /// This version of StarRocks has no such setting, or it can't be changed while the FE runs.
    UnknownSetting,
}

impl Refusal {
    /// One word, for the reason of a condition.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::WrongPassword => "WrongPassword",
            Self::PasswordUnreadable => "PasswordUnreadable",
            Self::MissingPrivilege => "MissingPrivilege",
            Self::UnknownSetting => "UnknownSetting",
        }
    }

    /// The way out, as a sentence without its stop.
    pub const fn way_out(self) -> &'static str {
        match self {
            Self::WrongPassword => {
                "put the password that the database has into MYSQL_PWD of starRocksFeSpec.feEnvVars, best by a \
                 secretKeyRef, and the user, where it is not root, into SR_FE_USER"
            }
            Self::PasswordUnreadable => {
                "correct MYSQL_PWD or SR_FE_USER in starRocksFeSpec.feEnvVars: a value, a secretKeyRef or a \
                 configMapKeyRef of this namespace"
            }
            Self::MissingPrivilege => {
                "give the user of SR_FE_USER the privileges: GRANT OPERATE ON SYSTEM TO USER …, or leave \
                 SR_FE_USER away, so that root is used"
            }
            Self::UnknownSetting => {
                "this version of StarRocks does not let the setting be changed: leave the hook that asks for it away"
            }
        }
    }
}

impl SqlError {
    /// What the error means, where the way out is known.
    ///
    /// Codes are those of StarRocks' `ErrorCode.java`; its versions differ in codes and agree in texts, so both count.
    pub fn refusal(&self) -> Option<Refusal> {
        let (code, message) = match self {
            Self::Refused { code, message, .. } => (*code, message.as_str()),
            Self::Password(_) => return Some(Refusal::PasswordUnreadable),
            _ => return None,
        };
        if message.contains("does not exist or is not mutable") {
            return Some(Refusal::UnknownSetting);
        }
        // "Access denied; you need (at least one of) the OPERATE privilege(s)" has had 1227, 5203 and 1045 as its code.
        if matches!(code, 1227 | 5203) || message.contains("Access denied; you need") {
            return Some(Refusal::MissingPrivilege);
        }
        (code == 1045 || message.contains("Access denied for user")).then_some(Refusal::WrongPassword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_refusal_means_is_known_by_code_or_text() {
        let refused = |code, message: &str| {
            SqlError::Refused { code, state: "HY000".to_owned(), message: message.to_owned() }.refusal()
        };
        for (code, message, expected) in [
            (1045, "Access denied for user 'root' (using password: NO)", Some(Refusal::WrongPassword)),
            (
                5203,
                "Access denied; you need (at least one of) the OPERATE privilege(s) on SYSTEM",
                Some(Refusal::MissingPrivilege),
            ),
            (
                1045,
                "Access denied; you need (at least one of) the OPERATE privilege(s)",
                Some(Refusal::MissingPrivilege),
            ),
            (1227, "Access denied", Some(Refusal::MissingPrivilege)),
            (5102, "Config 'x' does not exist or is not mutable", Some(Refusal::UnknownSetting)),
            (1064, "Config 'x' does not exist or is not mutable", Some(Refusal::UnknownSetting)),
            (5101, "Set config failed: no luck", None),
            (1064, "Getting syntax error", None),
        ] {
            assert_eq!(refused(code, message), expected, "{code} {message}");
        }
        assert_eq!(SqlError::Password("no key".to_owned()).refusal(), Some(Refusal::PasswordUnreadable));
        assert_eq!(SqlError::Timeout(1.0).refusal(), None);
    }
}
