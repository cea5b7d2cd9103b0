//! All regular files below a place.

use crate::open::{FolderError, Kind, Root, facts, mode};
use hookgate_api::platform::SourcePath;
use rustix::fs::Dir;
use std::os::fd::OwnedFd;

/// How many files and folders there may be below one place.
pub const MAX_ENTRIES: usize = 10_000;
/// How deep folders may nest below one place.
pub const MAX_DEPTH: usize = 16;

/// A regular file of the hooks folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    /// Where it is in the hooks folder.
    pub path: SourcePath,
    /// The same from the place that was listed; empty for the place itself.
    pub below: String,
    /// Its permissions: the twelve lower bits of its mode.
    pub mode: u32,
    /// Its size in bytes.
    pub size: u64,
}

/// A folder of the hooks folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerFolder {
    /// Where it is from the place that was listed; empty for the place itself.
    pub below: String,
    /// Its permissions: the twelve lower bits of its mode.
    pub mode: u32,
}

/// What is at a place: the file that is there, or the folder with all that is below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The regular files, by their paths.
    pub files: Vec<FolderFile>,
    /// The folders, each before those in it.
    pub folders: Vec<InnerFolder>,
}

/// What is at a place.
pub(crate) enum Listed {
    File(FolderFile),
    Folder(Tree),
}

pub(crate) fn list(root: &Root, path: &SourcePath) -> Result<Listed, FolderError> {
    match root.kind(path)? {
        Kind::File => Ok(Listed::File(file(root, path.clone(), String::new())?)),
        Kind::Folder => {
            let mut walk = Walk { root, place: path, tree: Tree::default(), entries: 0 };
            walk.folder("", 0)?;
            Ok(Listed::Folder(walk.tree))
        }
    }
}

struct Walk<'a> {
    root: &'a Root,
    place: &'a SourcePath,
    tree: Tree,
    entries: usize,
}

impl Walk<'_> {
    fn folder(&mut self, below: &str, depth: usize) -> Result<(), FolderError> {
        if depth > MAX_DEPTH {
            return Err(FolderError::TooMuch(format!("folders nest deeper than {MAX_DEPTH}")));
        }
        let path = self.path(below)?;
        let folder = self.root.folder(&path).map_err(|error| self.below(below, error))?;
        let mode = mode(&folder).map_err(|error| self.below(below, error))?;
        self.tree.folders.push(InnerFolder { below: below.to_owned(), mode });
        for name in names(folder).map_err(|error| self.below(below, error))? {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(FolderError::TooMuch(format!(
                    "there are more than {MAX_ENTRIES} files and folders"
                )));
            }
            let below = if below.is_empty() { name } else { format!("{below}/{name}") };
            let path = self.path(&below)?;
            match self.root.kind(&path).map_err(|error| self.below(&below, error))? {
                Kind::Folder => self.folder(&below, depth + 1)?,
                Kind::File => {
                    let file =
                        file(self.root, path, below.clone()).map_err(|error| self.below(&below, error))?;
                    self.tree.files.push(file);
                }
            }
        }
        Ok(())
    }

    fn path(&self, below: &str) -> Result<SourcePath, FolderError> {
        self.place
            .join(below)
            .map_err(|error| self.below(below, FolderError::Read(format!("its name {error}"))))
    }

    fn below(&self, place: &str, error: FolderError) -> FolderError {
        if place.is_empty() { error } else { FolderError::Below(place.to_owned(), Box::new(error)) }
    }
}

/// The names in a folder, sorted. Those that begin with two dots are the kubelet's, which keeps there what a ConfigMap's
/// symlinks lead to.
fn names(folder: OwnedFd) -> Result<Vec<String>, FolderError> {
    let read = |error: rustix::io::Errno| FolderError::Read(error.to_string());
    let folder = Dir::new(folder).map_err(read)?;
    let mut names = Vec::new();
    for entry in folder {
        let entry = entry.map_err(read)?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name.starts_with(b"..") {
            continue;
        }
        match std::str::from_utf8(name) {
            Ok(name) => names.push(name.to_owned()),
            Err(_) => {
                let shown = String::from_utf8_lossy(name).into_owned();
                let error = FolderError::Read("its name is not UTF-8".to_owned());
                return Err(FolderError::Below(shown, Box::new(error)));
            }
        }
        if names.len() > MAX_ENTRIES {
            break;
        }
    }
    names.sort();
    Ok(names)
}

fn file(root: &Root, path: SourcePath, below: String) -> Result<FolderFile, FolderError> {
    let (mode, size) = facts(&root.file(&path)?)?;
    Ok(FolderFile { path, below, mode, size })
}
