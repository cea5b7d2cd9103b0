//! Runs of scripts: started, looked at, and ended. What runs them is behind one trait.

mod job;
pub mod process;
mod result;

pub use job::JobRunner;
pub use process::{ProcessError, ProcessRunner};

pub use crate::run::{Run, Runner, RunnerImage, arguments::user};
use crate::{
    observation::{ObservedJob, ObservedRun},
    plan::Outcome,
};
use async_trait::async_trait;
use hookgate_api::StarRocksCluster;
use std::collections::BTreeMap;

/// What runs scripts.
///
/// A run has a name, which is the same for the same try of the same hook and for no other, and a nonce, which was written
/// into the status before the run could be started. By these two a runner knows what it has started, also after the
/// operator has been ended and begun again.
#[async_trait]
pub trait HookRunner: Send + Sync {
    /// Which it is.
    fn kind(&self) -> Runner;

    /// Starts a run, once: where there is something under its name already, that is told, and nothing is started.
    ///
    /// # Errors
    /// When it isn't known to have been started. The same run may be asked for again.
    async fn start(&self, cluster: &StarRocksCluster, run: &Run) -> Result<Outcome, RunError>;

    /// How the runs of a cluster stand.
    ///
    /// # Errors
    /// When that can't be known.
    async fn observe(&self, cluster: &StarRocksCluster, freshness: Freshness) -> Result<Runs, RunError>;

    /// Ends a run, if it goes on, and removes what there is of it. It is seen by [`HookRunner::observe`] until nothing of
    /// it is left, so that who waits for it doesn't start another script beside.
    ///
    /// # Errors
    /// When it isn't known to be on its way out.
    async fn delete(&self, cluster: &StarRocksCluster, name: &str) -> Result<(), RunError>;
}

/// How the runs of a cluster stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    /// What stands for each run, by its name.
    pub jobs: BTreeMap<String, ObservedJob>,
    /// What is known of its process besides.
    pub runs: BTreeMap<String, ObservedRun>,
}

/// Whether what was read a while ago will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Nothing is done on it.
    Believed,
    /// It may be.
    Read,
}

/// Why a run couldn't be started, seen or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The API server refused or didn't answer.
    #[error("{what}: {cause}")]
    Api {
        /// The object: kind and name.
        what: String,
        /// The API server's words.
        #[source]
        cause: Box<kube::Error>,
    },
    /// A run as a process.
    #[error(transparent)]
    Process(#[from] ProcessError),
}
