//! Running a hook: bash on the bytes that were checked.

use super::output::{Ends, pass_on};
use super::{NOT_RUN, TIMED_OUT};
use command_fds::{CommandFdExt, FdMapping};
use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create},
    process::{Pid, Signal, kill_process_group},
};
use std::{
    fmt,
    fs::File,
    io::{Seek, Write},
    os::{fd::OwnedFd, unix::process::ExitStatusExt},
    path::Path,
    process::Stdio,
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

/// Where bash finds the script. What was checked is held in memory; the file may have changed since.
const DESCRIPTOR: i32 = 3;
/// How long a hook has to end by itself after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);
/// How long what the hook has started may go on writing after it has ended itself.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Why a hook can't be run or followed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The checked bytes can't be held in memory.
    #[error("the script cannot be kept in memory: {0}")]
    Memory(#[source] std::io::Error),
    /// bash isn't there, or can't be started.
    #[error(
        "bash cannot be started: {0}. The hook runs where hookgate-operator runs: use an image that has bash"
    )]
    Start(#[source] std::io::Error),
    /// It can't be waited for.
    #[error("it cannot be waited for: {0}")]
    Wait(#[source] std::io::Error),
}

/// How a hook ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this status.
    Code(u8),
    /// By this signal.
    Signal(i32),
    /// It was ended because its time was up.
    TimedOut(Duration),
    /// It was ended because this program was asked to end.
    Interrupted,
}

impl Ended {
    /// The exit status that says so, as a shell has it.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(number) => u8::try_from(number.saturating_add(128)).unwrap_or(NOT_RUN),
            Self::TimedOut(_) => TIMED_OUT,
            Self::Interrupted => 143,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "ended with exit code {code}"),
            Self::Signal(number) => write!(formatter, "was ended by signal {number}"),
            Self::TimedOut(time) => {
                write!(formatter, "did not end within {} s and was ended", time.as_secs())
            }
            Self::Interrupted => formatter.write_str("was ended, for the installation was asked to end"),
        }
    }
}

/// Runs a script as the file at `path`, in its folder; how it ended, and the end of its output.
pub(super) async fn run(script: &[u8], path: &Path, timeout: Duration) -> Result<(Ended, String), RunError> {
    let mut bash = std::process::Command::new("bash");
    bash.args(["--noprofile", "--norc", "-c", &format!(". /proc/self/fd/{DESCRIPTOR}")]).arg(path);
    if let Some(folder) = path.parent() {
        bash.current_dir(folder);
    }
    // What bash would read before the script.
    bash.env_remove("BASH_ENV")
        .env_remove("ENV")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mapping = FdMapping { parent_fd: held(script).map_err(RunError::Memory)?, child_fd: DESCRIPTOR };
    bash.fd_mappings(vec![mapping]).map_err(|error| RunError::Start(std::io::Error::other(error)))?;
    let mut bash = Command::from(bash);
    // A group of its own, so that what it starts ends with it.
    let mut child = bash.process_group(0).kill_on_drop(true).spawn().map_err(RunError::Start)?;
    drop(bash);
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    let ends = Ends::default();
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let follow = async {
        let output = async {
            if let Some(output) = output {
                pass_on(output, std::io::stdout(), &ends.output).await;
            }
        };
        let errors = async {
            if let Some(errors) = errors {
                pass_on(errors, std::io::stderr(), &ends.errors).await;
            }
        };
        tokio::join!(output, errors);
    };
    let mut follow = std::pin::pin!(follow);
    let mut wait = std::pin::pin!(until_end(&mut child, group, timeout));
    let ended = tokio::select! {
        ended = &mut wait => {
            // Its output may come through another process, as with `exec > >(tee ...)`; what it has left behind may hold
            // it open for ever.
            let _all_said = tokio::time::timeout(LAST_WORDS, follow).await;
            ended
        }
        () = &mut follow => wait.await,
    };
    // What it has started ends with it.
    end_group(group, Signal::KILL);
    Ok((ended?, ends.text()))
}

async fn until_end(child: &mut Child, group: Option<Pid>, timeout: Duration) -> Result<Ended, RunError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Wait)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Wait)?;
    let why = tokio::select! {
        status = child.wait() => {
            let status = status.map_err(RunError::Wait)?;
            let code = status.code().and_then(|code| u8::try_from(code).ok()).map(Ended::Code);
            return Ok(code.unwrap_or_else(|| Ended::Signal(status.signal().unwrap_or_default())));
        }
        () = tokio::time::sleep(timeout) => Ended::TimedOut(timeout),
        _ = terminate.recv() => Ended::Interrupted,
        _ = interrupt.recv() => Ended::Interrupted,
    };
    end_group(group, Signal::TERM);
    // Whether it ends by itself or not is of no matter: the whole group is ended next.
    let _in_time = tokio::time::timeout(GRACE, child.wait()).await;
    end_group(group, Signal::KILL);
    child.wait().await.map_err(RunError::Wait)?;
    Ok(why)
}

fn end_group(group: Option<Pid>, signal: Signal) {
    if let Some(group) = group {
        // A group that is gone needs no signal.
        let _gone = kill_process_group(group, signal);
    }
}

/// The script in memory, where nobody can change it.
fn held(script: &[u8]) -> std::io::Result<OwnedFd> {
    let memory = memfd_create("hook", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut memory = File::from(memory);
    memory.write_all(script)?;
    memory.rewind()?;
    fcntl_add_seals(&memory, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(memory.into())
}
