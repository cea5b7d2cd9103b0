//! Which Job is a run's own: what was written down before it was made, and what becomes of others.

use crate::common::*;
use hookgate_api::hooks::HookPhase;
use hookgate_operator::plan::names::hook_job;
use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;

const NONCE: &str = "hookgate.dev/run-nonce";

/// FE alone is to be upgraded, with a script.
fn with_a_script() -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksFeSpec"]["upgradeHooks"] = json!({"custom": {"configMapName": "hooks"}});
        spec["starRocksFeSpec"]["image"] = "fe:3.2.2".into();
    });
    let judgement = Judgement::default();
    world.scripts.insert(Component::Fe, ObservedScript::Accepted { sha256: "one".to_owned(), judgement });
    world
}

/// Somebody makes Jobs under the names that the tries of the wave's pre-hook will have.
fn forge(world: &mut World, attempts: std::ops::RangeInclusive<u32>) {
    while world.cluster.status.as_ref().unwrap().wave.is_none() {
        world.pass();
    }
    let (name, uid) = (world.cluster.name_any(), world.cluster.uid().unwrap_or_default());
    let wave = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().id.clone();
    for attempt in attempts {
        let mut job = Job::default();
        job.metadata.name = Some(hook_job(&name, &uid, &wave, Component::Fe, HookPhase::Pre, attempt));
        world.forged.push(job);
    }
}

#[test]
fn a_job_carries_the_nonce_that_is_written_down_and_each_run_another() {
    let mut world = with_a_script();
    world.settle();
    let state = upgrade_state(&world, Component::Fe);
    let written: Vec<_> = state.hooks.iter().map(|run| run.nonce.clone()).collect();
    let carried: Vec<_> = world.made.iter().map(|job| job.annotations()[NONCE].clone()).collect();
    assert_eq!(written, carried);
    assert!(written.len() == 2 && written[0] != written[1] && !written[0].is_empty(), "{written:?}");
    assert!(state.hooks.iter().all(|run| run.job_uid.is_some()));
}

#[test]
fn a_pre_hook_has_the_image_that_fe_had_and_a_post_hook_the_one_that_it_has() {
    let mut world = with_a_script();
    world.settle();
    let image = |job: &Job| job.spec.as_ref()?.template.spec.as_ref()?.containers[0].image.clone();
    let images: Vec<_> = world.made.iter().filter_map(image).collect();
    assert_eq!(images, ["fe:3.2.1", "fe:3.2.2"]);
}

#[test]
fn a_job_made_beforehand_is_refused_and_told_and_the_next_try_is_the_run() {
    let mut world = with_a_script();
    forge(&mut world, 1..=1);
    world.settle();
    let told = world.events.iter().find(|(reason, _)| *reason == "HookFailed").unwrap();
    assert!(told.1.contains("is not this operator's") && told.1.contains("delete it to go on"), "{told:?}");
    assert_eq!(world.phase(Component::Fe), Some(UpgradePhase::Completed));
    let state = upgrade_state(&world, Component::Fe);
    assert_eq!((state.hooks[0].result, state.hooks[0].attempt), (HookResult::Succeeded, 2));
    assert_eq!(world.made.len(), 2, "nothing ran beside it");
}

#[test]
fn when_every_try_is_forged_nothing_is_touched_and_a_retry_begins_anew() {
    let mut world = with_a_script();
    forge(&mut world, 1..=3);
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    assert_eq!((world.phase(Component::Fe), world.made.len()), (Some(UpgradePhase::Failed), 0));
    assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("is not this operator's"), "{message}");
    let wave = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().id.clone();
    world.cluster.metadata.annotations =
        Some([("hookgate.dev/retry".to_owned(), wave)].into_iter().collect());
    world.forged.clear();
    world.settle();
    assert_eq!(world.phase(Component::Fe), Some(UpgradePhase::Completed));
}

#[test]
fn what_is_not_known_to_be_of_a_run_is_not_believed() {
    let mut world = with_a_script();
    world.job_result = |_| ObservedJob::Running;
    while world.made.is_empty() {
        world.pass();
    }
    // The operator ended before it could write down that it has made the Job.
    let name = world.made[0].name_any();
    let wave = world.cluster.status.as_mut().unwrap().wave.as_mut().unwrap();
    for run in wave.components.iter_mut().flat_map(|step| &mut step.hooks) {
        (run.started, run.job_uid) = (false, None);
    }
    // Meanwhile somebody has put another one there, which has succeeded.
    let mut forged = world.made[0].clone();
    forged.spec.as_mut().unwrap().template.spec.as_mut().unwrap().containers[0].args = Some(vec![]);
    world.forged = vec![forged];
    world.jobs.insert(name, ObservedJob::Succeeded);
    world.job_result = |_| ObservedJob::Succeeded;
    world.settle();
    let told = world.events.iter().find(|(reason, _)| *reason == "HookFailed").unwrap();
    assert!(told.1.contains("containers[0].args is not what was to be run"), "{told:?}");
    assert_eq!(upgrade_state(&world, Component::Fe).hooks[0].attempt, 2);
}
