//! Components that are down, and images that are broken.

use crate::common::*;

#[test]
fn a_single_fe_with_a_broken_image_is_repaired_by_the_image_before() {
    let mut world = World::new(json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "c", "namespace": "ns", "uid": "uid", "generation": 1},
        "spec": {"starRocksFeSpec": {"image": "fe:3.2.1"}},
    }));
    world.settle();
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:broken".into());
    for _ in 0..60 {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(world.components[&Component::Fe].ready_endpoints, 0);
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:3.2.1".into());
    world.settle();
    assert!(is_true(&world, ConditionType::Ready).unwrap().0, "{:#?}", world.cluster.status);
}

#[test]
fn fes_that_are_all_down_are_repaired_by_a_change_of_spec() {
    let mut world = deployed("3.2.1");
    for pod in &mut world.components.get_mut(&Component::Fe).unwrap().pods {
        pod.ready = false;
        pod.revision = "x|broken".to_owned();
    }
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["limits"] = json!({"memory": "8Gi"}));
    world.settle();
    // Before the patch, Kubernetes goes on with what it was at.
    let patched = place(&world, |one| *one == Happening::Patched(Component::Fe));
    let mut after: Vec<_> =
        world.log[patched..].iter().filter(|one| matches!(one, Happening::LetGo(_))).collect();
    after.sort_by_key(|one| format!("{one:?}"));
    assert_eq!(
        after,
        ["c-fe-0", "c-fe-1", "c-fe-2"].map(|pod| Happening::LetGo(pod.to_owned())).iter().collect::<Vec<_>>()
    );
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
}

#[test]
fn a_broken_image_stops_at_the_first_pod_and_a_better_one_goes_on() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.broken".into());
    for _ in 0..60 {
        world.pass();
        world.kubernetes();
    }
    assert_eq!(let_go(&world), ["c-be-2"]);
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.3".into());
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-2", "c-be-1", "c-be-0"]);
}

#[test]
fn with_ordered_ready_pods_of_a_broken_image_are_deleted_when_the_target_changes() {
    for next in ["be:3.2.3", "be:3.2.1"] {
        let mut world = deployed("3.2.1");
        world.ordered_ready = true;
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.broken".into());
        passes(&mut world, 60);
        assert_eq!(let_go(&world), ["c-be-2"]);
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = next.into());
        world.settle();
        assert!(is_true(&world, ConditionType::Ready).unwrap().0, "{next}: {:#?}", world.components);
        assert_eq!(let_go(&world)[..2], ["c-be-2", "c-be-2"]);
        assert!(world.has_originals());
    }
}

#[test]
fn what_can_not_start_is_repaired_before_its_turn_and_the_rest_waits_for_it() {
    // BE is done and FE stands at its first pod, when everything gets another target: BE's turn would come first,
    // and BE would wait for FE.
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:3.2.broken".into());
    passes(&mut world, 120);
    assert_eq!(let_go(&world).last(), Some(&"c-fe-2"));
    world.log.clear();
    set_version(&mut world, "3.2.3");
    world.settle();
    assert!(all_at(&world, "3.2.3") && world.has_originals(), "{:#?}", world.cluster.status);
    let order = let_go(&world);
    assert_eq!(order[..2], ["c-fe-2", "c-be-2"], "only what is broken goes out of order: {order:?}");
    assert_eq!(order.last(), Some(&"c-fe-0"));
}

#[test]
fn fes_that_can_not_start_are_repaired_though_hooks_are_configured_and_be_changes_as_well() {
    let mut world = deployed("3.2.1");
    for pod in &mut world.components.get_mut(&Component::Fe).unwrap().pods {
        pod.ready = false;
        pod.revision = "x|broken".to_owned();
        pod.cannot_start = Some("CrashLoopBackOff".to_owned());
    }
    set_version(&mut world, "3.2.2");
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals(), "{:#?}", world.cluster.status);
    assert_eq!(let_go(&world)[..4], ["c-fe-2", "c-fe-1", "c-fe-0", "c-be-2"]);
}

#[test]
fn an_fe_that_is_only_not_ready_is_waited_for_and_not_repaired_before_its_turn() {
    let mut world = deployed("3.2.1");
    world.components.get_mut(&Component::Fe).unwrap().pods[1].ready = false;
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world)[..4], ["c-be-2", "c-be-1", "c-be-0", "c-cn-0"]);
}

#[test]
fn a_pod_that_is_evicted_before_it_is_let_go_comes_back_as_it_was_and_has_its_turn() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    let opened = |world: &World| {
        let wave = world.cluster.status.as_ref()?.wave.as_ref()?;
        wave.components.iter().find(|step| step.component == Component::Be)?.opened.clone()
    };
    for _ in 0..200 {
        let planned =
            hookgate_operator::plan::plan(&world.observation(), &World::tuning(), world.now).unwrap();
        if planned
            .status
            .wave
            .as_ref()
            .is_some_and(|wave| wave.components.iter().any(|step| step.opened.is_some()))
        {
            // The operator dies once it has written down whose turn it is.
            world.cluster.status = Some(planned.status);
            break;
        }
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(opened(&world).unwrap().name, "c-be-2");
    world.delete_pod(Component::Be, 2);
    world.settle();
    assert!(all_at(&world, "3.2.2"), "{:?}", world.cluster.status);
    assert!(world.has_originals() && world.cluster.status.as_ref().unwrap().wave.is_none());
}

#[test]
fn fes_that_have_no_leader_are_repaired_without_an_image_of_the_metadata_which_is_said() {
    let mut world = deployed("3.2.1");
    world.ordered_ready = true;
    for pod in &mut world.components.get_mut(&Component::Fe).unwrap().pods[1..] {
        pod.ready = false;
        pod.revision = "x|broken".to_owned();
        pod.cannot_start = Some("CrashLoopBackOff".to_owned());
    }
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into());
    for _ in 0..120 {
        // One FE of three elects nobody.
        if world.components[&Component::Fe].pods.iter().filter(|pod| pod.ready).count() < 2 {
            world.leader = 7;
        }
        passes(&mut world, 1);
    }
    assert!(world.components[&Component::Fe].pods.iter().all(|pod| pod.revision.ends_with("3.2.2")));
    assert!(world.images.is_empty() && world.has_originals(), "{:#?}", world.cluster.status);
    let warned = world.events.iter().any(|(reason, note)| {
        *reason == "PreflightWarning" && note.contains("no image of the metadata was written before FE")
    });
    assert!(warned, "{:?}", world.events);
}
