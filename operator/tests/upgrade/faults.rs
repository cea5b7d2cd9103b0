//! The database, the API server or the operator fails.

use crate::common::*;

#[test]
fn an_fe_that_can_not_be_reached_is_waited_for() {
    let mut world = deployed("3.2.1");
    world.reachable = false;
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
    let (_, message) = is_true(&world, ConditionType::Reconciling).unwrap();
    assert!(message.contains("connection refused"), "{message}");
    world.reachable = true;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn an_object_that_the_api_server_refuses_stalls_with_its_words_until_the_spec_changes() {
    let mut world = deployed("3.2.1");
    world.refuses_objects = Some("StatefulSet c-be can't be written: spec: Forbidden".to_owned());
    set_version(&mut world, "3.2.2");
    for _ in 0..40 {
        // It is tried again and again, so the world never comes to rest.
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("spec: Forbidden"), "{message}");
    assert_eq!(let_go(&world), [""; 0]);
    world.refuses_objects = None;
    set_version(&mut world, "3.2.3");
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0);
}

#[test]
fn an_operator_that_dies_after_any_write_goes_on() {
    // Every pass is cut off after the status was written and before anything was done, once each.
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    for _ in 0..400 {
        let planned =
            hookgate_operator::plan::plan(&world.observation(), &World::tuning(), world.now).unwrap();
        world.cluster.status = Some(planned.status);
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.has_originals());
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
}

#[test]
fn a_patch_that_is_refused_is_forgotten_when_the_spec_goes_back() {
    let mut world = deployed("3.2.1");
    world.refuses_objects = Some("spec: Forbidden".to_owned());
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    for _ in 0..40 {
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert!(is_true(&world, ConditionType::Stalled).unwrap().0);
    world.refuses_objects = None;
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.1".into());
    world.settle();
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
    assert!(world.has_originals(), "{:?}", world.memory);
}
