//! The user's own update strategy, and what a live StatefulSet keeps.

use crate::common::*;
use hookgate_operator::render::{Rollout, UpdateStrategy};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

fn live(world: &World, component: Component) -> UpdateStrategy {
    world.components[&component].statefulset.as_ref().unwrap().strategy()
}

fn waits_for_user(world: &World) -> Option<String> {
    let waiting = world.cluster.status.as_ref()?.wave.as_ref()?.waiting_for.as_ref()?;
    (waiting.reason == "WaitingForUser").then(|| waiting.message.clone())
}

#[test]
fn pods_of_a_component_with_on_delete_are_the_users_to_delete() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["updateStrategy"] = json!({"type": "OnDelete"}));
    world.settle();
    assert_eq!(
        live(&world, Component::Be).rollout,
        Rollout::OnDelete,
        "a strategy is applied without a wave"
    );
    set_version(&mut world, "3.2.2");
    for ordinal in [1, 0, 2] {
        world.settle();
        assert_eq!(let_go(&world), [""; 0]);
        let message = waits_for_user(&world).unwrap();
        assert!(message.contains("OnDelete") && message.contains(&format!("c-be-{ordinal}")), "{message}");
        world.delete_pod(Component::Be, ordinal);
    }
    world.settle();
    assert_eq!(let_go(&world), ["c-cn-0", "c-fe-2", "c-fe-1", "c-fe-0"]);
    assert_eq!(live(&world, Component::Be).rollout, Rollout::OnDelete);
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_partition_of_the_user_keeps_pods_back_until_it_is_lowered() {
    for (component, field) in [(Component::Be, "starRocksBeSpec"), (Component::Fe, "starRocksFeSpec")] {
        let mut world = deployed("3.2.1");
        let strategy =
            |partition: i32| json!({"type": "RollingUpdate", "rollingUpdate": {"partition": partition}});
        set_spec(&mut world, |spec| spec[field]["updateStrategy"] = strategy(2));
        set_spec(&mut world, |spec| spec[field]["image"] = "x:3.2.2".into());
        world.settle();
        let name = |ordinal: i32| format!("c-{}-{ordinal}", component.as_str());
        assert_eq!(let_go(&world), [name(2)]);
        let message = waits_for_user(&world).unwrap();
        assert!(message.contains("partition 2") && message.contains(&name(0)), "{message}");
        assert_eq!(
            live(&world, component).rollout,
            Rollout::Partition(2),
            "it's given back while the user is waited for"
        );
        set_spec(&mut world, |spec| spec[field]["updateStrategy"] = strategy(1));
        world.settle();
        assert_eq!(let_go(&world), [name(2), name(1)]);
        set_spec(&mut world, |spec| drop(spec[field].as_object_mut().unwrap().remove("updateStrategy")));
        world.settle();
        assert_eq!(let_go(&world), [name(2), name(1), name(0)]);
        assert_eq!(live(&world, component), UpdateStrategy::default());
        assert!(is_true(&world, ConditionType::Ready).unwrap().0 && world.has_originals());
    }
}

#[test]
fn what_a_user_set_on_the_live_object_is_given_back_exactly() {
    for component in [Component::Fe, Component::Be] {
        let mut world = deployed("3.2.1");
        let set = world.components.get_mut(&component).unwrap().statefulset.as_mut().unwrap();
        set.max_unavailable = Some(IntOrString::String("40%".to_owned()));
        let own = set.strategy();
        set_version(&mut world, "3.2.2");
        world.settle();
        assert_eq!(let_go(&world).len(), 7);
        assert_eq!(live(&world, component), own);
        assert!(world.components[&component].statefulset.as_ref().unwrap().own_strategy.is_none());
    }
}

#[test]
fn a_partition_that_a_user_lowers_on_the_live_object_opens_no_gate() {
    let mut world = deployed("3.2.1");
    world.components.get_mut(&Component::Be).unwrap().statefulset.as_mut().unwrap().rollout =
        Rollout::Partition(2);
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2"]);
    world.components.get_mut(&Component::Be).unwrap().statefulset.as_mut().unwrap().rollout = Rollout::OPEN;
    // The operator sees it before the StatefulSet controller has acted: one pass writes down, the next one does.
    world.pass();
    world.pass();
    assert_eq!(live(&world, Component::Be).rollout, Rollout::Partition(2), "closed again");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0"]);
    assert_eq!(live(&world, Component::Be).rollout, Rollout::OPEN);
}

#[test]
fn an_evicted_fe_that_comes_back_at_the_new_revision_is_no_surprise() {
    for evicted in 0..3 {
        let mut world = deployed("3.2.1");
        set_version(&mut world, "3.2.2");
        until_let_go(&mut world, "c-fe-2");
        world.delete_pod(Component::Fe, evicted);
        world.settle();
        let fes = let_go(&world).into_iter().filter(|pod| pod.starts_with("c-fe"));
        let expected = if evicted == 2 { 3 } else { 2 };
        assert_eq!(fes.count(), expected, "{evicted}: nobody is restarted twice: {:?}", world.log);
        assert!(all_at(&world, "3.2.2") && world.has_originals());
        assert_eq!(live(&world, Component::Fe).rollout, Rollout::OPEN);
        assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    }
}

#[test]
fn what_can_not_be_changed_on_a_live_object_changes_nothing() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["podManagementPolicy"] = "OrderedReady".into());
    world.settle();
    assert_eq!(world.log, []);
    let set = world.components.get_mut(&Component::Be).unwrap().statefulset.as_mut().unwrap();
    set.kept.service_name = Some("another".to_owned());
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["limits"] = json!({"memory": "8Gi"}));
    world.settle();
    let kept = &world.components[&Component::Be].statefulset.as_ref().unwrap().kept;
    assert_eq!(kept.service_name.as_deref(), Some("another"));
    assert_eq!(kept.pod_management_policy.as_deref(), Some("Parallel"));
    assert_eq!(let_go(&world).len(), 3);
}

#[test]
fn a_roll_whose_status_was_taken_away_is_taken_up_pod_by_pod() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    let held = world.cluster.status.take().unwrap().held_settings;
    // What was held is known no more; the pods are still taken one by one.
    world.cluster.status =
        Some(hookgate_api::StarRocksClusterStatus { held_settings: held, ..Default::default() });
    world.settle();
    assert_eq!(let_go(&world)[..3], ["c-be-2", "c-be-1", "c-be-0"]);
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn pods_that_a_deleted_statefulset_has_left_go_one_by_one_when_it_is_made_anew() {
    for (component, field, order) in [
        (Component::Fe, "starRocksFeSpec", ["c-fe-1", "c-fe-0", "c-fe-2"]),
        (Component::Be, "starRocksBeSpec", ["c-be-2", "c-be-1", "c-be-0"]),
    ] {
        let mut world = deployed("3.2.1");
        world.leader = 2;
        world.delete_and_orphan(component);
        set_spec(&mut world, |spec| spec[field]["terminationGracePeriodSeconds"] = 7.into());
        world.pass();
        let made = live(&world, component).rollout;
        let closed = if component == Component::Fe { Rollout::OnDelete } else { Rollout::Partition(3) };
        assert_eq!(made, closed, "{component}: nobody goes by itself");
        world.settle();
        assert_eq!(let_go(&world), order);
        assert_eq!(live(&world, component), UpdateStrategy::default(), "{component}: it's given back");

        world.log.clear();
        world.delete_and_orphan(component);
        world.settle();
        assert_eq!(let_go(&world), [""; 0], "{component}: pods of the same template stay");
        assert_eq!(live(&world, component), UpdateStrategy::default());
    }
}
