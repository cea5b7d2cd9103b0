//! In which order components and pods go.

use crate::common::*;

#[test]
fn a_first_deployment_is_fe_first() {
    let mut world = World::new(cluster("3.2.1"));
    world.pass();
    assert_eq!(world.log, [Happening::Created(Component::Fe)]);
    world.settle();
    let created = [Component::Fe, Component::Be, Component::Cn].map(Happening::Created);
    assert_eq!(world.log, created);
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    assert_eq!(world.cluster.status.as_ref().unwrap().phase, "running");
}

#[test]
fn an_upgrade_is_be_cn_fe_with_followers_before_the_leader_and_settings_held() {
    let mut world = deployed("3.2.1");
    world.leader = 2;
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(
        let_go(&world),
        ["c-be-2", "c-be-1", "c-be-0", "c-cn-0", "c-fe-1", "c-fe-0", "c-fe-2"],
        "highest ordinal first, the leader last"
    );
    let first_patch = place(&world, |one| matches!(one, Happening::Patched(_)));
    let first_set = place(&world, |one| matches!(one, Happening::Set { .. }));
    assert!(first_set < first_patch, "settings are held before the first patch");
    for component in Component::ALL {
        assert_eq!(world.phase(component), Some(UpgradePhase::Completed));
    }
    assert!(world.has_originals(), "{:?}", world.memory);
    let status = world.cluster.status.as_ref().unwrap();
    assert!(status.wave.is_none() && status.held_settings.is_empty());
    assert_eq!(world.events.last().unwrap().0, "UpgradeCompleted");
}

#[test]
fn a_change_that_is_no_upgrade_goes_in_the_same_order_without_hooks() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["limits"] = json!({"memory": "4Gi"});
        }
    });
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0", "c-cn-0", "c-fe-2", "c-fe-1", "c-fe-0"]);
    assert!(!world.log.iter().any(|one| matches!(one, Happening::Set { .. })), "{:?}", world.log);
}

#[test]
fn a_downgrade_is_fe_first_without_hooks() {
    let mut world = deployed("3.2.2");
    set_version(&mut world, "3.2.1");
    world.settle();
    assert_eq!(let_go(&world)[..4], ["c-fe-2", "c-fe-1", "c-fe-0", "c-be-2"]);
    assert!(!world.log.iter().any(|one| matches!(one, Happening::Set { .. })));
}

#[test]
fn a_change_of_replicas_alone_is_scaling() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["replicas"] = 5.into());
    world.settle();
    assert_eq!(world.components[&Component::Be].pods.len(), 5);
    assert_eq!(let_go(&world), [""; 0]);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
}

#[test]
fn raising_one_component_and_lowering_another_is_refused() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into();
        spec["starRocksBeSpec"]["image"] = "be:3.1.9".into();
    });
    world.settle();
    assert_eq!(world.log, []);
    assert!(is_true(&world, ConditionType::Stalled).unwrap().1.contains("at the same time"));
}
