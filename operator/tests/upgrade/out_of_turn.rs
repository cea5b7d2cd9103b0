//! A component that is held up in the middle, because another comes first: what it had begun doesn't stand in the way.

use crate::{
    common::*,
    hooks::{accepted, with_script},
};
use hookgate_api::hooks::HookPhase;
use hookgate_operator::plan::{Standing, standing};
use std::num::NonZeroU32;

fn set_image(world: &mut World, field: &str, image: &str) {
    set_spec(world, |spec| spec[field]["image"] = image.into());
}

fn with_scripts(components: &[(&str, Component)]) -> World {
    let mut world = deployed("3.2.1");
    for (field, component) in components {
        with_script(&mut world, field);
        world.scripts.insert(*component, accepted("one"));
    }
    world
}

fn jobs<'a>(world: &'a World, part: &str) -> Vec<&'a str> {
    let names = world.log.iter().filter_map(|one| match one {
        Happening::Job(name) => Some(name.as_str()),
        _ => None,
    });
    names.filter(|name| name.contains(part)).collect()
}

fn until_job(world: &mut World, part: &str) {
    for _ in 0..200 {
        if !jobs(world, part).is_empty() {
            return;
        }
        passes(world, 1);
    }
    panic!("no Job {part}: {:?}", world.log);
}

fn wave_is_over(world: &World) -> bool {
    world.cluster.status.as_ref().unwrap().wave.is_none() && world.jobs.is_empty() && world.has_originals()
}

#[test]
fn a_script_gives_way_to_a_component_that_comes_first_and_runs_in_its_turn() {
    for ends in [true, false] {
        let mut world =
            with_scripts(&[("starRocksFeSpec", Component::Fe), ("starRocksBeSpec", Component::Be)]);
        world.job_result = |_| ObservedJob::Running;
        set_image(&mut world, "starRocksFeSpec", "fe:3.2.2");
        until_job(&mut world, "c-fe-pre");
        set_image(&mut world, "starRocksBeSpec", "be:3.2.2");
        passes(&mut world, 2);
        if ends {
            world.jobs.values_mut().for_each(|job| *job = ObservedJob::Succeeded);
        }
        world.job_result = |_| ObservedJob::Succeeded;
        world.settle();
        assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0", "c-fe-2", "c-fe-1", "c-fe-0"]);
        assert!(wave_is_over(&world), "{:#?}", world.cluster.status);
        for part in ["c-be-pre", "c-be-post", "c-fe-pre", "c-fe-post"] {
            assert!(!jobs(&world, part).is_empty(), "{part}");
        }
        for component in [Component::Be, Component::Fe] {
            let hooks = upgrade_state(&world, component).hooks;
            assert!(hooks.iter().all(|run| run.result == HookResult::Succeeded), "{hooks:#?}");
        }
        assert!(!world.events.iter().any(|(reason, _)| *reason == "HookFailed"), "{:?}", world.events);
    }
}

#[test]
fn a_script_that_ended_out_of_its_turn_is_not_run_twice() {
    let mut world = with_scripts(&[("starRocksFeSpec", Component::Fe), ("starRocksBeSpec", Component::Be)]);
    world.job_result = |_| ObservedJob::Succeeded;
    set_image(&mut world, "starRocksFeSpec", "fe:3.2.2");
    for _ in 0..200 {
        world.pass();
        if !jobs(&world, "c-fe-pre").is_empty() {
            break;
        }
        world.kubernetes();
    }
    set_image(&mut world, "starRocksBeSpec", "be:3.2.2");
    world.settle();
    assert_eq!((jobs(&world, "c-fe-pre").len(), wave_is_over(&world)), (1, true));
}

#[test]
fn a_script_that_waits_for_long_for_its_turn_does_not_run_out_of_its_time() {
    let mut world = with_scripts(&[("starRocksFeSpec", Component::Fe), ("starRocksBeSpec", Component::Be)]);
    world.job_result = |_| ObservedJob::Running;
    set_image(&mut world, "starRocksFeSpec", "fe:3.2.2");
    until_job(&mut world, "c-fe-pre");
    set_image(&mut world, "starRocksBeSpec", "be:3.2.2");
    passes(&mut world, 2);
    world.job_result = |_| ObservedJob::Succeeded;
    until_let_go(&mut world, "c-be-2");
    world.now += jiff::SignedDuration::from_secs(3600);
    world.settle();
    assert!(wave_is_over(&world), "{:#?}", world.cluster.status);
    assert!(!world.events.iter().any(|(reason, _)| *reason == "HookFailed"), "{:?}", world.events);
    assert_eq!(jobs(&world, "c-fe-pre").len(), 2);
}

#[test]
fn a_post_hook_gives_way_as_well_and_runs_when_its_turn_comes_again() {
    let mut world = with_scripts(&[("starRocksBeSpec", Component::Be), ("starRocksCnSpec", Component::Cn)]);
    world.job_result = |name| {
        if name.contains("c-cn-post") { ObservedJob::Running } else { ObservedJob::Succeeded }
    };
    set_version(&mut world, "3.2.2");
    until_job(&mut world, "c-cn-post");
    set_image(&mut world, "starRocksBeSpec", "be:3.2.3");
    passes(&mut world, 2);
    world.job_result = |_| ObservedJob::Succeeded;
    world.settle();
    assert!(wave_is_over(&world), "{:#?}", world.cluster.status);
    let hooks = upgrade_state(&world, Component::Cn).hooks;
    let post = hooks.iter().find(|run| run.name == "custom" && run.phase == HookPhase::Post).unwrap();
    assert_eq!(post.result, HookResult::Succeeded, "{post:?}");
    assert!(world.components[&Component::Be].pods.iter().all(|pod| pod.revision.ends_with("3.2.3")));
}

#[test]
fn a_component_that_has_failed_does_not_take_the_settings_from_the_one_whose_turn_it_is() {
    let mut world = deployed("3.2.1");
    world.most_waves = NonZeroU32::MIN.get();
    world.refuses = Some("ERROR 5102: no".to_owned());
    set_image(&mut world, "starRocksFeSpec", "fe:3.2.2");
    world.settle();
    assert_eq!((waits_for(&world).0.as_str(), let_go(&world).len()), ("HookFailed", 0));
    world.refuses = None;
    set_image(&mut world, "starRocksBeSpec", "be:3.2.2");
    until_let_go(&mut world, "c-be-2");
    let held = |memory: &std::collections::BTreeMap<String, String>| {
        memory["tablet_sched_disable_balance"] == "true"
    };
    assert!(world.memory.values().all(held), "{:?}", world.memory);
    assert!(matches!(standing(&world.cluster), Some(Standing::Active(_))), "it takes a place");
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0"]);
    assert_eq!(waits_for(&world).0, "HookFailed", "FE's turn, which has failed");
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn a_pod_that_is_back_keeps_no_settings_held_while_another_component_waits() {
    let mut world = deployed("3.2.1");
    set_image(&mut world, "starRocksFeSpec", "fe:3.2.2");
    until_let_go(&mut world, "c-fe-2");
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["image"] = "be:3.2.2".into();
        spec["starRocksBeSpec"]["rolloutGate"] = json!({"canary": true});
    });
    passes(&mut world, 120);
    assert_eq!((let_go(&world), waits_for(&world).0.as_str()), (vec!["c-fe-2", "c-be-2"], "Canary"));
    assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/continue", &id);
    world.settle();
    assert_eq!(let_go(&world).len(), 6);
    assert!(wave_is_over(&world), "{:#?}", world.cluster.status);
}
