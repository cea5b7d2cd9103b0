//! What a `src` of the spec stands for in the hooks folder.
//!
//! The folder may be a mounted ConfigMap, in which every file is a symbolic link to `..data/NAME`, and `..data` itself
//! one to a folder with a date: links are followed as long as they stay in the folder, and names that begin with `..`,
//! which are the kubelet's own, are passed over.

use hookgate_api::platform::{DestinationPathError, SourcePath, SourcePathError};
use std::{
    io,
    path::{Path, PathBuf},
};

/// How deep folders may lie in each other: a link to a folder above itself would never end.
const MAX_DEPTH: usize = 32;
/// How many files one entry of the spec may have.
const MAX_FILES: usize = 10_000;

/// Why a `src` is refused.
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
    /// A symbolic link leaves the hooks folder.
    #[error("{0}: it leaves the hooks folder; only what is in it is copied")]
    Outside(String),
    /// It isn't there.
    #[error("{0}: there is no such file in the hooks folder")]
    Missing(String),
    /// It's neither a regular file nor a folder.
    #[error("{0}: it is neither a regular file nor a folder")]
    Special(String),
    /// The folder has more files than are copied.
    #[error("{0}: there are more than {MAX_FILES} files, or folders more than {MAX_DEPTH} deep")]
    TooMany(String),
    /// A name isn't UTF-8.
    #[error("{0}: the name of a file in it is not UTF-8")]
    Name(String),
    /// It can't be read.
    #[error("{src}: it can't be read: {source}")]
    Read {
        /// The entry of the spec.
        src: String,
        /// What the system says.
        source: io::Error,
    },
}

/// A regular file of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The file itself, no link.
    pub(super) path: PathBuf,
    /// Where it is below the entry, with `/` in between; empty for an entry that is a file.
    pub(super) below: String,
}

/// The regular files that `src` stands for, in the order of their names.
pub(super) fn find(folder: &Path, src: &str) -> Result<Vec<Found>, SourceError> {
    let read = |source| SourceError::Read { src: src.to_owned(), source };
    let root = folder.canonicalize().map_err(read)?;
    let place = SourcePath::read(src).map_err(|why| SourceError::Path { src: src.to_owned(), why })?;
    let start = folder.join(place.as_str());
    let mut found = Vec::new();
    walk(&Walk { src, root: &root }, &start, "", 0, &mut found)?;
    Ok(found)
}

struct Walk<'a> {
    src: &'a str,
    root: &'a Path,
}

fn walk(
    at: &Walk<'_>,
    path: &Path,
    below: &str,
    depth: usize,
    found: &mut Vec<Found>,
) -> Result<(), SourceError> {
    let src = || if below.is_empty() { at.src.to_owned() } else { format!("{}/{below}", at.src) };
    let real = path.canonicalize().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => SourceError::Missing(src()),
        _ => SourceError::Read { src: src(), source },
    })?;
    if !real.starts_with(at.root) {
        return Err(SourceError::Outside(src()));
    }
    let read = |source| SourceError::Read { src: src(), source };
    let kind = real.metadata().map_err(read)?.file_type();
    if kind.is_file() {
        if found.len() >= MAX_FILES {
            return Err(SourceError::TooMany(at.src.to_owned()));
        }
        found.push(Found { path: real, below: below.to_owned() });
        return Ok(());
    }
    if !kind.is_dir() {
        return Err(SourceError::Special(src()));
    }
    if depth >= MAX_DEPTH {
        return Err(SourceError::TooMany(at.src.to_owned()));
    }
    let mut names = Vec::new();
    for entry in real.read_dir().map_err(read)? {
        let name = entry.map_err(read)?.file_name().into_string().map_err(|_| SourceError::Name(src()))?;
        if !name.starts_with("..") {
            names.push(name);
        }
    }
    names.sort();
    for name in names {
        let next = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        walk(at, &real.join(&name), &next, depth + 1, found)?;
    }
    Ok(())
}
