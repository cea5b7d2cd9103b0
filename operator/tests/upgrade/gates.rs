//! The rollout gate: tablets, canary, pause, timeout, and what is held meanwhile.

use crate::common::*;
use hookgate_api::status::{Aborted, Tablets};
use hookgate_operator::render::Rollout;

fn gated(gate: Value) -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["rolloutGate"] = gate);
    world
}

fn annotate(world: &mut World, key: &str, value: &str) {
    world.cluster.metadata.annotations = Some([(key.to_owned(), value.to_owned())].into_iter().collect());
}

fn waits_for(world: &World) -> (String, String) {
    let wave = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap();
    let waiting = wave.waiting_for.as_ref();
    waiting.map(|waiting| (waiting.reason.clone(), waiting.message.clone())).unwrap_or_default()
}

fn seconds(world: &mut World, seconds: u32) {
    for _ in 0..seconds {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
}

fn balancer(world: &World) -> Vec<&str> {
    world.memory.values().map(|memory| memory["tablet_sched_disable_balance"].as_str()).collect()
}

const REPAIRING: Tablets = Tablets { unhealthy: 12, inconsistent: 0, error_state: 0 };

#[test]
fn the_tablet_gate_waits_for_each_count_to_be_what_it_was_with_repair_let_go() {
    for worse in [
        Tablets { unhealthy: 8, ..Tablets::default() },
        Tablets { unhealthy: 7, inconsistent: 1, error_state: 0 },
        Tablets { unhealthy: 7, inconsistent: 0, error_state: 1 },
    ] {
        let mut world = gated(json!({"check": "Tablets"}));
        // They needn't be none: only no worse than before.
        let before = Tablets { unhealthy: 7, ..Tablets::default() };
        world.tablets = before;
        set_version(&mut world, "3.2.2");
        until_let_go(&mut world, "c-be-2");
        world.tablets = worse;
        seconds(&mut world, 30);
        assert_eq!(let_go(&world), ["c-be-2"]);
        let (reason, message) = waits_for(&world);
        assert_eq!(reason, "TabletGate");
        assert!(message.contains("c-be-2 was let go"), "{message}");
        assert!(world.has_originals(), "repair works meanwhile: {:?}", world.memory);
        world.tablets = before;
        until_let_go(&mut world, "c-be-1");
        assert_eq!(balancer(&world), ["true"; 3], "held again before the next pod");
        world.settle();
        assert_eq!(let_go(&world).len(), 7);
        assert!(world.has_originals());
    }
}

#[test]
fn the_alive_gate_does_not_look_at_tablets() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.tablets = REPAIRING;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn the_last_pod_has_a_gate_as_well() {
    let mut world = gated(json!({"check": "Tablets"}));
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-0");
    world.tablets = REPAIRING;
    seconds(&mut world, 30);
    assert_eq!(let_go(&world).last(), Some(&"c-be-0"), "CN waits for it");
    assert_eq!(waits_for(&world).0, "TabletGate");
}

#[test]
fn a_canary_waits_for_the_annotation_that_names_its_wave() {
    let mut world = gated(json!({"canary": true}));
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2"]);
    let (reason, message) = waits_for(&world);
    let id = wave_id(&world);
    assert_eq!(reason, "Canary");
    assert!(message.contains(&format!("hookgate.dev/continue={id}")), "{message}");
    assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
    annotate(&mut world, "hookgate.dev/continue", "another-wave");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2"]);
    annotate(&mut world, "hookgate.dev/continue", &id);
    until_let_go(&mut world, "c-be-1");
    assert_eq!(balancer(&world), ["true"; 3]);
    // Once it goes on it goes on.
    world.cluster.metadata.annotations = None;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.has_originals());
}

#[test]
fn a_pause_lies_between_any_two_pods_of_a_component() {
    let mut world = gated(json!({"pauseSeconds": 30}));
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    let first = world.now;
    until_let_go(&mut world, "c-be-1");
    assert!(world.now.duration_since(first).as_secs() >= 30);
    seconds(&mut world, 10);
    assert_eq!(waits_for(&world).0, "PodPause");
    assert_eq!(balancer(&world), ["true"; 3], "a short wait keeps what is held");
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn a_long_pause_lets_go_and_takes_hold_again() {
    let mut world = gated(json!({"pauseSeconds": 100}));
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    seconds(&mut world, 90);
    assert!(world.has_originals(), "{:?}", world.memory);
    until_let_go(&mut world, "c-be-1");
    assert_eq!(balancer(&world), ["true"; 3]);
}

#[test]
fn a_gate_that_times_out_stalls_and_completes_by_itself_when_all_is_well_after_all() {
    let mut world = gated(json!({"check": "Tablets", "timeoutSeconds": 20}));
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.tablets = REPAIRING;
    seconds(&mut world, 15);
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0);
    seconds(&mut world, 30);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("more than 20 s") && message.contains("12 unhealthy"), "{message}");
    assert!(world.events.iter().any(|(reason, note)| *reason == "Stalled" && note.contains("GateTimedOut")));
    assert!(world.has_originals(), "{:?}", world.memory);
    world.tablets = Tablets::default();
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0);
}

fn rolled_back(world: &World) -> Option<&Aborted> {
    world.cluster.status.as_ref().unwrap().aborted.as_ref()
}

/// A canary of BE whose image doesn't start, until it has gone back.
fn failed_canary() -> World {
    let mut world = gated(json!({"canary": "Rollback", "timeoutSeconds": 20}));
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["image"] = "be:3.2.broken".into();
        spec["starRocksFeSpec"]["image"] = "fe:3.2.9".into();
    });
    world.settle();
    world
}

#[test]
fn a_canary_that_fails_its_gate_goes_back_by_itself_and_is_not_tried_again() {
    let world = failed_canary();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-2"], "there and back");
    assert!(all_at(&world, "3.2.1") && world.has_originals());
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("went back by itself") && message.contains("c-be-2"), "{message}");
    assert!(rolled_back(&world).is_some());
    assert_eq!(world.components[&Component::Be].statefulset.as_ref().unwrap().rollout, Rollout::OPEN);
}

#[test]
fn what_went_back_can_be_scaled_and_a_new_target_is_tried() {
    let mut world = failed_canary();
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["replicas"] = 4.into());
    world.settle();
    assert_eq!(world.components[&Component::Be].pods.len(), 4);
    assert!(all_at(&world, "3.2.1"), "scaling is no new target");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.9".into());
    world.settle();
    assert!(rolled_back(&world).is_none());
    // The canary's gate is good this time; it stops for the user.
    assert_eq!(let_go(&world), ["c-be-2", "c-be-2", "c-be-3"]);
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/continue", &id);
    world.settle();
    let all = world.components.iter().filter(|(component, _)| **component != Component::Cn);
    assert!(all.flat_map(|(_, observed)| &observed.pods).all(|pod| pod.revision.ends_with("3.2.9")));
    assert!(world.has_originals() && !is_true(&world, ConditionType::Stalled).unwrap().0);
}

#[test]
fn what_went_back_is_tried_again_when_the_user_asks() {
    let mut world = failed_canary();
    let wave = rolled_back(&world).unwrap().wave.clone();
    annotate(&mut world, "hookgate.dev/retry", "another");
    world.settle();
    assert_eq!(let_go(&world).len(), 2);
    annotate(&mut world, "hookgate.dev/retry", &wave);
    seconds(&mut world, 15);
    assert_eq!(let_go(&world), ["c-be-2", "c-be-2", "c-be-2"]);
}

#[test]
fn going_back_in_the_spec_is_what_runs() {
    let mut world = failed_canary();
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["image"] = "be:3.2.1".into();
        spec["starRocksFeSpec"]["image"] = "fe:3.2.1".into();
    });
    world.settle();
    assert_eq!(let_go(&world).len(), 2);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0 && rolled_back(&world).is_none());
}
