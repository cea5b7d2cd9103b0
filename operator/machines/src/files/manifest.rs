//! What has to be on a machine: every file with its place, mode and digest.

use crate::agent::hex;
use hookgate_api::platform::{DestinationPath, DestinationPathError, SourcePath, SourcePathError};
use hookgate_folder::{FolderError, FolderFile, HooksFolder, InnerFolder};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Why what the spec names can't be copied.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It names no place in the hooks folder.
    #[error("{src:?} {why}")]
    Path {
        /// The entry of the spec.
        src: String,
        /// Why not.
        why: SourcePathError,
    },
    /// The place on the machine is none.
    #[error("{dst:?} {why}")]
    Destination {
        /// The entry of the spec.
        dst: String,
        /// Why not.
        why: DestinationPathError,
    },
    /// It can't be had from the hooks folder.
    #[error("{src}: {source}")]
    Folder {
        /// The entry of the spec.
        src: String,
        /// Why not.
        source: FolderError,
    },
    /// It can't be read.
    #[error("{src}: it can't be read: {source}")]
    Read {
        /// The entry of the spec.
        src: String,
        /// What the system says.
        source: io::Error,
    },
}

/// An entry of the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// Where it is in the hooks folder: a file or a folder.
    pub src: &'a str,
    /// Where it goes on the machine: an absolute path.
    pub dst: &'a str,
}

/// A file that has to be on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it is in the hooks folder.
    pub source: SourcePath,
    /// Where it goes.
    pub destination: String,
    /// Its permissions: those of the source; for a hook's script with the right to run it for whoever may read it.
    pub mode: u32,
    /// SHA-256 of its content, in lower-case hexadecimal digits.
    pub digest: String,
}

/// A folder that has to be on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// Where it goes.
    pub destination: String,
    /// Its permissions when it is made: those of the source, but only its user may write to it. A folder that is there
    /// already keeps its own: it may be `/tmp`.
    pub mode: u32,
}

/// All files that have to be on a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The files, in the order of their destinations, of which no two are the same.
    pub entries: Vec<Entry>,
    /// The folders, each before those in it.
    pub folders: Vec<Folder>,
    /// SHA-256 over destinations, modes and digests, in lower-case hexadecimal digits.
    pub digest: String,
    /// The hooks folder.
    folder: PathBuf,
}

impl Manifest {
    /// Reads what the spec's entries stand for. Files are read to the end for their digests, and not kept.
    ///
    /// `hooks` are the destinations that are run: they get the right to be run, which a mounted ConfigMap doesn't give.
    ///
    /// # Errors
    /// When an entry leaves the folder, is missing, or is something else than regular files and folders.
    pub fn read(folder: &Path, wanted: &[Wanted<'_>], hooks: &[&str]) -> Result<Self, SourceError> {
        let hooks_folder = HooksFolder::new(folder);
        // Where two entries of the spec go to the same place, the later one's file is there in the end.
        let (mut entries, mut folders) = (BTreeMap::new(), BTreeMap::new());
        for wanted in wanted {
            let (files, inner) = entries_of(&hooks_folder, *wanted, hooks)?;
            entries.extend(files.into_iter().map(|entry| (entry.destination.clone(), entry)));
            folders.extend(inner.into_iter().map(|folder| (folder.destination.clone(), folder)));
        }
        let folders: Vec<Folder> = folders.into_values().collect();
        let entries: Vec<Entry> = entries.into_values().collect();
        let mut digest = Sha256::new();
        for entry in &entries {
            for part in [entry.destination.as_bytes(), &entry.mode.to_be_bytes(), entry.digest.as_bytes()] {
                digest.update(part);
                digest.update([0]);
            }
        }
        for Folder { destination, mode } in &folders {
            for part in [destination.as_bytes(), &mode.to_be_bytes(), b"folder"] {
                digest.update(part);
                digest.update([0]);
            }
        }
        Ok(Self { entries, folders, digest: hex(&digest.finalize()), folder: folder.to_owned() })
    }

    /// The file that goes to that place.
    pub fn at(&self, destination: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.destination == destination)
    }

    /// Opens a file for reading. It may be another one by then: its digest tells.
    ///
    /// # Errors
    /// When it can't be had from the hooks folder any more.
    pub fn open(&self, entry: &Entry) -> Result<File, FolderError> {
        HooksFolder::new(&self.folder).open(&entry.source)
    }
}

fn entries_of(
    folder: &HooksFolder,
    wanted: Wanted<'_>,
    hooks: &[&str],
) -> Result<(Vec<Entry>, Vec<Folder>), SourceError> {
    let src = || wanted.src.to_owned();
    let in_folder = |source| SourceError::Folder { src: src(), source };
    let place = SourcePath::read(wanted.src).map_err(|why| SourceError::Path { src: src(), why })?;
    let destination = DestinationPath::read(wanted.dst)
        .map_err(|why| SourceError::Destination { dst: wanted.dst.to_owned(), why })?;
    let at = |below: &str| {
        if below.is_empty() { destination.to_string() } else { format!("{destination}/{below}") }
    };
    let entry = |found: FolderFile| {
        let file = folder.open(&found.path).map_err(in_folder)?;
        let digest = digest_of(file).map_err(|source| SourceError::Read { src: src(), source })?;
        let destination = at(&found.below);
        let runs = if hooks.contains(&destination.as_str()) { (found.mode & 0o444) >> 2 } else { 0 };
        Ok(Entry { source: found.path, destination, mode: found.mode | runs, digest })
    };
    let tree = folder.list(&place).map_err(in_folder)?;
    // A mounted ConfigMap lets everybody write to its folder.
    let inner =
        |found: InnerFolder| Folder { destination: at(&found.below), mode: (found.mode & 0o755) | 0o700 };
    let folders = tree.folders.into_iter().map(inner).collect();
    Ok((tree.files.into_iter().map(entry).collect::<Result<_, _>>()?, folders))
}

fn digest_of(mut file: File) -> io::Result<String> {
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize())),
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}
