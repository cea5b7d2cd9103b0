//! `hookgate.dev/skip-gate`: one annotation opens one gate, that of one pod, and none where there is none.

use crate::common::*;
use hookgate_api::status::{SkippedGate, Tablets};

const SKIP: &str = "hookgate.dev/skip-gate";

fn skip(world: &mut World) {
    let id = wave_id(world);
    annotate(world, SKIP, &id);
}

fn skip_anew(world: &mut World) {
    world.cluster.metadata.annotations = None;
    passes(world, 1);
    skip(world);
}

fn skipped(world: &World) -> Vec<SkippedGate> {
    world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().skipped_gates.clone()
}

/// The wave waits there; the gate is opened for the pod that goes next, and is shut for the one after it until it's
/// opened for that one as well.
fn opens_for_one_pod_each(world: &mut World, gates: [&str; 2], worse: fn(&mut World)) {
    passes(world, 20);
    assert_eq!(let_go(world), ["c-be-2"]);
    assert_eq!(waits_for(world).2.as_deref(), Some(gates[0]), "{}", waits_for(world).1);
    skip(world);
    until_let_go(world, "c-be-1");
    worse(world);
    passes(world, 30);
    assert_eq!(let_go(world), ["c-be-2", "c-be-1"]);
    assert_eq!(waits_for(world).2.as_deref(), Some(gates[1]), "{}", waits_for(world).1);
    skip_anew(world);
    until_let_go(world, "c-be-0");
    let opened: Vec<_> = skipped(world).into_iter().map(|one| one.gate).collect();
    assert_eq!(opened, gates);
    assert_eq!(world.events.iter().filter(|(reason, _)| *reason == "GateSkipped").count(), 2);
}

fn upgrading(change: impl FnOnce(&mut Value)) -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, change);
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world
}

#[test]
fn the_tablet_gate_is_opened_for_one_pod() {
    let mut world = upgrading(|spec| spec["starRocksBeSpec"]["rolloutGate"] = json!({"check": "Tablets"}));
    world.tablets = Tablets { unhealthy: 1, ..Tablets::default() };
    opens_for_one_pod_each(&mut world, ["Tablets:c-be-2", "Tablets:c-be-1"], |world| {
        world.tablets.unhealthy += 1;
    });
}

#[test]
fn the_pause_between_two_pods_is_left_out_once() {
    let mut world = upgrading(|spec| spec["starRocksBeSpec"]["rolloutGate"] = json!({"pauseSeconds": 3600}));
    opens_for_one_pod_each(&mut world, ["PodPause:c-be-1", "PodPause:c-be-0"], |_| {});
}

#[test]
fn settings_that_are_not_held_let_one_pod_past() {
    let mut world = upgrading(|_| ());
    world.refuses = Some("ERROR 5102: no".to_owned());
    for memory in world.memory.values_mut() {
        memory.insert("tablet_sched_disable_balance".to_owned(), "false".to_owned());
    }
    opens_for_one_pod_each(&mut world, ["SettingsHeld:c-be-1", "SettingsHeld:c-be-0"], |_| {});
}

#[test]
fn a_database_that_does_not_answer_lets_one_pod_past() {
    let mut world = upgrading(|_| ());
    passes(&mut world, 1);
    world.reachable = false;
    passes(&mut world, 20);
    // The gate of the pod that is to be back is one, and that of the next is another.
    assert_eq!(waits_for(&world).2.as_deref(), Some("Database:c-be-2"), "{}", waits_for(&world).1);
    skip(&mut world);
    passes(&mut world, 20);
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert_eq!(waits_for(&world).2.as_deref(), Some("Database:c-be-1"), "{}", waits_for(&world).1);
    skip_anew(&mut world);
    until_let_go(&mut world, "c-be-1");
    passes(&mut world, 30);
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1"]);
    assert_eq!(waits_for(&world).2.as_deref(), Some("Database:c-be-0"), "{}", waits_for(&world).1);
}

#[test]
fn an_annotation_that_was_set_at_no_gate_opens_none_until_it_is_set_anew() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["updateStrategy"] = json!({"type": "OnDelete"}));
    world.settle();
    set_version(&mut world, "3.2.2");
    world.settle();
    let (reason, _, gate) = waits_for(&world);
    assert_eq!((reason.as_str(), gate), ("WaitingForUser", None));
    skip(&mut world);
    passes(&mut world, 2);
    let (ignored, message) = is_true(&world, ConditionType::IgnoredAnnotations).unwrap();
    assert!(ignored && message.contains("at no gate") && message.contains("skip-gate-"), "{message}");
    assert!(world.events.iter().any(|(reason, _)| *reason == "AnnotationIgnored"), "{:?}", world.events);
    // The user has the operator roll: the first pod that takes a moment is waited for.
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["updateStrategy"] = Value::Null);
    until_let_go(&mut world, "c-be-2");
    world.cut_off = Some("c-be-2");
    passes(&mut world, 30);
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert_eq!(waits_for(&world).2.as_deref(), Some("Pod:c-be-2"));
    assert_eq!(skipped(&world), []);
    skip_anew(&mut world);
    until_let_go(&mut world, "c-be-1");
    assert_eq!(skipped(&world).len(), 1);
    assert!(!is_true(&world, ConditionType::IgnoredAnnotations).unwrap().0);
}
