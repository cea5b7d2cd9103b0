//! The beginning of a run: its folder, its channels and its first process.

use super::{
    folder::{self, Folder, FolderError},
    run::Order,
};
use crate::{
    gate::GATE_DESCRIPTOR,
    sandbox::{Limits, Sandbox},
    script::{self, ANSWER_DESCRIPTOR, REPORT_DESCRIPTOR, SCRIPT_DESCRIPTOR, ScriptError},
    stage::Stage,
};
use command_fds::{CommandFdExt, FdMapping, FdMappingCollision};
use hookgate_database::Target;
use rustix::{
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    pipe::{PipeFlags, pipe_with},
    process::{DumpableBehavior, Pid, getpid, set_child_subreaper, set_dumpable_behavior},
};
use std::{
    io,
    os::fd::OwnedFd,
    process::{Command, Stdio},
};

/// Why a run was not begun.
#[derive(Debug, thiserror::Error)]
pub(super) enum BeginError {
    #[error(transparent)]
    Script(#[from] ScriptError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{what}: {cause}")]
    System {
        what: &'static str,
        #[source]
        cause: io::Error,
    },
    #[error("descriptors collide: {0}")]
    Descriptors(#[from] FdMappingCollision),
    #[error("the stage can't be described: {0}")]
    Stage(#[from] serde_json::Error),
}

fn system<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> BeginError {
    move |cause| BeginError::System { what, cause: cause.into() }
}

/// A run whose first process exists.
pub(super) struct Begun {
    pub(super) first: Pid,
    /// Where the calls of the script's mysql come in.
    pub(super) gate: OwnedFd,
    /// What the script prints.
    pub(super) output: OwnedFd,
    /// What the first process has to say.
    pub(super) report: OwnedFd,
    /// Where the first process is told to go on.
    pub(super) answer: OwnedFd,
}

/// Makes the folder, the channels and the first process.
pub(super) fn begin(order: &Order) -> Result<Begun, BeginError> {
    // Whoever has the same user can't read this process's memory and environment.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(system("prctl(PR_SET_DUMPABLE)"))?;
    // Whoever loses its parent becomes this process's child, so that nobody gets lost.
    set_child_subreaper(Some(getpid())).map_err(system("prctl(PR_SET_CHILD_SUBREAPER)"))?;
    let script = script::load(&order.script, &order.identity.digest)?;
    let folder = folder::make(&order.folder, order.programs.as_deref())?;
    let channel = |what| move || pipe_with(PipeFlags::CLOEXEC).map_err(system(what));
    let (output, output_end) = channel("a pipe for the output")()?;
    let (report, report_end) = channel("a pipe for the report")()?;
    let (answer_end, answer) = channel("a pipe for the answer")()?;
    let (gate, gate_end) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
        .map_err(system("a pair of sockets"))?;
    let stage = Stage {
        sandbox: sandbox(order, &folder),
        require_sandbox: order.require_sandbox,
        bash: folder.bash.clone(),
        driver: script::driver(&order.identity.phase),
    };
    let errors = output_end.try_clone().map_err(system("a pipe for the output"))?;
    let mut command = Command::new("/proc/self/exe");
    command
        .args(["stage", &serde_json::to_string(&stage)?])
        .env_clear()
        .envs(environment(order, &folder))
        .current_dir(&order.writable)
        .stdin(Stdio::null())
        .stdout(output_end)
        .stderr(errors)
        .fd_mappings(vec![
            FdMapping { parent_fd: gate_end, child_fd: GATE_DESCRIPTOR },
            FdMapping { parent_fd: script, child_fd: SCRIPT_DESCRIPTOR },
            FdMapping { parent_fd: report_end, child_fd: REPORT_DESCRIPTOR },
            FdMapping { parent_fd: answer_end, child_fd: ANSWER_DESCRIPTOR },
        ])?;
    let child = command.spawn().map_err(system("the stage can't be started"))?;
    let first = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let first = first.ok_or_else(|| system("the stage")(io::Error::other("it has no number")))?;
    Ok(Begun { first, gate, output, report, answer })
}

fn sandbox(order: &Order, folder: &Folder) -> Sandbox {
    Sandbox {
        programs: folder.programs.clone(),
        own_programs: vec![folder.bash.clone(), folder.runner.clone()],
        readable: folder.readable.clone(),
        writable: order.writable.clone(),
        limits: Limits::default(),
    }
}

/// The variables that the guide promises to a script; nothing is inherited.
fn environment(order: &Order, folder: &Folder) -> [(&'static str, String); 8] {
    let (host, Target { port, user, .. }) = (&order.host, &order.target);
    [
        ("SR_FE_HOST", host.clone()),
        ("SR_FE_PORT", port.to_string()),
        ("SR_FE_USER", user.clone()),
        ("SR_CLUSTER_NAME", order.identity.cluster.clone()),
        ("SR_NAMESPACE", order.identity.namespace.clone()),
        ("MYSQL_CMD", format!("mysql -h{host} -P{port} -u{user}")),
        ("PATH", folder.path.clone()),
        ("HOME", folder.home.display().to_string()),
    ]
}
