//! One review: bytes in, bytes out. Whatever comes is answered with an AdmissionReview.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use bytes::Bytes;
use hookgate_policy::Policy;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request};
use tracing::{error, info, warn};

use super::body::{BodyError, BodyLimits, Permit, read};
use crate::decide::{decide, questions};
use crate::decision::{Decision, Denial, DenialKind};
use crate::facts::{Facts, FactsError};
use crate::lookup::{Lookup, ask};
use crate::metrics::Metrics;
use crate::mutate::mutate;
use crate::review::answer::{Addressee, answer};
use crate::review::decode::{DecodeError, decode};

/// Log target of decisions.
const TARGET: &str = "hookgate::admission";

/// What both paths need.
pub struct Reviewer {
    /// Answers questions about the cluster.
    pub lookup: Arc<dyn Lookup>,
    /// What scripts are checked against.
    pub policy: Arc<Policy>,
    /// Bounds on bodies.
    pub limits: BodyLimits,
    /// Metrics.
    pub metrics: Arc<Metrics>,
}

/// The two webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/validate`.
    Validate,
    /// `/mutate`.
    Mutate,
}

impl Endpoint {
    /// Its path.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Validate => "/validate",
            Self::Mutate => "/mutate",
        }
    }
}

impl Reviewer {
    /// Answers a request.
    pub async fn review(&self, endpoint: Endpoint, request: Request<Body>) -> Vec<u8> {
        let begun = Instant::now();
        let (parts, body) = request.into_parts();
        let received = match read(body, &self.limits).await {
            Ok(received) => received,
            Err(cause) => return self.refuse(endpoint, cause.prefix(), body_denial(&cause)),
        };
        if !is_json(&parts.headers) {
            let text = "the content type is not application/json; send an AdmissionReview of admission.k8s.io/v1 as JSON";
            return self.refuse(endpoint, &received.bytes, Denial::new(DenialKind::ContentType, text));
        }
        let bytes = received.bytes.clone();
        let (read, permit) = match blocking(received.permit, move || read_facts(&bytes)).await {
            Ok(done) => done,
            Err(denial) => return self.refuse(endpoint, &received.bytes, denial),
        };
        let (uid, facts) = match read {
            Ok(read) => read,
            Err(cause) => {
                let denial = Denial::new(DenialKind::BadRequest, cause.to_string());
                return self.refuse(endpoint, &received.bytes, denial);
            }
        };
        drop(received.bytes);
        let to = Addressee::of(&uid);
        let facts = match facts {
            Ok(facts) => facts,
            // Whether the object has the right shape is for the validating path and the API server to say.
            Err(_) if endpoint == Endpoint::Mutate => {
                return self.finish(endpoint, &to, None, &Decision::allow());
            }
            Err(cause) => {
                let denial = Denial::new(DenialKind::Spec, cause.to_string());
                return self.finish(endpoint, &to, None, &Decision::deny(denial));
            }
        };
        let (facts, decision) = self.decide(endpoint, facts, permit).await;
        if let Some(facts) = &facts {
            log(endpoint, &uid, facts, &decision, begun);
        }
        let kind = facts.map(|facts| facts.kind);
        self.finish(endpoint, &to, kind.as_deref(), &decision)
    }

    async fn decide(&self, endpoint: Endpoint, facts: Facts, permit: Permit) -> (Option<Facts>, Decision) {
        if endpoint == Endpoint::Mutate {
            let decision = mutate(&facts);
            return (Some(facts), decision);
        }
        let answers = ask(self.lookup.as_ref(), &questions(&facts)).await;
        let policy = Arc::clone(&self.policy);
        let decided = blocking(permit, move || {
            let decision = decide(&facts, &answers, &policy);
            (facts, decision)
        });
        match decided.await {
            Ok(((facts, decision), _)) => (Some(facts), decision),
            Err(denial) => (None, Decision::deny(denial)),
        }
    }

    /// Refuses what can't be decoded.
    fn refuse(&self, endpoint: Endpoint, body: &Bytes, denial: Denial) -> Vec<u8> {
        self.finish(endpoint, &Addressee::rescued(body), None, &Decision::deny(denial))
    }

    fn finish(&self, endpoint: Endpoint, to: &Addressee, kind: Option<&str>, decision: &Decision) -> Vec<u8> {
        if let (None, Some(denial)) = (kind, &decision.denial) {
            let Denial { kind, message, .. } = denial;
            warn!(target: TARGET, path = endpoint.path(), uid = to.uid, code = kind.code(), message, "refused unread");
        }
        self.metrics.decided(endpoint.path(), kind.unwrap_or_default(), decision);
        answer(to, decision)
    }
}

/// uid and facts of a review.
fn read_facts(body: &[u8]) -> Result<(String, Result<Facts, FactsError>), DecodeError> {
    let request = decode(body)?;
    let facts = Facts::read(&request);
    Ok((request.uid, facts))
}

/// Runs what may take long beside the reactor. The permit stays with it, so that memory stays accounted for even if
/// nobody waits any longer; a panic becomes a refusal.
async fn blocking<T: Send + 'static>(
    permit: Permit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(T, Permit), Denial> {
    tokio::task::spawn_blocking(move || (work(), permit)).await.map_err(|cause| {
        error!(target: TARGET, %cause, "a review ended in a fault of Hookgate; it is refused");
        Denial::new(
            DenialKind::Internal,
            "a fault of Hookgate ended the review, and so it is refused; see its log",
        )
    })
}

fn body_denial(cause: &BodyError) -> Denial {
    let kind = match cause {
        BodyError::TooLarge(_) => DenialKind::TooLarge,
        BodyError::TimedOut(..) => DenialKind::Slow,
        BodyError::CutOff(..) => DenialKind::BadRequest,
    };
    let way_out = match cause {
        BodyError::TooLarge(_) => "; make the object smaller, the API server itself takes no more than 3 MiB",
        BodyError::TimedOut(..) => "; try again",
        BodyError::CutOff(..) => "; send the whole AdmissionReview",
    };
    Denial::new(kind, format!("{cause}{way_out}"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

/// One line for each decision. Never the object: it may hold secrets.
fn log(endpoint: Endpoint, uid: &str, facts: &Facts, decision: &Decision, begun: Instant) {
    let Facts { operation, namespace, name, kind, username, dry_run, subject: _ } = facts;
    let allowed = decision.is_allowed();
    let code = decision.denial.as_ref().map_or(200, |denial| denial.kind.code());
    let rules = decision.audit.get("policy-rules").map(String::as_str).unwrap_or_default();
    let sha256 = decision.audit.get("script-sha256").map(String::as_str).unwrap_or_default();
    let patched = decision.patch.as_ref().map_or(0, |patch| patch.0.len());
    let microseconds = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    info!(
        target: TARGET,
        path = endpoint.path(), uid, operation = operation.as_str(), kind, namespace, name, username, dry_run,
        allowed, code, rules, sha256, patched, warnings = decision.warnings.len(), microseconds,
        "reviewed"
    );
}
