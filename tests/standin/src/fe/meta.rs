//! Metadata on disk: one JSON file, replaced in one step.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::state::State;

/// What an FE keeps over a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The term it's in.
    pub term: u64,
    /// Whom it voted for in this term.
    pub voted_for: Option<String>,
    /// The cluster's metadata.
    pub state: State,
}

/// Why metadata couldn't be read or written.
#[derive(Debug, Error)]
pub enum MetaError {
    /// The disk failed.
    #[error("the metadata can't be kept in {}: {source}; make its folder writable or remove it", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file isn't ours.
    #[error("{} is not the metadata of a stand-in: {source}; remove it to begin anew", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: serde_json::Error,
    },
}

/// Where metadata is kept, if anywhere.
#[derive(Debug)]
pub struct MetaStore {
    file: Option<PathBuf>,
}

impl MetaStore {
    /// Keeps metadata in the folder if it exists, else nowhere.
    pub fn new(folder: &Path) -> Self {
        Self { file: folder.is_dir().then(|| folder.join("standin.json")) }
    }

    /// Makes sure that metadata can be written, so that a read-only folder is found at the start.
    ///
    /// # Errors
    /// When it can't.
    pub fn check(&self) -> Result<(), MetaError> {
        let Some(path) = &self.file else { return Ok(()) };
        let probe = path.with_extension("probe");
        std::fs::write(&probe, b"")
            .and_then(|()| std::fs::remove_file(&probe))
            .map_err(|source| MetaError::Io { path: probe, source })
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// When there is something that can't be read.
    pub fn load(&self) -> Result<Option<Meta>, MetaError> {
        let Some(path) = &self.file else { return Ok(None) };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(MetaError::Io { path: path.clone(), source }),
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| MetaError::Malformed { path: path.clone(), source })
    }

    /// Replaces what was kept.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn save(&self, meta: &Meta) -> Result<(), MetaError> {
        let Some(path) = &self.file else { return Ok(()) };
        let write = || {
            let temporary = path.with_extension("json.new");
            let mut file = std::fs::File::create(&temporary)?;
            file.write_all(&serde_json::to_vec(meta)?)?;
            file.sync_data()?;
            std::fs::rename(&temporary, path)
        };
        write().map_err(|source| MetaError::Io { path: path.clone(), source })
    }
}
