//! Opening what is in the folder, and nothing else.

use hookgate_api::platform::SourcePath;
use hookgate_api::platform::check::Found;
use rustix::fs::{FileType, Mode, OFlags, ResolveFlags, Stat, fstat, open, openat2};
use rustix::io::Errno;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Why something in the hooks folder can't be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// The hooks folder itself can't be opened.
    #[error("the hooks folder {0} cannot be opened: {1}")]
    NoFolder(String, String),
    /// Nothing is there.
    #[error("it is not in the hooks folder")]
    Missing,
    /// It's a folder, and a file was asked for.
    #[error("it is a folder")]
    Folder,
    /// It's a device, pipe or socket.
    #[error("it is a {0}, not a regular file")]
    Special(&'static str),
    /// A symlink leads out of the hooks folder.
    #[error("it leads out of the hooks folder by a symlink")]
    Outside,
    /// There is more than is copied.
    #[error("it is more than is copied: {0}")]
    TooMuch(String),
    /// It can't be read.
    #[error("it cannot be read: {0}")]
    Read(String),
    /// Something below it can't be copied.
    #[error("{0} in it: {1}")]
    Below(String, Box<FolderError>),
}

impl FolderError {
    /// The same as an answer to a question.
    pub(crate) fn found(self) -> Found {
        match self {
            Self::NoFolder(..) => Found::Unreadable(self.to_string()),
            Self::Missing => Found::Missing,
            Self::Folder => Found::Folder,
            Self::Special(what) => Found::Special(what),
            Self::Outside => Found::Outside,
            Self::TooMuch(how) => Found::TooMuch(how),
            Self::Read(why) => Found::Unreadable(why),
            Self::Below(place, inner) => Found::FolderWith(place, Box::new(inner.found())),
        }
    }
}

/// What is at a place, if it is one of the two that are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
}

/// The open folder.
pub(crate) struct Root(OwnedFd);

const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_MAGICLINKS);

impl Root {
    pub(crate) fn open(path: &Path) -> Result<Self, FolderError> {
        let folder = open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        let why = |error: Errno| FolderError::NoFolder(path.display().to_string(), error.to_string());
        folder.map(Self).map_err(why)
    }

    /// What is at a place. Nothing is opened for reading to find out.
    pub(crate) fn kind(&self, path: &SourcePath) -> Result<Kind, FolderError> {
        let place = self.at(path, OFlags::PATH)?;
        kind(&fstat(&place).map_err(refused)?)
    }

    /// A regular file, open for reading.
    pub(crate) fn file(&self, path: &SourcePath) -> Result<File, FolderError> {
        // A pipe or device isn't even opened; what takes its place meanwhile is looked at once more.
        if self.kind(path)? == Kind::Folder {
            return Err(FolderError::Folder);
        }
        let file = self.at(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        match kind(&fstat(&file).map_err(refused)?)? {
            Kind::File => Ok(File::from(file)),
            Kind::Folder => Err(FolderError::Folder),
        }
    }

    /// A folder, open for listing.
    pub(crate) fn folder(&self, path: &SourcePath) -> Result<OwnedFd, FolderError> {
        self.at(path, OFlags::RDONLY | OFlags::DIRECTORY)
    }

    fn at(&self, path: &SourcePath, flags: OFlags) -> Result<OwnedFd, FolderError> {
        let path = if path.as_str().is_empty() { "." } else { path.as_str() };
        openat2(&self.0, path, flags | OFlags::CLOEXEC, Mode::empty(), BENEATH).map_err(refused)
    }
}

/// The permissions of an open folder.
pub(crate) fn mode(folder: &OwnedFd) -> Result<u32, FolderError> {
    Ok(fstat(folder).map_err(refused)?.st_mode & 0o7777)
}

/// Mode and size of an open file.
pub(crate) fn facts(file: &File) -> Result<(u32, u64), FolderError> {
    let stat = fstat(file).map_err(refused)?;
    Ok((stat.st_mode & 0o7777, u64::try_from(stat.st_size).unwrap_or_default()))
}

fn kind(stat: &Stat) -> Result<Kind, FolderError> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(Kind::File),
        FileType::Directory => Ok(Kind::Folder),
        FileType::Fifo => Err(FolderError::Special("pipe")),
        FileType::Socket => Err(FolderError::Special("socket")),
        FileType::CharacterDevice | FileType::BlockDevice => Err(FolderError::Special("device")),
        _ => Err(FolderError::Special("thing of another kind")),
    }
}

fn refused(error: Errno) -> FolderError {
    match error {
        Errno::NOENT | Errno::NOTDIR => FolderError::Missing,
        Errno::XDEV => FolderError::Outside,
        Errno::LOOP => FolderError::Read("its symlinks go round in a circle, or through /proc".to_owned()),
        Errno::NXIO => FolderError::Special("socket or pipe"),
        error => FolderError::Read(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::CWD;

    #[test]
    fn the_kernel_keeps_paths_beneath() {
        assert_eq!(openat2(CWD, "/", OFlags::PATH, Mode::empty(), BENEATH).err(), Some(Errno::XDEV));
    }
}
