//! Does the tasks of plans, each machine on its own: one that is slow or dead delays only itself.

use crate::{
    agent::AgentError,
    files::{CopyError, Manifest, copy, has},
    plan::{Doing, MachineFacts, Outcome, Report, Trouble},
    run::{Ended, HookCommand, RunError, drive},
    ssh::{Connection, ConnectionError, ExecuteError, Patience, Pool, Target},
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Semaphore, mpsc::UnboundedSender};

/// What is to be done on a machine, with everything that it takes.
#[derive(Clone, Debug)]
pub struct Job {
    /// How the machine is reached, or why it can't be.
    pub target: Result<Target, Trouble>,
    /// What is to be done.
    pub doing: Doing,
    /// What has to be on the machine. Before a hook runs as well: what runs are the bytes that were looked at.
    pub files: Arc<Manifest>,
    /// Whether they are brought there, which the spec may pass over. Then a hook's script has to be there already, with
    /// the bytes that were looked at.
    pub copies: bool,
    /// The hook's arguments.
    pub arguments: Vec<String>,
    /// How long the hook may take.
    pub timeout: Duration,
}

/// Who does the jobs. `Owner` names the object that a machine belongs to.
pub struct Workshop<Owner> {
    pool: Pool,
    parallel: Semaphore,
    machines: Mutex<HashMap<(Owner, String), MachineFacts>>,
    finished: UnboundedSender<Owner>,
}

impl<Owner: Clone + Eq + std::hash::Hash + Send + 'static> Workshop<Owner> {
    /// At most `parallel` machines are worked on at the same time; whose work is done is sent to `finished`.
    pub fn new(parallel: usize, patience: Patience, finished: UnboundedSender<Owner>) -> Self {
        Self {
            pool: Pool::new(patience),
            parallel: Semaphore::new(parallel.max(1)),
            machines: Mutex::default(),
            finished,
        }
    }

    /// What is known of a machine.
    pub fn facts(&self, owner: &Owner, machine: &str) -> MachineFacts {
        let known = self.lock().get(&(owner.clone(), machine.to_owned())).cloned();
        MachineFacts { name: machine.to_owned(), ..known.unwrap_or_default() }
    }

    /// Does a job in the background, unless something is being done on that machine.
    pub fn start(self: &Arc<Self>, owner: Owner, machine: String, job: Job) {
        let key = (owner, machine);
        {
            let mut machines = self.lock();
            let facts = machines.entry(key.clone()).or_default();
            if facts.busy {
                return;
            }
            facts.busy = true;
        }
        let workshop = Arc::clone(self);
        tokio::spawn(async move {
            // A panic must not leave a machine busy for ever.
            let working = Arc::clone(&workshop);
            let (name, doing) = (key.1.clone(), job.doing.clone());
            let done = tokio::spawn(async move { Box::pin(working.work(&name, job)).await }).await;
            let (outcome, host_key) = done.unwrap_or_else(|error| {
                (
                    Outcome::Failed(Trouble::Unreachable(format!("the work on it was broken off: {error}"))),
                    None,
                )
            });
            workshop.note(&key, doing, outcome, host_key);
            // Nobody listens when the operator ends.
            let _ended = workshop.finished.send(key.0);
        });
    }

    fn note(&self, key: &(Owner, String), doing: Doing, outcome: Outcome, host_key: Option<String>) {
        let mut machines = self.lock();
        // It was forgotten meanwhile.
        let Some(facts) = machines.get_mut(key) else { return };
        let before = facts.last.as_ref().map_or(0, |last| last.failures);
        let failures = if let Outcome::Failed(trouble) = &outcome {
            let (reason, message) = (trouble.reason(), trouble.message());
            tracing::warn!(target: "MachineHook", machine = key.1, reason, message, failures = before + 1);
            before + 1
        } else {
            0
        };
        if let (Outcome::Copied, Doing::Copy { digest }) = (&outcome, &doing) {
            facts.copied = Some(digest.clone());
        }
        facts.busy = false;
        facts.host_key = host_key.or(facts.host_key.take());
        facts.last = Some(Report { doing, outcome, failures, at: Timestamp::now() });
    }

    /// The object is gone.
    pub fn forget(&self, owner: &Owner) {
        self.retain(|other| other != owner);
    }

    /// Forgets the machines of all objects but these. What is being done on them comes to its end, and nobody hears of it.
    pub fn retain(&self, is_there: impl Fn(&Owner) -> bool) {
        self.lock().retain(|(owner, _), _| is_there(owner));
        self.pool.close_idle();
    }

    /// Closes connections that nobody uses.
    pub fn close_idle(&self) {
        self.pool.close_idle();
    }

    async fn work(&self, machine: &str, job: Job) -> (Outcome, Option<String>) {
        let target = match &job.target {
            Ok(target) => target,
            Err(trouble) => return (Outcome::Failed(trouble.clone()), None),
        };
        let connection = match self.pool.get(target).await {
            Ok(connection) => connection,
            Err(error) => return (Outcome::Failed(trouble_of(&error)), key_of(&error)),
        };
        let host_key = Some(connection.host_key().to_string());
        // Who waits for a dead machine takes nobody's place.
        let Ok(_place) = self.parallel.acquire().await else {
            return (Outcome::Failed(Trouble::Unreachable("the operator ends".to_owned())), host_key);
        };
        let done = Box::pin(perform(&connection, machine, target, &job)).await;
        let outcome = done.unwrap_or_else(|(trouble, broken)| {
            if broken {
                self.pool.forget(&connection);
            }
            Outcome::Failed(trouble)
        });
        (outcome, host_key)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(Owner, String), MachineFacts>> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What went wrong, and whether the connection is of no use any more.
type Broken = (Trouble, bool);

async fn perform(
    connection: &Connection,
    machine: &str,
    target: &Target,
    job: &Job,
) -> Result<Outcome, Broken> {
    let attempt = match &job.doing {
        Doing::Copy { .. } => {
            let copied = copy(connection, &job.files).await.map_err(of_copy)?;
            tracing::info!(target: "MachineHook", machine, copied.copied, copied.unchanged, "the files are there");
            return Ok(Outcome::Copied);
        }
        Doing::Run(attempt) => attempt,
    };
    if attempt.wanted && job.copies {
        copy(connection, &job.files).await.map_err(of_copy)?;
    } else if attempt.wanted {
        is_there(connection, &job.files, &attempt.script).await?;
    }
    let command = HookCommand {
        id: attempt.id.clone(),
        machine: machine.to_owned(),
        hook: attempt.hook.to_string(),
        script: attempt.script.clone(),
        arguments: job.arguments.clone(),
        timeout: job.timeout,
        started: attempt.started,
        begin: attempt.wanted,
    };
    let digest = job.files.at(&attempt.script).map(|entry| entry.digest.as_str()).unwrap_or_default();
    let (hook, run) = (attempt.hook.as_str(), attempt.id.as_str());
    tracing::info!(target: "MachineHook", machine, hook, run, script = attempt.script, digest, "SECURITY AUDIT hook begins, or is looked for");
    let Ended { ending, output } =
        drive(connection, &command, target.credentials.masks()).await.map_err(of_run)?;
    tracing::info!(target: "MachineHook", machine, hook, run, script = attempt.script, digest, ?ending, "SECURITY AUDIT hook ended");
    Ok(Outcome::Ran { ending, output })
}

/// Whether the script that was looked at is on the machine, where nothing is copied.
async fn is_there(connection: &Connection, files: &Manifest, script: &str) -> Result<(), Broken> {
    let there = match files.at(script) {
        Some(entry) => has(connection, entry).await.map_err(of_copy)?,
        None => false,
    };
    if there {
        return Ok(());
    }
    let why = format!(
        "{script} is not on the machine with the content that it has in the hooks folder, and EnsureCopyFiles is in \
         spec.features.skipConditions: take it out of there, or copy the file"
    );
    Err((Trouble::Files(why), false))
}

/// The key of a machine that lets nobody in: the next attempt must not be at another one.
fn key_of(error: &ConnectionError) -> Option<String> {
    match error {
        ConnectionError::Login { host_key, .. } => Some(host_key.to_string()),
        _ => None,
    }
}

fn trouble_of(error: &ConnectionError) -> Trouble {
    let text = error.to_string();
    match error {
        ConnectionError::HostKey { .. } => Trouble::HostKey(text),
        ConnectionError::Login { .. } => Trouble::Login(text),
        ConnectionError::Unreachable { .. }
        | ConnectionError::Slow { .. }
        | ConnectionError::Protocol { .. } => Trouble::Unreachable(text),
    }
}

fn of_copy(error: CopyError) -> Broken {
    match error {
        CopyError::Agent(error) => of_agent(&error),
        CopyError::Write { .. } | CopyError::Gone { .. } | CopyError::Read { .. } | CopyError::Answer(_) => {
            (Trouble::Files(error.to_string()), false)
        }
    }
}

fn of_run(error: RunError) -> Broken {
    match error {
        RunError::Agent(error) => of_agent(&error),
        RunError::Answer(_) => (Trouble::Files(error.to_string()), false),
    }
}

fn of_agent(error: &AgentError) -> Broken {
    let text = error.to_string();
    match error {
        AgentError::Execute(ExecuteError::Sftp(_)) => (Trouble::Files(text), true),
        AgentError::Execute(_) => (Trouble::Unreachable(text), true),
        AgentError::Install(_) | AgentError::Failed { .. } => (Trouble::Files(text), false),
    }
}
