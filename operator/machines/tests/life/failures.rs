//! Hooks that fail and machines that can't be used.

use crate::world::World;
use hookgate_api::platform::{COPY_FILES, HOST_KEY, HookType, RunState};
use hookgate_machines::{
    plan::{FileFacts, Trouble},
    run::Ending,
};

const PRE_INSTALL: &str = "EnsurePreInstallHook";

#[test]
fn a_failing_hook_hangs_in_its_condition_with_all_that_is_to_be_known() {
    let mut world = World::new(2);
    world.machines[1].endings = [3, 4].map(Ending::Exited).into();
    world.until("the failure", |world| world.status.runs.iter().any(|run| run.state == RunState::Failed));
    world.pass();
    let (reason, message) = world.reason(PRE_INSTALL);
    assert_eq!(reason, "HookFailed");
    for part in
        ["10.0.0.2: attempt 1 failed", "the next is at 1970-01-01T", "exit code 3", "the end of the output"]
    {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("10.0.0.1: attempt"), "the other one succeeded: {message}");
    world.until_done(HookType::PreInstall);
    let hook = HookType::PreInstall;
    let begun =
        |machine: &str| world.begun.iter().filter(|begun| **begun == (machine.to_owned(), hook)).count();
    assert_eq!((begun("10.0.0.1"), begun("10.0.0.2")), (1, 3));
}

#[test]
fn the_last_failure_is_told_until_the_hook_succeeds() {
    let mut world = World::new(2);
    world.until_done(HookType::PreClusterInstall);
    world.machines[1].endings = [3, 4].map(Ending::Exited).into();
    let record = |world: &World, attempts: u32| {
        let own =
            |run: &&hookgate_api::platform::HookRun| run.machine == "10.0.0.2" && run.attempts == attempts;
        world.status.runs.iter().find(own).cloned()
    };
    world.until("the failure", |world| world.reason(PRE_INSTALL).0 == "HookFailed");
    world.until("the next attempt", |world| record(world, 2).is_some());
    let (reason, message) = world.reason(PRE_INSTALL);
    assert_eq!(reason, "HookRunning");
    assert_eq!(
        message,
        "10.0.0.2: attempt 2 is under way; attempt 1 failed: exit code 3\nthe end of the output"
    );
    let run = record(&world, 2).unwrap();
    assert_eq!((run.exit_code, run.message.as_str()), (Some(3), "exit code 3\nthe end of the output"));
    while !world.status.is_true(PRE_INSTALL) {
        let (last, message) = (world.reason(PRE_INSTALL).1.to_owned(), "the end of the output");
        assert!(last.contains(message) && last.contains("failed") && last.contains("exit code"), "{last}");
        world.pass();
        world.tick();
    }
    assert_eq!(record(&world, 3).map(|run| (run.exit_code, run.message)), Some((Some(0), String::new())));
    assert_eq!(record(&world, 2), None);
}

#[test]
fn the_last_failure_is_told_of_a_machine_that_can_not_be_reached_since() {
    let mut world = World::new(1);
    world.machines[0].endings = [Ending::Exited(3)].into();
    let hook = HookType::PreClusterInstall.condition();
    world.until("the next attempt", |world| world.status.runs.iter().any(|run| run.attempts == 2));
    world.machines[0].trouble = Some(Trouble::Unreachable("10.0.0.1 can't be reached".to_owned()));
    world.until("the trouble", |world| world.reason(hook).0 == "MachineUnreachable");
    let told = "10.0.0.1: 10.0.0.1 can't be reached; attempt 1 failed: exit code 3\nthe end of the output";
    assert_eq!(world.reason(hook).1, told);
}

#[test]
fn the_end_of_a_long_output_is_told_of_every_machine_that_fails() {
    for machines in [1, 3, 40] {
        let mut world = World::new(machines);
        world.output = format!("{}the very last words\n", "a line of output\n".repeat(10_000));
        world.until_done(HookType::PreClusterInstall);
        for machine in &mut world.machines {
            machine.endings = vec![Ending::Exited(3); 9].into();
        }
        let all_failed = |world: &World| {
            world.status.runs.iter().filter(|run| run.state == RunState::Failed).count() == machines
        };
        world.until("the failures", all_failed);
        world.pass();
        let (reason, message) = world.reason(PRE_INSTALL);
        assert_eq!(reason, "HookFailed");
        assert_eq!(message.matches("exit code 3").count(), machines, "{message}");
        assert_eq!(message.matches("the very last words").count(), machines, "{message}");
        assert!(message.len() < 16 << 10, "{} bytes", message.len());
    }
}

#[test]
fn attempts_are_ever_further_apart() {
    let mut world = World::new(1);
    world.machines[0].endings = vec![Ending::TimedOut; 4].into();
    world.until_done(HookType::PreClusterInstall);
    let run = world.status.runs.iter().find(|run| run.hook == HookType::PreClusterInstall).unwrap();
    assert_eq!((run.attempts, run.exit_code, run.state), (5, Some(0), RunState::Succeeded));
    // 10, 20, 40 and 80 seconds lie between them.
    assert!(world.now.as_second() > 150 && world.now.as_second() < 220, "{}", world.now);
}

#[test]
fn every_ending_but_success_is_tried_again_and_told() {
    for (ending, words) in [
        (Ending::Exited(1), "exit code 1"),
        (Ending::TimedOut, "it took longer than it may"),
        (Ending::Lost, "nothing is known of its end"),
        (Ending::NeverBegan, "did not begin it"),
    ] {
        let mut world = World::new(1);
        world.machines[0].endings = [ending].into();
        world.until("the failure", |world| world.status.runs.iter().any(|run| run.state == RunState::Failed));
        world.pass();
        let message = world.reason("EnsurePreClusterInstallHook").1;
        assert!(message.contains(words), "{ending:?}: {message}");
        world.until_done(HookType::PreClusterInstall);
    }
}

#[test]
fn a_dead_machine_delays_only_itself() {
    let mut world = World::new(3);
    world.until_done(HookType::PreClusterInstall);
    world.machines[1].trouble = Some(Trouble::Unreachable("10.0.0.2 can't be reached".to_owned()));
    world.until("the others", |world| world.on(HookType::PreInstall).len() == 2);
    world.rest();
    let (reason, message) = world.reason(PRE_INSTALL);
    assert_eq!((reason, message), ("MachineUnreachable", "10.0.0.2: 10.0.0.2 can't be reached"));
    world.machines[1].trouble = None;
    world.until_done(HookType::PreInstall);
    assert_eq!(world.on(HookType::PreInstall).len(), 3);
    let run = world.status.runs.iter().find(|run| run.machine == "10.0.0.2").unwrap();
    assert_eq!(run.attempts, 1, "what could not be begun is no attempt that failed");
}

#[test]
fn a_machine_that_is_dead_from_the_beginning_delays_only_itself() {
    let mut world = World::new(3);
    world.machines[1].trouble = Some(Trouble::Unreachable("10.0.0.2 can't be reached".to_owned()));
    world.until("the others", |world| world.on(HookType::PreInstall).len() == 2);
    world.rest();
    assert_eq!(world.on(HookType::PreClusterInstall), ["10.0.0.1"], "it is first, and runs elsewhere");
    assert_eq!(world.on(HookType::PreInstall), ["10.0.0.1", "10.0.0.3"]);
    for condition in [COPY_FILES, PRE_INSTALL] {
        let told = world.reason(condition);
        assert_eq!(told, ("MachineUnreachable", "10.0.0.2: 10.0.0.2 can't be reached"), "{condition}");
    }
    assert!(!world.status.is_true(COPY_FILES) && !world.status.is_true(PRE_INSTALL));
    world.machines[1].trouble = None;
    world.until_done(HookType::PreInstall);
    assert!(world.status.is_true(COPY_FILES));
    assert_eq!(world.begun.len(), 4, "nothing began twice: {:?}", world.begun);
}

#[test]
fn the_hooks_for_the_cluster_wait_for_the_first_master_and_the_others_files_for_nobody() {
    let mut world = World::new(2);
    world.machines[0].trouble = Some(Trouble::Login("root is refused".to_owned()));
    world.until("the files", |world| world.machines[1].facts.copied.is_some());
    world.rest();
    assert_eq!(world.begun, []);
    assert_eq!(
        world.reason("EnsurePreClusterInstallHook"),
        ("LoginRefused", "10.0.0.1: root is refused"),
        "the first master is what it waits for"
    );
    world.machines[0].trouble = None;
    world.until_done(HookType::PreInstall);
    assert_eq!(world.on(HookType::PreInstall).len(), 2);
}

#[test]
fn a_machine_whose_key_has_changed_and_that_is_down_then_has_not_shown_its_key() {
    let mut world = World::new(2);
    world.until_done(HookType::PreClusterInstall);
    world.machines[1].trouble = Some(Trouble::HostKey("the host key has changed".to_owned()));
    world.until("the key", |world| world.status.conditions.iter().any(|one| one.type_ == HOST_KEY));
    world.machines[1].trouble = Some(Trouble::Unreachable("10.0.0.2 can't be reached".to_owned()));
    world.until("the machine", |world| world.reason(PRE_INSTALL).0 == "MachineUnreachable");
    world.rest();
    assert!(!world.status.is_true(HOST_KEY), "{:?}", world.reason(HOST_KEY));
}

#[test]
fn a_changed_host_key_stops_that_machine_and_is_told_twice() {
    let mut world = World::new(2);
    world.until_done(HookType::PreClusterInstall);
    assert_eq!(world.status.host_keys.len(), 2);
    world.machines[1].trouble = Some(Trouble::HostKey("the host key has changed".to_owned()));
    world.until("the key", |world| {
        world.status.conditions.iter().any(|condition| condition.type_ == HOST_KEY)
    });
    assert_eq!(world.reason(HOST_KEY), ("HostKeyChanged", "10.0.0.2: the host key has changed"));
    world.until("the hook", |world| world.reason(PRE_INSTALL).0 == "HostKeyChanged");
    assert!(!world.begun.contains(&("10.0.0.2".to_owned(), HookType::PreInstall)));
    world.machines[1].trouble = None;
    world.until_done(HookType::PreInstall);
    world.pass();
    assert!(world.status.is_true(HOST_KEY));
}

#[test]
fn the_first_key_is_recorded_and_a_pinned_one_needs_no_record() {
    let mut world = World::new(2);
    world.machines[1].facts.pinned = true;
    world.pass();
    assert_eq!(world.status.host_keys.len(), 1);
    assert_eq!(world.status.host_keys[0].key, "ssh-ed25519 key-1");
    world.machines[0].facts.host_key = Some("ssh-ed25519 other".to_owned());
    world.pass();
    assert_eq!(world.status.host_keys[0].key, "ssh-ed25519 key-1", "the first one stays");
}

#[test]
fn what_must_not_or_can_not_run_is_told_and_not_begun() {
    let mut world = World::new(1);
    world.hooks.get_mut(&HookType::PreClusterInstall).unwrap().refusal =
        Some("HG201: it runs sudo".to_owned());
    world.hooks.get_mut(&HookType::PreInstall).unwrap().digest = None;
    world.until("the refusal", |world| world.status.is_true(COPY_FILES));
    world.rest();
    assert_eq!(world.reason("EnsurePreClusterInstallHook"), ("HookRefused", "HG201: it runs sudo"));
    assert!(world.begun.is_empty());
    world.hooks.get_mut(&HookType::PreClusterInstall).unwrap().refusal = None;
    world.until_done(HookType::PreClusterInstall);
    world.rest();
    let (reason, message) = world.reason(PRE_INSTALL);
    assert_eq!(reason, "NoSuchFile");
    assert!(message.contains("/hooks/PreInstall is not among the files"), "{message}");
}

#[test]
fn a_script_that_is_changed_runs_at_once_and_again_where_the_old_one_succeeded() {
    let mut world = World::new(2);
    world.until_done(HookType::PreClusterInstall);
    world.machines[1].endings = [1, 1, 1, 1].map(Ending::Exited).into();
    world.until("two failures", |world| {
        world.status.runs.iter().any(|run| run.attempts == 2 && run.exit_code == Some(1))
    });
    world.hooks.get_mut(&HookType::PreInstall).unwrap().digest = Some("another".to_owned());
    world.files = Ok(FileFacts { digest: "files-2".to_owned(), count: 1 });
    world.machines[1].endings.clear();
    let before = world.now;
    world.until_done(HookType::PreInstall);
    assert!(world.now.as_second() - before.as_second() < 15, "its attempts are counted anew");
    assert_eq!(world.on(HookType::PreInstall), ["10.0.0.1", "10.0.0.1", "10.0.0.2"]);
    let of_hook = || world.status.runs.iter().filter(|run| run.hook == HookType::PreInstall);
    assert!(of_hook().all(|run| run.state == RunState::Succeeded));
    assert_eq!(of_hook().filter(|run| run.digest == "another").count(), 2);
}

#[test]
fn a_script_that_is_changed_back_really_runs_again() {
    let mut world = World::new(1);
    let edit = |world: &mut World, digest: &str| {
        world.hooks.get_mut(&HookType::PreInstall).unwrap().digest = Some(digest.to_owned());
    };
    world.until_done(HookType::PreClusterInstall);
    edit(&mut world, "a");
    world.machines[0].endings = [1, 1, 1, 1].map(Ending::Exited).into();
    let failed = |digest: &'static str| {
        move |world: &World| {
            world.status.runs.iter().any(|run| run.digest == digest && run.state == RunState::Failed)
        }
    };
    world.until("a fails", failed("a"));
    edit(&mut world, "b");
    world.until("b fails", failed("b"));
    let before = world.begun.len();
    edit(&mut world, "a");
    world.machines[0].endings.clear();
    world.until_done(HookType::PreInstall);
    assert_eq!(world.begun.len(), before + 1);
    let run = world.status.runs.iter().find(|run| run.hook == HookType::PreInstall).unwrap();
    assert_eq!(run.attempts, 1, "an old answer was taken for an attempt");
    assert_eq!(world.on(HookType::PreInstall), ["10.0.0.1"]);
}

#[test]
fn a_script_that_is_changed_back_does_not_run_again_where_it_succeeded() {
    let mut world = World::new(2);
    let edit = |world: &mut World, digest: &str| {
        world.hooks.get_mut(&HookType::PreInstall).unwrap().digest = Some(digest.to_owned());
    };
    world.until_done(HookType::PreClusterInstall);
    world.machines[1].endings = vec![Ending::Exited(1); 20].into();
    edit(&mut world, "a");
    world.until("a", |world| world.on(HookType::PreInstall) == ["10.0.0.1"]);
    world.machines[0].endings = vec![Ending::Exited(1); 20].into();
    edit(&mut world, "b");
    world.until("b fails", |world| {
        world.status.runs.iter().filter(|run| run.digest == "b" && run.state == RunState::Failed).count() == 2
    });
    edit(&mut world, "a");
    world.machines[1].endings.clear();
    world.until_done(HookType::PreInstall);
    assert_eq!(world.on(HookType::PreInstall), ["10.0.0.1", "10.0.0.2"]);
    let left: Vec<_> = world.status.runs.iter().filter(|run| run.state != RunState::Succeeded).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_cluster_without_machines_says_so() {
    let mut world = World::new(0);
    world.rest();
    let (reason, message) = world.reason("EnsurePreClusterInstallHook");
    assert_eq!(reason, "NoMachine");
    assert!(message.contains("skipConditions"), "{message}");
}
