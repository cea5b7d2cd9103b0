//! What every runner of hook scripts promises, as functions that a test calls with a runner of its own: those of
//! `operator/src/runs`. Runs as processes are tested in this crate, runs as Jobs by the scenarios on a real Kubernetes
//! (`tests/e2e`).
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod behaviours;
mod described;

pub use behaviours::{Behaviour, behaviours};
pub use described::{Described, script};

use hookgate_api::StarRocksCluster;
use hookgate_operator::{
    observation::{ObservedJob, ObservedRun},
    runs::{Freshness, HookRunner, Run},
};
use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

/// The longest that anything may take, on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(180);
/// Between two looks.
const AGAIN: Duration = Duration::from_millis(100);

/// What a future of a place comes to.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Where runs are made, and what is known of them besides what the runner says.
pub trait Place: Send + Sync {
    /// A runner, as an operator has it that has just begun: it knows nothing but what there is to be found.
    fn runner(&self) -> Arc<dyn HookRunner>;

    /// The cluster whose runs they are, with its uid and without a status.
    fn cluster(&self) -> StarRocksCluster;

    /// Makes a run startable: its FE, its image, and where the script is that is found when it runs.
    fn prepare<'a>(&'a self, run: &'a mut Run, found: &'a str) -> Answer<'a, ()>;

    /// What the run has written up to now, as people see it.
    fn log<'a>(&'a self, run: &'a Run) -> Answer<'a, String>;

    /// The processes of the run that there are.
    fn processes<'a>(&'a self, run: &'a Run) -> Answer<'a, Vec<String>>;

    /// The statements that the database was sent with that text in them.
    fn statements<'a>(&'a self, containing: &'a str) -> Answer<'a, usize>;

    /// Somebody else puts something under the run's name, with the same owner and another nonce.
    fn forge<'a>(&'a self, run: &'a Run) -> Answer<'a, ()>;
}

/// A run in a place.
pub struct Try<'a> {
    /// The place.
    pub place: &'a dyn Place,
    /// The run.
    pub run: Run,
    /// The cluster with the run in its status.
    pub cluster: StarRocksCluster,
}

impl Try<'_> {
    /// How it stands, by a runner that has just begun.
    pub async fn stands(&self) -> (Option<ObservedJob>, Option<ObservedRun>) {
        self.stands_by(self.place.runner().as_ref()).await
    }

    async fn stands_by(&self, runner: &dyn HookRunner) -> (Option<ObservedJob>, Option<ObservedRun>) {
        let mut runs = runner.observe(&self.cluster, Freshness::Read).await.expect("runs can be seen");
        (runs.jobs.remove(&self.run.name), runs.runs.remove(&self.run.name))
    }

    /// Waits until it has ended; how.
    pub async fn ended(&self) -> (ObservedJob, Option<ObservedRun>) {
        until("the run to end", async || match self.stands().await {
            (None | Some(ObservedJob::Running), _) => None,
            (Some(job), run) => Some((job, run)),
        })
        .await
    }

    /// Waits until the log has a text, and gives all of it. Somebody has to be there who passes it on.
    pub async fn log_with(&self, text: &str) -> String {
        let runner = self.place.runner();
        self.stands_by(runner.as_ref()).await;
        until(&format!("{text:?} in the log"), async || {
            Some(self.place.log(&self.run).await).filter(|log| log.contains(text))
        })
        .await
    }

    /// Removes it and waits until nothing of it is left.
    pub async fn removed(&self) {
        let runner = self.place.runner();
        runner.delete(&self.cluster, &self.run.name).await.expect("it can be removed");
        until("the run to be gone", async || {
            (self.stands_by(runner.as_ref()).await.0.is_none()).then_some(())
        })
        .await;
        let left = self.place.processes(&self.run).await;
        assert!(left.is_empty(), "{left:#?}");
    }
}

/// Waits for a condition.
async fn until<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = check().await {
            return value;
        }
        assert!(began.elapsed() < LIMIT, "not in time: {what}");
        tokio::time::sleep(AGAIN).await;
    }
}
