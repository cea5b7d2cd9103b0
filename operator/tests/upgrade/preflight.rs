//! What is looked at before the first pod.

use crate::common::*;

fn blocked(world: &mut World, words: &str) {
    set_version(world, "3.2.2");
    world.settle();
    assert_eq!(world.log, [], "nothing is switched off");
    let (_, message) = is_true(world, ConditionType::Reconciling).unwrap();
    assert!(message.contains(words), "{message}");
}

#[test]
fn a_be_that_is_being_decommissioned_is_waited_for() {
    let mut world = deployed("3.2.1");
    world.decommissioned = Some("c-be-1");
    blocked(&mut world, "CANCEL DECOMMISSION BACKEND");
    world.decommissioned = None;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn two_leaders_are_one_too_many() {
    let mut world = deployed("3.2.1");
    world.second_leader = Some(2);
    blocked(&mut world, "2 FEs call themselves the leader");
    assert_eq!(waits_for(&world).2.as_deref(), Some("Preflight:Leader"));
    world.second_leader = None;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn without_a_leader_nothing_begins() {
    let mut world = deployed("3.2.1");
    world.leader = 7;
    set_version(&mut world, "3.2.2");
    for _ in 0..20 {
        world.pass();
    }
    assert_eq!(world.log, [], "nothing is switched off");
    assert!(waits_for(&world).1.contains("no FE is the leader"), "{:?}", waits_for(&world));
    world.settle();
    assert_eq!(let_go(&world).len(), 7, "one was elected");
}

#[test]
fn a_quorum_has_to_be_left_when_one_fe_goes_and_only_then() {
    let mut world = deployed("3.2.1");
    world.gone = vec![(Component::Fe, "old-fe-3"), (Component::Fe, "old-fe-4")];
    blocked(&mut world, "3 of 5 FEs are Alive");
    assert_eq!(waits_for(&world).2.as_deref(), Some("Preflight:Quorum"));
    world.gone.pop();
    world.settle();
    assert!(
        let_go(&world).is_empty() && waits_for(&world).1.contains("3 of 4"),
        "two of four are no majority"
    );
    world.gone.pop();
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    let mut world = deployed("3.2.1");
    world.gone = vec![(Component::Fe, "old-fe-3"), (Component::Fe, "old-fe-4")];
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    world.settle();
    assert_eq!(let_go(&world).len(), 3, "no FE goes");
}

#[test]
fn a_be_that_is_registered_and_not_alive_is_waited_for_and_may_be_passed() {
    let mut world = deployed("3.2.1");
    world.gone = vec![(Component::Be, "old-be-9")];
    blocked(&mut world, "BE old-be-9 is not Alive in SHOW BACKENDS");
    assert_eq!(waits_for(&world).2.as_deref(), Some("Preflight:BackendsAlive"));
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/skip-gate", &id);
    world.settle();
    assert!(all_at(&world, "3.2.2"));
}

#[test]
fn a_patch_that_would_be_refused_is_found_before_anything_is_switched_off() {
    let mut world = deployed("3.2.1");
    world.refuses_objects = Some("volumeClaimTemplates: Forbidden".to_owned());
    set_version(&mut world, "3.2.2");
    for _ in 0..40 {
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(world.log, []);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("volumeClaimTemplates"), "{message}");
    world.refuses_objects = None;
    world.settle();
    assert_eq!(let_go(&world).len(), 7, "it's tried again");
}

#[test]
fn tables_with_one_replica_are_named_and_hold_nothing_up() {
    let mut world = deployed("3.2.1");
    world.single_replica_tables = vec!["shop.orders".to_owned()];
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    let warnings = world.events.iter().filter(|(reason, _)| *reason == "PreflightWarning");
    assert!(
        warnings
            .map(|(_, note)| note)
            .eq(["tables with one replica can't be read while their BE restarts: shop.orders"])
    );
}

#[test]
fn the_metadata_has_an_image_before_the_first_fe_goes() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.images.len(), 1);
    assert!(world.images[0] <= place(&world, |one| *one == Happening::Patched(Component::Fe)));
    assert!(world.images[0] > place(&world, |one| *one == Happening::LetGo("c-cn-0".to_owned())));
}

#[test]
fn an_image_that_fails_is_tried_again_and_a_version_without_it_is_told() {
    let mut world = deployed("3.2.1");
    world.image_answer = Some("ERROR 1064: Access denied".to_owned());
    set_version(&mut world, "3.2.2");
    for _ in 0..90 {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert!(world.images.len() > 2 && !let_go(&world).iter().any(|pod| pod.starts_with("c-fe")));
    world.image_answer = Some("ERROR 1064: Getting syntax error at line 1".to_owned());
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.events.iter().any(|(reason, _)| *reason == "PreflightWarning"));
}

#[test]
fn another_target_in_mid_roll_is_tried_without_effect_as_well() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    passes(&mut world, 2);
    world.refuses_objects = Some("volumeClaimTemplates: Forbidden".to_owned());
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.3".into());
    passes(&mut world, 30);
    let (reason, message, _) = waits_for(&world);
    assert!(reason == "PatchRefused" && message.contains("volumeClaimTemplates"), "{reason}: {message}");
    assert_eq!(world.refused_objects, 0, "it was only tried");
    assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
    world.refuses_objects = None;
    world.settle();
    assert!(world.components[&Component::Be].pods.iter().all(|pod| pod.revision.ends_with("3.2.3")));
    assert!(world.has_originals() && world.cluster.status.as_ref().unwrap().wave.is_none());
}
