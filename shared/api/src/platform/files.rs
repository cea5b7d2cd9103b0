//! Files that are copied to the machines: where they come from and where they go.

use super::OtherFields;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A regular file, or a folder with all that is in it, that is copied to every machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct File {
    /// Where it is in the operator's hooks folder: a relative path. A leading `hooks/` stands for the folder itself.
    pub src: String,
    /// Where it goes on the machine: an absolute path. Parents are created.
    pub dst: String,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// A place in the hooks folder: a path that can't leave it, whatever else is on the disk, as long as no symlink is
/// followed out of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePath(String);

/// A place on a machine: an absolute path without `.`, `..` and doubled slashes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DestinationPath(String);

/// What a leading component of `src` must be to stand for the hooks folder itself: TKEStack's components run in `/app`,
/// and the folder is `/app/hooks`.
const FOLDER: &str = "hooks";

/// Why a `src` names no place in the hooks folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourcePathError {
    /// There is nothing in it.
    #[error("is empty: name a file or folder of the hooks folder, as hooks/pre-install")]
    Empty,
    /// It begins with a slash.
    #[error("is absolute: name a file or folder by its path in the hooks folder, as hooks/pre-install")]
    Absolute,
    /// It has `..` in it.
    #[error("has `..` in it, and so could leave the hooks folder: write the path without it")]
    Parent,
    /// It has a character in it that no path of a manifest should have.
    #[error("has a control character in it: rename the file")]
    Control,
}

/// Why a path names no place on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DestinationPathError {
    /// There is nothing in it.
    #[error("is empty: write the absolute path on the machine, as /tmp/hooks/pre-install")]
    Empty,
    /// It doesn't begin with a slash.
    #[error("is relative: write the absolute path on the machine, as /tmp/hooks/pre-install")]
    Relative,
    /// It has `..` in it.
    #[error("has `..` in it: write the path that is meant")]
    Parent,
    /// It is `/`.
    #[error("is the machine's root folder: name a file or folder in it")]
    Root,
    /// It has a character in it that no path of a manifest should have.
    #[error("has a control character in it: choose another name")]
    Control,
}

impl File {
    /// Where it comes from.
    ///
    /// # Errors
    /// When `src` names no place in the hooks folder.
    pub fn source(&self) -> Result<SourcePath, SourcePathError> {
        SourcePath::read(&self.src)
    }

    /// Where it goes.
    ///
    /// # Errors
    /// When `dst` names no place on a machine.
    pub fn destination(&self) -> Result<DestinationPath, DestinationPathError> {
        DestinationPath::read(&self.dst)
    }
}

impl SourcePath {
    /// Reads a `src`.
    ///
    /// # Errors
    /// When it names no place in the hooks folder.
    pub fn read(text: &str) -> Result<Self, SourcePathError> {
        if text.is_empty() {
            return Err(SourcePathError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(SourcePathError::Control);
        }
        if text.starts_with('/') {
            return Err(SourcePathError::Absolute);
        }
        let mut parts = parts(text).peekable();
        if parts.peek() == Some(&FOLDER) {
            parts.next();
        }
        let parts: Vec<&str> = parts.collect();
        if parts.contains(&"..") {
            return Err(SourcePathError::Parent);
        }
        Ok(Self(parts.join("/")))
    }

    /// The path in the hooks folder; empty for the folder itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The place of something below, by its relative path.
    ///
    /// # Errors
    /// When the path leads out of this one.
    pub fn join(&self, below: &str) -> Result<Self, SourcePathError> {
        Self::read(&format!("{FOLDER}/{}/{below}", self.0))
    }
}

impl DestinationPath {
    /// Reads a `dst`, or the path of a hook.
    ///
    /// # Errors
    /// When it names no place on a machine.
    pub fn read(text: &str) -> Result<Self, DestinationPathError> {
        if text.is_empty() {
            return Err(DestinationPathError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(DestinationPathError::Control);
        }
        if !text.starts_with('/') {
            return Err(DestinationPathError::Relative);
        }
        let parts: Vec<&str> = parts(text).collect();
        if parts.contains(&"..") {
            return Err(DestinationPathError::Parent);
        }
        if parts.is_empty() {
            return Err(DestinationPathError::Root);
        }
        Ok(Self(format!("/{}", parts.join("/"))))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folders that it is in, the nearest first, without the root folder.
    pub fn above(&self) -> impl Iterator<Item = Self> {
        let ends: Vec<usize> = self.0.match_indices('/').map(|(end, _)| end).filter(|end| *end > 0).collect();
        ends.into_iter().rev().filter_map(|end| self.0.get(..end).map(|path| Self(path.to_owned())))
    }

    /// What remains of this path below a folder: `pre-install` of `/tmp/hooks/pre-install` below `/tmp/hooks`, and
    /// nothing when it is the folder itself. `None` when it isn't in the folder.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        let rest = self.0.strip_prefix(folder.as_str())?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { formatter.write_str(FOLDER) } else { write!(formatter, "{FOLDER}/{}", self.0) }
    }
}

impl fmt::Display for DestinationPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The components of a path that say something.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split('/').filter(|part| !matches!(*part, "" | "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_in_the_folder_or_refused() {
        for (text, path) in [
            ("hooks/pre-install", "pre-install"),
            ("pre-install", "pre-install"),
            ("./hooks//pre/./a b", "pre/a b"),
            ("hooks", ""),
            ("hooks/hooks/x", "hooks/x"),
            ("hooksX/y", "hooksX/y"),
            ("a/..b/c..", "a/..b/c.."),
        ] {
            assert_eq!(SourcePath::read(text).unwrap().as_str(), path, "{text}");
        }
        for (text, error) in [
            ("", SourcePathError::Empty),
            ("/etc/shadow", SourcePathError::Absolute),
            ("../x", SourcePathError::Parent),
            ("hooks/../../etc/shadow", SourcePathError::Parent),
            ("a/..", SourcePathError::Parent),
            ("a\0b", SourcePathError::Control),
            ("a\nb", SourcePathError::Control),
        ] {
            assert_eq!(SourcePath::read(text), Err(error), "{text}");
        }
        let folder = SourcePath::read("hooks/pre").unwrap();
        assert_eq!(folder.join("sub/x").unwrap().to_string(), "hooks/pre/sub/x");
        assert_eq!(folder.join("../x"), Err(SourcePathError::Parent));
        let itself = SourcePath::read("hooks").unwrap();
        assert_eq!(itself.join("hooks/x").unwrap().as_str(), "hooks/x");
        assert_eq!(itself.to_string(), "hooks");
    }

    #[test]
    fn a_destination_is_absolute_or_refused() {
        assert_eq!(DestinationPath::read("/tmp//hooks/./x/").unwrap().as_str(), "/tmp/hooks/x");
        for (text, error) in [
            ("", DestinationPathError::Empty),
            ("tmp/x", DestinationPathError::Relative),
            ("~/x", DestinationPathError::Relative),
            ("/tmp/../etc/x", DestinationPathError::Parent),
            ("//", DestinationPathError::Root),
            ("/tmp/a\tb", DestinationPathError::Control),
        ] {
            assert_eq!(DestinationPath::read(text), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_below_a_folder_is_told_from_its_neighbours() {
        let path = |text: &str| DestinationPath::read(text).unwrap();
        assert_eq!(path("/tmp/hooks/a/b").below(&path("/tmp/hooks")), Some("a/b"));
        assert_eq!(path("/tmp/hooks").below(&path("/tmp/hooks/")), Some(""));
        assert_eq!(path("/tmp/hooks2/a").below(&path("/tmp/hooks")), None);
        let above: Vec<_> = path("/tmp/hooks/a").above().collect();
        assert_eq!(above, [path("/tmp/hooks"), path("/tmp")]);
        assert_eq!(path("/tmp").above().count(), 0);
    }
}
