//! What happened, as the API server's watches and the database told it. Proofs are about nothing else: neither the
//! operator's log nor its status is in here.

mod frontends;
mod rollout;
mod state;

pub use frontends::{FrontendAt, Value, frontends_at, leader_at};
pub use rollout::{Patch, Replacement, Turn};
pub use state::{JobState, PodState, SetState};

use hookgate_standin::event::Recorded;
use jiff::Timestamp;

/// One thing that a watch showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen<T> {
    /// No earlier than when it happened, and normally some milliseconds later.
    pub at: Timestamp,
    /// Its place in the API server's order of all changes.
    pub revision: u64,
    /// Whether the object is gone with this.
    pub deleted: bool,
    /// What the object was.
    pub state: T,
}

/// Everything that was seen in one namespace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Every state of every StatefulSet.
    pub sets: Vec<Seen<SetState>>,
    /// Every state of every pod of a component.
    pub pods: Vec<Seen<PodState>>,
    /// Every state of every Job.
    pub jobs: Vec<Seen<JobState>>,
    /// What the stand-in of the database told, in its recorder's order.
    pub database: Vec<Recorded>,
}

impl Timeline {
    /// Puts what the watches showed into the API server's order.
    ///
    /// Two watches may deliver in another order than things happened, so the time of receipt alone can deceive. A
    /// change can't have happened after one with a higher revision was received: that bounds its time.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.sets.sort_by_key(|seen| seen.revision);
        self.pods.sort_by_key(|seen| seen.revision);
        self.jobs.sort_by_key(|seen| seen.revision);
        let sets = self.sets.iter_mut().map(|seen| (seen.revision, &mut seen.at));
        let pods = self.pods.iter_mut().map(|seen| (seen.revision, &mut seen.at));
        let jobs = self.jobs.iter_mut().map(|seen| (seen.revision, &mut seen.at));
        let mut times: Vec<_> = sets.chain(pods).chain(jobs).collect();
        times.sort_by_key(|(revision, _)| std::cmp::Reverse(*revision));
        let mut bound = Timestamp::MAX;
        for (_, at) in times {
            bound = bound.min(*at);
            *at = bound;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proofs::example::{at, pod, set};
    use hookgate_api::Component;

    #[test]
    fn what_was_received_late_is_put_where_it_belongs() {
        let timeline = Timeline {
            sets: vec![Seen { at: at(5), revision: 8, deleted: false, state: set(Component::Be, "1") }],
            pods: vec![Seen { at: at(6), revision: 7, deleted: false, state: pod(Component::Fe, 0, "a") }],
            ..Timeline::default()
        };
        let ordered = timeline.in_order();
        assert_eq!((ordered.pods[0].at, ordered.sets[0].at), (at(5), at(5)));
    }
}
