//! What scripts and statements change by themselves: it becomes a hold, and ends with what was there before.

use crate::common::*;
use hookgate_api::status::ChangedSetting;
use hookgate_operator::observation::Touched;
use std::collections::BTreeMap;

const SCHEDULING: &str = "tablet_sched_max_scheduling_tablets";
const BALANCE: &str = "tablet_sched_disable_balance";

/// A script that is known to set these, or of which it isn't known.
fn touched(values: &[(&str, &[&str])], complete: bool) -> Touched {
    let of = |(name, values): &(&str, &[&str])| {
        ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
    };
    Touched { values: values.iter().map(of).collect::<BTreeMap<_, _>>(), complete }
}

/// The guide's example: `pre_upgrade` sets 0 and `post_upgrade` a literal, for one component or for all, without any
/// predefined hook.
fn with_the_guides_script(
    components: &[(Component, &str)],
    post: Option<&'static str>,
    known: bool,
) -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["upgradeHooks"] = json!({});
        }
        for (_, field) in components {
            spec[*field]["upgradeHooks"] = json!({"custom": {"configMapName": "hooks"}});
        }
    });
    for (component, _) in components {
        world.scripts.insert(
            *component,
            ObservedScript::Accepted { sha256: "one".to_owned(), judgement: Judgement::default() },
        );
        if known {
            let values = touched(&[(SCHEDULING, &["0", "2000"])], true);
            world.policy.script_settings.insert(*component, values);
        }
    }
    world.script_sets.push(("-pre-", SCHEDULING, "0"));
    world.script_sets.extend(post.map(|value| ("-post-", SCHEDULING, value)));
    set_version(&mut world, "3.2.2");
    world
}

/// Until the Job of a script is made.
fn until_the_script_runs(world: &mut World) {
    for _ in 0..100 {
        passes(world, 1);
        if world.log.iter().any(|one| matches!(one, Happening::Job(_))) {
            return;
        }
    }
    panic!("the script never ran: {:#?}", world.cluster.status);
}

/// Takes the upgrade to its end; how often a pod of these went while the setting wasn't what the script had set.
fn rolled_without(world: &mut World, prefix: &str) -> usize {
    let mut without = 0;
    for _ in 0..600 {
        let gone = let_go(world).len();
        world.pass();
        world.kubernetes();
        let now = let_go(world);
        let fes = &world.components[&Component::Fe].pods;
        let has = |pod: &String| fes.iter().any(|fe| &fe.name == pod && fe.ready);
        let mut there = world.memory.iter().filter(|(pod, _)| has(pod));
        if now.len() > gone
            && now[gone].starts_with(prefix)
            && there.any(|(_, memory)| memory[SCHEDULING] != "0")
        {
            without += 1;
        }
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(let_go(world).len(), 7, "{:#?}", world.cluster.status.as_ref().unwrap().wave);
    without
}

#[test]
fn the_guides_scripts_end_with_what_was_there_before() {
    let all = [
        (Component::Fe, "starRocksFeSpec"),
        (Component::Be, "starRocksBeSpec"),
        (Component::Cn, "starRocksCnSpec"),
    ];
    for components in [&all[..1], &all[1..2], &all] {
        for post in [Some("2000"), None] {
            for known in [true, false] {
                let mut world = with_the_guides_script(components, post, known);
                let prefix = if components.len() == 1 {
                    format!("c-{}", components[0].0.as_str())
                } else {
                    "c-".to_owned()
                };
                let without = rolled_without(&mut world, &prefix);
                let case = format!("{components:?} {post:?} {known}");
                assert_eq!(without, 0, "{case}: what the script set is held while its component is rolled");
                assert!(world.has_originals(), "{case}: {:?}", world.memory);
                assert!(!holds_any(&world), "{case}");
                let changed = &upgrade_state(&world, components[0].0).hooks[0].changed;
                let set = ChangedSetting { name: SCHEDULING.to_owned(), value: "0".to_owned() };
                assert_eq!(changed.as_ref(), Some(&vec![set]), "{case}");
                let others = world.events.iter().filter(|(reason, _)| *reason == "SettingChangedByOthers");
                assert_eq!(others.count(), 0, "{case}: nobody else has changed anything");
            }
        }
    }
}

#[test]
fn originals_are_written_down_on_every_fe_before_a_script_runs() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, true);
    world.cut_off = Some("c-fe-1");
    passes(&mut world, 20);
    world.cut_off = None;
    let ran = |world: &World| world.log.iter().any(|one| matches!(one, Happening::Job(_)));
    for _ in 0..100 {
        let before = world.cluster.status.as_ref().unwrap().held_settings.clone();
        passes(&mut world, 1);
        if ran(&world) {
            let held = before.iter().find(|held| held.name == SCHEDULING).unwrap();
            assert_eq!(held.frontends.len(), 3);
            assert!(held.frontends.iter().all(|fe| fe.original == "4321"), "{held:?}");
            assert!(
                before.iter().all(|held| held.name == SCHEDULING),
                "only what the script may set: {before:?}"
            );
            return;
        }
    }
    panic!("the script never ran");
}

#[test]
fn a_script_that_fails_for_good_leaves_nothing_behind() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, false);
    world.job_result =
        |_| ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1".to_owned() };
    world.settle();
    assert_eq!(world.phase(Component::Be), Some(UpgradePhase::Failed));
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(!holds_any(&world));
}

#[test]
fn what_a_try_that_failed_has_set_is_held_for_the_one_that_succeeds() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, true);
    let failed = ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1".to_owned() };
    world.job_result = |_| ObservedJob::Running;
    until_the_script_runs(&mut world);
    let job = world.jobs.keys().next().unwrap().clone();
    world.jobs.insert(job, failed);
    world.job_result = |_| ObservedJob::Succeeded;
    assert_eq!(rolled_without(&mut world, "c-be"), 0);
    let run = &upgrade_state(&world, Component::Be).hooks[0];
    let set = ChangedSetting { name: SCHEDULING.to_owned(), value: "0".to_owned() };
    assert_eq!((run.attempt, run.changed.as_deref()), (2, Some(&[set][..])));
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn a_run_that_never_started_has_set_nothing() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, false);
    world.fe_address = None;
    let run = |world: &World| upgrade_state(world, Component::Be).hooks.first().cloned();
    for _ in 0..100 {
        passes(&mut world, 1);
        if run(&world).is_some() {
            break;
        }
    }
    // Meanwhile a person sets something.
    world.set_by_hand(SCHEDULING, "7");
    world.now += jiff::SignedDuration::from_secs(3600);
    passes(&mut world, 1);
    let failed = run(&world).unwrap();
    assert!(failed.message.contains("could not be started"), "{failed:?}");
    assert_eq!(failed.changed, Some(vec![]), "it never ran");
    world.settle();
    assert!(world.memory.values().all(|memory| memory[SCHEDULING] == "7"), "{:?}", world.memory);
}

#[test]
fn a_job_that_is_not_known_to_be_the_runs_is_asked_about_however_late_and_no_other_runs_beside() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, true);
    world.job_result = |_| ObservedJob::Succeeded;
    until_the_script_runs(&mut world);
    // The operator ended before it could write down that it has made the Job, and comes back late.
    let wave = world.cluster.status.as_mut().unwrap().wave.as_mut().unwrap();
    for run in wave.components.iter_mut().flat_map(|step| &mut step.hooks) {
        (run.started, run.job_uid) = (false, None);
    }
    world.now += jiff::SignedDuration::from_secs(600);
    assert_eq!(rolled_without(&mut world, "c-be"), 0, "what it has set is held");
    let run = &upgrade_state(&world, Component::Be).hooks[0];
    assert_eq!((run.attempt, run.result), (1, HookResult::Succeeded), "{run:?}");
}

#[test]
fn a_script_waits_until_those_of_earlier_tries_are_gone() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, true);
    world.jobs.insert("c-be-pre-earlier".to_owned(), ObservedJob::Running);
    world.keeps_jobs = true;
    passes(&mut world, 30);
    assert!(world.made.is_empty(), "{:?}", world.log);
    world.keeps_jobs = false;
    assert_eq!(rolled_without(&mut world, "c-be"), 0);
    assert!(!world.made.is_empty());
}

#[test]
fn what_is_set_while_everything_is_given_back_is_given_back_too() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, true);
    world.job_result = |_| ObservedJob::Running;
    until_the_script_runs(&mut world);
    annotate(&mut world, "starrocks.com/ignored", "true");
    passes(&mut world, 30);
    assert!(world.has_originals(), "{:?}", world.memory);
    // The script goes on, and sets it once more.
    world.set_by_hand(SCHEDULING, "0");
    passes(&mut world, 5);
    assert!(world.has_originals(), "{:?}", world.memory);
    // When it isn't left alone any more the script runs again, for what it had set is gone.
    world.cluster.metadata.annotations = None;
    world.job_result = |_| ObservedJob::Succeeded;
    assert_eq!(rolled_without(&mut world, "c-be"), 0, "what it has set is held while BE is rolled");
    assert_eq!(upgrade_state(&world, Component::Be).hooks[0].attempt, 2);
    assert!(world.has_originals(), "{:?}", world.memory);
}

#[test]
fn a_script_that_runs_while_everything_is_given_back_runs_again() {
    let mut world = with_the_guides_script(&[(Component::Be, "starRocksBeSpec")], None, true);
    world.job_result = |_| ObservedJob::Running;
    until_the_script_runs(&mut world);
    passes(&mut world, 2);
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/release", &id);
    passes(&mut world, 30);
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(world.jobs.is_empty(), "nothing sets anything any more: {:?}", world.jobs);
    world.job_result = |_| ObservedJob::Succeeded;
    world.cluster.metadata.annotations = None;
    assert_eq!(rolled_without(&mut world, "c-be"), 0, "what it has set is held while BE is rolled");
    assert!(world.has_originals(), "{:?}", world.memory);
    assert_eq!(world.log.iter().filter(|one| matches!(one, Happening::Job(_))).count(), 3, "{:?}", world.log);
}

#[test]
fn what_a_statement_of_the_preparation_changes_is_held_and_given_back() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["upgradeHooks"] = json!({});
        }
        let command = "ADMIN SET FRONTEND CONFIG (\"disable_balance\" = \"true\"); ADMIN SET FRONTEND CONFIG \
                       (\"max_scheduling_tablets\" = \"0\")";
        spec["upgradePreparation"] =
            json!({"enabled": true, "hooks": [{"name": "both", "command": command, "critical": true}]});
    });
    let values = touched(&[(SCHEDULING, &["0"]), (BALANCE, &["true"])], true);
    world.policy.statement_settings.insert(0, values);
    world.statement_sets = Some((SCHEDULING, "0"));
    set_version(&mut world, "3.2.2");
    assert_eq!(rolled_without(&mut world, "c-"), 0);
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(!holds_any(&world));
}
