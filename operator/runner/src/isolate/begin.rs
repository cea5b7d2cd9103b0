//! The beginning of a place: its first process, which is written down before it does anything.

use super::{IsolateError, OUTPUT, PROCESS, ProcessId, file, system};
use nix::sched::{CloneFlags, unshare};
use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Command, Stdio},
};

/// What the first process waits for. The password comes with it, so that one isn't there without the other.
pub(super) const GO: u8 = b'!';

/// Starts the first process of a run's place and ends. The password is read from standard input; `run` is what `run` is
/// told besides of where its files are.
///
/// # Errors
/// When it isn't started. Nothing is run then.
pub fn isolate(place: &Path, user: u32, run: &[OsString]) -> Result<(), IsolateError> {
    if !rustix::process::geteuid().is_root() {
        return Err(IsolateError::NotRoot);
    }
    let mut told = vec![GO];
    io::stdin().lock().read_to_end(&mut told).map_err(system("the password can't be read"))?;
    // Whatever ends the operator's session or its terminal leaves a run alone.
    rustix::process::setsid().map_err(system("no session of its own"))?;
    let output_path = place.join(OUTPUT);
    let output = OpenOptions::new().append(true).open(&output_path).map_err(file(output_path))?;
    let errors = output.try_clone().map_err(system("the output can't be handed over"))?;
    // From here on a child is the first process of a namespace.
    unshare(CloneFlags::CLONE_NEWPID).map_err(system("no PID namespace"))?;
    let mut command = Command::new("/proc/self/exe");
    command.arg("enter").arg("--place").arg(place).args(["--user", &user.to_string(), "--"]).args(run);
    command.env_clear().current_dir("/").stdin(Stdio::piped()).stdout(output).stderr(errors);
    let mut child = command.spawn().map_err(system("the first process can't be started"))?;
    let pid =
        i32::try_from(child.id()).map_err(|error| system("the first process")(io::Error::other(error)))?;
    let process = ProcessId::of(pid).map_err(system("the first process has ended"))?;
    write_down(place, &process)?;
    let mut stdin = child.stdin.take().ok_or(IsolateError::NotWrittenDown)?;
    stdin.write_all(&told).map_err(system("the first process has ended"))
}

/// Whole or not at all, whenever this or the machine ends.
fn write_down(place: &Path, process: &ProcessId) -> Result<(), IsolateError> {
    let (path, draft) = (place.join(PROCESS), place.join("process.new"));
    let text = serde_json::to_vec(process)?;
    let written = || {
        let mut new = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        new.write_all(&text)?;
        new.sync_all()?;
        fs::rename(&draft, &path)
    };
    written().map_err(file(&path))
}
