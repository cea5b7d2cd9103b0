//! The folder of a run: a PATH that holds the allowed programs and `mysql`, and a HOME that holds nothing.

use crate::sandbox::Programs;
use std::{
    env, fs, io,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
};

/// Where programs are looked for in the image, in this order.
pub const IMAGE_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The folder of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The script's PATH.
    pub path: String,
    /// Its HOME.
    pub home: PathBuf,
    /// What of it the script may read.
    pub readable: Vec<PathBuf>,
    /// bash.
    pub bash: PathBuf,
    /// This program, which is the script's `mysql`.
    pub runner: PathBuf,
    /// The programs that the script may start.
    pub programs: Programs,
}

/// Why a folder could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The image has no bash.
    #[error("the image has no bash in {IMAGE_PATH}: a hook needs an image with bash and coreutils")]
    NoBash,
    /// Something could not be made.
    #[error("{path} can't be made: {cause}")]
    Make {
        /// What.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// This program's own file isn't known.
    #[error("this program's own file is not known: {0}")]
    Own(#[source] io::Error),
}

/// Makes the folder in `parent`. Without a list of programs, all of the image are the script's.
///
/// # Errors
/// When it can't be made, or the image has no bash.
pub fn make(parent: &Path, listed: Option<&[String]>) -> Result<Folder, FolderError> {
    let bash = find("bash").ok_or(FolderError::NoBash)?;
    let runner = env::current_exe().map_err(FolderError::Own)?;
    let (bin, home) = (parent.join("bin"), parent.join("home"));
    let made = |path: &Path, result: io::Result<()>| {
        result.map_err(|cause| FolderError::Make { path: path.to_owned(), cause })
    };
    made(parent, fs::create_dir_all(parent))?;
    for folder in [&bin, &home] {
        made(folder, fs::create_dir(folder))?;
    }
    made(&bin, symlink(&runner, bin.join("mysql")))?;
    let mut programs = Vec::new();
    for name in listed.unwrap_or_default().iter().filter(|name| is_program_name(name)) {
        // One that the image doesn't have is a command that isn't found.
        let Some(program) = find(name) else { continue };
        made(&bin, symlink(&program, bin.join(name)))?;
        programs.push(program);
    }
    for folder in [&bin, &home] {
        made(folder, fs::set_permissions(folder, fs::Permissions::from_mode(0o555)))?;
    }
    let bin_text = bin.display().to_string();
    let (path, programs) = match listed {
        Some(_) => (bin_text, Programs::Listed(programs)),
        None => (format!("{bin_text}:{IMAGE_PATH}"), Programs::Image),
    };
    Ok(Folder { path, readable: vec![bin, home.clone()], home, bash, runner, programs })
}

/// A name that is a file in a folder, and not the gate's own.
fn is_program_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && !matches!(name, "." | ".." | "mysql")
}

fn find(name: &str) -> Option<PathBuf> {
    IMAGE_PATH.split(':').map(|folder| Path::new(folder).join(name)).find(|path| is_program(path))
}

/// Whether a file can be started by somebody.
pub fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
