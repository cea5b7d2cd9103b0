//! The sandbox: what a process gives up before it becomes bash.
//!
//! It is put on by the process itself, in a stage between the supervisor and bash: so every right is gone before the
//! first byte of the script is read, and nothing has to be done between fork and exec.

mod files;
mod limits;
mod system_calls;

pub use limits::Limits;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Which programs a script may start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Programs {
    /// These files, and their loader.
    Listed(Vec<PathBuf>),
    /// Every program in the system folders of the image: for profiles that don't list programs.
    Image,
}

/// What the sandbox is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sandbox {
    /// The programs.
    pub programs: Programs,
    /// Files besides them that may be executed: bash, and the runner, which is the script's `mysql`.
    pub own_programs: Vec<PathBuf>,
    /// Folders that may be read: the PATH and the HOME of the script.
    pub readable: Vec<PathBuf>,
    /// The one folder that may be written.
    pub writable: PathBuf,
    /// The limits of each process.
    pub limits: Limits,
}

/// What the kernel gave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Features {
    /// The version of Landlock's interface that is in force; 0 where there is none.
    pub landlock_abi: u32,
    /// Whether system calls are filtered.
    pub seccomp: bool,
    /// What the kernel doesn't have, in words; empty when the sandbox is whole.
    pub missing: Vec<String>,
}

/// Why the sandbox could not be put on.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// A limit could not be set.
    #[error("a limit can't be set: {0}")]
    Limits(#[source] rustix::io::Errno),
    /// The process could not give up gaining privileges.
    #[error("no_new_privs can't be set: {0}")]
    Privileges(#[source] rustix::io::Errno),
    /// Landlock refused a rule.
    #[error("Landlock refuses the rules of files: {0}")]
    Files(#[from] landlock::RulesetError),
    /// The kernel refused the filter.
    #[error("seccomp refuses the filter: {0}")]
    Filter(#[from] seccompiler::Error),
}

/// Puts the sandbox on the calling process, which must have one thread, and on all that it starts.
///
/// # Errors
/// When something that the kernel has could not be put on. What it doesn't have is said in [`Features::missing`].
pub fn enter(sandbox: &Sandbox) -> Result<Features, SandboxError> {
    rustix::thread::set_no_new_privs(true).map_err(SandboxError::Privileges)?;
    limits::set(&sandbox.limits).map_err(SandboxError::Limits)?;
    let mut features = files::restrict(sandbox)?;
    match system_calls::filter() {
        Ok(()) => features.seccomp = true,
        Err(error) if system_calls::is_unsupported(&error) => {
            features.missing.push("seccomp: system calls are not filtered".to_owned());
        }
        Err(error) => return Err(error.into()),
    }
    Ok(features)
}
