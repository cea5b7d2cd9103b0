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
    assert_eq!(let_go(&world), ["c-fe-2", "c-fe-1", "c-fe-0"]);
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
