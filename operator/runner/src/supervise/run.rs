//! One run, from the mounted script to the result.

use super::{
    begin::{BeginError, Begun, begin},
    children::{self, Children},
    greet::{Greeting, greet},
    output::Relay,
    result::{Outcome, ResultFile, RunResult},
};
use crate::{
    audit::{Clearance, Event, Identity, Record, Runner},
    gate::{self, Counts, Gate, Judge},
    log::Log,
    sandbox::Features,
    script::ScriptError,
};
use hookgate_database::Target;
use jiff::Timestamp;
use rustix::process::WaitStatus;
use std::{
    collections::BTreeSet,
    io,
    os::fd::OwnedFd,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncReadExt,
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

/// How a run ended, before its output and its statements are known.
pub(super) struct End {
    outcome: Outcome,
    message: String,
    status: Option<WaitStatus>,
}

impl End {
    pub(super) fn new(outcome: Outcome, message: impl Into<String>) -> Self {
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
