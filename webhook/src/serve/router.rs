//! The two HTTP surfaces: reviews over TLS, and health and metrics in plain text.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{Method, Request, StatusCode};

use super::health::{Health, report};
use super::review::{Endpoint, Reviewer};
use crate::decision::{Decision, Denial, DenialKind};
use crate::metrics::{CodeLabels, Metrics, WebhookLabels};
use crate::review::answer::{Addressee, answer};

/// `/validate` and `/mutate`.
pub fn reviews(reviewer: Arc<Reviewer>) -> Router {
    let handle = |endpoint| move |state: State<Arc<Reviewer>>, request| review(state, endpoint, request);
    Router::new()
        .route(Endpoint::Validate.path(), any(handle(Endpoint::Validate)))
        .route(Endpoint::Mutate.path(), any(handle(Endpoint::Mutate)))
        .fallback(unknown_path)
        .with_state(reviewer)
}

async fn review(
    State(reviewer): State<Arc<Reviewer>>,
    endpoint: Endpoint,
    request: Request<Body>,
) -> Response {
    let webhook = endpoint.path();
    let begun = Instant::now();
    let _counted = InFlight::new(&reviewer.metrics, webhook);
    let response = if request.method() == Method::POST {
        json(StatusCode::OK, reviewer.review(endpoint, request).await)
    } else {
        wrong_method(request.method(), webhook)
    };
    let code = response.status().as_u16();
    reviewer.metrics.requests.get_or_create(&CodeLabels { webhook, code }).inc();
    reviewer.metrics.latency.get_or_create(&WebhookLabels { webhook }).observe(begun.elapsed().as_secs_f64());
    response
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// No review came with this request, so the status code says it as well.
fn wrong_method(method: &Method, path: &str) -> Response {
    let text =
        format!("{method} is not served at {path}; POST an AdmissionReview of admission.k8s.io/v1 as JSON");
    let decision = Decision::deny(Denial::new(DenialKind::Method, text));
    let mut response = json(StatusCode::METHOD_NOT_ALLOWED, answer(&Addressee::of(""), &decision));
    response.headers_mut().insert(ALLOW, http::HeaderValue::from_static("POST"));
    response
}

async fn unknown_path() -> Response {
    (StatusCode::NOT_FOUND, "not served here; POST an AdmissionReview to /validate or /mutate\n")
        .into_response()
}

/// Counts a request while it's being answered, also if its client goes away.
struct InFlight<'a> {
    metrics: &'a Metrics,
    webhook: &'static str,
}

impl<'a> InFlight<'a> {
    fn new(metrics: &'a Metrics, webhook: &'static str) -> Self {
        metrics.in_flight.get_or_create(&WebhookLabels { webhook }).inc();
        Self { metrics, webhook }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.metrics.in_flight.get_or_create(&WebhookLabels { webhook: self.webhook }).dec();
    }
}

/// State of the plain-text surface.
#[derive(Clone)]
pub struct Surface {
    /// Readiness.
    pub health: Arc<Health>,
    /// Metrics.
    pub metrics: Arc<Metrics>,
}

/// `/healthz`, `/readyz` and `/metrics`.
pub fn health(surface: Surface) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(async || (StatusCode::NOT_FOUND, "not served here; try /healthz, /readyz or /metrics\n"))
        .with_state(surface)
}

async fn readyz(State(surface): State<Surface>) -> Response {
    let (ready, text) = report(&surface.health.checks());
    (if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, text).into_response()
}

async fn metrics(State(surface): State<Surface>) -> Response {
    match surface.metrics.encode() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(cause) => (StatusCode::INTERNAL_SERVER_ERROR, format!("metrics can't be written: {cause}\n"))
            .into_response(),
    }
}
