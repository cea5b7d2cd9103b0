//! One review: bytes in, bytes out. Whatever comes is answered with an AdmissionReview.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request};
use tracing::{error, info, warn};

use super::body::{BodyError, Received, read};
use super::budget::{Budget, BudgetError, Permit};
use crate::decide::{decide, policies_to_author, questions};
use crate::decision::{Decision, Denial, DenialKind};
use crate::facts::{Facts, FactsError, weigh};
use crate::lookup::{Lookup, ask, ask_authors};
use crate::metrics::Metrics;
use crate::mutate::mutate;
use crate::review::answer::{Addressee, answer};
use crate::review::decode::{DecodeError, decode};
use crate::text::one_line;

/// Log target of decisions.
const TARGET: &str = "hookgate::admission";

/// What both paths need.
pub struct Reviewer {
    /// Answers questions about the cluster.
    pub lookup: Arc<dyn Lookup>,
    /// Memory and processors for all reviews.
    pub budget: Budget,
    /// A review has to arrive and find memory and a processor within this time.
    pub timeout: Duration,
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
        let deadline = tokio::time::Instant::from_std(begun + self.timeout);
        let (parts, body) = request.into_parts();
        let Received { bytes, permit } = match read(body, &self.budget, deadline).await {
            Ok(received) => received,
            Err(cause) => return self.refuse(endpoint, cause.prefix(), body_denial(&cause)),
        };
        if !is_json(&parts.headers) {
            let text = "the content type is not application/json; send an AdmissionReview of admission.k8s.io/v1 as JSON";
            return self.refuse(endpoint, &bytes, Denial::new(DenialKind::ContentType, text));
        }
        let (uid, facts, permit) = match self.facts(&bytes, permit, deadline).await {
            Ok(read) => read,
            Err(denial) => return self.refuse(endpoint, &bytes, denial),
        };
        drop(bytes);
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
        let (facts, decision) = self.decide(endpoint, facts, permit, deadline).await;
        if let Some(facts) = &facts {
            log(endpoint, &uid, facts, &decision, begun);
        }
        let kind = facts.map(|facts| facts.kind);
        self.finish(endpoint, &to, kind.as_deref(), &decision)
    }

    /// uid and facts of a body. First it's weighed, then read as what it is.
    async fn facts(
        &self,
        bytes: &Bytes,
        permit: Permit,
        deadline: tokio::time::Instant,
    ) -> Result<(String, Result<Facts, FactsError>, Permit), Denial> {
        let undecoded = |cause: DecodeError| Denial::new(DenialKind::BadRequest, cause.to_string());
        let body = bytes.clone();
        let weighed = self.blocking(permit, deadline, move || decode(&body).map(|request| weigh(&request)));
        let (weight, mut permit) = weighed.await?;
        let weight = weight.map_err(undecoded)?;
        self.budget.grow(&mut permit, bytes.len() + weight, deadline).await.map_err(too_heavy)?;
        let body = bytes.clone();
        let read = self.blocking(permit, deadline, move || {
            let request = decode(&body)?;
            let facts = Facts::read(&request);
            Ok((request.uid, facts))
        });
        let (read, permit) = read.await?;
        let (uid, facts) = read.map_err(undecoded)?;
        Ok((uid, facts, permit))
    }

    async fn decide(
        &self,
        endpoint: Endpoint,
        facts: Facts,
        permit: Permit,
        deadline: tokio::time::Instant,
    ) -> (Option<Facts>, Decision) {
        if endpoint == Endpoint::Mutate {
            let decision = mutate(&facts);
            return (Some(facts), decision);
        }
        match self.judge(facts, permit, deadline).await {
            Ok((facts, decision)) => (Some(facts), decision),
            Err(denial) => (None, Decision::deny(denial)),
        }
    }

    async fn judge(
        &self,
        mut facts: Facts,
        mut permit: Permit,
        deadline: tokio::time::Instant,
    ) -> Result<(Facts, Decision), Denial> {
        let lookup = self.lookup.as_ref();
        let mut answers = ask(lookup, &questions(&facts)).await;
        // Only then is it worth finding out whether there is a script at all.
        if answers.policy().is_ok_and(|policy| policy.restricted_authors().next().is_some()) {
            let found = self.blocking(permit, deadline, move || {
                let policies = policies_to_author(&facts, &answers);
                (facts, answers, policies)
            });
            let policies;
            ((facts, answers, policies), permit) = found.await?;
            answers.authors = ask_authors(lookup, &facts.namespace, &facts.requester, &policies).await;
        }
        let decided = self.blocking(permit, deadline, move || {
            let decision = decide(&facts, &answers);
            (facts, decision)
        });
        let ((facts, mut decision), _) = decided.await?;
        if decision.is_allowed() && !facts.dry_run {
            self.remember(&facts, &mut decision).await;
        }
        Ok((facts, decision))
    }

    /// Writes down who submits a script, before it is stored; what can't be written down is refused.
    async fn remember(&self, facts: &Facts, decision: &mut Decision) {
        for digest in &decision.submissions {
            let Facts { namespace, requester, .. } = facts;
            if let Err(cause) = self.lookup.remember(namespace, &requester.username, digest).await {
                let text = format!(
                    "ConfigMap {}: it can't be written down who submits its hook script ({cause}), which has to be \
                     approved by somebody else, and so it is refused; try again in a moment",
                    facts.title()
                );
                decision.denial = Some(Denial::new(DenialKind::LookupFailed, text));
                return;
            }
        }
    }

    /// Runs what may take long beside the reactor, a bounded number at a time. The permit stays with it, so that memory
    /// stays accounted for even if nobody waits any longer; a panic becomes a refusal.
    async fn blocking<T: Send + 'static>(
        &self,
        permit: Permit,
        deadline: tokio::time::Instant,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, Permit), Denial> {
        let judge = self.budget.judge(deadline).await.map_err(too_heavy)?;
        let work = tokio::task::spawn_blocking(move || {
            let _judge = judge;
            (work(), permit)
        });
        work.await.map_err(|cause| {
            error!(target: TARGET, %cause, "a review ended in a fault of Hookgate; it is refused");
            let text = "a fault of Hookgate ended the review, and so it is refused; see its log";
            Denial::new(DenialKind::Internal, text)
        })
    }

    /// Refuses what can't be decoded.
    fn refuse(&self, endpoint: Endpoint, body: &Bytes, denial: Denial) -> Vec<u8> {
        self.finish(endpoint, &Addressee::rescued(body), None, &Decision::deny(denial))
    }

    fn finish(&self, endpoint: Endpoint, to: &Addressee, kind: Option<&str>, decision: &Decision) -> Vec<u8> {
        if let (None, Some(denial)) = (kind, &decision.denial) {
            let Denial { kind, message, .. } = denial;
            warn!(target: TARGET, path = endpoint.path(), uid = to.uid, code = kind.code(), cause = message, "refused unread");
        }
        self.metrics.decided(endpoint.path(), kind.unwrap_or_default(), decision);
        answer(to, decision)
    }
}

fn too_heavy(cause: BudgetError) -> Denial {
    match cause {
        BudgetError::TooMuch => {
            let text = format!("the object has too many values: {cause}; make it smaller");
            Denial::new(DenialKind::TooLarge, text)
        }
        BudgetError::Busy => Denial::new(DenialKind::Busy, format!("{cause}; try again in a moment")),
    }
}

fn body_denial(cause: &BodyError) -> Denial {
    let (kind, way_out) = match cause {
        BodyError::Budget(_, cause) => return too_heavy(*cause),
        BodyError::TooLarge(_) => {
            (DenialKind::TooLarge, "make the object smaller, the API server itself takes no more than 3 MiB")
        }
        BodyError::TimedOut(_) => (DenialKind::Slow, "try again"),
        BodyError::CutOff(..) => (DenialKind::BadRequest, "send the whole AdmissionReview"),
    };
    Denial::new(kind, format!("{cause}; {way_out}"))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

/// One line for each decision. Never the object: it may hold secrets.
fn log(endpoint: Endpoint, uid: &str, facts: &Facts, decision: &Decision, begun: Instant) {
    let Facts { operation, namespace, name, kind, requester, dry_run, subject: _ } = facts;
    let username = one_line(&requester.username, 253);
    let allowed = decision.is_allowed();
    let code = decision.denial.as_ref().map_or(200, |denial| denial.kind.code());
    let rules = decision.audit.get("policy-rules").map(String::as_str).unwrap_or_default();
    let policy = decision.audit.get("policy").map(String::as_str).unwrap_or_default();
    let sha256 = decision.audit.get("script-sha256").map(String::as_str).unwrap_or_default();
    let patched = decision.patch.as_ref().map_or(0, |patch| patch.0.len());
    let microseconds = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    info!(
        target: TARGET,
        path = endpoint.path(), uid, operation = operation.as_str(), kind, namespace, name, username, dry_run,
        allowed, code, policy, rules, sha256, patched, warnings = decision.warnings.len(), microseconds,
        "reviewed"
    );
}
