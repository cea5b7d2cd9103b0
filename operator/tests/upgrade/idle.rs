//! An idle cluster costs nothing.

use crate::common::*;
use hookgate_operator::{
    observation::Database,
    plan::{Plan, plan},
};

fn next(world: &World) -> Plan {
    plan(&world.observation(), &World::tuning(), world.now).unwrap()
}

#[test]
fn an_idle_cluster_is_neither_polled_nor_written_and_its_database_is_not_asked() {
    let mut world = deployed("3.2.1");
    for version in ["3.2.1", "3.2.2"] {
        if version != "3.2.1" {
            set_version(&mut world, version);
            assert!(next(&world).look_again.is_some(), "there is something to do");
            world.settle();
        }
        let observation = world.observation();
        assert!(matches!(observation.database, Database::NotAsked), "{version}");
        let plan = next(&world);
        assert_eq!(plan.look_again, None, "{version}");
        assert!(plan.actions.is_empty() && plan.events.is_empty(), "{version}: {:?}", plan.actions);
        assert_eq!(Some(&plan.status), observation.cluster.status.as_ref(), "{version}");
    }
}

#[test]
fn while_a_pod_is_away_the_watch_tells_and_the_database_is_asked_less_often() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.delete_pod(Component::Be, 2);
    assert_eq!(next(&world).look_again, Some(World::tuning().database_poll * 5));
    passes(&mut world, 3);
    assert!(world.components[&Component::Be].pods.iter().all(|pod| pod.ready));
    world.cut_off = Some("c-be-2");
    passes(&mut world, 2);
    assert_eq!(
        next(&world).look_again,
        Some(World::tuning().database_poll),
        "the database's word is waited for"
    );
}
