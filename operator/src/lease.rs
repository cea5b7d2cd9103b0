//! Leader election by a Lease: at most one operator acts at a time.
//!
//! Own code rather than a library because what changes the database needs more than "am I the leader": a statement
//! is sent only under a lease that outlives the statement's time ([`Holder::outlives`]).

mod decide;

use decide::{Decision, Record, decide};
use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta},
};
use kube::{Api, Client, api::PostParams};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Why the lease can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// The API server refused or didn't answer.
    #[error("the lease can't be read or written: {0}")]
    Api(#[from] Box<kube::Error>),
}

/// How a lease is held.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The namespace of the Lease.
    pub namespace: String,
    /// The name of the Lease.
    pub name: String,
    /// Who this operator is; different for every process.
    pub identity: String,
    /// How long a lease holds without being renewed.
    pub duration: Duration,
}

/// Whether, and until when, this operator holds the lease.
#[derive(Clone, Debug, Default)]
pub struct Holder(Arc<Mutex<Option<Instant>>>);

impl Holder {
    /// Whether the lease is held for at least that long from this moment.
    pub fn outlives(&self, time: Duration) -> bool {
        self.expiry().is_some_and(|expiry| Instant::now() + time < expiry)
    }

    /// A lease that is held for that long.
    #[cfg(test)]
    pub(crate) fn held_for(time: Duration) -> Self {
        let holder = Self::default();
        holder.set(Some(Instant::now() + time));
        holder
    }

    fn expiry(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, expiry: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = expiry;
    }
}

/// One operator's part in the election.
pub struct Election {
    leases: Api<Lease>,
    settings: Settings,
    holder: Holder,
    /// The lease as it was last seen, and when it last changed, by this process's own clock.
    seen: Option<(Record, Instant)>,
}

impl Election {
    /// An operator that doesn't hold the lease yet.
    pub fn new(client: Client, settings: Settings) -> Self {
        let leases = Api::namespaced(client, &settings.namespace);
        Self { leases, settings, holder: Holder::default(), seen: None }
    }

    /// Whether the lease is held, for those who act under it.
    pub fn holder(&self) -> Holder {
        self.holder.clone()
    }

    /// Returns once the lease is held.
    pub async fn acquire(&mut self) {
        loop {
            match self.try_once().await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "leader election"),
            }
            tokio::time::sleep(self.pause()).await;
        }
    }

    /// Keeps the lease; returns when it's lost.
    pub async fn keep(&mut self) {
        loop {
            tokio::time::sleep(self.pause()).await;
            let Some(expiry) = self.holder.expiry() else { return };
            // An API server that doesn't answer must not keep an operator going whose lease has run out.
            let Ok(renewed) = tokio::time::timeout_at(expiry.into(), self.try_once()).await else {
                tracing::warn!("the API server did not answer before the lease ran out");
                return;
            };
            match renewed {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "the lease was not renewed"),
            }
            if self.holder.expiry().is_none_or(|expiry| Instant::now() >= expiry) {
                return;
            }
        }
    }

    /// Gives the lease up, so that the next operator needs not wait for it to run out.
    ///
    /// # Errors
    /// When the API server refuses.
    pub async fn release(&mut self) -> Result<(), LeaseError> {
        if self.holder.expiry().is_none() {
            return Ok(());
        }
        self.holder.set(None);
        let Some(mut lease) = self.read().await? else { return Ok(()) };
        if let Some(spec) =
            lease.spec.as_mut().filter(|spec| spec.holder_identity.as_ref() == Some(&self.settings.identity))
        {
            spec.holder_identity = None;
            let name = self.settings.name.clone();
            self.leases.replace(&name, &PostParams::default(), &lease).await.map_err(Box::new)?;
        }
        Ok(())
    }

    fn pause(&self) -> Duration {
        self.settings.duration / 5
    }

    async fn read(&self) -> Result<Option<Lease>, LeaseError> {
        Ok(self.leases.get_opt(&self.settings.name).await.map_err(Box::new)?)
    }

    async fn try_once(&mut self) -> Result<bool, LeaseError> {
        let asked = Instant::now();
        let lease = self.read().await?;
        let record = Record::of(lease.as_ref());
        let unchanged_for = match &self.seen {
            Some((seen, since)) if *seen == record => asked.duration_since(*since),
            _ => {
                self.seen = Some((record.clone(), asked));
                Duration::ZERO
            }
        };
        match decide(&record, &self.settings.identity, unchanged_for) {
            Decision::Wait => {
                self.holder.set(None);
                Ok(false)
            }
            Decision::Take { transitions } => self.write(lease, transitions, asked).await,
        }
    }

    async fn write(
        &self,
        lease: Option<Lease>,
        transitions: i32,
        asked: Instant,
    ) -> Result<bool, LeaseError> {
        let now = MicroTime(Timestamp::now());
        let before = lease.as_ref().and_then(|lease| lease.spec.clone()).unwrap_or_default();
        let ours = before.holder_identity.as_ref() == Some(&self.settings.identity);
        let metadata = lease.as_ref().map_or_else(
            || ObjectMeta { name: Some(self.settings.name.clone()), ..ObjectMeta::default() },
            |lease| lease.metadata.clone(),
        );
        let next = Lease {
            metadata,
            spec: Some(LeaseSpec {
                holder_identity: Some(self.settings.identity.clone()),
                lease_duration_seconds: i32::try_from(self.settings.duration.as_secs().max(1)).ok(),
                acquire_time: if ours { before.acquire_time } else { Some(now.clone()) },
                renew_time: Some(now),
                lease_transitions: Some(transitions),
                ..LeaseSpec::default()
            }),
        };
        let result = match lease {
            Some(_) => self.leases.replace(&self.settings.name, &PostParams::default(), &next).await,
            None => self.leases.create(&PostParams::default(), &next).await,
        };
        match result {
            Ok(_) => {
                self.holder.set(Some(asked + self.settings.duration));
                Ok(true)
            }
            // Somebody else was faster; whether this operator still leads is read in the next try.
            Err(kube::Error::Api(status)) if status.is_conflict() || status.is_already_exists() => {
                Ok(self.holder.expiry().is_some_and(|expiry| Instant::now() < expiry))
            }
            Err(error) => Err(LeaseError::Api(Box::new(error))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        convert::Infallible,
        future::{Pending, pending},
        task::{Context, Poll},
    };

    /// An API server that never answers.
    #[derive(Clone)]
    struct Silent;

    impl tower::Service<http::Request<kube::client::Body>> for Silent {
        type Response = http::Response<kube::client::Body>;
        type Error = Infallible;
        type Future = Pending<Result<Self::Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: http::Request<kube::client::Body>) -> Self::Future {
            pending()
        }
    }

    #[tokio::test]
    async fn a_silent_api_server_keeps_nobody_going_whose_lease_has_run_out() {
        let settings = Settings {
            namespace: "n".to_owned(),
            name: "l".to_owned(),
            identity: "me".to_owned(),
            duration: Duration::from_millis(100),
        };
        let mut election = Election::new(Client::new(Silent, "default"), settings);
        election.holder.set(Some(Instant::now() + Duration::from_millis(100)));
        let lost = tokio::time::timeout(Duration::from_secs(30), election.keep()).await;
        assert!(lost.is_ok(), "it returns when the lease has run out");
        assert!(!election.holder.outlives(Duration::ZERO));
    }
}
