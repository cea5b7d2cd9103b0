//! `canary`: each first pod is looked at by itself, also the only one, and also the one of another target.

use crate::common::*;

const CONTINUE: &str = "hookgate.dev/continue";

fn with_canaries(fields: &[&str], change: impl FnOnce(&mut Value)) -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        for field in fields {
            spec[*field]["rolloutGate"] = json!({"canary": true});
        }
        change(spec);
    });
    world.settle();
    world.log.clear();
    world
}

fn go_on(world: &mut World) {
    let id = wave_id(world);
    annotate(world, CONTINUE, &id);
}

#[test]
fn one_word_is_for_one_components_first_pod() {
    let mut world = with_canaries(&["starRocksBeSpec", "starRocksFeSpec"], |_| ());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2"]);
    go_on(&mut world);
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0", "c-cn-0", "c-fe-2"]);
    let (reason, message, _) = waits_for(&world);
    assert!(reason == "Canary" && message.contains("the first pod of FE has passed"), "{message}");
    assert!(message.contains("was for the first pod of BE") && message.contains("hookgate.dev/continue-"));
    assert!(world.has_originals());
    world.cluster.metadata.annotations = None;
    world.settle();
    let (_, message, _) = waits_for(&world);
    assert!(message.contains(&format!("--overwrite hookgate.dev/continue={}", wave_id(&world))), "{message}");
    go_on(&mut world);
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn another_target_is_tried_out_by_itself() {
    let mut world = with_canaries(&["starRocksBeSpec"], |_| ());
    set_version(&mut world, "3.2.2");
    world.settle();
    let id = wave_id(&world);
    go_on(&mut world);
    until_let_go(&mut world, "c-be-1");
    world.log.clear();
    set_version(&mut world, "3.2.3");
    world.settle();
    assert_eq!(wave_id(&world), id);
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert_eq!(waits_for(&world).0, "Canary");
    world.cluster.metadata.annotations = None;
    passes(&mut world, 1);
    go_on(&mut world);
    world.settle();
    assert!(all_at(&world, "3.2.3"));
}

#[test]
fn another_target_shuts_a_gate_that_was_opened_for_the_one_before() {
    let mut world = with_canaries(&["starRocksBeSpec"], |_| ());
    set_version(&mut world, "3.2.2");
    world.settle();
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/skip-gate", &id);
    until_let_go(&mut world, "c-be-1");
    world.log.clear();
    set_version(&mut world, "3.2.3");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert_eq!(waits_for(&world).0, "Canary");
    let (ignored, message) = is_true(&world, ConditionType::IgnoredAnnotations).unwrap();
    assert!(ignored && message.contains("something else since"), "{message}");
}

#[test]
fn the_only_pod_of_a_component_is_looked_at_before_the_others_follow() {
    for (field, gone) in
        [("starRocksBeSpec", &["c-be-0"][..]), ("starRocksFeSpec", &["c-be-0", "c-cn-0", "c-fe-0"])]
    {
        let mut world = with_canaries(&[field], |spec| {
            spec["starRocksBeSpec"]["replicas"] = 1.into();
            spec["starRocksFeSpec"]["replicas"] = 1.into();
        });
        set_version(&mut world, "3.2.2");
        world.settle();
        assert_eq!(let_go(&world), gone);
        assert_eq!(waits_for(&world).0, "Canary");
        assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
        go_on(&mut world);
        world.settle();
        assert!(all_at(&world, "3.2.2") && world.has_originals());
        assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
    }
}

#[test]
fn what_was_said_before_the_first_pod_was_back_counts_for_it() {
    let mut world = with_canaries(&["starRocksBeSpec"], |_| ());
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    go_on(&mut world);
    world.settle();
    assert!(all_at(&world, "3.2.2"));
}
