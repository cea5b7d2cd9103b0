//! The hooks folder: where the scripts of machine hooks, and the files that go with them, are read from.
//!
//! A path can't leave the folder: the kernel resolves it beneath the folder (`openat2` with `RESOLVE_BENEATH`, Linux
//! 5.6), symlinks included. Symlinks that stay in it are followed, for that is what a mounted ConfigMap consists of.
//! Nothing but regular files is ever opened for reading.
//!
//! The webhook and `hookgate lint` ask it what [`FolderQuestions`] ask; the operator copies what [`HooksFolder::list`]
//! lists.

mod open;
mod walk;

pub use open::FolderError;
pub use walk::{FolderFile, InnerFolder, MAX_DEPTH, MAX_ENTRIES, Tree};

use hookgate_api::platform::SourcePath;
use hookgate_api::platform::check::{FolderAnswers, FolderQuestions, Found, Script};
use open::{Kind, Root};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

/// The folder. It's opened anew for each question, so that it may be mounted or replaced meanwhile.
#[derive(Clone, Debug)]
pub struct HooksFolder {
    path: PathBuf,
}

impl HooksFolder {
    /// The folder at a path, which needs not be there yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Answers what has to be known to judge a Cluster. What can't be looked at is an answer as well.
    #[must_use]
    pub fn answer(&self, questions: &FolderQuestions) -> FolderAnswers {
        let root = match Root::open(&self.path) {
            Ok(root) => root,
            Err(error) => return questions.unreadable(&error.to_string()),
        };
        let place = |path: &SourcePath| match walk::list(&root, path) {
            Ok(walk::Listed::File(_)) => Found::File,
            Ok(walk::Listed::Folder(_)) => Found::Folder,
            Err(error) => error.found(),
        };
        let script = |path: &SourcePath| match read_script(&root, path) {
            Ok(bytes) => Script::Content(bytes),
            Err(error) => Script::Not(error.found()),
        };
        FolderAnswers {
            places: questions.places.iter().map(|path| (path.clone(), place(path))).collect(),
            scripts: questions.scripts.iter().map(|path| (path.clone(), script(path))).collect(),
        }
    }

    /// What is at a place: the regular file that is there, or the folder with all files and folders below it.
    ///
    /// # Errors
    /// When nothing is there, when anything is neither a regular file nor a folder or leads out of the hooks folder, when
    /// there is more than [`MAX_ENTRIES`] or deeper than [`MAX_DEPTH`], or when it can't be read.
    pub fn list(&self, path: &SourcePath) -> Result<Tree, FolderError> {
        match walk::list(&Root::open(&self.path)?, path)? {
            walk::Listed::File(file) => Ok(Tree { files: vec![file], folders: Vec::new() }),
            walk::Listed::Folder(tree) => Ok(tree),
        }
    }

    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// When it isn't one, leads out of the hooks folder, or can't be read.
    pub fn open(&self, path: &SourcePath) -> Result<File, FolderError> {
        Root::open(&self.path)?.file(path)
    }
}

/// As many bytes of a script that the policy says by itself when it's too large.
fn read_script(root: &Root, path: &SourcePath) -> Result<Vec<u8>, FolderError> {
    if root.kind(path)? == Kind::Folder {
        return Err(FolderError::Folder);
    }
    let most = u64::try_from(hookgate_policy::MAX_SCRIPT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    root.file(path)?
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| FolderError::Read(error.to_string()))?;
    Ok(bytes)
}
