//! One pass: observe, plan, record, apply.

use super::report::Reporter;
use crate::{
    apply::{ApplyError, apply},
    health::Metrics,
    lease::Holder,
    observe::{ObserveError, Observer},
    plan::{Outcome, Tuning, plan, settle},
    record::{RecordError, record},
    render::RenderError,
};
use hookgate_api::StarRocksCluster;
use jiff::Timestamp;
use kube::{Api, ResourceExt};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
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

/// How often it's tried again to write down what came of the actions.
const SETTLE_TRIES: u32 = 5;

/// Takes clusters through passes.
pub struct Reconciler {
    observer: Observer,
    lease: Holder,
    tuning: Tuning,
    metrics: Metrics,
    reporter: Reporter,
    /// How many passes of a cluster have failed in a row.
    failures: Mutex<HashMap<String, u32>>,
}

impl Reconciler {
    /// A reconciler that acts under that lease.
    pub fn new(observer: Observer, lease: Holder, tuning: Tuning, metrics: Metrics) -> Self {
        let reporter = Reporter::new(observer.client.clone());
        Self { observer, lease, tuning, metrics, reporter, failures: Mutex::default() }
    }

    /// One pass for one cluster; when to look again, where no watch tells.
    ///
    /// # Errors
    /// When the pass didn't come to its end. Nothing is lost: what was to be done is in the status.
    pub async fn pass(&self, namespace: &str, name: &str) -> Result<Option<Duration>, PassError> {
        let Some(observation) = Box::pin(self.observer.observe(namespace, name)).await? else {
            self.forget(namespace, name);
            return Ok(None);
        };
        let plan = plan(&observation, &self.tuning, Timestamp::now())?;
        let recorded = Box::pin(record(&self.observer.client, &observation.cluster, plan.status)).await?;
        self.metrics.held(
            namespace,
            name,
            recorded
                .status
                .as_ref()
                .map_or(0, |status| status.held_settings.iter().filter(|held| held.is_in_force()).count()),
        );
        self.reporter.notes(namespace, name, &plan.notes);
        self.reporter.events(&recorded, &plan.events).await;
        let mut outcomes = Vec::new();
        let applied = apply(&self.observer, &observation, &self.lease, plan.actions, &mut outcomes).await;
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
            let is_news = Box::pin(self.settle(recorded, &outcomes)).await?;
            // What came of an action is news at once; what an FE refuses, it would refuse again at once.
            look_again = Some(if is_news { Duration::ZERO } else { self.tuning.database_poll });
        }
        applied?;
        self.failures().remove(&key(namespace, name));
        self.metrics.passed("ok");
        Ok(look_again)
    }

    /// Writes down what came of the actions, though the user changes the cluster at the same time: what isn't known
    /// to have been done counts as failed. Whether it is news.
    async fn settle(&self, mut recorded: StarRocksCluster, outcomes: &[Outcome]) -> Result<bool, PassError> {
        let wave = |cluster: &StarRocksCluster| {
            cluster.status.as_ref().and_then(|status| status.wave.as_ref()).map(|wave| wave.id.clone())
        };
        let client = &self.observer.client;
        let clusters: Api<StarRocksCluster> =
            Api::namespaced(client.clone(), &recorded.namespace().unwrap_or_default());
        let mut left = SETTLE_TRIES;
        loop {
            let settled = settle(recorded.status.clone().unwrap_or_default(), outcomes, Timestamp::now());
            let is_news = recorded.status.as_ref() != Some(&settled);
            match Box::pin(record(client, &recorded, settled)).await {
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

    /// How long to wait after a failed pass: at once after a conflict, else longer with each failure in a row.
    pub fn after_error(&self, namespace: &str, name: &str, error: &PassError) -> Duration {
        self.metrics.passed(error.category());
        if matches!(error, PassError::Record(RecordError::Conflict)) {
            return Duration::from_millis(50);
        }
        tracing::warn!(target: "UpgradeManager", namespace, cluster = name, %error, "the pass failed and is tried again");
        let mut failures = self.failures();
        let count = failures.entry(key(namespace, name)).or_default();
        *count = count.saturating_add(1);
        Duration::from_millis(250).saturating_mul(1 << (*count).min(10)).min(MAX_BACKOFF)
    }

    fn forget(&self, namespace: &str, name: &str) {
        self.failures().remove(&key(namespace, name));
        self.reporter.forget(namespace, name);
        self.metrics.held(namespace, name, 0);
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}
