//! Pods that break in mid-roll go out of turn, but past nobody's word and no gate.

use crate::common::*;
use hookgate_api::status::Tablets;

/// So many passes, in which an old pod of BE can't start.
fn passes_with_a_broken_pod(world: &mut World, count: usize, ordinal: i32) {
    for _ in 0..count {
        let be = world.components.get_mut(&Component::Be).unwrap();
        let old = |pod: &&mut hookgate_operator::observation::ObservedPod| {
            pod.ordinal == ordinal && pod.revision.ends_with("3.2.1")
        };
        if let Some(pod) = be.pods.iter_mut().find(old) {
            (pod.ready, pod.cannot_start) = (false, Some("Unschedulable".to_owned()));
            be.ready_endpoints = be.pods.iter().filter(|pod| pod.ready).count();
            be.statefulset.as_mut().unwrap().available = i32::try_from(be.ready_endpoints).unwrap();
        }
        passes(world, 1);
    }
}

fn gated(gate: Value) -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["rolloutGate"] = gate);
    set_version(&mut world, "3.2.2");
    world
}

#[test]
fn a_canary_is_asked_for_before_an_old_pod_that_broke_meanwhile() {
    let mut world = gated(json!({"canary": true}));
    world.settle();
    assert_eq!((let_go(&world), waits_for(&world).0.as_str()), (vec!["c-be-2"], "Canary"));
    passes_with_a_broken_pod(&mut world, 60, 1);
    assert_eq!((let_go(&world), waits_for(&world).0.as_str()), (vec!["c-be-2"], "Canary"));
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/continue", &id);
    passes_with_a_broken_pod(&mut world, 30, 1);
    world.settle();
    assert_eq!(let_go(&world)[..3], ["c-be-2", "c-be-1", "c-be-0"]);
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_canary_is_asked_for_after_a_pod_of_the_waves_own_making_was_replaced() {
    let mut world = gated(json!({"canary": true}));
    world.settle();
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/continue", &id);
    until_let_go(&mut world, "c-be-1");
    world.cluster.metadata.annotations = None;
    passes(&mut world, 3);
    // Two pods have an image that doesn't start when another is to follow.
    for pod in &mut world.components.get_mut(&Component::Be).unwrap().pods[1..] {
        pod.ready = false;
        pod.revision = "x|broken".to_owned();
        pod.cannot_start = Some("ImagePullBackOff".to_owned());
    }
    world.log.clear();
    world.ordered_ready = true;
    set_version(&mut world, "3.2.3");
    passes(&mut world, 120);
    let gone = let_go(&world);
    assert!(gone.contains(&"c-be-2") && gone.contains(&"c-be-1") && !gone.contains(&"c-be-0"), "{gone:?}");
    assert_eq!(waits_for(&world).0, "Canary");
}

#[test]
fn tablets_are_compared_with_what_they_were_before_the_pod_that_was_let_go_first() {
    let mut world = gated(json!({"check": "Tablets"}));
    until_let_go(&mut world, "c-be-2");
    world.tablets = Tablets { unhealthy: 100, ..Tablets::default() };
    passes(&mut world, 10);
    assert_eq!(waits_for(&world).0, "TabletGate");
    passes_with_a_broken_pod(&mut world, 60, 1);
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1"], "what is broken is replaced, and nothing else");
    assert_eq!(waits_for(&world).0, "TabletGate");
    world.tablets = Tablets::default();
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_pause_and_a_release_hold_up_the_repair_of_a_pod_that_broke() {
    for annotation in ["hookgate.dev/paused", "hookgate.dev/release"] {
        let mut world = gated(json!({}));
        until_let_go(&mut world, "c-be-2");
        let id = wave_id(&world);
        annotate(&mut world, annotation, &id);
        passes(&mut world, 3);
        passes_with_a_broken_pod(&mut world, 60, 1);
        assert_eq!(let_go(&world), ["c-be-2"], "{annotation}");
        let reason = if annotation.ends_with("paused") { "Paused" } else { "Released" };
        assert_eq!(waits_for(&world).0, reason);
        assert!(world.has_originals(), "{annotation}: {:?}", world.memory);
        world.cluster.metadata.annotations = None;
        passes_with_a_broken_pod(&mut world, 30, 1);
        world.settle();
        assert!(all_at(&world, "3.2.2") && world.has_originals(), "{annotation}");
    }
}

#[test]
fn a_repair_that_is_released_by_hand_does_not_begin() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    passes_with_a_broken_pod(&mut world, 1, 1);
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/release", &id);
    passes_with_a_broken_pod(&mut world, 60, 1);
    assert!(let_go(&world).is_empty() && world.has_originals(), "{:?}", world.log);
    assert_eq!(waits_for(&world).0, "Released");
}
