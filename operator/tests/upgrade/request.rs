//! The deprecated annotations: a request for the hooks of the next upgrade, and of no other.

use crate::common::*;

const PREPARE: &str = "starrocks.com/prepare-upgrade";
const LIST: &str = "starrocks.com/upgrade-hooks";

/// A cluster whose spec asks for no hooks.
fn without_hooks() -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["upgradeHooks"] = json!({});
        }
    });
    world
}

fn upgraded(world: &mut World, version: &str) {
    world.log.clear();
    world.events.clear();
    set_version(world, version);
    world.settle();
    assert!(all_at(world, version) && world.has_originals(), "{:?}", world.memory);
}

/// The settings that were set to what a hold says.
fn held(world: &World) -> Vec<&str> {
    let mut names: Vec<_> = world
        .log
        .iter()
        .filter_map(|one| match one {
            Happening::Set { setting, value, .. } if ["0", "true"].contains(&value.as_str()) => {
                Some(setting.as_str())
            }
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn warnings(world: &World) -> Vec<&str> {
    let deprecated = world.events.iter().filter(|(reason, _)| *reason == "DeprecatedAnnotation");
    deprecated.map(|(_, note)| note.as_str()).collect()
}

#[test]
fn the_annotations_count_for_one_upgrade_until_they_are_set_anew() {
    let mut world = without_hooks();
    annotate(&mut world, PREPARE, "true");
    upgraded(&mut world, "3.2.2");
    assert_eq!(held(&world).len(), 4, "{:?}", world.log);
    let told = warnings(&world);
    let instead =
        "write spec.starRocksFeSpec.upgradeHooks.predefined: [disable-tablet-clone, disable-balancer]";
    assert!(told.len() == 1 && told[0].contains(instead) && told[0].contains(PREPARE), "{told:?}");

    upgraded(&mut world, "3.2.3");
    assert_eq!((held(&world), warnings(&world)), (vec![], vec![]), "they were for the one before");
    world.cluster.metadata.annotations = None;
    upgraded(&mut world, "3.2.4");
    annotate(&mut world, PREPARE, "true");
    upgraded(&mut world, "3.2.5");
    assert_eq!(held(&world).len(), 4);
}

#[test]
fn a_list_takes_the_place_of_the_default_pair_and_stands_beside_the_spec() {
    let mut world = deployed("3.2.1");
    annotate(&mut world, LIST, "disable-balancer");
    upgraded(&mut world, "3.2.2");
    let clone = "tablet_sched_max_scheduling_tablets";
    assert!(held(&world).len() == 3 && !held(&world).contains(&clone), "{:?}", held(&world));
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["upgradeHooks"] = json!({"predefined": ["disable-tablet-clone"]});
    });
    annotate(&mut world, LIST, "disable-balancer, enable-balancer");
    upgraded(&mut world, "3.2.3");
    assert!(held(&world).contains(&clone));
    assert_eq!(held(&world).len(), 4);
    let hooks = upgrade_state(&world, Component::Be).hooks;
    let names: Vec<_> = hooks.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["disable-tablet-clone", "disable-balancer", "enable-balancer"]);
}

#[test]
fn only_an_upgrade_uses_the_request_up() {
    let mut world = without_hooks();
    annotate(&mut world, PREPARE, "false");
    upgraded(&mut world, "3.2.2");
    assert_eq!(held(&world), [""; 0], "nothing is asked for");
    annotate(&mut world, PREPARE, "true");
    upgraded(&mut world, "3.2.1");
    assert_eq!(held(&world), [""; 0], "hooks run for upgrades");
    upgraded(&mut world, "3.2.2");
    assert_eq!(held(&world).len(), 4);
}

#[test]
fn an_upgrade_that_is_tried_again_still_has_the_request() {
    let mut world = without_hooks();
    annotate(&mut world, PREPARE, "true");
    world.refuses = Some("ERROR 1227 (42000): Access denied".to_owned());
    set_version(&mut world, "3.2.2");
    for _ in 0..3000 {
        passes(&mut world, 1);
        if world.phase(Component::Be) == Some(UpgradePhase::Failed) {
            break;
        }
    }
    assert_eq!(world.phase(Component::Be), Some(UpgradePhase::Failed));
    let failed = wave_id(&world);
    annotate(&mut world, "hookgate.dev/retry", &failed);
    world.refuses = None;
    passes(&mut world, 2);
    let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
    assert!(wave.id != failed && wave.requested_hooks.len() == 2, "{wave:?}");
    world.settle();
    assert!(all_at(&world, "3.2.2") && held(&world).len() == 4);
}

#[test]
fn a_name_that_is_no_hook_is_refused_before_anything_is_touched() {
    let mut world = without_hooks();
    annotate(&mut world, LIST, "disable-balancer,disable-all");
    set_version(&mut world, "3.2.2");
    world.settle();
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains(LIST) && message.contains("\"disable-all\""), "{message}");
    assert!(message.contains("take it away"), "{message}");
    assert_eq!(let_go(&world), [""; 0]);
    annotate(&mut world, LIST, "disable-balancer");
    world.settle();
    assert!(all_at(&world, "3.2.2") && held(&world).len() == 3);
}
