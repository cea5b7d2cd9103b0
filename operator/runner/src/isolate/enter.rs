//! The first process of a place: it makes the place around itself, and becomes the supervisor.

use super::{IsolateError, RESULT, SCRIPT, begin::GO, file, system};
use crate::{
    script::MOST_BYTES,
    supervise::{ResultFile, RunResult},
};
use nix::sched::{CloneFlags, unshare};
use rustix::{
    fs::{Mode, OFlags, open},
    mount::{MountFlags, MountPropagationFlags, mount, mount_bind, mount_change},
};
use std::{
    convert::Infallible,
    env,
    ffi::{CStr, OsString},
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{
            fs::{OpenOptionsExt, chown},
            process::CommandExt,
        },
    },
    path::Path,
    process::Command,
};

/// Where the files of a run are inside: a folder for mounts that every Linux has
/// (<https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s12.html>).
const INSIDE: &str = "/mnt";
/// As large as that of a run's pod.
const TEMPORARY: &CStr = c"size=64m,mode=1777";
/// The script, and links to programs.
const SMALL: &CStr = c"size=1m,mode=755";

/// Makes the place and becomes the supervisor; it returns only when nothing is run. Why is in the result.
///
/// # Errors
/// When the place can't be made.
pub fn enter(place: &Path, user: u32, run: &[OsString]) -> Result<Infallible, IsolateError> {
    let error = match entered(place, user, run) {
        Ok(never) => match never {},
        Err(error) => error,
    };
    // Without the result somebody has to look for the reason in the output, where it is as well.
    let _unwritten =
        ResultFile::open(&place.join(RESULT)).map(|result| result.write(&not_started(place, &error)));
    Err(error)
}

fn not_started(place: &Path, error: &IsolateError) -> RunResult {
    let name = place.file_name().unwrap_or_default();
    let message = format!("the run has no place of its own: {error}");
    RunResult::not_started(name.to_string_lossy().into_owned(), message)
}

fn entered(place: &Path, user: u32, run: &[OsString]) -> Result<Infallible, IsolateError> {
    wait_for_go()?;
    let (script, result) = (place.join(SCRIPT), place.join(RESULT));
    let text = read(&script).map_err(file(&script))?;
    chown(&result, Some(user), Some(user)).map_err(file(&result))?;
    let own = env::current_exe().map_err(system("this program's own file is not known"))?;
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWIPC).map_err(system("no mounts of its own"))?;
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
        .map_err(system("mounts can't be made its own"))?;
    // What is mounted next may hide them.
    let (own, result) = (held(&own)?, held(&result)?);
    let quiet = MountFlags::NOSUID | MountFlags::NODEV;
    mount("proc", "/proc", "proc", quiet | MountFlags::NOEXEC, None).map_err(file("/proc"))?;
    mount("tmpfs", INSIDE, "tmpfs", quiet, SMALL).map_err(file(INSIDE))?;
    mount("tmpfs", "/tmp", "tmpfs", quiet, TEMPORARY).map_err(file("/tmp"))?;
    let inside = |name: &str| Path::new(INSIDE).join(name);
    let [runner, script, folder] = ["hookgate-runner", "script", "run"].map(inside);
    write(&script, &text, 0o444).map_err(file(&script))?;
    fs::create_dir(&folder).and_then(|()| chown(&folder, Some(user), Some(user))).map_err(file(&folder))?;
    bind(&own, &runner)?;
    let shown = inside("result");
    bind(&result, &shown)?;
    rustix::thread::set_no_new_privs(true).map_err(system("no_new_privs"))?;
    let mut supervisor = Command::new(&runner);
    supervisor.args(["run", "--runner", "process", "--password-on-stdin", "--writable", "/tmp"]);
    supervisor.arg("--folder").arg(&folder).arg("--script").arg(&script).arg("--result").arg(&shown);
    // The standard library drops root's groups with its user.
    let error = supervisor.args(run).env_clear().current_dir("/tmp").uid(user).gid(user).exec();
    Err(file(runner)(error))
}

/// Waits until it is written down which process this is.
fn wait_for_go() -> Result<(), IsolateError> {
    let mut byte = [0];
    // One byte, and not what comes after it: that is the supervisor's.
    match rustix::io::read(io::stdin(), &mut byte) {
        Ok(1) if byte == [GO] => Ok(()),
        Ok(_) => Err(IsolateError::NotWrittenDown),
        Err(error) => Err(system("standard input")(error)),
    }
}

/// A script that is too long is refused by the supervisor, who counts as well.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?.write_all(bytes)
}

/// A file, whatever is mounted over it.
fn held(path: &Path) -> Result<OwnedFd, IsolateError> {
    open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).map_err(file(path))
}

/// Shows a file under another name.
fn bind(file_: &OwnedFd, target: &Path) -> Result<(), IsolateError> {
    write(target, b"", 0o444).map_err(file(target))?;
    mount_bind(format!("/proc/self/fd/{}", file_.as_raw_fd()), target).map_err(file(target))
}
