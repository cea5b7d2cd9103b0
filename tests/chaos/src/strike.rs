//! When to strike: a pure function of a seed and of the requests that come by.

use std::{collections::BTreeMap, fmt};

/// What a request of the operator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It reads from the API server.
    Read,
    /// It writes a cluster's status: what is to be done is recorded.
    Status,
    /// It changes anything else in the API server.
    Effect,
    /// It asks an FE.
    Query,
    /// It changes something in an FE.
    Change,
}

impl Kind {
    /// Whether something is different afterwards.
    pub const fn changes(self) -> bool {
        matches!(self, Self::Status | Self::Effect | Self::Change)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "a read",
            Self::Status => "a status write",
            Self::Effect => "an effect",
            Self::Query => "a query",
            Self::Change => "a change of a setting",
        })
    }
}

/// On which side of a request's effect the operator dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The request never arrives.
    Before,
    /// The request has its effect, and the operator doesn't learn of it.
    After,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Before => "before",
            Self::After => "after",
        })
    }
}

/// Decides at which requests the operator dies.
pub trait Strikes: fmt::Debug + Send {
    /// Takes note of a request; says on which side of it the operator dies, if it does. What is asked for in the same
    /// words is the same request.
    fn strike(&mut self, kind: Kind, what: &str) -> Option<Side>;

    /// How many kills are certain to come still, if there are requests enough.
    fn left(&self) -> usize;
}

/// A kill that has not happened yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kill {
    /// Only requests that change something count.
    only_changes: bool,
    /// At the n-th of them since the kill before, from 1.
    at: u32,
    side: Side,
}

/// The kills of one upgrade, in order.
#[derive(Clone, Debug)]
pub struct Schedule {
    kills: Vec<Kill>,
    since: BTreeMap<bool, u32>,
}

/// At most so many requests that change something lie between two kills. An upgrade of the size used here has about 80,
/// and some kills together are to reach all of it. A kill that lies beyond its end does no harm, and is reported.
const CHANGES: u32 = 30;
/// The same for requests of any kind, of which such an upgrade has several hundred: about 200 of the API server, and what
/// FEs are asked once a second.
const REQUESTS: u32 = 250;

impl Schedule {
    /// So many kills, drawn by the generator. Two of three are at requests that change something: there the gaps are.
    pub fn draw(random: &mut fastrand::Rng, kills: usize) -> Self {
        let draw = |random: &mut fastrand::Rng| {
            let only_changes = random.u32(0..3) > 0;
            let at = random.u32(1..=if only_changes { CHANGES } else { REQUESTS });
            Kill { only_changes, at, side: if random.bool() { Side::Before } else { Side::After } }
        };
        Self { kills: (0..kills).map(|_| draw(random)).collect(), since: BTreeMap::new() }
    }

    /// No kill at all.
    pub const fn none() -> Self {
        Self { kills: Vec::new(), since: BTreeMap::new() }
    }
}

impl Strikes for Schedule {
    fn strike(&mut self, kind: Kind, _what: &str) -> Option<Side> {
        for only_changes in [false, true] {
            if kind.changes() || !only_changes {
                *self.since.entry(only_changes).or_default() += 1;
            }
        }
        let next = *self.kills.first()?;
        let counts = kind.changes() || !next.only_changes;
        let seen = self.since.get(&next.only_changes).copied().unwrap_or_default();
        if !counts || seen < next.at {
            return None;
        }
        self.kills.remove(0);
        self.since.clear();
        Some(next.side)
    }

    fn left(&self) -> usize {
        self.kills.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(seed: u64) -> Vec<(usize, Side)> {
        let mut schedule = Schedule::draw(&mut fastrand::Rng::with_seed(seed), 3);
        let kinds = [Kind::Read, Kind::Query, Kind::Status, Kind::Effect, Kind::Read, Kind::Change];
        kinds
            .iter()
            .cycle()
            .take(2000)
            .enumerate()
            .filter_map(|(n, k)| Some((n, schedule.strike(*k, "")?)))
            .collect()
    }

    #[test]
    fn the_same_seed_strikes_at_the_same_requests_and_every_kill_comes_once() {
        assert_eq!(strikes(7), strikes(7));
        assert_eq!(strikes(7).len(), 3);
        assert!((0..20).any(|seed| strikes(seed) != strikes(7)));
    }

    #[test]
    fn a_kill_at_changes_lets_reads_pass() {
        let kill = Kill { only_changes: true, at: 2, side: Side::After };
        let mut schedule = Schedule { kills: vec![kill], since: BTreeMap::new() };
        for kind in [Kind::Read, Kind::Status, Kind::Query, Kind::Read] {
            assert_eq!(schedule.strike(kind, ""), None, "{kind}");
        }
        assert_eq!(schedule.strike(Kind::Change, ""), Some(Side::After));
        assert_eq!((schedule.strike(Kind::Effect, ""), schedule.left()), (None, 0));
    }
}
