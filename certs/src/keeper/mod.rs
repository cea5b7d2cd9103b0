//! The loop that keeps certificates: watches the Secret (or reads files) and the webhook configurations, carries out
//! one planned step at a time, and loads what is to be served.
//!
//! Several replicas run it side by side without a leader: every write is conditional on the resourceVersion that was
//! seen, and whoever loses looks again.

mod cluster;
mod load;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use jiff::Timestamp;
use kube::Client;
use tokio::sync::watch;
use tracing::{debug, error, info, warn};

use crate::bundle::{Configuration, ConfigurationKind};
use crate::files::CertificateFiles;
use crate::plan::{Observation, SecretState, Settings, Step, plan};
use crate::resolver::ReloadingResolver;
use crate::secret::{StepError, after, observe};
use crate::status::CertificateStatus;
use cluster::{Cluster, Event};

/// Log target of everything here.
const TARGET: &str = "hookgate::certificates";
/// The state is looked at this often even if nothing happens, so that readiness follows the clock and files.
const TICK: Duration = Duration::from_secs(5);

/// A write that didn't happen.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// The API server refused or can't be reached.
    #[error("{action}: {}", brief(cause))]
    Api {
        /// What was attempted, on which object.
        action: String,
        /// The client's error.
        #[source]
        cause: Box<kube::Error>,
    },
    /// The step can't be prepared.
    #[error("certificates can't be made")]
    Step(#[from] StepError),
}

/// Where the serving certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An own authority, in this Secret of the Service's namespace; the bundle is published by us.
    Secret(String),
    /// Files that somebody else keeps, and who also publishes the bundle.
    Files(CertificateFiles),
}

/// Names of the webhook configurations to keep or, with [`Source::Files`], to compare with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigurationNames {
    /// Of the ValidatingWebhookConfiguration, if there is one.
    pub validating: Option<String>,
    /// Of the MutatingWebhookConfiguration, if there is one.
    pub mutating: Option<String>,
}

/// The loop and what it needs.
pub struct Keeper {
    cluster: Cluster,
    source: Source,
    settings: Settings,
    names: ConfigurationNames,
    resolver: Arc<ReloadingResolver>,
    status: watch::Sender<CertificateStatus>,
    seen: Seen,
    keys_made: Option<Instant>,
}

/// The last that was seen of each object; the outer `None` means: not looked at yet.
#[derive(Debug, Default)]
struct Seen {
    secret: Option<Option<Box<k8s_openapi::api::core::v1::Secret>>>,
    validating: Option<Option<crate::bundle::ConfigurationView>>,
    mutating: Option<Option<crate::bundle::ConfigurationView>>,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Keeper")
            .field("source", &self.source)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Keeper {
    /// A keeper that loads into `resolver` and tells `status`.
    #[must_use]
    pub fn new(
        client: Client,
        source: Source,
        names: ConfigurationNames,
        settings: Settings,
        resolver: Arc<ReloadingResolver>,
        status: watch::Sender<CertificateStatus>,
    ) -> Self {
        let cluster = Cluster::new(client, settings.service.clone());
        Self { cluster, source, settings, names, resolver, status, seen: Seen::default(), keys_made: None }
    }

    /// Runs until dropped.
    pub async fn run(mut self) {
        let secret = match &self.source {
            Source::Secret(name) => Some(name.as_str()),
            Source::Files(_) => None,
        };
        let mut events = self.cluster.watch(secret, &self.names);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                Some(event) = events.next() => self.seen.take(event),
                _ = tick.tick() => {}
            }
            let status = self.pass().await;
            self.publish_status(status);
        }
    }

    fn publish_status(&self, status: CertificateStatus) {
        self.status.send_if_modified(|current| {
            if *current == status {
                return false;
            }
            match &status.trusted {
                Ok(()) if current.trusted.is_err() => {
                    info!(target: TARGET, "the served certificate is trusted")
                }
                Err(cause) if current.trusted.is_ok() => {
                    warn!(target: TARGET, cause, "the served certificate is no longer trusted by the API server");
                }
                Err(cause) if current.trusted.as_ref().err() != Some(cause) => {
                    info!(target: TARGET, cause, "the served certificate is not trusted by the API server yet");
                }
                _ => {}
            }
            if let Some(problem) =
                status.problem.as_ref().filter(|problem| current.problem.as_ref() != Some(problem))
            {
                error!(target: TARGET, problem, "certificates can't be kept");
            }
            *current = status;
            true
        });
    }

    /// Looks once, takes one step, loads.
    async fn pass(&mut self) -> CertificateStatus {
        let now = Timestamp::now();
        let configurations = self.configurations();
        let problem = match (self.source.clone(), &configurations) {
            (Source::Secret(name), Some(configurations)) => {
                self.keep_secret(&name, configurations, now).await
            }
            (Source::Files(files), configurations) => {
                self.load_files(&files, configurations.as_deref().unwrap_or_default(), now).await
            }
            (Source::Secret(_), None) => None,
        };
        self.assess(configurations.as_deref(), problem, now)
    }

    /// One planned step on the Secret; then what it holds is loaded. Returns what is in the way.
    async fn keep_secret(&mut self, name: &str, known: &[Configuration], now: Timestamp) -> Option<String> {
        let secret = self.seen.secret.as_ref()?.as_deref().cloned();
        let observation = observe(secret.as_ref(), known, now);
        if let SecretState::Ours(contents) = &observation.secret
            && let Ok(serving) = &contents.serving
        {
            self.load(serving, known, now);
        }
        let next = plan(&observation, &self.settings);
        if next.step == Step::Wait {
            return next.problem;
        }
        match self.carry_out(name, &next.step, secret.as_ref(), &observation, known).await {
            Ok(()) => next.problem,
            Err(cause) => Some(cause.to_string()),
        }
    }

    async fn carry_out(
        &mut self,
        name: &str,
        step: &Step,
        secret: Option<&k8s_openapi::api::core::v1::Secret>,
        observation: &Observation,
        known: &[Configuration],
    ) -> Result<(), KeeperError> {
        let makes_keys = matches!(step, Step::Bootstrap | Step::ReplaceAuthority { .. } | Step::Reissue(_));
        if makes_keys && !may_make_keys(self.keys_made, Instant::now(), self.settings.key_interval) {
            debug!(target: TARGET, ?step, "keys were made a moment ago; waiting");
            return Ok(());
        }
        // What was seen comes from a watch and may be old; a step is only taken on what is there.
        if !self.cluster.is_current(name, secret).await? {
            debug!(target: TARGET, ?step, "another replica was faster; looking again");
            return Ok(());
        }
        if *step == Step::Publish {
            if let crate::plan::SecretState::Ours(contents) = &observation.secret {
                for configuration in known {
                    if let Some(patch) = configuration.patch(&contents.bundle) {
                        let title = configuration.title();
                        if self.cluster.patch(configuration, patch).await? {
                            info!(target: TARGET, configuration = title, "CA bundle published");
                        } else {
                            info!(target: TARGET, configuration = title, "changed by somebody else; looking again");
                        }
                    }
                }
            }
            return Ok(());
        }
        let Some(changed) = after(step, secret, observation, &self.settings)? else { return Ok(()) };
        if makes_keys {
            self.keys_made = Some(Instant::now());
        }
        if self.cluster.write(name, &changed).await? {
            announce(step, name);
        }
        Ok(())
    }

    fn configurations(&self) -> Option<Vec<Configuration>> {
        let mut all = Vec::new();
        for (kind, name, seen) in [
            (ConfigurationKind::Validating, &self.names.validating, &self.seen.validating),
            (ConfigurationKind::Mutating, &self.names.mutating, &self.seen.mutating),
        ] {
            if let Some(name) = name {
                all.push(Configuration { kind, name: name.clone(), view: seen.clone()? });
            }
        }
        Some(all)
    }
}

impl Seen {
    fn take(&mut self, event: Event) {
        match event {
            Event::Secret(secret) => self.secret = Some(secret),
            Event::Validating(view) => self.validating = Some(view),
            Event::Mutating(view) => self.mutating = Some(view),
            Event::Failed { what, cause } => {
                // The watcher goes on by itself; what was seen before stays until it sees again.
                warn!(target: TARGET, what, cause, "watch failed; trying again");
            }
        }
    }
}

/// Whether enough time has passed since this replica last made keys.
fn may_make_keys(last: Option<Instant>, now: Instant, interval: Duration) -> bool {
    last.is_none_or(|last| now.duration_since(last) >= interval)
}

/// The client's error without the dump of the whole status.
fn brief(cause: &kube::Error) -> String {
    match cause {
        kube::Error::Api(status) => format!("{} ({} {})", status.message, status.code, status.reason),
        other => other.to_string(),
    }
}

fn announce(step: &Step, secret: &str) {
    match step {
        Step::Bootstrap => info!(target: TARGET, secret, "authority and serving certificate generated"),
        Step::ReplaceAuthority { reason, .. } => {
            warn!(target: TARGET, secret, %reason, "authority replaced; the old one is trusted until nothing uses it");
        }
        Step::Reissue(reason) => info!(target: TARGET, secret, %reason, "serving certificate issued"),
        Step::DropReplaced => info!(target: TARGET, secret, "replaced authority dropped"),
        Step::RecordPublication => debug!(target: TARGET, secret, "publication recorded"),
        Step::Publish | Step::Wait => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_at_once_and_then_not_again_before_the_interval_is_over() {
        let (made, interval) = (Instant::now(), Duration::from_secs(30));
        assert!(may_make_keys(None, made, interval));
        assert!(!may_make_keys(Some(made), made + interval / 2, interval));
        assert!(may_make_keys(Some(made), made + interval, interval));
    }
}
