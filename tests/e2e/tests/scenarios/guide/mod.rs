//! The upgrade guide's commands do what the page says, in the states that it names.

mod gates;
mod steering;
mod targets;

use hookgate_api::{StarRocksCluster, status::Wave};
use hookgate_e2e::guide::{PAGE, blocks};
use std::collections::BTreeSet;

/// What the wave in flight waits for.
fn waits_for(cluster: &StarRocksCluster, reason: &str) -> bool {
    let waiting = wave(cluster).and_then(|wave| wave.waiting_for.as_ref());
    waiting.is_some_and(|waiting| waiting.reason == reason)
}

fn wave(cluster: &StarRocksCluster) -> Option<&Wave> {
    cluster.status.as_ref()?.wave.as_ref()
}

#[test]
fn every_command_of_the_guide_is_run_by_a_scenario() {
    let on_the_page: BTreeSet<_> = blocks(PAGE).into_iter().map(|(name, _)| name).collect();
    let run = [steering::RUNS, gates::RUNS, targets::RUNS, crate::proxy::RUNS].concat();
    assert_eq!(on_the_page, run.into_iter().collect());
}
