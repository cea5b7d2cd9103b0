//! Runs as processes of the operator's machine: for an operator outside a cluster.
//!
//! Each run has a folder named as it, which is made at most once. In it are whose it is, the script, and what the
//! supervisor writes: which process it is, its output and its result. Everything is known from there, so that an operator
//! that begins anew knows the runs of the one before it. `hookgate-runner isolate` gives a run what a container would:
//! see [`hookgate_runner::isolate`].

mod claim;
mod elsewhere;
mod end;
mod folder;
mod follow;
mod standing;
mod start;
mod work;

pub use follow::Lines;

use super::{Freshness, HookRunner, Run, RunError, Runner, Runs};
use crate::{observation::ObservedJob, plan::Outcome};
use async_trait::async_trait;
use claim::Claim;
use folder::{Claimed, Folder};
use hookgate_api::StarRocksCluster;
use hookgate_runner::supervise::is_program;
use jiff::Timestamp;
use kube::{Api, Client, ResourceExt};
use standing::{Standing, standing};
use std::{convert::Infallible, io, path::PathBuf, sync::Arc, time::Duration};
use work::Work;

/// How runs on this machine are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The folder of all runs.
    pub folder: PathBuf,
    /// The program `hookgate-runner`.
    pub program: PathBuf,
}

/// Runs scripts as processes of this machine.
#[derive(Clone)]
pub struct ProcessRunner {
    client: Client,
    program: PathBuf,
    folder: Folder,
    work: Arc<Work>,
}

/// Why a run as a process couldn't be started, seen or ended.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// A file or folder.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: PathBuf,
        /// What went wrong.
        #[source]
        cause: io::Error,
    },
    /// Others could look into the folder of runs, or put something there.
    #[error(
        "{0} has scripts and what they print, and must be a folder of this user's that nobody else can look into: chmod 700 \
         it, or name another with --hook-runs-dir"
    )]
    NotPrivate(PathBuf),
    /// Only root can give a run a user of its own.
    #[error(
        "hooks as processes need root, for each run gets a user and mounts of its own: start the operator as root, or leave \
         --hook-runner at job"
    )]
    NotRoot,
    /// There is no such program.
    #[error(
        "{0} is not a program that can be started: install hookgate-runner there, or name where it is with \
         --hook-runner-program"
    )]
    NoProgram(PathBuf),
    /// The same run is on its way out.
    #[error("the run {0} is still being ended")]
    Ending(String),
    /// The password isn't known.
    #[error(transparent)]
    Password(#[from] hookgate_database::CredentialsError),
    /// A task of the operator's own ended early.
    #[error("a task has ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// How often it's looked for runs whose cluster is gone.
const TIDY: Duration = Duration::from_secs(10);

impl ProcessRunner {
    /// A runner whose runs' lines go into the log.
    ///
    /// # Errors
    /// When it can't run anything here: not as this user, without the program, or with such a folder.
    pub fn open(client: Client, settings: Settings) -> Result<Self, ProcessError> {
        Self::open_with_lines(client, settings, follow::log())
    }

    /// The same with another place for the lines.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_lines(client: Client, settings: Settings, lines: Lines) -> Result<Self, ProcessError> {
        let Settings { folder, program } = settings;
        if !rustix::process::geteuid().is_root() {
            return Err(ProcessError::NotRoot);
        }
        if !is_program(&program) {
            return Err(ProcessError::NoProgram(program));
        }
        Ok(Self { client, program, folder: Folder::open(&folder)?, work: Arc::new(Work::new(lines)) })
    }

    /// Ends and removes what is left of clusters that are gone, for as long as it's polled: nothing else would, as Kubernetes
    /// does with the Jobs of such a cluster.
    pub async fn tidy(&self) -> Infallible {
        loop {
            if let Err(error) = self.tidy_once().await {
                tracing::warn!(target: "CustomHookExecutor", %error, "runs of clusters that are gone can't be looked for; it is tried again");
            }
            tokio::time::sleep(TIDY).await;
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// When the folder or a cluster can't be read.
    pub async fn tidy_once(&self) -> Result<(), RunError> {
        for found in self.folder.all()? {
            let Some(claim) = &found.claim else { continue };
            if found.ending {
                self.work.end(&self.folder, &found.name);
                continue;
            }
            let clusters: Api<StarRocksCluster> = Api::namespaced(self.client.clone(), &claim.namespace);
            let live = clusters.get_opt(&claim.cluster).await.map_err(|cause| RunError::Api {
                what: format!("StarRocksCluster {}", claim.cluster),
                cause: Box::new(cause),
            })?;
            if live.and_then(|live| live.uid()).as_ref() != Some(&claim.uid) {
                tracing::info!(target: "CustomHookExecutor", run = found.name, "its cluster is gone: it is ended");
                self.give_up(&found.name)?;
            }
        }
        Ok(())
    }

    fn give_up(&self, name: &str) -> Result<(), ProcessError> {
        if self.folder.give_up(name)?.is_some() {
            self.work.end(&self.folder, name);
        }
        Ok(())
    }

    fn foreign(&self, name: &str, difference: &str) -> Outcome {
        Outcome::RunForeign {
            what: format!("the folder {}", self.folder.of(name).display()),
            difference: difference.to_owned(),
        }
    }
}

#[async_trait]
impl HookRunner for ProcessRunner {
    fn kind(&self) -> Runner {
        Runner::Process
    }

    async fn start(&self, cluster: &StarRocksCluster, run: &Run) -> Result<Outcome, RunError> {
        let credentials =
            hookgate_database::credentials(&self.client, cluster).await.map_err(ProcessError::from)?;
        let claim = Claim::new(cluster, run, Timestamp::now());
        match self.folder.claim(&claim, run.script.text.bytes())? {
            Claimed::Now(path) => {
                let started = start::start(&self.program, &path, cluster, run, &credentials.password).await;
                // How that went is the run's result: its name is taken, and nothing is started under it again.
                started.map_err(|cause| ProcessError::File { path: path.clone(), cause })?;
                self.work.follow(&self.folder, &run.name);
                Ok(Outcome::RunStarted(self.folder.identity.clone()))
            }
            Claimed::Before(found) => Ok(match claim.difference(found.as_ref()) {
                None => Outcome::RunStarted(self.folder.identity.clone()),
                Some(difference) => self.foreign(&run.name, difference),
            }),
        }
    }

    async fn observe(&self, cluster: &StarRocksCluster, _: Freshness) -> Result<Runs, RunError> {
        let now = Timestamp::now();
        let mut observed = Runs::default();
        for found in self.folder.all()? {
            let (name, path) = (found.name, &found.path);
            let awaited = elsewhere::awaited(cluster, &name);
            let claim = found.claim.filter(|claim| claim.is_of(cluster) && claim.run == name);
            let Some(claim) = claim else {
                // Nobody's business, unless it has the name of a run that is waited for.
                if awaited.is_some() {
                    observed.jobs.insert(name, ObservedJob::Foreign);
                }
                continue;
            };
            if found.ending {
                self.work.end(&self.folder, &name);
                observed.jobs.insert(name, ObservedJob::Running);
                continue;
            }
            if awaited.is_some_and(|run| run.nonce != claim.nonce) {
                observed.jobs.insert(name, ObservedJob::Foreign);
                continue;
            }
            let standing = match standing(path, &name, claim.at, now) {
                // It was taken away meanwhile.
                Err(_) if !path.exists() => continue,
                other => other?,
            };
            if !matches!(standing, Standing::Beginning) {
                self.work.follow(&self.folder, &name);
            }
            let (job, run) = standing.observed();
            observed.runs.extend(run.map(|run| (name.clone(), run)));
            observed.jobs.insert(name, job);
        }
        elsewhere::add(cluster, &self.folder.identity, now, &mut observed);
        Ok(observed)
    }

    async fn delete(&self, _: &StarRocksCluster, name: &str) -> Result<(), RunError> {
        Ok(self.give_up(name)?)
    }
}
