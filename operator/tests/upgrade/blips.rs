//! Pods that aren't ready for a moment, while the database serves.

use crate::common::*;

#[test]
fn pods_that_are_not_ready_and_serve_are_waited_for() {
    for (component, first) in [(Component::Be, "c-be-2"), (Component::Fe, "c-fe-2")] {
        let mut world = deployed("3.2.1");
        set_version(&mut world, "3.2.2");
        until_let_go(&mut world, first);
        while !world.components[&component].pods.iter().all(|pod| pod.ready)
            || world.components[&component].pods.len() < 3
        {
            world.kubernetes();
        }
        let gone = let_go(&world).len();
        world.blip = Some(component);
        passes(&mut world, 5);
        assert_eq!(let_go(&world).len(), gone, "{component}: {:?}", let_go(&world));
        world.blip = None;
        world.settle();
        assert!(all_at(&world, "3.2.2") && world.has_originals());
        assert_eq!(let_go(&world).len(), 7, "each pod once");
    }
}

#[test]
fn while_a_pod_is_away_the_others_are_waited_for() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-fe-2");
    world.delete_pod(Component::Fe, 2);
    let gone = let_go(&world).len();
    world.blip = Some(Component::Fe);
    world.reachable = false;
    for _ in 0..10 {
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(let_go(&world).len(), gone, "{:?}", let_go(&world));
    (world.blip, world.reachable) = (None, true);
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}
