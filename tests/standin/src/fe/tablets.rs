//! How many tablets there are and in what state: computed from the BEs' health, since there is no data.

use jiff::Timestamp;

use super::health::NodePulse;
use super::state::Node;
use crate::fault::TabletFaults;

/// Partitions of the one table with replicas, and of each table with a single replica.
pub const PARTITIONS_PER_TABLE: u64 = 1;
/// Tablets (buckets) of a partition.
pub const TABLETS_PER_PARTITION: u64 = 12;

/// What the counts depend on beside the BEs.
#[derive(Debug, Clone)]
pub struct TabletRules {
    /// For how long a BE's tablets count as unhealthy after its return.
    pub unhealthy_seconds: u64,
    /// Repairs are scheduled when a BE has been dead for so long.
    pub repair_delay_seconds: u64,
    /// Tables with one replica.
    pub single_replica_tables: u64,
    /// Whether data is shared, so that tablets are on no BE.
    pub shared_data: bool,
    /// `tablet_sched_max_scheduling_tablets`.
    pub max_scheduling: u64,
}

/// The counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TabletCounts {
    /// Tables.
    pub tables: u64,
    /// Partitions.
    pub partitions: u64,
    /// Tablets.
    pub tablets: u64,
    /// Replicas.
    pub replicas: u64,
    /// Replicas on each BE.
    pub per_backend: u64,
    /// Tablets with fewer good replicas than they should have.
    pub unhealthy: u64,
    /// Tablets whose replicas differ.
    pub inconsistent: u64,
    /// Tablets in an error state.
    pub error_state: u64,
    /// Waiting to be repaired.
    pub pending: u64,
    /// Being repaired.
    pub running: u64,
}

/// Counts, and overlays what a test wants to see instead.
pub fn count(
    backends: &[(&Node, Option<&NodePulse>)],
    rules: &TabletRules,
    faults: &TabletFaults,
    now: Timestamp,
) -> TabletCounts {
    let copies = (backends.len() as u64).clamp(1, 3);
    let tables = 1 + rules.single_replica_tables;
    let partitions = tables * PARTITIONS_PER_TABLE;
    let tablets = partitions * TABLETS_PER_PARTITION;
    let replicas = (copies + rules.single_replica_tables) * PARTITIONS_PER_TABLE * TABLETS_PER_PARTITION;
    let per_backend = replicas.div_ceil(backends.len().max(1) as u64);
    let (unhealthy, pending) = if rules.shared_data {
        (0, 0)
    } else {
        let count = |fits: &dyn Fn(&NodePulse) -> bool| {
            backends.iter().filter(|(_, pulse)| pulse.is_some_and(fits)).count() as u64
        };
        let unhealthy = count(&|pulse| is_unhealthy(pulse, rules, now));
        let overdue = count(&|pulse| is_overdue(pulse, rules, now));
        let pending = (overdue * per_backend).min(tablets).min(rules.max_scheduling);
        ((unhealthy * per_backend).min(tablets), pending)
    };
    TabletCounts {
        tables,
        partitions,
        tablets,
        replicas,
        per_backend,
        unhealthy: faults.unhealthy.unwrap_or(unhealthy),
        inconsistent: faults.inconsistent.unwrap_or(0),
        error_state: faults.error_state.unwrap_or(0),
        pending: faults.pending.unwrap_or(pending),
        running: faults.running.unwrap_or(0),
    }
}

/// A BE that was never alive has no tablets; one that is dead or has just come back has unhealthy ones.
fn is_unhealthy(node: &NodePulse, rules: &TabletRules, now: Timestamp) -> bool {
    if node.pulse.dead_since.is_some() {
        return true;
    }
    let seconds = node.unhealthy_seconds.unwrap_or(rules.unhealthy_seconds);
    node.pulse.restarted.is_some_and(|at| is_within(at, now, seconds))
}

fn is_overdue(node: &NodePulse, rules: &TabletRules, now: Timestamp) -> bool {
    node.pulse.dead_since.is_some_and(|since| !is_within(since, now, rules.repair_delay_seconds))
}

fn is_within(since: Timestamp, now: Timestamp, seconds: u64) -> bool {
    now.as_millisecond() - since.as_millisecond() < i64::try_from(seconds).unwrap_or(i64::MAX / 1000) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::NodeKind;
    use crate::fe::health::Pulse;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn rules() -> TabletRules {
        TabletRules {
            unhealthy_seconds: 5,
            repair_delay_seconds: 60,
            single_replica_tables: 0,
            shared_data: false,
            max_scheduling: 10_000,
        }
    }

    fn node(id: u64) -> Node {
        Node {
            id,
            kind: NodeKind::Backend,
            host: id.to_string(),
            heartbeat_port: 9050,
            decommissioned: false,
        }
    }

    fn pulse(change: impl FnOnce(&mut Pulse)) -> NodePulse {
        let mut pulse = NodePulse::default();
        pulse.pulse.beat(at(0), "3.2.2", at(0));
        change(&mut pulse.pulse);
        pulse
    }

    fn counts(pulses: &[NodePulse], rules: &TabletRules, now: i64) -> TabletCounts {
        let nodes: Vec<_> = (0..pulses.len() as u64).map(node).collect();
        let backends: Vec<_> = nodes.iter().zip(pulses.iter().map(Some)).collect();
        count(&backends, rules, &TabletFaults::default(), at(now))
    }

    #[test]
    fn a_restarted_backend_is_unhealthy_for_a_while_and_a_new_one_is_not() {
        let fine = pulse(|_| {});
        let back = pulse(|pulse| pulse.restarted = Some(at(100)));
        let all = [fine.clone(), fine.clone(), back];
        assert_eq!(counts(&all, &rules(), 104).unhealthy, 12);
        assert_eq!(counts(&all, &rules(), 105).unhealthy, 0);
        assert_eq!(counts(&[fine], &rules(), 1).unhealthy, 0);
    }

    #[test]
    fn repairs_wait_for_their_delay_and_stop_when_scheduling_is_off() {
        let all = [pulse(|_| {}), pulse(|pulse| pulse.dead_since = Some(at(100)))];
        let early = counts(&all, &rules(), 159);
        assert_eq!((early.unhealthy, early.pending), (12, 0));
        assert_eq!(counts(&all, &rules(), 160).pending, 12);
        let held = TabletRules { max_scheduling: 0, ..rules() };
        assert_eq!(counts(&all, &held, 160).pending, 0);
    }

    #[test]
    fn shared_data_has_no_unhealthy_tablets() {
        let shared = TabletRules { shared_data: true, ..rules() };
        let all = [pulse(|pulse| pulse.dead_since = Some(at(1)))];
        assert_eq!(counts(&all, &shared, 900).unhealthy, 0);
    }
}
