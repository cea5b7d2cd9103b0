//! What has to be on a machine: every file with its place, mode and digest.

use super::source::{Found, SourceError, find};
use crate::agent::hex;
use hookgate_api::platform::DestinationPath;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

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
    /// Where it is.
    pub source: PathBuf,
    /// Where it goes.
    pub destination: String,
    /// Its permissions: those of the source; for a hook's script with the right to run it for whoever may read it.
    pub mode: u32,
    /// SHA-256 of its content, in lower-case hexadecimal digits.
    pub digest: String,
}

/// All files that have to be on a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The files, in the order of their destinations.
    pub entries: Vec<Entry>,
    /// SHA-256 over destinations, modes and digests, in lower-case hexadecimal digits.
    pub digest: String,
}

impl Manifest {
    /// Reads what the spec's entries stand for. Files are read to the end for their digests, and not kept.
    ///
    /// `hooks` are the destinations that are run: they get the right to be run, which a mounted ConfigMap doesn't give.
    ///
    /// # Errors
    /// When an entry leaves the folder, is missing, or is something else than regular files and folders.
    pub fn read(folder: &Path, wanted: &[Wanted<'_>], hooks: &[&str]) -> Result<Self, SourceError> {
        let mut entries = Vec::new();
        for wanted in wanted {
            for found in find(folder, wanted.src)? {
                entries.push(entry(found, *wanted, hooks)?);
            }
        }
        entries.sort_by(|one, other| one.destination.cmp(&other.destination));
        let mut digest = Sha256::new();
        for entry in &entries {
            for part in [entry.destination.as_bytes(), &entry.mode.to_be_bytes(), entry.digest.as_bytes()] {
                digest.update(part);
                digest.update([0]);
            }
        }
        Ok(Self { entries, digest: hex(&digest.finalize()) })
    }

    /// The file that goes to that place.
    pub fn at(&self, destination: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.destination == destination)
    }
}

fn entry(found: Found, wanted: Wanted<'_>, hooks: &[&str]) -> Result<Entry, SourceError> {
    let (mode, digest) =
        measure(&found.path).map_err(|source| SourceError::Read { src: wanted.src.to_owned(), source })?;
    let destination = DestinationPath::read(wanted.dst)
        .map_err(|why| SourceError::Destination { dst: wanted.dst.to_owned(), why })?;
    let mut destination = destination.as_str().to_owned();
    if !found.below.is_empty() {
        destination = format!("{destination}/{}", found.below);
    }
    let runs = if hooks.contains(&destination.as_str()) { (mode & 0o444) >> 2 } else { 0 };
    Ok(Entry { source: found.path, destination, mode: mode | runs, digest })
}

fn measure(path: &Path) -> io::Result<(u32, String)> {
    let mut file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((mode, hex(&digest.finalize()))),
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}
