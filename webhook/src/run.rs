//! Puts the parts together and keeps them running until the process is asked to end.

use std::net::SocketAddr;
use std::sync::Arc;

use axum_server::Handle;
use hookgate_certs::keeper::Keeper;
use hookgate_certs::resolver::ReloadingResolver;
use hookgate_certs::status::CertificateStatus;
use hookgate_folder::HooksFolder;
use kube::Client;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::config::Config;
use crate::lookup::live::LiveLookup;
use crate::metrics::Metrics;
use crate::serve::budget::Budget;
use crate::serve::health::Health;
use crate::serve::review::Reviewer;
use crate::serve::router::{self, Surface};
use crate::serve::servers::{ServerError, listen, serve_health, serve_reviews};

const TARGET: &str = "hookgate::server";

/// The process can't go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The API server can't be found.
    #[error("no API server is known: run in a pod with a service account, or set KUBECONFIG")]
    Client(#[source] Box<kube::Error>),
    /// A server can't run.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// Signals can't be received.
    #[error("signals can't be received")]
    Signal(#[source] std::io::Error),
    /// A part ended by itself.
    #[error("a part of the process ended unexpectedly: {0}")]
    Ended(String),
}

/// Runs until SIGTERM or SIGINT, then drains.
///
/// # Errors
/// When a port can't be listened on, no API server is known, or a part ends unexpectedly.
pub async fn run(config: Config) -> Result<(), RunError> {
    let mut end = End::new()?;
    let (reviews, address) = listen(config.listen)?;
    let (plain, health_address) = listen(config.health_listen)?;
    let client = Client::try_default().await.map_err(|cause| RunError::Client(Box::new(cause)))?;

    let resolver = Arc::new(ReloadingResolver::default());
    let metrics = Arc::new(Metrics::default());
    let lookup = LiveLookup::new(client.clone(), config.lookup_timeout, config.profile);
    let hooks_folder = config.machine_hooks_dir.as_ref().map(HooksFolder::new);
    let lookup = Arc::new(lookup.with_machine_hooks(config.machine_hooks_profile, hooks_folder));
    let (status, certificates) = watch::channel(CertificateStatus::default());
    let health = Arc::new(Health::new(certificates.clone(), lookup.clone()));
    let service = config.service_name(client.default_namespace());
    let keeper = Keeper::new(
        client,
        config.source(),
        config.configuration_names(),
        config.certificate_settings(service),
        Arc::clone(&resolver),
        status,
    );
    let reviewer = Arc::new(Reviewer {
        lookup: lookup.clone(),
        budget: Budget::new(usize::from(config.memory_mib) << 20),
        timeout: config.review_timeout,
        metrics: Arc::clone(&metrics),
    });

    let (review_handle, plain_handle) = (Handle::<SocketAddr>::new(), Handle::<SocketAddr>::new());
    let mut parts = JoinSet::new();
    parts.spawn(follow_certificates(certificates, Arc::clone(&metrics)));
    parts.spawn(async move {
        keeper.run().await;
        Ok("certificate keeper")
    });
    parts.spawn(async move {
        lookup.watch().await;
        Ok("watches")
    });
    let surface = router::health(Surface { health: Arc::clone(&health), metrics });
    parts.spawn(named("health server", serve_health(plain, surface, plain_handle.clone())));
    let connections = usize::from(config.max_connections);
    let serving =
        serve_reviews(reviews, router::reviews(reviewer), resolver, connections, review_handle.clone());
    let mut serving = tokio::spawn(serving);
    info!(target: TARGET, listen = %address, health_listen = %health_address, profile = %config.profile, "started");

    tokio::select! {
        name = end.wait() => info!(target: TARGET, signal = name, "shutting down"),
        Some(ended) = parts.join_next() => return Err(ended_by_itself(ended)),
        ended = &mut serving => return Err(ended_by_itself(ended.map(|served| served.map(|()| "review server")))),
    }
    health.stop();
    tokio::select! {
        () = tokio::time::sleep(config.shutdown_delay) => {}
        name = end.wait() => warn!(target: TARGET, signal = name, "asked again; not waiting for endpoints"),
    }
    review_handle.graceful_shutdown(Some(config.drain_timeout));
    let drained = tokio::select! {
        drained = serving => drained,
        name = end.wait() => {
            warn!(target: TARGET, signal = name, "asked again; open requests are dropped");
            return Ok(());
        }
    };
    plain_handle.shutdown();
    info!(target: TARGET, "ended");
    match drained {
        Ok(served) => Ok(served?),
        Err(cause) => Err(RunError::Ended(cause.to_string())),
    }
}

async fn named(
    name: &'static str,
    part: impl Future<Output = Result<(), ServerError>>,
) -> Result<&'static str, ServerError> {
    part.await.map(|()| name)
}

fn ended_by_itself(ended: Result<Result<&'static str, ServerError>, tokio::task::JoinError>) -> RunError {
    match ended {
        Ok(Ok(name)) => RunError::Ended(name.to_owned()),
        Ok(Err(cause)) => RunError::Server(cause),
        Err(cause) => RunError::Ended(cause.to_string()),
    }
}

/// Shows the state of the certificates in the metrics.
async fn follow_certificates(
    mut certificates: watch::Receiver<CertificateStatus>,
    metrics: Arc<Metrics>,
) -> Result<&'static str, ServerError> {
    let mut shown = None;
    loop {
        {
            let status = certificates.borrow_and_update();
            metrics.certificate_trusted.set(i64::from(status.trusted.is_ok()));
            if shown != status.serving {
                shown.clone_from(&status.serving);
                metrics
                    .certificate_not_after
                    .set(shown.as_ref().map_or(0, |facts| facts.not_after.as_second()));
                metrics.certificate_changes.inc();
            }
        }
        if certificates.changed().await.is_err() {
            return Ok("certificate status");
        }
    }
}

/// SIGTERM and SIGINT.
struct End {
    terminate: Signal,
    interrupt: Signal,
}

impl End {
    fn new() -> Result<Self, RunError> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(RunError::Signal)?,
            interrupt: signal(SignalKind::interrupt()).map_err(RunError::Signal)?,
        })
    }

    async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
