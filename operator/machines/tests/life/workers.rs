//! Workers: Machines of their own, with their cluster's files and node hooks.

use crate::world::{self, World};
use hookgate_api::platform::{CLUSTER, HookType, Phase, RunState};
use hookgate_machines::plan::{Subject, without_cluster};

fn worker() -> World {
    let mut world = World::new(1);
    world.subject = world::worker(None);
    world
}

#[test]
fn a_worker_has_the_four_node_hooks_and_follows_the_masters() {
    let mut world = worker();
    world.until_done(HookType::PreInstall);
    (world.phase, world.installed) = (Some(Phase::Running), Some("v1.18.3".to_owned()));
    world.until_done(HookType::PostInstall);
    world.wanted = "1.19.7".to_owned();
    world.subject = world::worker(Some("1.18.3"));
    world.rest();
    assert!(world.on(HookType::PreUpgrade).is_empty(), "the masters come first");
    world.subject = world::worker(Some("1.19.7"));
    world.until_done(HookType::PreUpgrade);
    world.rest();
    assert!(world.on(HookType::PostUpgrade).is_empty());
    world.installed = Some("v1.19.7".to_owned());
    world.until_done(HookType::PostUpgrade);
    let four = [HookType::PreInstall, HookType::PostInstall, HookType::PreUpgrade, HookType::PostUpgrade];
    assert_eq!(world.order(), four);
}

#[test]
fn a_worker_whose_cluster_is_not_there_says_so_until_it_is() {
    let mut world = worker();
    world.status = without_cluster(&world.status, "nowhere", world.now);
    let (reason, message) = world.reason(CLUSTER);
    assert_eq!(reason, "NoSuchCluster");
    assert!(message.contains("\"nowhere\"") && message.contains("spec.clusterName"), "{message}");
    assert_eq!(without_cluster(&world.status, "nowhere", world.now), world.status, "it is written once");
    world.rest();
    assert_eq!(world.reason(CLUSTER).0, "ClusterFound");
    let mut other = worker();
    other.rest();
    assert!(other.status.conditions.iter().all(|condition| condition.type_ != CLUSTER));
}

#[test]
fn a_worker_that_is_deleted_is_left_alone() {
    let mut world = worker();
    world.subject = Subject::Worker { cluster_version: None, cluster_deleted: false, deleted: true };
    world.rest();
    assert!(world.begun.is_empty());
}

#[test]
fn a_worker_whose_cluster_is_deleted_begins_nothing_and_what_runs_is_awaited() {
    let mut world = worker();
    world.until_done(HookType::PreInstall);
    let run = |world: &World| world.status.runs.iter().any(|run| run.state == RunState::Running);
    (world.phase, world.installed) = (Some(Phase::Running), Some("v1.18.3".to_owned()));
    world.until("the hook", |world| world.begun.iter().any(|(_, hook)| *hook == HookType::PostInstall));
    world.wanted = "1.19.7".to_owned();
    let cluster_version = Some("1.19.7".to_owned());
    world.subject = Subject::Worker { cluster_version, cluster_deleted: true, deleted: false };
    assert!(run(&world));
    world.rest();
    assert!(!run(&world), "{:#?}", world.status.runs);
    assert_eq!(world.order(), [HookType::PreInstall, HookType::PostInstall]);
    assert!(world.on(HookType::PreUpgrade).is_empty());
}
