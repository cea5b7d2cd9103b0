//! A wait that takes long: nobody waits with the lights off.

use crate::{
    common::*,
    hooks::{accepted, with_script},
};

/// BE is done, and the wave waits before the next component.
fn waiting_after_be(world: &mut World, reason: &str) {
    until_let_go(world, "c-be-0");
    passes(world, 50);
    assert_eq!(waits_for(world).0, reason);
    assert!(!world.has_originals(), "a short wait keeps what is held");
    for _ in 0..20 {
        passes(world, 60);
        assert_eq!(waits_for(world).0, reason);
        assert!(world.has_originals(), "{reason}: {:?}", world.memory);
    }
}

#[test]
fn a_script_of_the_next_component_that_is_missing_or_refused() {
    let refused = ObservedScript::Refused { sha256: "one".to_owned(), findings: "HG201 kubectl".to_owned() };
    for (reason, script) in [
        ("HookScriptMissing", ObservedScript::Missing("not found".to_owned())),
        ("HookScriptRefused", refused),
    ] {
        let mut world = deployed("3.2.1");
        with_script(&mut world, "starRocksCnSpec");
        world.scripts.insert(Component::Cn, script);
        set_version(&mut world, "3.2.2");
        waiting_after_be(&mut world, reason);
        world.scripts.insert(Component::Cn, accepted("one"));
        until_let_go(&mut world, "c-cn-0");
        assert!(!world.has_originals(), "held again before the next pod");
        world.settle();
        assert!(all_at(&world, "3.2.2") && world.has_originals());
    }
}

#[test]
fn a_database_that_is_in_no_state_to_lose_a_server() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-0");
    world.decommissioned = Some("c-be-1");
    waiting_after_be(&mut world, "Preflight");
    world.decommissioned = None;
    until_let_go(&mut world, "c-cn-0");
    assert!(!world.has_originals(), "held again before the next pod");
}

#[test]
fn an_image_of_the_metadata_that_can_not_be_written() {
    let mut world = deployed("3.2.1");
    world.image_answer = Some("no space left".to_owned());
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-cn-0");
    passes(&mut world, 120);
    assert_eq!(waits_for(&world).0, "CreateImage");
    assert!(world.has_originals(), "{:?}", world.memory);
    world.image_answer = None;
    settle_with_settings_held(&mut world);
}

#[test]
fn a_patch_that_the_api_server_refuses() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-0");
    world.refuses_objects = Some("Forbidden".to_owned());
    passes(&mut world, 120);
    assert_eq!(waits_for(&world).0, "RestoringStrategy");
    assert!(world.has_originals(), "{:?}", world.memory);
    world.refuses_objects = None;
    settle_with_settings_held(&mut world);
}

#[test]
fn a_hook_that_runs_for_long_keeps_what_it_runs_for() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result = |_| ObservedJob::Running;
    set_version(&mut world, "3.2.2");
    passes(&mut world, 200);
    assert_eq!(waits_for(&world).0, "HookRunning");
    assert!(!world.has_originals());
}
