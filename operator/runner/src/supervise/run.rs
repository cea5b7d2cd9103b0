//! One run, from the mounted script to the result.

use super::{
    children::{self, Children},
    folder::{self, Folder, FolderError},
    output::Relay,
    result::{Outcome, ResultFile, RunResult},
};
use crate::{
    audit::{Clearance, Event, Identity, Record, Runner},
    gate::{self, Counts, GATE_DESCRIPTOR, Gate, Judge},
    log::Log,
    sandbox::{Features, Limits, Sandbox},
    script::{self, ANSWER_DESCRIPTOR, REPORT_DESCRIPTOR, SCRIPT_DESCRIPTOR, ScriptError},
    stage::{Stage, StageReport},
};
use command_fds::{CommandFdExt, FdMapping, FdMappingCollision};
use hookgate_database::Target;
use jiff::Timestamp;
use rustix::{
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    pipe::{PipeFlags, pipe_with},
    process::{DumpableBehavior, Pid, WaitStatus, getpid, set_child_subreaper, set_dumpable_behavior},
};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Write},
    os::fd::OwnedFd,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    net::unix::pipe,
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// What is to be run, and how.
#[derive(Clone, Debug)]
pub struct Order {
    /// The mounted script.
    pub script: PathBuf,
    /// The functions that admission saw in it.
    pub functions: BTreeSet<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// An empty folder for the script's PATH and HOME.
    pub folder: PathBuf,
    /// The folder that the script may write.
    pub writable: PathBuf,
    /// The programs that it may start; `None` are all of the image.
    pub programs: Option<Vec<String>>,
    /// Whether a kernel that can't make the sandbox whole keeps it from running.
    pub require_sandbox: bool,
    /// Whose run it is.
    pub identity: Identity,
    /// What lets it run, for the audit.
    pub clearance: Clearance,
    /// What runs it, for the audit.
    pub runner: Runner,
    /// The FE's host, as the script knows it.
    pub host: String,
    /// Where the FE is reached, its user and password.
    pub target: Target,
    /// The policies.
    pub judge: Judge,
}

/// Why a run was not begun.
#[derive(Debug, thiserror::Error)]
enum BeginError {
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

/// How a run ended, before its output and its statements are known.
struct End {
    outcome: Outcome,
    message: String,
    status: Option<WaitStatus>,
}

impl End {
    fn new(outcome: Outcome, message: impl Into<String>) -> Self {
        Self { outcome, message: message.into(), status: None }
    }
}

/// Runs a script to its end and writes the result. `true` says that it succeeded.
///
/// # Errors
/// When the result can't be written; everything else is a result.
pub fn supervise(order: &Order, result: ResultFile) -> io::Result<bool> {
    let began = Instant::now();
    let log = Arc::new(Log::new(Box::new(io::stdout()), &order.target.password));
    let run = Record {
        runner: Some(order.runner),
        ..Record::new(Timestamp::now(), Event::Run, order.identity.clone(), order.clearance.clone())
    };
    let gate = Arc::new(Gate::new(
        order.host.clone(),
        order.target.clone(),
        run.clone(),
        order.judge.clone(),
        Arc::clone(&log),
    ));
    let (end, output) = match begin(order) {
        Ok(begun) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let run = Box::pin(drive(order, begun, Arc::clone(&gate), Arc::clone(&log)));
            let ended = runtime.block_on(run)?;
            // Sessions that still wait for the database end with the runtime.
            runtime.shutdown_background();
            ended
        }
        Err(error) => {
            let outcome = match &error {
                BeginError::Script(ScriptError::Changed { .. }) => Outcome::ScriptChanged,
                _ => Outcome::NotStarted,
            };
            (End::new(outcome, error.to_string()), String::new())
        }
    };
    let duration = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let succeeded = end.outcome == Outcome::Succeeded;
    let ended = summary(order, end, output, gate.sandbox(), gate.counts(), duration);
    result.write(&ended)?;
    log.audit(&line(run, &ended, &log))?;
    Ok(succeeded)
}

/// The audit's line of a run that has ended.
fn line(run: Record, ended: &RunResult, log: &Log) -> Record {
    let words = [&*ended.message, &*ended.output].into_iter().filter(|text| !text.is_empty());
    let message = words.collect::<Vec<_>>().join(": ");
    Record {
        time: Timestamp::now(),
        sandbox: ended.sandbox.clone(),
        outcome: Some(ended.outcome),
        exit_code: ended.exit_code,
        duration_milliseconds: Some(ended.duration_milliseconds),
        message: (ended.outcome != Outcome::Succeeded).then(|| log.masked(&message).into_owned()),
        ..run
    }
}

fn summary(
    order: &Order,
    end: End,
    output: String,
    sandbox: Option<Features>,
    statements: Counts,
    duration_milliseconds: u64,
) -> RunResult {
    RunResult {
        run: order.identity.run.clone(),
        outcome: end.outcome,
        message: end.message,
        exit_code: end.status.and_then(WaitStatus::exit_status),
        signal: end.status.and_then(WaitStatus::terminating_signal),
        output,
        sandbox,
        statements,
        duration_milliseconds,
    }
}

/// A run whose first process exists.
struct Begun {
    first: Pid,
    gate: OwnedFd,
    output: OwnedFd,
    report: OwnedFd,
    answer: OwnedFd,
}

fn begin(order: &Order) -> Result<Begun, BeginError> {
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

async fn drive(order: &Order, begun: Begun, gate: Arc<Gate>, log: Arc<Log>) -> io::Result<(End, String)> {
    let Begun { first, gate: calls, output, report, answer } = begun;
    let mut children = children::reap(first)?;
    let (sender, receiver) = mpsc::channel(1);
    thread::Builder::new().name("gate".to_owned()).spawn(move || gate::accept(&calls, &sender))?;
    tokio::spawn(Box::pin(Arc::clone(&gate).serve(receiver)));
    let relay = relay(Relay::new(log, &order.identity), pipe::Receiver::from_owned_fd(output)?);
    let mut end = until_end(order, report, answer, &mut children, &gate).await?;
    // The first process may have left others behind: nothing survives a run.
    if !children.end(true).await {
        end =
            End::new(Outcome::Failed, "processes of the script could not be ended: they wait in the kernel");
    }
    // All that could write are gone, so the end of the output is near.
    let tail = match timeout(Duration::from_secs(5), relay).await {
        Ok(Ok(tail)) => tail,
        Ok(Err(_)) | Err(_) => String::new(),
    };
    Ok((end, tail))
}

/// Relays the output in the background; the last lines come at the end.
fn relay(mut relay: Relay, mut output: pipe::Receiver) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut bytes = vec![0; 64 << 10];
        let mut written = Ok(());
        loop {
            match output.read(&mut bytes).await {
                Ok(0) | Err(_) => break,
                // A log that is gone doesn't hold the script up: its pipe is emptied all the same.
                Ok(count) if written.is_ok() => written = relay.take(&bytes[..count]),
                Ok(_) => {}
            }
        }
        relay.finish().unwrap_or_default()
    })
}

async fn until_end(
    order: &Order,
    report: OwnedFd,
    answer: OwnedFd,
    children: &mut Children,
    gate: &Gate,
) -> io::Result<End> {
    let mut terminate = signal(SignalKind::terminate())?;
    let deadline = sleep(order.timeout);
    tokio::pin!(deadline);
    let told = greet(order, report, answer, gate);
    tokio::pin!(told);
    let mut told = Some(told);
    let mut greeting = Greeting::None;
    loop {
        tokio::select! {
            biased;
            () = &mut deadline => {
                let message = "Hook execution failed: context deadline exceeded";
                return Ok(End::new(Outcome::DeadlineExceeded, message));
            }
            _ = terminate.recv() => return Ok(End::new(Outcome::Terminated, "the run was told to end")),
            said = async { match told.as_mut() {
                Some(told) => told.await,
                None => std::future::pending().await,
            }}, if told.is_some() => {
                told = None;
                greeting = said;
                if let Greeting::Refused(end) = greeting {
                    children.end(false).await;
                    return Ok(end);
                }
            }
            status = &mut children.first => {
                return Ok(ended(order, status.ok(), matches!(greeting, Greeting::Passed)));
            }
        }
    }
}

/// What the first process and the supervisor had to say to each other.
enum Greeting {
    /// Nothing yet, or it ended before.
    None,
    /// The function was called.
    Passed,
    /// The function isn't called.
    Refused(End),
}

/// The most that the first process may say.
const MOST_REPORT_BYTES: u64 = 1 << 20;

/// Hears what the sandbox is made of and which functions there are, and says whether to go on.
async fn greet(order: &Order, report: OwnedFd, answer: OwnedFd, gate: &Gate) -> Greeting {
    let Ok(report) = pipe::Receiver::from_owned_fd(report) else { return Greeting::None };
    let mut lines = BufReader::new(report.take(MOST_REPORT_BYTES)).lines();
    let Ok(Some(line)) = lines.next_line().await else { return Greeting::None };
    match serde_json::from_str(&line) {
        Ok(StageReport::Ready(found)) => gate.sandboxed(found),
        Ok(StageReport::Insufficient(found)) => {
            let message = format!(
                "the policy requires a sandbox that this node's kernel can't make whole ({}): use a node with Linux \
                 6.12 or later, or set requireSandbox: false in the HookPolicy",
                found.missing.join("; ")
            );
            gate.sandboxed(found);
            return Greeting::Refused(End::new(Outcome::SandboxInsufficient, message));
        }
        Ok(StageReport::Failed(error)) => {
            let message = format!("the sandbox can't be put on: {error}");
            return Greeting::Refused(End::new(Outcome::NotStarted, message));
        }
        Err(error) => {
            let message = format!("the stage said something that can't be read: {error}");
            return Greeting::Refused(End::new(Outcome::NotStarted, message));
        }
    }
    let mut declared = Vec::new();
    loop {
        match lines.next_line().await {
            Ok(Some(line)) if line == "." => break,
            Ok(Some(line)) => declared.push(line),
            Ok(None) | Err(_) => return Greeting::None,
        }
    }
    if let Err(message) = script::compare(&declared, &order.functions, &order.identity.phase) {
        return Greeting::Refused(End::new(Outcome::FunctionsDiffer, message));
    }
    // Whoever doesn't listen any more has ended, and how is known by that.
    let _ended = File::from(answer).write_all(b"go\n");
    Greeting::Passed
}

/// What the end of the first process means.
fn ended(order: &Order, status: Option<WaitStatus>, was_called: bool) -> End {
    let code = status.and_then(WaitStatus::exit_status);
    let signal = status.and_then(WaitStatus::terminating_signal);
    let how = match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "it ended in a way that is not known".to_owned(),
    };
    let (outcome, message) = match (was_called, code) {
        (true, Some(0)) => (Outcome::Succeeded, String::new()),
        (true, _) => (Outcome::Failed, how),
        (false, _) => {
            let function = &order.identity.phase;
            (Outcome::Failed, format!("the script ended before {function} was called: {how}"))
        }
    };
    End { outcome, message, status }
}
