//! The spec changes while a wave is in flight.

use crate::common::*;

#[test]
fn an_invalid_spec_touches_nothing_and_says_what_is_allowed() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 0});
        spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into();
    });
    world.settle();
    assert_eq!(world.log, []);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("must be between 1 and 3600"), "{message}");
}

#[test]
fn an_ignored_cluster_is_left_alone() {
    let mut world = deployed("3.2.1");
    world.cluster.metadata.annotations =
        Some([("starrocks.com/ignored".to_owned(), "true".to_owned())].into_iter().collect());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
}

#[test]
fn a_change_elsewhere_does_not_make_a_rolling_component_forgotten() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into());
    until_let_go(&mut world, "c-fe-2");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["limits"] = json!({"memory": "8Gi"}));
    world.settle();
    let fe = &world.components[&Component::Fe];
    assert!(fe.pods.iter().all(|pod| pod.revision.ends_with("3.2.2")), "{fe:?}");
    assert_eq!(fe.statefulset.as_ref().unwrap().rollout, hookgate_operator::render::Rollout::OPEN);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn going_back_in_the_middle_of_an_upgrade_leaves_no_pod_behind() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    set_version(&mut world, "3.2.1");
    world.settle();
    assert!(all_at(&world, "3.2.1"), "{:?}", world.components);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn a_component_that_is_taken_away_while_it_rolls_holds_nobody_up() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-cn-0");
    set_spec(&mut world, |spec| {
        spec.as_object_mut().unwrap().remove("starRocksCnSpec");
    });
    world.settle();
    assert!(!world.components.contains_key(&Component::Cn));
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_spec_that_becomes_invalid_in_the_middle_has_its_settings_given_back() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 0}));
    world.settle();
    assert!(is_true(&world, ConditionType::Stalled).unwrap().0);
    assert!(world.has_originals(), "{:?}", world.memory);
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 60}));
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}
