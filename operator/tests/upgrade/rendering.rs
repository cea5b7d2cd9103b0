//! A new version of the operator, and StatefulSets that another operator made: what isn't the user's doing.

use crate::common::*;

fn annotate(world: &mut World, key: &str, value: &str) {
    world.cluster.metadata.annotations = Some([(key.to_owned(), value.to_owned())].into_iter().collect());
}

fn outdated(world: &World) -> (bool, String) {
    is_true(world, ConditionType::RenderingOutdated).unwrap()
}

#[test]
fn a_version_that_renders_differently_restarts_nobody() {
    let mut world = deployed("3.2.1");
    world.rendered_by_an_earlier_version();
    world.settle();
    assert_eq!(world.log, []);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
    assert_eq!(
        world.cluster.status.as_ref().unwrap().render_version,
        hookgate_operator::plan::RENDER_VERSION
    );
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    let (is_outdated, message) = outdated(&world);
    assert!(is_outdated && message.contains("FE, BE, CN"), "{message}");
    let way_out = format!("hookgate.dev/apply-rendering={}", hookgate_operator::plan::RENDER_VERSION);
    assert!(message.contains(&way_out), "{message}");
}

#[test]
fn scaling_and_the_update_strategy_work_without_the_other_rendering() {
    let mut world = deployed("3.2.1");
    world.rendered_by_an_earlier_version();
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["replicas"] = 5.into();
        spec["starRocksBeSpec"]["updateStrategy"] = json!({"type": "OnDelete"});
    });
    world.settle();
    let be = &world.components[&Component::Be];
    assert_eq!(be.pods.len(), 5);
    assert_eq!(be.statefulset.as_ref().unwrap().rendered_hash.as_deref(), Some("earlier"));
    assert_eq!(let_go(&world), [""; 0]);
}

#[test]
fn the_users_next_change_of_a_component_brings_it_to_the_present_rendering() {
    let mut world = deployed("3.2.1");
    world.rendered_by_an_earlier_version();
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["limits"] = json!({"memory": "8Gi"}));
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0"]);
    assert!(outdated(&world).1.contains("FE, CN"), "{:?}", outdated(&world));
}

/// An upgrade that an earlier version of Hookgate has begun: BE is being rolled.
fn rolled_by_an_earlier_version() -> World {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    world.rendered_by_an_earlier_version();
    let wave = world.cluster.status.as_mut().unwrap().wave.as_mut().unwrap();
    wave.components[0].target = "earlier".to_owned();
    world
}

#[test]
fn a_roll_that_an_earlier_version_began_is_finished_as_it_was_begun() {
    let mut world = rolled_by_an_earlier_version();
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0", "c-cn-0", "c-fe-2", "c-fe-1", "c-fe-0"]);
    assert!(all_at(&world, "3.2.2") && world.has_originals());
    let be = world.components[&Component::Be].statefulset.as_ref().unwrap();
    assert_eq!((be.rendered_hash.as_deref(), be.own_strategy.is_none()), (Some("earlier"), true));
    let (is_outdated, message) = outdated(&world);
    assert!(is_outdated && message.contains("would give BE other"), "{message}");
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
}

#[test]
fn in_the_middle_of_such_a_roll_the_opt_in_and_the_users_next_change_bring_the_present_rendering() {
    let opt_in: fn(&mut World) = |world| annotate(world, "hookgate.dev/apply-rendering", "1");
    let change: fn(&mut World) = |world| set_version(world, "3.2.3");
    for ask in [opt_in, change] {
        let mut world = rolled_by_an_earlier_version();
        passes(&mut world, 1);
        ask(&mut world);
        world.settle();
        assert_eq!(let_go(&world).iter().filter(|pod| **pod == "c-be-2").count(), 2);
        assert!(!outdated(&world).0 && world.cluster.status.as_ref().unwrap().wave.is_none());
    }
}

#[test]
fn the_opt_in_counts_for_the_version_that_it_names() {
    let mut world = deployed("3.2.1");
    world.rendered_by_an_earlier_version();
    annotate(&mut world, "hookgate.dev/apply-rendering", "0");
    world.settle();
    assert_eq!(world.log, []);
    annotate(&mut world, "hookgate.dev/apply-rendering", hookgate_operator::plan::RENDER_VERSION);
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert_eq!(let_go(&world)[..4], ["c-be-2", "c-be-1", "c-be-0", "c-cn-0"]);
    assert!(!outdated(&world).0);
}

#[test]
fn what_the_user_wrote_is_noted_also_when_no_pod_changes_by_it() {
    let mut world = deployed("3.2.1");
    let inputs =
        |world: &World| world.components[&Component::Be].statefulset.as_ref().unwrap().inputs_hash.clone();
    let before = inputs(&world);
    // An empty map of annotations renders to none.
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["livenessProbeFailureSeconds"] = 15.into());
    world.settle();
    assert_ne!(inputs(&world), before);
    assert_eq!(world.log, []);
    // So that a version that renders differently isn't taken for the user's change of then.
    world.rendered_by_an_earlier_version();
    world.settle();
    assert_eq!(world.log, []);
}

#[test]
fn what_another_operator_made_is_left_alone_until_it_is_adopted() {
    let mut world = deployed("3.2.1");
    world.made_by_another_operator("sroperator");
    set_version(&mut world, "3.2.2");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["replicas"] = 5.into());
    let services = world.components[&Component::Fe].services.clone();
    world.settle();
    assert_eq!(world.log, []);
    assert_eq!(world.components[&Component::Fe].services, services);
    assert_eq!(world.components[&Component::Be].pods.len(), 3);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(
        stalled && message.contains("sroperator") && message.contains("hookgate.dev/adopt=uid"),
        "{message}"
    );
    annotate(&mut world, "hookgate.dev/adopt", "another-cluster");
    world.settle();
    assert_eq!(world.log, []);
    annotate(&mut world, "hookgate.dev/adopt", "uid");
    world.settle();
    assert_eq!(let_go(&world)[..3], ["c-be-2", "c-be-1", "c-be-0"]);
    assert_eq!(let_go(&world).len(), 7);
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0);
    assert_eq!(world.components[&Component::Be].pods.len(), 5);
}

#[test]
fn a_component_that_the_spec_has_no_more_is_not_deleted_when_another_operator_made_it() {
    let mut world = deployed("3.2.1");
    world.made_by_another_operator("sroperator");
    set_spec(&mut world, |spec| drop(spec.as_object_mut().unwrap().remove("starRocksCnSpec")));
    world.settle();
    assert!(world.components.contains_key(&Component::Cn));
    assert!(is_true(&world, ConditionType::Stalled).unwrap().0);
}
