//! A spec that is refused in the middle of a wave: nothing goes towards it, nothing is told that isn't so, and settings
//! are given back.

use crate::{
    common::*,
    hooks::{accepted, with_script},
};
use hookgate_api::status::Direction;

fn opened(world: &World) -> Vec<&str> {
    let opened = world.events.iter().filter(|(reason, _)| *reason == "PodOpened");
    opened.filter_map(|(_, note)| note.split(' ').next()).collect()
}

fn set_image(world: &mut World, component: &str, version: &str) {
    let field = format!("starRocks{}{}Spec", component[..1].to_uppercase(), &component[1..]);
    set_spec(world, |spec| spec[&field]["image"] = format!("{component}:{version}").into());
}

fn phase(world: &World, component: Component) -> UpgradePhase {
    let wave = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap();
    wave.components.iter().find(|step| step.component == component).unwrap().phase
}

#[test]
fn a_component_that_would_go_the_other_way_stops_the_wave_with_settings_given_back() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksFeSpec");
    world.scripts.insert(Component::Fe, accepted("one"));
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    set_image(&mut world, "fe", "3.1.9");
    passes(&mut world, 30);
    let (reason, message, gate) = waits_for(&world);
    assert_eq!((reason.as_str(), gate), ("ConflictingVersions", None), "{message}");
    assert!(message.contains("change one after the other"), "{message}");
    assert!(world.has_originals(), "{:?}", world.memory);
    passes(&mut world, 300);
    assert!(world.has_originals(), "{:?}", world.memory);
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert_eq!(opened(&world), ["c-be-2"]);
    assert_eq!(phase(&world, Component::Fe), UpgradePhase::Detected);
    assert!(!world.log.iter().any(|one| matches!(one, Happening::Job(_))) && world.images.is_empty());
    set_image(&mut world, "fe", "3.2.2");
    settle_with_settings_held(&mut world);
    assert!(all_at(&world, "3.2.2"));
}

#[test]
fn a_refused_target_of_the_component_that_is_rolled_opens_no_pod_that_stays() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.3.0");
    until_let_go(&mut world, "c-be-2");
    passes(&mut world, 3);
    // c-be-2 has run 3.3.0, from which 3.2.2 loses metadata.
    set_version(&mut world, "3.2.2");
    let gone = let_go(&world).len();
    world.events.clear();
    passes(&mut world, 30);
    let (reason, message, _) = waits_for(&world);
    assert!(reason == "VersionPathRefused" && message.contains("3.2.3 or later"), "{reason}: {message}");
    assert!(world.has_originals(), "{:?}", world.memory);
    passes(&mut world, 300);
    assert!(world.has_originals(), "{:?}", world.memory);
    assert_eq!(let_go(&world).len(), gone);
    assert_eq!(opened(&world), [""; 0]);
    set_version(&mut world, "3.3.0");
    world.settle();
    assert!(all_at(&world, "3.3.0") && world.has_originals());
}

#[test]
fn a_hook_that_runs_is_ended_and_runs_again_once_the_spec_is_accepted() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result = |_| ObservedJob::Running;
    set_version(&mut world, "3.2.2");
    passes(&mut world, 20);
    assert_eq!(phase(&world, Component::Be), UpgradePhase::Preparing);
    set_image(&mut world, "fe", "3.1.9");
    passes(&mut world, 100);
    assert_eq!(waits_for(&world).0, "ConflictingVersions");
    assert!(world.has_originals() && let_go(&world).is_empty());
    world.job_result = |_| ObservedJob::Succeeded;
    set_image(&mut world, "fe", "3.2.2");
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_component_that_rolls_upwards_and_needs_no_patch_any_more_counts_too() {
    let mut world = deployed("3.2.1");
    set_image(&mut world, "be", "3.2.2");
    until_let_go(&mut world, "c-be-2");
    set_image(&mut world, "fe", "3.1.9");
    passes(&mut world, 100);
    let (reason, message, _) = waits_for(&world);
    assert_eq!(reason, "ConflictingVersions", "{message}");
    assert!(message.contains("BE would be upgraded (be:3.2.1 to be:3.2.2) and FE downgraded"), "{message}");
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert!(world.has_originals() && world.images.is_empty(), "{:?}", world.memory);
    set_image(&mut world, "fe", "3.2.1");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0"]);
    // One after the other is what was asked for.
    set_image(&mut world, "fe", "3.1.9");
    world.settle();
    assert_eq!(let_go(&world).len(), 6);
}

#[test]
fn a_change_without_a_version_leaves_an_upgrade_that_is_under_way_an_upgrade() {
    let mut world = deployed("3.2.1");
    set_image(&mut world, "be", "3.2.2");
    until_let_go(&mut world, "c-be-2");
    let before = wave(&world);
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["feEnvVars"] = json!([{"name": "A", "value": "b"}]));
    passes(&mut world, 3);
    let after = wave(&world);
    assert_eq!((after.id, after.direction), (before.id, Direction::Upgrade));
    assert_eq!(
        after.components.iter().map(|step| step.component).collect::<Vec<_>>(),
        [Component::Be, Component::Fe]
    );
    world.settle();
    assert_eq!(let_go(&world).len(), 6);
}
