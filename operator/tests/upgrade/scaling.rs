//! Replicas that change while a wave is there.

use crate::common::*;

fn replicas(world: &mut World, count: u32) {
    set_spec(world, |spec| spec["starRocksBeSpec"]["replicas"] = count.into());
}

fn count(world: &World) -> usize {
    world.components[&Component::Be].pods.len()
}

/// A wave that waits, and has touched nothing.
fn waiting() -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "0 2 * * *", "duration": "1m"});
    });
    world.now = "2026-01-01T12:00:00Z".parse().unwrap();
    world
}

#[test]
fn a_component_whose_roll_has_not_begun_is_scaled_at_once_and_back_and_runs_what_it_ran() {
    let mut world = waiting();
    set_version(&mut world, "3.2.2");
    passes(&mut world, 10);
    assert_eq!(waits_for(&world).0, "OutsideWindow");
    for wanted in [5, 3, 4] {
        replicas(&mut world, wanted);
        passes(&mut world, 10);
        assert_eq!(count(&world), usize::try_from(wanted).unwrap());
        assert!(all_at(&world, "3.2.1") && let_go(&world).is_empty(), "{:?}", world.log);
    }
    set_spec(&mut world, |spec| drop(spec.as_object_mut().unwrap().remove("upgradeWindow")));
    world.settle();
    assert_eq!((count(&world), all_at(&world, "3.2.2")), (4, true));
}

#[test]
fn a_component_whose_hook_has_failed_is_scaled() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: no".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(waits_for(&world).0, "HookFailed");
    replicas(&mut world, 4);
    passes(&mut world, 10);
    assert_eq!((count(&world), all_at(&world, "3.2.1")), (4, true));
}

#[test]
fn what_is_asked_for_together_with_an_image_comes_after_the_roll() {
    let mut world = waiting();
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["image"] = "be:3.2.2".into();
        spec["starRocksBeSpec"]["replicas"] = 5.into();
    });
    passes(&mut world, 10);
    assert_eq!(count(&world), 3);
    set_spec(&mut world, |spec| drop(spec.as_object_mut().unwrap().remove("upgradeWindow")));
    until_let_go(&mut world, "c-be-0");
    assert_eq!(count(&world), 2, "it isn't back yet, and none was added");
    world.settle();
    assert_eq!(count(&world), 5);
}

#[test]
fn a_component_that_is_being_rolled_is_scaled_afterwards() {
    for wanted in [5, 2] {
        let mut world = deployed("3.2.1");
        set_version(&mut world, "3.2.2");
        until_let_go(&mut world, "c-be-2");
        replicas(&mut world, wanted);
        until_let_go(&mut world, "c-be-0");
        assert!(count(&world) <= 3);
        world.settle();
        assert_eq!((count(&world), all_at(&world, "3.2.2")), (usize::try_from(wanted).unwrap(), true));
    }
}

#[test]
fn a_cluster_that_has_not_its_size_yet_is_not_ready() {
    let mut world = deployed("3.2.1");
    replicas(&mut world, 5);
    world.pass();
    let (ready, message) = is_true(&world, ConditionType::Ready).unwrap();
    assert!(!ready && message.contains("scaling BE from 3 to 5 pods"), "{message}");
    world.settle();
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
}

#[test]
fn a_pod_that_was_let_go_and_scaled_away_by_hand_is_not_waited_for() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    let set = world.components.get_mut(&Component::Be).unwrap().statefulset.as_mut().unwrap();
    (set.replicas, set.generation) = (2, set.generation + 1);
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals(), "{:#?}", world.cluster.status);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
}
