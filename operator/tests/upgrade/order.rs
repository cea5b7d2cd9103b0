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

/// FE and BE, without CN.
fn without_compute_nodes(version: &str) -> World {
    let mut cluster = cluster(version);
    cluster["spec"].as_object_mut().unwrap().remove("starRocksCnSpec");
    let mut world = World::new(cluster);
    world.settle();
    world.log.clear();
    world
}

fn to_version_with_compute_nodes(world: &mut World, version: &str) {
    set_spec(world, |spec| {
        spec["starRocksFeSpec"]["image"] = format!("fe:{version}").into();
        spec["starRocksBeSpec"]["image"] = format!("be:{version}").into();
        spec["starRocksCnSpec"] = json!({"image": format!("cn:{version}"), "replicas": 1});
    });
}

#[test]
fn a_component_that_is_added_in_a_downgrade_comes_after_fe() {
    let mut world = without_compute_nodes("3.2.1");
    to_version_with_compute_nodes(&mut world, "3.2.0");
    world.settle();
    assert!(all_at(&world, "3.2.0") && world.cluster.status.as_ref().unwrap().wave.is_none());
    let created = place(&world, |one| *one == Happening::Created(Component::Cn));
    let of_fe = |one: &Happening| matches!(one, Happening::LetGo(pod) if pod.starts_with("c-fe"));
    let last_fe = world.log.iter().rposition(of_fe).unwrap();
    assert!(created > last_fe, "{:?}", world.log);
    let of_be = |one: &Happening| matches!(one, Happening::LetGo(pod) if pod.starts_with("c-be"));
    assert_eq!(world.log.iter().filter(|one| of_be(one)).count(), 3);
}

#[test]
fn a_component_that_is_added_in_an_upgrade_comes_at_once() {
    let mut world = without_compute_nodes("3.2.1");
    to_version_with_compute_nodes(&mut world, "3.2.2");
    world.settle();
    let created = place(&world, |one| *one == Happening::Created(Component::Cn));
    assert!(created < place(&world, |one| matches!(one, Happening::LetGo(_))), "{:?}", world.log);
    assert!(all_at(&world, "3.2.2"));
}

#[test]
fn what_is_added_together_with_what_is_refused_is_not_made() {
    let mut world = without_compute_nodes("3.3.0");
    to_version_with_compute_nodes(&mut world, "3.2.1");
    passes(&mut world, 30);
    assert_eq!(world.log, []);
    assert!(is_true(&world, ConditionType::Stalled).unwrap().1.contains("take 3.2.3 or later"));
    to_version_with_compute_nodes(&mut world, "3.2.3");
    world.settle();
    assert!(all_at(&world, "3.2.3") && world.components.contains_key(&Component::Cn));
}
