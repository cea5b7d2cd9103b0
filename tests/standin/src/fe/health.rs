//! What the leader knows of the others from its heartbeats, and shares with all FEs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A node is taken for dead after so many heartbeats in a row have failed.
const MISSES: u32 = 2;

/// What is known of all nodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// By the FE's id.
    pub frontends: BTreeMap<String, Pulse>,
    /// By the BE's or CN's id.
    pub nodes: BTreeMap<u64, NodePulse>,
}

/// What is known of one process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pulse {
    /// Whether it counts as alive.
    pub alive: bool,
    /// Its version, once it has answered.
    pub version: Option<String>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When it last answered.
    pub last_heartbeat: Option<Timestamp>,
    /// Why the last heartbeat failed, or empty.
    pub error: String,
    /// FE: the journal's number that it has reached.
    pub journal: u64,
    /// Since when it's dead, if it has been alive before.
    pub dead_since: Option<Timestamp>,
    /// When it was last seen to have come back, if it ever did.
    pub restarted: Option<Timestamp>,
    /// Failures in a row.
    #[serde(skip)]
    pub misses: u32,
}

/// What is known of a BE or CN.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NodePulse {
    /// As of any process.
    #[serde(flatten)]
    pub pulse: Pulse,
    /// 8040.
    pub http_port: u16,
    /// 9060.
    pub be_port: u16,
    /// 8060.
    pub brpc_port: u16,
    /// For how long after its return its tablets count as unhealthy, when the BE says so.
    pub unhealthy_seconds: Option<u64>,
}

/// A change that is worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// It's alive, for the first time, again, or anew after a restart that went unnoticed.
    Alive,
    /// It's dead.
    Dead,
}

impl Pulse {
    /// It answered.
    pub fn beat(&mut self, now: Timestamp, version: &str, started: Timestamp) -> Option<Transition> {
        let known = self.started.is_some();
        let came_back = !self.alive || self.started != Some(started);
        if known && came_back {
            self.restarted = Some(now);
        }
        *self = Self {
            alive: true,
            version: Some(version.to_owned()),
            started: Some(started),
            last_heartbeat: Some(now),
            error: String::new(),
            journal: self.journal,
            dead_since: None,
            restarted: self.restarted,
            misses: 0,
        };
        came_back.then_some(Transition::Alive)
    }

    /// It didn't answer.
    pub fn miss(&mut self, now: Timestamp, error: String) -> Option<Transition> {
        self.misses += 1;
        self.error = error;
        if !self.alive || self.misses < MISSES {
            return None;
        }
        self.alive = false;
        self.dead_since = Some(now);
        Some(Transition::Dead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_node_dies_after_two_misses_and_its_return_is_a_restart() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.beat(at(1), "3.2.2", at(0)), Some(Transition::Alive));
        assert_eq!(pulse.restarted, None, "the first time is no restart");
        assert_eq!(pulse.miss(at(2), "refused".into()), None);
        assert_eq!(pulse.miss(at(3), "refused".into()), Some(Transition::Dead));
        assert_eq!(pulse.miss(at(4), "refused".into()), None, "it dies once");
        assert_eq!(pulse.dead_since, Some(at(3)));
        assert_eq!(pulse.beat(at(5), "3.2.3", at(4)), Some(Transition::Alive));
        assert_eq!((pulse.restarted, pulse.dead_since), (Some(at(5)), None));
    }

    #[test]
    fn a_restart_between_two_heartbeats_is_seen_by_the_start_time() {
        let mut pulse = Pulse::default();
        pulse.beat(at(1), "3.2.2", at(0));
        assert_eq!(pulse.beat(at(2), "3.2.2", at(0)), None);
        assert_eq!(pulse.beat(at(3), "3.2.3", at(2)), Some(Transition::Alive));
        assert_eq!(pulse.restarted, Some(at(3)));
    }
}
