//! What has to be known of the hooks folder.

use super::super::{ClusterSpec, SourcePath};
use super::hooks::{hook_paths, providers};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What has to be looked at in the hooks folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderQuestions {
    /// What is at these places, and is everything below them a regular file or a folder?
    pub places: BTreeSet<SourcePath>,
    /// What is in these scripts?
    pub scripts: BTreeSet<SourcePath>,
}

/// What was found in the hooks folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FolderAnswers {
    /// To [`FolderQuestions::places`].
    pub places: BTreeMap<SourcePath, Found>,
    /// To [`FolderQuestions::scripts`].
    pub scripts: BTreeMap<SourcePath, Script>,
}

/// A script of a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Script {
    /// Its bytes. Of a file that is larger than a script may be, as many that the policy sees that.
    Content(Vec<u8>),
    /// It isn't a regular file; what it is instead.
    Not(Found),
}

/// What is at a place of the hooks folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A regular file.
    File,
    /// A folder, with nothing but regular files and folders in it.
    Folder,
    /// Nothing.
    Missing,
    /// A device, pipe or socket; which of them, in words.
    Special(&'static str),
    /// A symlink that leads out of the hooks folder.
    Outside,
    /// More than is copied: so many files, or so deep.
    TooMuch(String),
    /// It could not be looked at; why.
    Unreadable(String),
    /// A folder that has something in it that can't be copied; where in the folder, and what.
    FolderWith(String, Box<Found>),
}

impl FolderQuestions {
    /// What has to be looked at to judge a Cluster.
    pub fn of(spec: &ClusterSpec) -> Self {
        let files = spec.files();
        Self {
            places: files.iter().take(super::MAX_FILES).filter_map(|file| file.source().ok()).collect(),
            scripts: hook_paths(spec)
                .flat_map(|(_, path)| providers(files, &path).collect::<Vec<_>>())
                .filter_map(|provider| provider.script)
                .collect(),
        }
    }

    /// The answers when nothing can be looked at.
    pub fn unreadable(&self, why: &str) -> FolderAnswers {
        let found = || Found::Unreadable(why.to_owned());
        FolderAnswers {
            places: self.places.iter().map(|path| (path.clone(), found())).collect(),
            scripts: self.scripts.iter().map(|path| (path.clone(), Script::Not(found()))).collect(),
        }
    }

    /// Whether nothing has to be looked at.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty() && self.scripts.is_empty()
    }
}

impl Found {
    /// Whether it can be copied to the machines.
    pub fn is_copied(&self) -> bool {
        matches!(self, Self::File | Self::Folder)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => formatter.write_str("is a regular file"),
            Self::Folder => formatter.write_str("is a folder"),
            Self::Missing => formatter.write_str("is not in the hooks folder"),
            Self::Special(what) => write!(formatter, "is a {what}, not a regular file"),
            Self::Outside => formatter.write_str("leads out of the hooks folder by a symlink"),
            Self::TooMuch(how) => write!(formatter, "is more than is copied: {how}"),
            Self::Unreadable(why) => write!(formatter, "cannot be read: {why}"),
            Self::FolderWith(place, found) => write!(formatter, "has {place} in it, which {found}"),
        }
    }
}
