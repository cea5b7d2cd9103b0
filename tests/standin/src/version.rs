//! Which version of StarRocks the process plays.

use std::path::Path;

use thiserror::Error;

/// The build that is appended, where a real server has a commit: `3.2.2-0000000`.
const BUILD: &str = "0000000";

/// No version could be found or understood.
#[derive(Debug, Error)]
pub enum VersionError {
    /// Neither source gave one.
    #[error("no version to play: set STARROCKS_VERSION=3.2.2 or write it into {0}")]
    Missing(String, #[source] std::io::Error),
    /// The text isn't a version.
    #[error("\"{0}\" is not a version to play: write it like 3.2.2")]
    Malformed(String),
}

/// A version such as 3.2.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    text: String,
    major: u32,
    minor: u32,
}

impl Version {
    /// Reads `3.2.2`, `v3.2.2` or `3.2.2-rc01`.
    ///
    /// # Errors
    /// When it doesn't begin with two numbers.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let malformed = || VersionError::Malformed(text.to_owned());
        let trimmed = text.trim().trim_start_matches('v');
        let mut numbers = trimmed.split(['.', '-']).map(str::parse::<u32>);
        let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
            return Err(malformed());
        };
        if !trimmed.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            return Err(malformed());
        }
        Ok(Self { text: trimmed.to_owned(), major, minor })
    }

    /// Takes the given text, or else the file's.
    ///
    /// # Errors
    /// When there is neither, or it isn't a version.
    pub fn detect(given: Option<&str>, file: &Path) -> Result<Self, VersionError> {
        match given.filter(|text| !text.trim().is_empty()) {
            Some(text) => Self::parse(text),
            None => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| VersionError::Missing(file.display().to_string(), error))?;
                Self::parse(&text)
            }
        }
    }

    /// As `current_version()` gives it: with the build.
    pub fn current_version(&self) -> String {
        format!("{}-{BUILD}", self.text)
    }

    /// As it was given: `3.2.2`.
    pub fn release(&self) -> &str {
        &self.text
    }

    /// The version of the MySQL handshake: 5.1.0 through 3.3, 8.0.33 later (StarRocks' `GlobalVariable.java`).
    pub fn handshake(&self) -> &'static str {
        if (self.major, self.minor) >= (3, 4) { "8.0.33" } else { "5.1.0" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake_changes_with_3_4() {
        for (text, handshake) in
            [("2.5.18", "5.1.0"), ("3.3.9", "5.1.0"), ("3.4.0", "8.0.33"), ("4.0.1", "8.0.33")]
        {
            assert_eq!(Version::parse(text).unwrap().handshake(), handshake, "{text}");
        }
        assert_eq!(Version::parse("3.2.2\n").unwrap().current_version(), "3.2.2-0000000");
    }

    #[test]
    fn what_is_no_version_is_named() {
        for text in ["latest", "3", "3.x", "3.2.2; rm"] {
            let error = Version::parse(text).unwrap_err().to_string();
            assert!(error.contains(text) && error.contains("like 3.2.2"), "{error}");
        }
        let error = Version::detect(None, Path::new("/nonexistent/VERSION")).unwrap_err().to_string();
        assert!(error.contains("STARROCKS_VERSION=3.2.2"), "{error}");
    }
}
