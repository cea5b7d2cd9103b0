//! A place of its own for a run on a machine: what a container gives a run in a cluster.
//!
//! `isolate` begins a session and a PID namespace, starts `enter` in it, writes down which process that is, and ends.
//! `enter` waits for that, gives itself a view of files in which `/tmp` and `/mnt` are in memory, becomes a user that nobody
//! else is, and then `run`, the supervisor. It is the first process of its namespace: when it ends, however it does, the
//! kernel ends all others that are in it.

mod begin;
mod enter;
mod process;

pub use begin::isolate;
pub use enter::enter;
pub use process::ProcessId;

use std::{io, path::PathBuf};

/// The file of a run's folder that has the script.
pub const SCRIPT: &str = "script";
/// The file of a run's folder that the result goes to.
pub const RESULT: &str = "result";
/// The file of a run's folder that has what the supervisor writes: the audit, and what the script prints.
pub const OUTPUT: &str = "output";
/// The file of a run's folder that says which process the supervisor is: a [`ProcessId`] in JSON.
pub const PROCESS: &str = "process";

/// Why a run has no place of its own.
#[derive(Debug, thiserror::Error)]
pub enum IsolateError {
    /// A file or folder.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What went wrong.
        #[source]
        cause: io::Error,
    },
    /// The kernel refused something.
    #[error("{what}: {cause}")]
    System {
        /// What.
        what: &'static str,
        /// What went wrong.
        #[source]
        cause: io::Error,
    },
    /// Only root can make one.
    #[error("a user and mounts of its own for each run need root: start the operator as root")]
    NotRoot,
    /// Nobody has written down which process this is.
    #[error("what has started this process ended before it had written it down: nothing is run")]
    NotWrittenDown,
    /// The process can't be described.
    #[error("the process can't be written down: {0}")]
    Json(#[from] serde_json::Error),
}

fn file<E: Into<io::Error>>(path: impl Into<PathBuf>) -> impl FnOnce(E) -> IsolateError {
    move |cause| IsolateError::File { path: path.into(), cause: cause.into() }
}

fn system<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> IsolateError {
    move |cause| IsolateError::System { what, cause: cause.into() }
}
