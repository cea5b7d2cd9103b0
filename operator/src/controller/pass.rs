//! One pass: observe, plan, record, apply.

use super::{Guarded, progress::Progress, queue::Queue, report::Reporter};
use crate::{
    apply::{ApplyError, apply},
    audit,
    health::Metrics,
    lease::Holder,
    observation::{Observation, OtherWaves},
    observe::{ObserveError, Observer, Sight},
    plan::{Action, Outcome, Plan, Tuning, plan, settle},
    record::{RecordError, record},
    render::RenderError,
    watched::Key,
};
use futures::channel::mpsc::UnboundedReceiver;
use hookgate_api::{StarRocksCluster, StarRocksClusterStatus};
use jiff::Timestamp;
use kube::{Api, ResourceExt, runtime::reflector::Store};
use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Why a pass didn't come to its end.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// Something couldn't be read.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// An object couldn't be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The status couldn't be written.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// An action wasn't performed.
    #[error(transparent)]
    Apply(#[from] ApplyError),
}

impl PassError {
    /// A word for metrics.
    const fn category(&self) -> &'static str {
        match self {
            Self::Observe(_) => "observe_failed",
            Self::Render(_) => "render_failed",
            Self::Record(RecordError::Conflict) => "conflict",
            Self::Record(RecordError::Api(_)) => "record_failed",
            Self::Apply(_) => "apply_failed",
        }
    }
}

/// The longest wait after passes that failed.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// How long the watches may take to list everything; after that the API server is read instead.
const LISTING: Duration = Duration::from_secs(10);
/// Between two looks at whether they have.
const LISTED: Duration = Duration::from_millis(100);

/// What a look at the watches comes to.
enum Glance {
    /// Nothing is to be done; when to look again.
    Done(Option<Duration>),
    /// Something is to be written down: the cluster's objects are read for that. That the cluster is still what the watch
    /// has is the condition on which the status is written.
    Record,
    /// Something is to be done, or the watches don't say: everything is read.
    Read,
}

/// What may come of a pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Allowed {
    /// The status may be written: the cluster is what a watch has.
    Recording,
    /// Everything: the cluster was read.
    Everything,
}

/// How often it's tried again to write down what came of the actions.
const SETTLE_TRIES: u32 = 5;

/// Takes clusters through passes.
pub struct Reconciler {
    observer: Observer,
    lease: Holder,
    tuning: Tuning,
    metrics: Metrics,
    reporter: Reporter,
    progress: Progress,
    queue: Queue,
    clusters: OnceLock<Store<Guarded>>,
    begun: Instant,
}

impl Reconciler {
    /// A reconciler that acts under that lease.
    pub fn new(observer: Observer, lease: Holder, tuning: Tuning, metrics: Metrics) -> Self {
        let reporter = Reporter::new(observer.client.clone());
        let (progress, begun) = (Progress::default(), Instant::now());
        let (queue, clusters) = (Queue::default(), OnceLock::new());
        Self { observer, lease, tuning, metrics, reporter, progress, queue, clusters, begun }
    }

    /// Takes the watch of all clusters, and gives those that are to look whether it's their turn.
    pub(super) fn follow(&self, clusters: Store<Guarded>) -> Option<UnboundedReceiver<Key>> {
        self.clusters.set(clusters).ok()?;
        self.queue.woken()
    }

    /// One pass for one cluster, as a watch has it; when to look again, where no watch tells.
    ///
    /// What the watches have is looked at first. Where nothing is to be done, that is all. Whatever is done, or written
    /// down to be done, is decided anew on what the API server says.
    ///
    /// # Errors
    /// When the pass didn't come to its end. Nothing is lost: what was to be done is in the status.
    pub async fn pass(&self, cluster: &StarRocksCluster) -> Result<Option<Duration>, PassError> {
        let key = key(cluster);
        let may_glance = self.progress.may_glance(&key, cluster.metadata.resource_version.as_deref());
        let glance = if may_glance { Box::pin(self.glance(&key, cluster)).await? } else { Glance::Read };
        if let Glance::Done(look_again) = glance {
            return Ok(look_again);
        }
        // Two passes must not take the same place among the waves that go on.
        let may_take_a_place = self.tuning.max_concurrent_waves.is_some() && !self.queue.has_a_place(&key);
        let turnstile = if may_take_a_place { Some(self.queue.turnstile.lock().await) } else { None };
        let mut done = None;
        if matches!(glance, Glance::Record) {
            let sight = Box::pin(self.observer.observe_objects(cluster.clone())).await?;
            done = Box::pin(self.judge(&key, sight, Allowed::Recording)).await?;
        }
        if done.is_none() {
            let sight = Box::pin(self.observer.observe(&key.namespace, &key.name)).await?;
            done = Box::pin(self.judge(&key, sight, Allowed::Everything)).await?;
        }
        drop(turnstile);
        Ok(done.flatten())
    }

    /// Looks at what the watches have.
    async fn glance(&self, key: &Key, cluster: &StarRocksCluster) -> Result<Glance, PassError> {
        let mut observation = match Box::pin(self.observer.glance(cluster.clone())).await? {
            None if self.is_listing() => return Ok(Glance::Done(Some(LISTED))),
            None => return Ok(Glance::Read),
            Some(Sight::Gone) => return Ok(Glance::Done(self.gone(key))),
            Some(Sight::Later(wait)) => return Ok(Glance::Done(Some(wait))),
            Some(Sight::Seen(observation)) => observation,
        };
        observation.others = self.others(key);
        let plan = plan(&observation, &self.tuning, Timestamp::now())?;
        if !plan.actions.is_empty() {
            return Ok(Glance::Read);
        }
        let is_due = plan.status.wave.is_some() && self.progress.is_due(key, Instant::now());
        if plan.changes_intents || is_due {
            return Ok(Glance::Record);
        }
        Ok(Glance::Done(Box::pin(self.carry_out(key, &observation, plan)).await?))
    }

    /// Carries out what is planned for a cluster that was read, as far as that is allowed; `None` where it isn't.
    async fn judge(
        &self,
        key: &Key,
        sight: Sight,
        allowed: Allowed,
    ) -> Result<Option<Option<Duration>>, PassError> {
        let mut observation = match sight {
            Sight::Gone => return Ok(Some(self.gone(key))),
            Sight::Later(wait) => return Ok(Some(Some(wait))),
            Sight::Seen(observation) => observation,
        };
        observation.others = self.others(key);
        self.progress.read(key, Instant::now());
        let plan = plan(&observation, &self.tuning, Timestamp::now())?;
        if allowed == Allowed::Recording && !plan.actions.is_empty() {
            return Ok(None);
        }
        Ok(Some(Box::pin(self.carry_out(key, &observation, plan)).await?))
    }

    /// The waves of other clusters, where it matters.
    fn others(&self, key: &Key) -> OtherWaves {
        let Some(clusters) = self.clusters.get().filter(|_| self.tuning.max_concurrent_waves.is_some())
        else {
            return OtherWaves::default();
        };
        let clusters = clusters.state();
        self.queue.others(clusters.iter().filter_map(|cluster| cluster.0.as_ref().ok()), key)
    }

    /// Whether the watches may still be listing.
    fn is_listing(&self) -> bool {
        self.observer.watched().is_some() && self.begun.elapsed() < LISTING
    }

    /// Records what is planned, and then does it.
    async fn carry_out(
        &self,
        key: &Key,
        observation: &Observation,
        plan: Plan,
    ) -> Result<Option<Duration>, PassError> {
        let recorded = self.record(key, &observation.cluster, plan.status).await?;
        let held = recorded.status.as_ref().map_or(0, |status| status.held_in_force().count());
        self.metrics.held(&key.namespace, &key.name, held);
        self.reporter.notes(&key.namespace, &key.name, &plan.notes);
        self.reporter.events(&recorded, &plan.events).await;
        let (now, none) = (Timestamp::now(), StarRocksClusterStatus::default());
        let after = recorded.status.as_ref().unwrap_or(&none);
        let lines =
            [audit::ended_runs(observation, after, now), audit::skipped_gates(observation, after, now)];
        lines.iter().flatten().for_each(audit::write);
        let mut outcomes = Vec::new();
        if plan.actions.iter().any(Action::is_felt_by_the_database) {
            self.observer.spoil(key);
        }
        let applied = apply(&self.observer, observation, &self.lease, plan.actions, &mut outcomes).await;
        if let Err(refusal) = applied.as_ref()
            && refusal.is_refusal()
        {
            self.reporter.refused(&recorded, refusal).await;
            let object = refusal.object().to_owned();
            outcomes.push(Outcome::ObjectRefused { object, message: refusal.to_string() });
        }
        for outcome in &outcomes {
            self.reporter.outcome(&recorded, outcome).await;
        }
        let mut look_again = plan.look_again;
        if !outcomes.is_empty() {
            let is_news = Box::pin(self.settle(key, recorded, &outcomes)).await?;
            // What came of an action is news at once; what an FE refuses, it would refuse again at once.
            look_again = Some(if is_news { Duration::ZERO } else { self.tuning.database_poll });
        }
        applied?;
        self.progress.succeeded(key);
        self.metrics.passed("ok");
        Ok(look_again)
    }

    /// Writes down what came of the actions, though the user changes the cluster at the same time: what isn't known
    /// to have been done counts as failed. Whether it is news.
    async fn settle(
        &self,
        key: &Key,
        mut recorded: StarRocksCluster,
        outcomes: &[Outcome],
    ) -> Result<bool, PassError> {
        let wave = |cluster: &StarRocksCluster| {
            cluster.status.as_ref().and_then(|status| status.wave.as_ref()).map(|wave| wave.id.clone())
        };
        let clusters: Api<StarRocksCluster> =
            Api::namespaced(self.observer.client.clone(), &recorded.namespace().unwrap_or_default());
        let mut left = SETTLE_TRIES;
        loop {
            let settled = settle(recorded.status.clone().unwrap_or_default(), outcomes, Timestamp::now());
            let is_news = recorded.status.as_ref() != Some(&settled);
            match self.record(key, &recorded, settled).await {
                Ok(_) => return Ok(is_news),
                Err(RecordError::Conflict) if left > 0 => left -= 1,
                Err(error) => return Err(error.into()),
            }
            let live = clusters.get_opt(&recorded.name_any()).await.map_err(ObserveError::from)?;
            match live.filter(|live| wave(live) == wave(&recorded)) {
                Some(live) => recorded = live,
                None => return Err(RecordError::Conflict.into()),
            }
        }
    }

    async fn record(
        &self,
        key: &Key,
        cluster: &StarRocksCluster,
        status: StarRocksClusterStatus,
    ) -> Result<StarRocksCluster, RecordError> {
        let recorded = Box::pin(record(&self.observer.client, cluster, status)).await?;
        self.progress.written(key, recorded.metadata.resource_version.as_deref());
        self.queue.note(&recorded);
        Ok(recorded)
    }

    /// How long to wait after a failed pass: at once after a conflict, else longer with each failure in a row.
    pub fn after_error(&self, namespace: &str, name: &str, error: &PassError) -> Duration {
        self.metrics.passed(error.category());
        let count = self.progress.failed(&Key::new(namespace, name));
        if matches!(error, PassError::Record(RecordError::Conflict)) {
            return Duration::from_millis(50);
        }
        tracing::warn!(target: "UpgradeManager", namespace, cluster = name, %error, "the pass failed and is tried again");
        Duration::from_millis(250).saturating_mul(1 << count.min(10)).min(MAX_BACKOFF)
    }

    /// A ConfigMap that a cluster uses has changed.
    pub(super) fn forget_texts(&self, namespace: &str, name: &str) {
        self.observer.forget_texts(&Key::new(namespace, name));
    }

    /// There is no such cluster any more.
    pub(super) fn forget(&self, namespace: &str, name: &str) {
        let key = Key::new(namespace, name);
        self.progress.forget(&key);
        self.queue.forget(&key);
        self.observer.forget(&key);
        self.reporter.forget(namespace, name);
        self.metrics.forget(namespace, name);
    }

    fn gone(&self, key: &Key) -> Option<Duration> {
        self.forget(&key.namespace, &key.name);
        None
    }
}

fn key(cluster: &StarRocksCluster) -> Key {
    Key::new(cluster.namespace().unwrap_or_default(), cluster.name_any())
}

#[cfg(test)]
mod tests;
