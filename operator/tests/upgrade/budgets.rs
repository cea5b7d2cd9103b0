//! PodDisruptionBudgets.

use crate::common::*;

fn with_budget(world: &World) -> Vec<Component> {
    let budgets = world.budgets.iter().filter(|(_, budgets)| budgets.ours.is_some());
    budgets.map(|(component, _)| *component).collect()
}

#[test]
fn each_component_has_one_unless_the_user_wants_none() {
    let mut world = deployed("3.2.1");
    assert_eq!(with_budget(&world), Component::ALL);
    set_spec(&mut world, |spec| spec["podDisruptionBudgets"] = false.into());
    world.settle();
    assert_eq!(with_budget(&world), []);
    assert!(
        world.cluster.status.as_ref().unwrap().wave.is_none() && world.log.is_empty(),
        "nothing restarts"
    );
}

#[test]
fn a_component_that_somebody_else_has_one_for_gets_none() {
    let mut world = deployed("3.2.1");
    world.budgets.get_mut(&Component::Be).unwrap().others = true;
    world.settle();
    assert_eq!(with_budget(&world), [Component::Fe, Component::Cn]);
}

#[test]
fn a_component_that_is_taken_away_takes_its_own_with_it() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec.as_object_mut().unwrap().remove("starRocksCnSpec");
    });
    world.settle();
    assert_eq!(with_budget(&world), [Component::Fe, Component::Be]);
}
