//! Going back to what ran before, however far a wave or several have come, and forward again.

use crate::common::*;
use crate::hooks::accepted;

/// A window that opens for a minute at the end of a year.
fn close_the_window(world: &mut World) {
    set_spec(world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "59 23 31 12 *", "duration": "1m"});
    });
}

fn set_images(world: &mut World, images: &[(&str, &str)]) {
    set_spec(world, |spec| {
        for (field, image) in images {
            spec[*field]["image"] = (*image).into();
        }
    });
}

fn abort(world: &mut World) {
    let id = wave_id(world);
    annotate(world, "hookgate.dev/abort", &id);
}

fn ran_hooks(world: &World) -> bool {
    let is_one = |one: &Happening| matches!(one, Happening::Job(_) | Happening::Set { .. });
    world.log.iter().any(is_one)
}

/// BE and CN are at 3.2.2, and FE's script has failed for good.
fn with_a_failed_fe() -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["upgradeHooks"] =
            json!({"when": "Always", "custom": {"configMapName": "hooks"}});
        spec["starRocksFeSpec"]["upgradeHooks"] = json!({"custom": {"configMapName": "hooks"}});
    });
    world.scripts.insert(Component::Be, accepted("be"));
    world.scripts.insert(Component::Fe, accepted("one"));
    world.job_result = |name| {
        if name.contains("-fe-") {
            ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1".to_owned() }
        } else {
            ObservedJob::Succeeded
        }
    };
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.phase(Component::Fe), Some(UpgradePhase::Failed));
    assert_eq!(world.phase(Component::Be), Some(UpgradePhase::Completed));
    world.log.clear();
    world.events.clear();
    world
}

#[test]
fn going_back_after_a_hook_has_failed_is_held_up_by_nothing() {
    for (by_abort, trigger) in [(true, Trigger::Abort), (false, Trigger::Rollback)] {
        let mut world = with_a_failed_fe();
        close_the_window(&mut world);
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["rolloutGate"] = json!({"canary": true}));
        if by_abort {
            abort(&mut world);
        } else {
            set_version(&mut world, "3.2.1");
        }
        passes(&mut world, 3);
        assert_eq!((wave(&world).trigger, wave(&world).direction), (trigger, Direction::Downgrade));
        world.settle();
        assert!(all_at(&world, "3.2.1") && world.has_originals(), "{trigger:?}: {:#?}", world.cluster.status);
        assert!(!ran_hooks(&world), "{trigger:?}: {:?}", world.log);
        assert!(!let_go(&world).iter().any(|pod| pod.contains("-fe-")), "{:?}", let_go(&world));
    }
}

#[test]
fn going_forward_again_is_an_upgrade_with_all_that_belongs_to_one() {
    let both = |version: &str| {
        [("starRocksBeSpec", format!("be:{version}")), ("starRocksFeSpec", format!("fe:{version}"))]
    };
    let set = |world: &mut World, version: &str| {
        let images = both(version);
        set_images(world, &[(images[0].0, &images[0].1), (images[1].0, &images[1].1)]);
    };
    for mid_roll in [false, true] {
        let mut world = deployed("3.2.1");
        set(&mut world, "3.2.2");
        if mid_roll {
            until_let_go(&mut world, "c-be-1");
        } else {
            until_completed(&mut world, Component::Be);
        }
        world.log.clear();
        set(&mut world, "3.2.1");
        passes(&mut world, 1);
        assert_eq!(wave(&world).trigger, Trigger::Rollback);
        until_let_go(&mut world, "c-be-2");
        world.log.clear();
        close_the_window(&mut world);
        set(&mut world, "3.2.2");
        passes(&mut world, 1);
        assert_eq!((wave(&world).trigger, wave(&world).direction), (Trigger::SpecChange, Direction::Upgrade));
        passes(&mut world, 60);
        assert_eq!(waits_for(&world).0, "OutsideWindow");
        set_spec(&mut world, |spec| spec["upgradeWindow"] = Value::Null);
        roll_with_settings_held(&mut world);
        assert_eq!(let_go(&world).iter().filter(|pod| pod.contains("-fe-")).count(), 3);
        let versions = ["be", "fe"].map(|name| format!("{name}:3.2.2"));
        let images = [Component::Be, Component::Fe]
            .map(|component| world.components[&component].statefulset.as_ref().unwrap().image.clone());
        assert_eq!(images, versions);
        assert!(world.has_originals() && is_true(&world, ConditionType::Ready).unwrap().0);
    }
}

#[test]
fn one_component_that_is_taken_back_takes_no_hooks_from_another() {
    let mut world = deployed("3.2.1");
    set_images(&mut world, &[("starRocksBeSpec", "be:3.2.2"), ("starRocksFeSpec", "fe:3.2.2")]);
    set_spec(&mut world, |spec| {
        spec["starRocksFeSpec"]["upgradeHooks"] =
            json!({"when": "Always", "custom": {"configMapName": "hooks"}});
    });
    world.scripts.insert(Component::Fe, accepted("one"));
    until_completed(&mut world, Component::Be);
    world.log.clear();
    set_images(&mut world, &[("starRocksBeSpec", "be:3.2.1"), ("starRocksFeSpec", "fe:3.2.0")]);
    world.settle();
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
    let jobs = world.log.iter().filter(|one| matches!(one, Happening::Job(name) if name.contains("-fe-")));
    assert_eq!(jobs.count(), 2, "{:?}", world.log);
}

#[test]
fn a_component_that_gets_another_target_after_it_was_done_goes_back_to_where_it_began() {
    for rolls_again in [false, true] {
        for by_abort in [true, false] {
            let mut world = deployed("3.2.1");
            set_version(&mut world, "3.2.2");
            until_completed(&mut world, Component::Be);
            world.log.clear();
            set_version(&mut world, "3.2.3");
            if rolls_again {
                until_let_go(&mut world, "c-be-2");
            } else {
                passes(&mut world, 2);
            }
            close_the_window(&mut world);
            if by_abort {
                abort(&mut world);
            } else {
                set_version(&mut world, "3.2.1");
            }
            passes(&mut world, 3);
            let trigger = if by_abort { Trigger::Abort } else { Trigger::Rollback };
            assert_eq!(wave(&world).trigger, trigger, "{rolls_again}");
            world.settle();
            let case = format!("{rolls_again} {by_abort}");
            assert!(all_at(&world, "3.2.1") && world.has_originals(), "{case}: {:#?}", world.cluster.status);
            assert!(!let_go(&world).iter().any(|pod| pod.contains("-fe-")), "{case}");
        }
    }
}

#[test]
fn an_abort_takes_back_what_the_waves_before_it_had_done() {
    let mut world = with_a_failed_fe();
    world.scripts.insert(Component::Fe, accepted("two"));
    world.job_result = |_| ObservedJob::Succeeded;
    until_let_go(&mut world, "c-fe-2");
    assert_eq!(wave(&world).trigger, Trigger::CauseChanged);
    let images = |world: &World| {
        let of = |component| world.components[&component].statefulset.as_ref().unwrap().image.clone();
        Component::ALL.map(of)
    };
    assert!(images(&world).iter().all(|image| image.ends_with("3.2.2")));
    abort(&mut world);
    world.settle();
    assert!(all_at(&world, "3.2.1") && world.has_originals(), "{:#?}", world.cluster.status);
    let (_, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(message.contains("BE runs be:3.2.1") && message.contains("FE runs fe:3.2.1"), "{message}");
}

#[test]
fn an_abort_in_the_very_last_pass_is_an_abort() {
    let mut world = deployed("3.2.1");
    let revision = |world: &World| {
        let set = world.components[&Component::Be].statefulset.as_ref();
        set.unwrap().update_revision.clone()
    };
    let before = revision(&world);
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["limits"] = json!({"memory": "8Gi"}));
    until_completed(&mut world, Component::Be);
    assert!(wave(&world).components.iter().all(|step| step.phase == UpgradePhase::Completed));
    world.log.clear();
    world.events.clear();
    close_the_window(&mut world);
    abort(&mut world);
    passes(&mut world, 3);
    assert_eq!(wave(&world).trigger, Trigger::Abort);
    world.settle();
    assert_eq!(revision(&world), before, "{:#?}", world.cluster.status);
    let ended: Vec<_> = world.events.iter().filter(|(reason, _)| *reason == "UpgradeAborted").collect();
    assert_eq!(ended.len(), 1, "{:?}", world.events);
}

#[test]
fn a_spec_that_changes_in_the_middle_of_an_abort_is_what_counts() {
    for version in ["3.2.1", "3.2.3", "3.2.0"] {
        let mut world = deployed("3.2.1");
        set_version(&mut world, "3.2.2");
        until_let_go(&mut world, "c-be-1");
        abort(&mut world);
        world.log.clear();
        until_let_go(&mut world, "c-be-2");
        set_version(&mut world, version);
        passes(&mut world, 1);
        let expected = if version == "3.2.1" { Trigger::Rollback } else { Trigger::SpecChange };
        assert_eq!(wave(&world).trigger, expected, "{version}");
        world.log.clear();
        if version == "3.2.3" {
            roll_with_settings_held(&mut world);
        }
        world.settle();
        assert!(all_at(&world, version) && world.has_originals(), "{version}: {:#?}", world.cluster.status);
        assert!(is_true(&world, ConditionType::Ready).unwrap().0, "{version}");
    }
}

#[test]
fn a_component_that_an_abort_does_not_know_is_changed_as_any_other() {
    let mut world = deployed("3.2.1");
    set_images(&mut world, &[("starRocksBeSpec", "be:3.2.2")]);
    until_let_go(&mut world, "c-be-2");
    abort(&mut world);
    world.settle();
    assert!(all_at(&world, "3.2.1"));
    world.log.clear();
    set_images(&mut world, &[("starRocksFeSpec", "fe:3.2.2")]);
    passes(&mut world, 1);
    assert_eq!(wave(&world).trigger, Trigger::SpecChange);
    roll_with_settings_held(&mut world);
    assert_eq!(let_go(&world), ["c-fe-2", "c-fe-1", "c-fe-0"]);
}
