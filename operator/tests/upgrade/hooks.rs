//! Hooks: what runs, what is refused, what becomes of a failure.

use crate::common::*;
use hookgate_api::hooks::HookPhase;

pub fn with_script(world: &mut World, field: &str) {
    set_spec(world, |spec| {
        spec[field]["upgradeHooks"] =
            json!({"predefined": ["disable-balancer"], "custom": {"configMapName": "hooks"}});
    });
}

pub fn accepted(sha256: &str) -> ObservedScript {
    ObservedScript::Accepted { sha256: sha256.to_owned(), judgement: Judgement::default() }
}

#[test]
fn a_failing_pre_hook_leaves_everything_untouched_until_the_script_changes() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result =
        |_| ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1: no".to_owned() };
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    assert!(!world.log.iter().any(|one| matches!(one, Happening::Patched(_))));
    assert_eq!(world.phase(Component::Be), Some(UpgradePhase::Failed));
    assert_eq!(world.log.iter().filter(|one| matches!(one, Happening::Job(_))).count(), 3, "three tries");
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("exit code 1: no"), "{message}");
    assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
    let failed = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().id.clone();

    world.scripts.insert(Component::Be, accepted("two"));
    world.job_result = |_| ObservedJob::Succeeded;
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.has_originals());
    let state = upgrade_state(&world, Component::Be);
    assert_ne!(state.wave, failed, "it started anew");
    assert_eq!(state.hooks.iter().filter(|run| run.script_sha256.as_deref() == Some("two")).count(), 2);
}

#[test]
fn the_retry_annotation_counts_only_for_the_wave_that_it_names() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result = |_| ObservedJob::Failed { deadline_exceeded: true, message: String::new() };
    set_version(&mut world, "3.2.2");
    world.settle();
    let (_, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(message.contains("Hook execution failed: context deadline exceeded"), "{message}");
    world.job_result = |_| ObservedJob::Succeeded;
    let annotate = |world: &mut World, value: &str| {
        world.cluster.metadata.annotations =
            Some([("hookgate.dev/retry".to_owned(), value.to_owned())].into_iter().collect());
    };
    annotate(&mut world, "some-other-wave");
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    let id = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().id.clone();
    annotate(&mut world, &id);
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn a_failing_post_hook_is_recorded_and_blocks_nothing() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksFeSpec");
    world.scripts.insert(Component::Fe, accepted("one"));
    world.job_result = |name| {
        if name.contains("-post-") {
            ObservedJob::Failed { deadline_exceeded: false, message: "exit code 3: oh".to_owned() }
        } else {
            ObservedJob::Succeeded
        }
    };
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.phase(Component::Fe), Some(UpgradePhase::Completed));
    let state = upgrade_state(&world, Component::Fe);
    let post = state.hooks.last().unwrap();
    assert_eq!((post.result, post.message.as_str()), (HookResult::Failed, "exit code 3: oh"));
    assert!(world.events.iter().any(|(reason, _)| *reason == "HookFailed"));
    assert!(world.jobs.is_empty(), "recorded Jobs are removed");
}

#[test]
fn how_the_last_hook_went_is_written_down_before_the_wave_ends() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["upgradeHooks"] = json!({"custom": {"configMapName": "hooks"}});
        spec["starRocksBeSpec"]["image"] = "be:3.2.2".into();
    });
    world.scripts.insert(Component::Be, accepted("one"));
    world.settle();
    let state = upgrade_state(&world, Component::Be);
    assert_eq!(state.phase, UpgradePhase::Completed);
    assert_eq!(state.hooks.iter().map(|run| run.result).collect::<Vec<_>>(), [HookResult::Succeeded; 2]);
    assert!(world.jobs.is_empty() && world.cluster.status.as_ref().unwrap().wave.is_none());
}

#[test]
fn a_job_of_a_wave_that_started_anew_is_cleared_away_and_one_of_somebody_else_blocks_nothing() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    let failed = ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1: no".to_owned() };
    world.jobs.insert("c-be-pre-ended".to_owned(), failed);
    world.jobs.insert("c-be-pre-superseded".to_owned(), ObservedJob::Running);
    world.jobs.insert("c-be-pre-foreign".to_owned(), ObservedJob::Foreign);
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none(), "the wave ends");
    assert_eq!(world.jobs.keys().collect::<Vec<_>>(), ["c-be-pre-foreign"]);
}

/// BE alone is upgraded with a script, whose `post_upgrade` has been written down; `job` is whether its Job runs.
fn with_an_unfinished_post_hook(job: bool) -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["upgradeHooks"] = json!({"custom": {"configMapName": "hooks"}});
        spec["starRocksBeSpec"]["image"] = "be:3.2.2".into();
    });
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result = |name| {
        if name.contains("-post-") { ObservedJob::Running } else { ObservedJob::Succeeded }
    };
    for _ in 0..200 {
        let wave = world.cluster.status.as_ref().unwrap().wave.as_ref();
        let mut runs = wave.into_iter().flat_map(|wave| &wave.components).flat_map(|step| &step.hooks);
        let written_down = runs.any(|run| run.phase == HookPhase::Post);
        if written_down && (!job || !posts(&world).is_empty()) {
            return world;
        }
        passes(&mut world, 1);
    }
    panic!("no post-hook was begun: {:?}", world.log);
}

fn posts(world: &World) -> Vec<&Happening> {
    let is_post = |one: &&Happening| matches!(one, Happening::Job(name) if name.contains("-post-"));
    world.log.iter().filter(is_post).collect()
}

#[test]
fn a_post_hook_that_nobody_asks_for_any_more_does_not_keep_the_wave_from_ending() {
    for job in [true, false] {
        let mut world = with_an_unfinished_post_hook(job);
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.1".into());
        world.settle();
        assert!(all_at(&world, "3.2.1"), "{:?}", world.components);
        assert_eq!(posts(&world).len(), usize::from(job), "a rollback runs no hooks");
        assert!(world.jobs.is_empty() && world.cluster.status.as_ref().unwrap().wave.is_none());
    }
    let mut world = with_an_unfinished_post_hook(true);
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["upgradeHooks"] = json!({}));
    world.settle();
    assert!(world.jobs.is_empty() && world.cluster.status.as_ref().unwrap().wave.is_none());
    let status = world.cluster.status.as_ref().unwrap();
    let state = status.component(Component::Be).unwrap().upgrade_state.as_ref().unwrap();
    let post = state.hooks.iter().find(|run| run.phase == HookPhase::Post).unwrap();
    assert_eq!(post.result, HookResult::Failed);
    assert!(post.message.contains("no longer asked for"), "{}", post.message);
}

#[test]
fn a_job_that_was_started_and_can_not_be_found_counts_as_failed_and_is_not_started_twice() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result = |_| ObservedJob::Running;
    set_version(&mut world, "3.2.2");
    let jobs = |world: &World| -> Vec<String> {
        let names = world.log.iter().filter_map(|one| match one {
            Happening::Job(name) => Some(name.clone()),
            _ => None,
        });
        names.collect()
    };
    while jobs(&world).is_empty() {
        passes(&mut world, 1);
    }
    // Before any other pass has seen it.
    world.jobs.clear();
    passes(&mut world, 2);
    let state = upgrade_state(&world, Component::Be);
    let run = state.hooks.iter().find(|run| run.name == "custom").unwrap();
    assert_eq!(run.result, HookResult::Failed);
    assert!(run.message.contains("can't be found"), "{run:?}");
    world.job_result = |_| ObservedJob::Succeeded;
    world.settle();
    assert_eq!(let_go(&world).len(), 7, "another try, and it goes on");
    let mut names = jobs(&world);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), jobs(&world).len(), "no attempt has two Jobs: {:?}", jobs(&world));
}

fn with_when(world: &mut World, when: &str) {
    set_spec(world, |spec| {
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["upgradeHooks"] = json!({"predefined": ["disable-balancer"], "custom": {"configMapName": "hooks"}, "when": when});
        }
    });
    for component in Component::ALL {
        world.scripts.insert(component, accepted("one"));
    }
}

#[test]
fn hooks_run_and_settings_are_held_for_downgrades_and_changes_only_where_it_says_always() {
    let downgrade: fn(&mut World) = |world| set_version(world, "3.2.0");
    let change: fn(&mut World) = |world| {
        set_spec(world, |spec| spec["starRocksBeSpec"]["limits"] = json!({"memory": "4Gi"}));
    };
    for (ask, jobs) in [(downgrade, 6), (change, 2)] {
        for (when, expected) in [("Upgrades", 0), ("Always", jobs)] {
            let mut world = deployed("3.2.1");
            with_when(&mut world, when);
            ask(&mut world);
            let mut unheld = 0;
            for _ in 0..400 {
                let gone = let_go(&world).len();
                world.pass();
                world.kubernetes();
                if let_go(&world).len() > gone && world.has_originals() {
                    unheld += 1;
                }
                world.now += jiff::SignedDuration::from_secs(1);
            }
            assert!(world.cluster.status.as_ref().unwrap().wave.is_none() && world.has_originals());
            let ran = world.log.iter().filter(|one| matches!(one, Happening::Job(_))).count();
            assert_eq!(ran, expected, "{when}");
            assert_eq!(unheld == 0, when == "Always", "{when}: {unheld} pods without a hold");
        }
    }
}

#[test]
fn going_back_is_held_up_by_no_hook() {
    let mut world = deployed("3.2.1");
    with_when(&mut world, "Always");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.job_result = |_| ObservedJob::Failed { deadline_exceeded: false, message: "no".to_owned() };
    let ran = |world: &World| world.log.iter().filter(|one| matches!(one, Happening::Job(_))).count();
    let before = ran(&world);
    set_version(&mut world, "3.2.1");
    world.settle();
    assert!(all_at(&world, "3.2.1") && world.has_originals());
    assert_eq!(ran(&world), before);
}

/// A downgrade of everything that is given up after FE's first pod: the way back goes up.
fn downgraded(world: &mut World) {
    set_spec(world, |spec| {
        spec["upgradePreparation"] = json!({"enabled": true, "hooks": [
            {"name": "one", "command": "ADMIN SET FRONTEND CONFIG (\"tablet_sched_disable_balance\" = \"true\")", "critical": true},
        ]});
    });
    with_when(world, "Upgrades");
    world.settle();
    set_version(world, "3.2.0");
    until_let_go(world, "c-fe-2");
    world.job_result = |_| ObservedJob::Failed { deadline_exceeded: false, message: "no".to_owned() };
    world.log.clear();
}

#[test]
fn the_way_back_from_a_downgrade_is_held_up_by_no_hook() {
    let reverted: fn(&mut World) = |world| set_version(world, "3.2.1");
    let aborted: fn(&mut World) = |world| {
        let id = wave_id(world);
        annotate(world, "hookgate.dev/abort", &id);
    };
    for back in [reverted, aborted] {
        let mut world = deployed("3.2.1");
        downgraded(&mut world);
        back(&mut world);
        world.settle();
        assert!(all_at(&world, "3.2.1"), "{:#?}", world.cluster.status.as_ref().unwrap().wave);
        assert!(world.cluster.status.as_ref().unwrap().wave.is_none());
        let is_hook =
            |one: &&Happening| matches!(one, Happening::Job(_) | Happening::Sql(_) | Happening::Set { .. });
        assert_eq!(world.log.iter().filter(is_hook).collect::<Vec<_>>(), [] as [&Happening; 0]);
    }
}

#[test]
fn an_occasion_that_is_none_is_refused_with_the_two() {
    let mut world = deployed("3.2.1");
    with_when(&mut world, "Sometimes");
    world.pass();
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(
        stalled
            && message.contains(
                "upgradeHooks.when: unsupported value \"Sometimes\"; allowed values: Upgrades, Always"
            ),
        "{message}"
    );
}

/// The message of BE's unfinished `post_upgrade`, after a pass that sees its pod so.
fn message_with(world: &mut World, run: Option<ObservedRun>) -> String {
    let name = world.jobs.keys().next().unwrap().clone();
    world.runs = run.map(|run| (name, run)).into_iter().collect();
    passes(world, 2);
    let wave = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap();
    let mut runs = wave.components.iter().flat_map(|step| &step.hooks);
    runs.find(|run| run.phase == HookPhase::Post).unwrap().message.clone()
}

fn waiting(said: &str) -> Option<ObservedRun> {
    let what = "the image be:9 can't be pulled".to_owned();
    Some(ObservedRun::Waiting(Waiting { what, said: said.to_owned() }))
}

#[test]
fn a_run_whose_image_can_not_be_pulled_says_so_beside_the_deadline() {
    let mut world = with_an_unfinished_post_hook(true);
    assert_eq!(message_with(&mut world, None), "");
    let first = "the image be:9 can't be pulled: not found";
    assert_eq!(message_with(&mut world, waiting("not found")), first);
    assert_eq!(message_with(&mut world, waiting("back-off")), first, "the cause stays");
    // Kubernetes has ended it, and its pod is gone.
    assert_eq!(message_with(&mut world, None), first);
    let ended = ObservedJob::Failed { deadline_exceeded: true, message: "it was active too long".to_owned() };
    world.jobs.values_mut().for_each(|job| *job = ended.clone());
    world.settle();
    let state = upgrade_state(&world, Component::Be);
    let run = state.hooks.iter().find(|run| run.phase == HookPhase::Post).unwrap();
    assert_eq!(run.message, format!("Hook execution failed: context deadline exceeded: {first}"));
}

#[test]
fn what_kept_a_pod_from_starting_is_forgotten_once_it_was_started() {
    let mut world = with_an_unfinished_post_hook(true);
    assert_ne!(message_with(&mut world, waiting("not found")), "");
    assert_eq!(message_with(&mut world, Some(ObservedRun::Started)), "");
    let ended = ObservedJob::Failed { deadline_exceeded: true, message: String::new() };
    world.jobs.values_mut().for_each(|job| *job = ended.clone());
    world.settle();
    let state = upgrade_state(&world, Component::Be);
    let run = state.hooks.iter().find(|run| run.phase == HookPhase::Post).unwrap();
    assert_eq!(run.message, "Hook execution failed: context deadline exceeded");
}

#[test]
fn another_target_in_the_middle_of_a_post_hook_has_it_run_once_more() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result =
        |name| if name.contains("-post-") { ObservedJob::Running } else { ObservedJob::Succeeded };
    set_version(&mut world, "3.2.2");
    let posts = |world: &World| {
        let is_one = |one: &&Happening| matches!(one, Happening::Job(name) if name.contains("-be-post-"));
        world.log.iter().filter(is_one).count()
    };
    for _ in 0..100 {
        passes(&mut world, 1);
        if posts(&world) == 1 {
            break;
        }
    }
    assert_eq!((posts(&world), world.phase(Component::Be)), (1, Some(UpgradePhase::Finalizing)));
    set_version(&mut world, "3.2.3");
    passes(&mut world, 1);
    world.jobs.values_mut().for_each(|job| *job = ObservedJob::Succeeded);
    world.job_result = |_| ObservedJob::Succeeded;
    world.settle();
    assert!(all_at(&world, "3.2.3") && world.has_originals());
    assert_eq!(posts(&world), 2, "{:?}", world.log);
    assert_eq!(upgrade_state(&world, Component::Be).hooks.last().unwrap().result, HookResult::Succeeded);
}
