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
