//! Limits of each process of a script.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// The limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Processes and threads of the user, which a run has for itself.
    pub processes: u64,
    /// Open files of a process: more than the numbers of the descriptors that the runner hands over.
    pub open_files: u64,
    /// Address space of a process, in bytes.
    pub memory: u64,
    /// The largest file, in bytes.
    pub file: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { processes: 128, open_files: 256, memory: 512 << 20, file: 64 << 20 }
    }
}

/// Sets the limits; one that is lower already stays.
pub(super) fn set(limits: &Limits) -> rustix::io::Result<()> {
    let all = [
        (Resource::Nproc, limits.processes),
        (Resource::Nofile, limits.open_files),
        (Resource::As, limits.memory),
        (Resource::Fsize, limits.file),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ];
    for (resource, most) in all {
        let most = getrlimit(resource).maximum.map_or(most, |there| there.min(most));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}
