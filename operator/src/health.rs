//! `/healthz`, `/readyz` and `/metrics`.

use crate::machines::MachineMetrics;
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{net::SocketAddr, sync::Arc};

/// How a pass ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    result: &'static str,
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ClusterLabels {
    namespace: String,
    cluster: String,
}

/// What the operator counts.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    passes: Family<Labels, Counter>,
    held_settings: Family<ClusterLabels, Gauge>,
    /// Of machine hooks.
    pub machines: MachineMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("hookgate");
        let passes = Family::<Labels, Counter>::default();
        registry.register("reconcile", "Passes of the reconciler, by result", passes.clone());
        let held_settings = Family::<ClusterLabels, Gauge>::default();
        let help = "FE settings that an upgrade holds and has not given back";
        registry.register("held_settings", help, held_settings.clone());
        let machines = MachineMetrics::registered(&mut registry);
        Self { registry: Arc::new(registry), passes, held_settings, machines }
    }
}

impl Metrics {
    /// Counts a pass.
    pub fn passed(&self, result: &'static str) {
        self.passes.get_or_create(&Labels { result }).inc();
    }

    /// Notes how many settings of a cluster are held.
    pub fn held(&self, namespace: &str, cluster: &str, settings: usize) {
        let labels = ClusterLabels { namespace: namespace.to_owned(), cluster: cluster.to_owned() };
        self.held_settings.get_or_create(&labels).set(i64::try_from(settings).unwrap_or(i64::MAX));
    }

    /// The cluster is gone.
    pub fn forget(&self, namespace: &str, cluster: &str) {
        let labels = ClusterLabels { namespace: namespace.to_owned(), cluster: cluster.to_owned() };
        self.held_settings.remove(&labels);
    }
}

/// Serves until the process ends.
///
/// # Errors
/// When the address can't be listened on.
pub async fn serve(address: SocketAddr, metrics: Metrics) -> std::io::Result<()> {
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(|| async { "ok" }))
        .route("/metrics", get(expose))
        .with_state(metrics);
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, router).await
}

async fn expose(State(metrics): State<Metrics>) -> impl IntoResponse {
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => (axum::http::StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
