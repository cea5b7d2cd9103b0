//! The folder that has a folder for each run.

use super::{ProcessError, claim::Claim};
use hookgate_runner::isolate::{OUTPUT, PROCESS, ProcessId, RESULT, SCRIPT};
use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};
use serde::de::DeserializeOwned;
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// The file of a run's folder that says whose it is.
const CLAIM: &str = "run.json";
/// What the name of a folder begins with that isn't a run's yet.
const DRAFT: &str = ".new-";
/// What the name of a folder begins with whose run is being ended.
const ENDING: &str = ".ending-";
/// The file that says which folder of runs this is.
const IDENTITY: &str = ".id";

/// The folder of all runs on this machine, which nobody but its owner can look into.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Which machine and which folder on it, as `host/1f3a…`.
    pub(super) identity: String,
}

/// A run's folder as it is found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The run's name.
    pub(super) name: String,
    /// Where.
    pub(super) path: PathBuf,
    /// Whose it is; `None` where nothing says so.
    pub(super) claim: Option<Claim>,
    /// Whether it's being ended.
    pub(super) ending: bool,
}

/// What came of asking for a run's name.
pub(super) enum Claimed {
    /// It's ours: the folder is there, and nothing has been started in it.
    Now(PathBuf),
    /// It was somebody's before.
    Before(Option<Claim>),
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> ProcessError {
    let path = path.to_owned();
    move |cause| ProcessError::File { path, cause }
}

impl Folder {
    /// Opens the folder, which is made where there is none.
    pub(super) fn open(path: &Path) -> Result<Self, ProcessError> {
        fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed(path))?;
        match DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(path)(error)),
            _ => {}
        }
        let found = fs::symlink_metadata(path).map_err(failed(path))?;
        let own = rustix::process::geteuid().as_raw();
        if !found.is_dir() || found.uid() != own || found.permissions().mode() & 0o077 != 0 {
            return Err(ProcessError::NotPrivate(path.to_owned()));
        }
        let identity = identity(path).map_err(failed(path))?;
        Ok(Self { path: path.to_owned(), identity })
    }

    /// Where the folder of a run is.
    pub(super) fn of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn ending(&self, name: &str) -> PathBuf {
        self.path.join(format!("{ENDING}{name}"))
    }

    /// The folder of a run, by its name and by the one that it has while it's being ended.
    pub(super) fn names_of(&self, name: &str) -> [PathBuf; 2] {
        [self.of(name), self.ending(name)]
    }

    /// Takes a run's name, at most once: the folder is made whole under another name and then renamed, which succeeds only
    /// where there is none of that name.
    pub(super) fn claim(&self, claim: &Claim, script: &[u8]) -> Result<Claimed, ProcessError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let path = self.of(&claim.run);
        if self.ending(&claim.run).exists() {
            return Err(ProcessError::Ending(claim.run.clone()));
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let draft = self.path.join(format!("{DRAFT}{}-{number}", std::process::id()));
        let text = serde_json::to_vec(claim).map_err(io::Error::other).map_err(failed(&draft))?;
        let made = || {
            remove(&draft)?;
            DirBuilder::new().mode(0o700).create(&draft)?;
            for (name, bytes) in [(CLAIM, &text[..]), (SCRIPT, script), (RESULT, b""), (OUTPUT, b"")] {
                write_new(&draft.join(name), bytes)?;
            }
            Ok(())
        };
        made().map_err(failed(&draft))?;
        let renamed = renameat_with(CWD, &draft, CWD, &path, RenameFlags::NOREPLACE);
        if let Err(error) = renamed {
            remove(&draft).map_err(failed(&draft))?;
            return match error {
                Errno::EXIST => Ok(Claimed::Before(json(&path.join(CLAIM)))),
                error => Err(failed(&path)(error.into())),
            };
        }
        Ok(Claimed::Now(path))
    }

    /// Every run's folder.
    pub(super) fn all(&self) -> Result<Vec<Found>, ProcessError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed(&self.path))? {
            let entry = entry.map_err(failed(&self.path))?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            let (name, ending) = match name.strip_prefix(ENDING) {
                Some(rest) => (rest.to_owned(), true),
                None if name.starts_with('.') => continue,
                None => (name, false),
            };
            let path = entry.path();
            found.push(Found { name, claim: json(&path.join(CLAIM)), path, ending });
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// Takes a run's name away: nothing can be started in its folder from here on. `None` when there is no such folder.
    pub(super) fn give_up(&self, name: &str) -> Result<Option<PathBuf>, ProcessError> {
        let (path, ending) = (self.of(name), self.ending(name));
        match renameat_with(CWD, &path, CWD, &ending, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(Some(ending)),
            Err(Errno::NOENT | Errno::EXIST) => Ok(Some(ending).filter(|path| path.exists())),
            Err(error) => Err(failed(&path)(error.into())),
        }
    }
}

/// Removes a folder, if it's there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The supervisor of a run; `None` when it isn't written down.
pub(super) fn process(path: &Path) -> Option<ProcessId> {
    json(&path.join(PROCESS))
}

/// What a file says; `None` when it isn't there, or says something else.
pub(super) fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(bytes)
}

/// The name of this machine and of this folder on it, made when the folder is used first.
fn identity(path: &Path) -> io::Result<String> {
    let (file, draft) = (path.join(IDENTITY), path.join(format!("{DRAFT}id-{}", std::process::id())));
    if !file.exists() {
        let random = fs::read_to_string("/proc/sys/kernel/random/uuid")?;
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => write_new(&draft, random.trim().as_bytes())?,
        }
        match renameat_with(CWD, &draft, CWD, &file, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => fs::remove_file(&draft)?,
            other => other?,
        }
    }
    let host = fs::read_to_string("/proc/sys/kernel/hostname")?;
    Ok(format!("{}/{}", host.trim(), fs::read_to_string(&file)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_others_can_look_into_is_refused_with_the_way_out() {
        let path = std::env::temp_dir().join(format!("hookgate-runs-{}", std::process::id()));
        let first = Folder::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(Folder::open(&path).unwrap().identity, first.identity, "it stays the same folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        let error = Folder::open(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 700"), "{error}");
        fs::remove_dir_all(&path).unwrap();
        fs::write(&path, "").unwrap();
        let error = Folder::open(&path).unwrap_err().to_string();
        assert!(error.contains("--hook-runs-dir"), "{error}");
        fs::remove_file(&path).unwrap();
    }
}
