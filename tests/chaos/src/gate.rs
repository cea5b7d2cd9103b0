//! The one place that every request of the operator passes: it counts, and kills.

use crate::strike::{Kind, Schedule, Side, Strikes};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{mpsc, oneshot};

/// Asks for the operator's death; answered when it is dead.
pub type KillRequest = oneshot::Sender<()>;

/// What the proxies share.
#[derive(Clone, Debug)]
pub struct Gate {
    inner: Arc<Mutex<Inner>>,
    kill: mpsc::Sender<KillRequest>,
}

#[derive(Debug)]
struct Inner {
    strikes: Box<dyn Strikes>,
    tally: Tally,
}

/// What came by since the tally was last taken.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Requests by kind.
    pub requests: BTreeMap<Kind, u32>,
    /// Kills: at what, on which side.
    pub kills: Vec<(Kind, Side, String)>,
}

impl Gate {
    /// A gate that lets everything pass, and what asks for the operator's death.
    pub fn new() -> (Self, mpsc::Receiver<KillRequest>) {
        let (kill, killed) = mpsc::channel(4);
        let inner = Inner { strikes: Box::new(Schedule::none()), tally: Tally::default() };
        (Self { inner: Arc::new(Mutex::new(inner)), kill }, killed)
    }

    /// Counts a request; says on which side of it the operator is to die, if it is.
    pub fn pass(&self, kind: Kind, what: &str) -> Option<Side> {
        self.with(|inner| {
            *inner.tally.requests.entry(kind).or_default() += 1;
            let side = inner.strikes.strike(kind, what)?;
            inner.tally.kills.push((kind, side, what.to_owned()));
            Some(side)
        })
    }

    /// Kills the operator, and returns when it is dead.
    pub async fn kill(&self) {
        let (ask, dead) = oneshot::channel();
        if self.kill.send(ask).await.is_ok() {
            // A sender that is dropped means that the operator is no more, as well.
            let _either = dead.await;
        }
    }

    /// Begins another upgrade's strikes, and gives the tally so far.
    pub fn begin(&self, strikes: Box<dyn Strikes>) -> Tally {
        self.with(|inner| {
            inner.strikes = strikes;
            std::mem::take(&mut inner.tally)
        })
    }

    /// How many kills are still to come.
    pub fn left(&self) -> usize {
        self.with(|inner| inner.strikes.left())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
