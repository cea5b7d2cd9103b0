//! What is to be done next with the certificates: a pure function of what was seen and of the time.
//!
//! A rotation goes through these states; between any two of them the process may end, and another replica may be
//! the one that goes on:
//!
//! 1. one authority *A*, serving certificate by *A*, bundle `[A]` published;
//! 2. *A* is due: a new authority *B* is written into the Secret, bundle `[B, A]`, serving certificate still by *A*;
//! 3. `[B, A]` is published in the webhook configurations, and that is recorded with its time;
//! 4. after [`Settings::settle`], when every API server has seen it, the serving certificate is issued by *B*;
//! 5. after [`Settings::overlap`], when every replica serves it, *A* is dropped from the bundle.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::CertificateDer;

use crate::authority::{Authority, BACKDATE, Serving};
use crate::contents::Contents;
use crate::facts::CertificateFacts;
use crate::names::ServiceName;
use crate::verify::verify_chain;

/// How far two clocks may be apart before we distrust ours.
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Lifetimes and waiting times.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The Service; its names go into the serving certificate.
    pub service: ServiceName,
    /// Lifetime of an authority.
    pub authority_lifetime: SignedDuration,
    /// Lifetime of a serving certificate; it ends with its authority at the latest.
    pub serving_lifetime: SignedDuration,
    /// From the bundle's publication until a certificate of the new authority is served.
    pub settle: SignedDuration,
    /// From a new serving certificate until the replaced authority is dropped.
    pub overlap: SignedDuration,
    /// A replica makes new keys at most this often, so that two replicas with clocks apart can't fight at full speed.
    pub key_interval: Duration,
}

impl Settings {
    /// Five years, ninety days, one minute, ten minutes, half a minute.
    #[must_use]
    pub fn new(service: ServiceName) -> Self {
        Self {
            service,
            authority_lifetime: SignedDuration::from_hours(5 * 365 * 24),
            serving_lifetime: SignedDuration::from_hours(90 * 24),
            settle: SignedDuration::from_mins(1),
            overlap: SignedDuration::from_mins(10),
            key_interval: Duration::from_secs(30),
        }
    }
}

/// The Secret, as far as it decides what to do.
#[derive(Debug)]
pub enum SecretState {
    /// There is none, or one without any content: nothing is lost by writing it.
    Vacant,
    /// It has content that isn't labelled as ours. It's never overwritten.
    Foreign,
    /// Ours.
    Ours(Box<Contents>),
}

/// Where the bundle of the Secret is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    /// A webhook configuration doesn't exist, or has no webhook of ours.
    Impossible,
    /// A webhook configuration holds another bundle.
    Differs,
    /// Every webhook of ours holds exactly this bundle.
    Complete {
        /// When that was first recorded for this very bundle; `None` when it hasn't been recorded.
        since: Option<Timestamp>,
    },
}

/// Everything that was seen.
#[derive(Debug)]
pub struct Observation {
    /// Our clock.
    pub now: Timestamp,
    /// A time that the API server's clock is known to have passed (the Secret's last write).
    pub server_time: Option<Timestamp>,
    /// The Secret.
    pub secret: SecretState,
    /// Publication of the Secret's bundle.
    pub publication: Publication,
}

/// Why a certificate is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It's in the last third of its lifetime.
    Due,
    /// Its time is over.
    Expired,
    /// Its time hasn't begun, by a clock that we have no reason to distrust.
    NotYetValid,
    /// It's missing, or can't be used; the text says why.
    Unusable(String),
    /// It was issued by an authority that has been replaced.
    AuthorityReplaced,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Due => formatter.write_str("it is due for renewal"),
            Self::Expired => formatter.write_str("it has expired"),
            Self::NotYetValid => formatter.write_str("it is not valid yet"),
            Self::Unusable(cause) => write!(formatter, "it can't be used: {cause}"),
            Self::AuthorityReplaced => formatter.write_str("its authority has been replaced"),
        }
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Write an authority and a serving certificate into the vacant Secret.
    Bootstrap,
    /// Write a new authority into the Secret and keep those it replaces in the bundle.
    ReplaceAuthority {
        /// Why.
        reason: Reason,
        /// Whether the serving certificate is issued anew in the same write, because it's of no use anyway.
        reissue: bool,
    },
    /// Write a new serving certificate by the signing authority into the Secret.
    Reissue(Reason),
    /// Write the bundle into the webhook configurations.
    Publish,
    /// Write down that the bundle is published.
    RecordPublication,
    /// Write the bundle without the replaced authorities.
    DropReplaced,
    /// Nothing for the time being.
    Wait,
}

/// What to do, and when to look again at the latest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What to do.
    pub step: Step,
    /// When a wait ends, if only time is waited for.
    pub look_again: Option<Timestamp>,
    /// What is in the way, with the way out.
    pub problem: Option<String>,
}

impl Plan {
    fn act(step: Step) -> Self {
        Self { step, look_again: None, problem: None }
    }

    fn stuck(problem: String) -> Self {
        Self { step: Step::Wait, look_again: None, problem: Some(problem) }
    }
}

/// The next step.
#[must_use]
pub fn plan(seen: &Observation, settings: &Settings) -> Plan {
    let contents = match &seen.secret {
        SecretState::Vacant => return Plan::act(Step::Bootstrap),
        SecretState::Foreign => {
            return Plan::stuck(
                "the Secret has content that was not generated here, and it is never overwritten: delete it, name \
                 another Secret, or serve it from files"
                    .to_owned(),
            );
        }
        SecretState::Ours(contents) => contents,
    };
    if let Some(server_time) = seen.server_time
        && seen.now.saturating_add(CLOCK_TOLERANCE).is_ok_and(|ahead| ahead < server_time)
    {
        return Plan::stuck(format!(
            "this node's clock says {} but the API server wrote the Secret at {server_time}: set the clock; nothing \
             is renewed until then",
            seen.now
        ));
    }
    let serving = assess_serving(contents, seen.now, &settings.service);
    let authority = match assess_authority(contents, seen.now) {
        Ok(authority) => authority,
        Err(reason) => {
            return Plan::act(Step::ReplaceAuthority { reason, reissue: serving.is_err() });
        }
    };
    match serving {
        Err(reason) => Plan::act(Step::Reissue(reason)),
        Ok((serving, facts)) => proceed(seen, settings, contents, authority, serving, &facts),
    }
}

/// Authority and serving certificate are both in use: publish, renew, and finish a rotation.
fn proceed(
    seen: &Observation,
    settings: &Settings,
    contents: &Contents,
    authority: &Authority,
    serving: &Serving,
    facts: &CertificateFacts,
) -> Plan {
    let signer = std::slice::from_ref(authority.certificate());
    let server_name = settings.service.server_name();
    let signed_by_authority = verify_chain(&serving.chain, signer, &server_name, seen.now).is_ok();
    if signed_by_authority && facts.renewal_time() <= seen.now {
        // No new trust is needed for this one.
        return Plan::act(Step::Reissue(Reason::Due));
    }
    let since = match seen.publication {
        Publication::Impossible => {
            return Plan {
                look_again: Some(facts.renewal_time()),
                ..Plan::stuck("the CA bundle can't be published, see readiness".to_owned())
            };
        }
        Publication::Differs => return Plan::act(Step::Publish),
        Publication::Complete { since: None } => return Plan::act(Step::RecordPublication),
        Publication::Complete { since: Some(since) } => since,
    };
    if !signed_by_authority {
        let settled = later(since, settings.settle);
        if settled <= seen.now {
            return Plan::act(Step::Reissue(Reason::AuthorityReplaced));
        }
        return Plan { step: Step::Wait, look_again: Some(settled), problem: None };
    }
    if contents.bundle.len() > 1 {
        let dropped = later(later(facts.not_before, BACKDATE), settings.overlap);
        if dropped <= seen.now {
            return Plan::act(Step::DropReplaced);
        }
        return Plan { step: Step::Wait, look_again: Some(dropped), problem: None };
    }
    let look_again = facts.renewal_time().min(authority.facts().renewal_time());
    Plan { step: Step::Wait, look_again: Some(look_again), problem: None }
}

fn assess_authority(contents: &Contents, now: Timestamp) -> Result<&Authority, Reason> {
    let authority = contents.authority.as_ref().map_err(|cause| Reason::Unusable(cause.to_string()))?;
    let facts = authority.facts();
    if facts.not_after < now {
        Err(Reason::Expired)
    } else if now < facts.not_before {
        Err(Reason::NotYetValid)
    } else if facts.renewal_time() <= now {
        Err(Reason::Due)
    } else {
        Ok(authority)
    }
}

/// A serving certificate that clients trusting the bundle accept, under every name that it should have.
fn assess_serving<'a>(
    contents: &'a Contents,
    now: Timestamp,
    service: &ServiceName,
) -> Result<(&'a Serving, CertificateFacts), Reason> {
    let serving = contents.serving.as_ref().map_err(|cause| Reason::Unusable(cause.to_string()))?;
    let certificate =
        serving.chain.first().ok_or_else(|| Reason::Unusable("there is no certificate".to_owned()))?;
    let facts = CertificateFacts::read(certificate).map_err(|cause| Reason::Unusable(cause.to_string()))?;
    if facts.not_after < now {
        return Err(Reason::Expired);
    }
    if now < facts.not_before {
        return Err(Reason::NotYetValid);
    }
    if let Some(missing) = service.dns_names().into_iter().find(|name| !facts.dns_names.contains(name)) {
        return Err(Reason::Unusable(format!("it lacks the DNS name \"{missing}\"")));
    }
    verify_chain(&serving.chain, &contents.bundle, &service.server_name(), now)
        .map_err(|cause| Reason::Unusable(cause.to_string()))?;
    Ok((serving, facts))
}

/// The certificates of the old bundle that a new authority keeps beside it: those still valid, two at most, so that
/// repeated damage can't make the bundle grow.
#[must_use]
pub fn kept(bundle: &[CertificateDer<'static>], now: Timestamp) -> Vec<CertificateDer<'static>> {
    bundle
        .iter()
        .filter(|certificate| CertificateFacts::read(certificate).is_ok_and(|facts| facts.is_valid_at(now)))
        .take(2)
        .cloned()
        .collect()
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
