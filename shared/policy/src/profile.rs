//! Profiles, named after the Pod Security Standards.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How much a hook may do, strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// An allow-list: what is not known to be safe is denied.
    #[default]
    Restricted,
    /// A deny-list of what hooks must not do, and its known disguises.
    Baseline,
    /// Structure only: the script parses and defines both functions.
    Privileged,
}

impl Profile {
    /// All profiles, strictest first.
    pub const ALL: [Self; 3] = [Self::Restricted, Self::Baseline, Self::Privileged];

    /// The name as it is written in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Baseline => "baseline",
            Self::Privileged => "privileged",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A text that names no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a profile: use restricted, baseline or privileged")]
pub struct ParseProfileError(String);

impl FromStr for Profile {
    type Err = ParseProfileError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == text)
            .ok_or_else(|| ParseProfileError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_names() {
        for profile in Profile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
            assert_eq!(serde_json::to_value(profile).unwrap(), profile.as_str());
        }
        let error = "Restricted".parse::<Profile>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`Restricted` is not a profile: use restricted, baseline or privileged"
        );
        assert!(Profile::Restricted < Profile::Baseline && Profile::Baseline < Profile::Privileged);
    }
}
