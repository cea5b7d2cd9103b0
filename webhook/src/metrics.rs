//! Metrics, under the names that dashboards of controller-runtime's webhooks know where there is one
//! (<https://book.kubebuilder.io/reference/metrics-reference>).

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::decision::Decision;

/// From half a millisecond to four seconds; the API server gives up after five.
const LATENCY_BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 4.0];

/// Labels of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct WebhookLabels {
    /// Path.
    pub webhook: &'static str,
}

/// Labels of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CodeLabels {
    /// Path.
    pub webhook: &'static str,
    /// HTTP status code.
    pub code: u16,
}

/// Labels of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct DecisionLabels {
    /// Path.
    pub webhook: &'static str,
    /// `ConfigMap`, `StarRocksCluster` or `other`.
    pub kind: &'static str,
    /// `allowed`, or the reason of the denial.
    pub decision: &'static str,
}

/// All metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Duration of requests in seconds, reading the body included.
    pub latency: Family<WebhookLabels, Histogram, fn() -> Histogram>,
    /// Requests by HTTP status code.
    pub requests: Family<CodeLabels, Counter>,
    /// Requests that are being answered.
    pub in_flight: Family<WebhookLabels, Gauge>,
    /// Decisions.
    pub decisions: Family<DecisionLabels, Counter>,
    /// End of the served certificate's validity, seconds since 1970; 0 without one.
    pub certificate_not_after: Gauge<i64, AtomicI64>,
    /// 1 while the API server accepts the served certificate.
    pub certificate_trusted: Gauge<i64, AtomicI64>,
    /// How often another certificate was loaded.
    pub certificate_changes: Counter<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let latency: Family<WebhookLabels, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(LATENCY_BUCKETS));
        let (requests, in_flight) = (Family::default(), Family::default());
        let decisions = Family::default();
        let (certificate_not_after, certificate_trusted) = (Gauge::default(), Gauge::default());
        let certificate_changes = Counter::default();
        registry.register(
            "controller_runtime_webhook_latency_seconds",
            "Histogram of the latency of processing admission requests",
            latency.clone(),
        );
        registry.register(
            "controller_runtime_webhook_requests",
            "Total number of admission requests by HTTP status code",
            requests.clone(),
        );
        registry.register(
            "controller_runtime_webhook_requests_in_flight",
            "Current number of admission requests being served",
            in_flight.clone(),
        );
        registry.register("hookgate_admission_decisions", "Decisions by kind and outcome", decisions.clone());
        registry.register(
            "hookgate_webhook_certificate_not_after_timestamp_seconds",
            "End of the served certificate's validity",
            certificate_not_after.clone(),
        );
        registry.register(
            "hookgate_webhook_certificate_trusted",
            "Whether the served certificate chains to the bundle in the webhook configurations",
            certificate_trusted.clone(),
        );
        registry.register(
            "hookgate_webhook_certificate_changes",
            "How often another certificate was loaded",
            certificate_changes.clone(),
        );
        Self {
            registry,
            latency,
            requests,
            in_flight,
            decisions,
            certificate_not_after,
            certificate_trusted,
            certificate_changes,
        }
    }
}

impl Metrics {
    /// In the OpenMetrics text format.
    ///
    /// # Errors
    /// When a metric can't be written, which only a broken metric of ours can cause.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Counts a decision. Kinds are bounded: what isn't judged is `other`.
    pub fn decided(&self, webhook: &'static str, kind: &str, decision: &Decision) {
        let kind =
            ["ConfigMap", "StarRocksCluster"].into_iter().find(|known| *known == kind).unwrap_or("other");
        let decision = decision.denial.as_ref().map_or("allowed", |denial| denial.kind.reason());
        self.decisions.get_or_create(&DecisionLabels { webhook, kind, decision }).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_that_dashboards_know() {
        let metrics = Metrics::default();
        let webhook = "/validate";
        metrics.latency.get_or_create(&WebhookLabels { webhook }).observe(0.002);
        metrics.requests.get_or_create(&CodeLabels { webhook, code: 200 }).inc();
        metrics.in_flight.get_or_create(&WebhookLabels { webhook }).inc();
        metrics.decided(webhook, "Pod", &Decision::allow());
        let text = metrics.encode().unwrap();
        for line in [
            "controller_runtime_webhook_latency_seconds_bucket{le=\"0.0025\",webhook=\"/validate\"} 1",
            "controller_runtime_webhook_requests_total{webhook=\"/validate\",code=\"200\"} 1",
            "controller_runtime_webhook_requests_in_flight{webhook=\"/validate\"} 1",
            "hookgate_admission_decisions_total{webhook=\"/validate\",kind=\"other\",decision=\"allowed\"} 1",
            "hookgate_webhook_certificate_trusted 0",
        ] {
            assert!(text.contains(line), "{line} not in\n{text}");
        }
    }
}
