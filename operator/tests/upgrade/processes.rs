//! What is different where scripts run as processes of the operator's machine.

use crate::{
    common::*,
    hooks::{accepted, with_script},
};
use hookgate_operator::runs::Runner;

/// BE is to be upgraded with a script.
fn with_a_script(runner: Runner) -> World {
    let mut world = deployed("3.2.1");
    world.runner = runner;
    with_script(&mut world, "starRocksBeSpec");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    world.scripts.insert(Component::Be, accepted("one"));
    world
}

fn address(world: &World, pod: &str) -> String {
    let pods = &world.components[&Component::Fe].pods;
    pods.iter().find(|one| one.name == pod).and_then(|one| one.ip.clone()).unwrap()
}

#[test]
fn a_job_asks_fes_service_and_a_process_the_leader_as_the_operator_does() {
    let mut world = with_a_script(Runner::Job);
    world.settle();
    assert_eq!(world.started_at, ["10.96.0.7", "10.96.0.7"]);
    let mut world = with_a_script(Runner::Process);
    world.fe_address = None;
    world.leader = 1;
    world.settle();
    let leader = address(&world, "c-fe-1");
    assert_eq!(world.started_at, [leader.as_str(), leader.as_str()]);
    assert_eq!(world.phase(Component::Be), Some(UpgradePhase::Completed));
}

#[test]
fn a_process_is_called_one_when_it_is_gone() {
    let told = |runner: Runner| {
        let mut world = with_a_script(runner);
        world.job_result = |_| ObservedJob::Running;
        while world.jobs.is_empty() {
            world.pass();
        }
        world.pass();
        world.jobs.clear();
        world.settle();
        let told = world.events.iter().find(|(reason, _)| *reason == "HookFailed").unwrap();
        told.1.clone()
    };
    let (job, process) = (told(Runner::Job), told(Runner::Process));
    assert!(job.contains("the Job c-be-pre-") && job.contains("can't be found any more"), "{job}");
    assert!(process.contains("the process c-be-pre-") && !process.contains("Job"), "{process}");
}
