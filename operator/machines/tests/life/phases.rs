//! Phases that come and go: `Failed` is said of an installation that failed, and of a cluster that runs and is ill.

use crate::world::{World, worker};
use hookgate_api::platform::{HookType, Lifecycle, Phase};
use hookgate_machines::plan::Operation;

/// The hooks of an installation that began, in their order.
fn installing(world: &World) -> Vec<HookType> {
    let begun = world.begun.iter().map(|(_, hook)| *hook);
    begun.filter(|hook| hook.lifecycle() == Lifecycle::Install).collect()
}

#[test]
fn a_cluster_that_fails_during_its_upgrade_is_not_installed_anew() {
    let mut world = World::new(2);
    world.install();
    let before = installing(&world);
    world.wanted = "1.19.7".to_owned();
    world.until("the hook", |world| world.begun.iter().any(|(_, hook)| *hook == HookType::PreUpgrade));
    world.phase = Some(Phase::Failed);
    world.rest();
    assert_eq!(installing(&world), before, "its install hooks ran on a cluster that is there");
    for hook in HookType::ALL.into_iter().filter(|hook| hook.lifecycle() == Lifecycle::Install) {
        assert!(world.status.is_done(hook.condition(), "1.18.3"), "{hook}");
    }
    assert!(world.status.is_done(HookType::PreUpgrade.condition(), "1.19.7"), "the upgrade goes on");
    world.installed = Some("1.19.7".to_owned());
    world.rest();
    assert!(world.on(HookType::PostUpgrade).is_empty(), "it does not run yet");
    world.phase = Some(Phase::Running);
    world.until_done(HookType::PostClusterUpgrade);
    assert_eq!(installing(&world), before);
}

#[test]
fn a_cluster_that_fails_while_nothing_is_to_be_done_and_runs_again_keeps_its_peace() {
    let mut world = World::new(2);
    world.install();
    let before = (world.begun.clone(), world.status.clone());
    for phase in [Some(Phase::Failed), Some(Phase::Running), Some(Phase::Initializing), None] {
        world.phase = phase.clone();
        world.rest();
        assert_eq!((&world.begun, &world.status), (&before.0, &before.1), "{phase:?}");
    }
    // Nor is one whose version the provisioner has lost.
    (world.phase, world.installed) = (Some(Phase::Failed), None);
    world.rest();
    assert_eq!((&world.begun, &world.status), (&before.0, &before.1));
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.18.3".to_owned()));
    world.upgrade("1.19.7");
    assert_eq!(installing(&world).len(), 6);
}

#[test]
fn a_worker_that_fails_is_not_installed_anew_either() {
    let mut world = World::new(1);
    world.subject = worker(None);
    world.until_done(HookType::PreInstall);
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.18.3".to_owned()));
    world.until_done(HookType::PostInstall);
    let before = (world.begun.clone(), world.status.clone());
    world.phase = Some(Phase::Failed);
    world.rest();
    assert_eq!((&world.begun, &world.status), (&before.0, &before.1));
    world.wanted = "1.19.7".to_owned();
    world.subject = worker(Some("1.19.7"));
    world.until_done(HookType::PreUpgrade);
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.19.7".to_owned()));
    world.until_done(HookType::PostUpgrade);
    assert_eq!(installing(&world), [HookType::PreInstall, HookType::PostInstall]);
}

#[test]
fn one_that_is_ill_when_it_is_first_seen_is_taken_over() {
    for subject in [World::new(1).subject, worker(None)] {
        let mut world = World::new(1);
        world.subject = subject;
        (world.installed, world.phase) = (Some("1.18.3".to_owned()), Some(Phase::Failed));
        world.rest();
        assert_eq!(world.begun, []);
        assert_eq!(world.reason("EnsurePreInstallHook").0, "InstalledBefore");
    }
}

#[test]
fn an_installation_that_failed_is_still_one() {
    let mut world = World::new(1);
    world.until_done(HookType::PreClusterInstall);
    // The provisioner writes the version that it tries.
    (world.phase, world.installed) = (Some(Phase::Failed), Some("1.18.3".to_owned()));
    world.until_done(HookType::PreInstall);
    world.rest();
    assert_eq!(world.order(), [HookType::PreClusterInstall, HookType::PreInstall], "it does not run yet");
    // Another version is tried, which its hooks have not seen.
    world.wanted = "1.18.4".to_owned();
    world.until_done(HookType::PreInstall);
    assert_eq!(world.on(HookType::PreInstall).len(), 2);
    assert_eq!(world.operation(), Operation::Install { target: "1.18.4".to_owned() });
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.18.4".to_owned()));
    world.until_done(HookType::PostClusterInstall);
    assert_eq!(installing(&world).len(), 6);
}

#[test]
fn one_that_fails_while_its_last_install_hooks_run_is_installed_and_they_go_on() {
    let mut world = World::new(1);
    world.until_done(HookType::PreInstall);
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.18.3".to_owned()));
    world.until("the hook", |world| world.begun.iter().any(|(_, hook)| *hook == HookType::PostInstall));
    world.phase = Some(Phase::Failed);
    world.wanted = "1.19.7".to_owned();
    world.until("the end of it", |world| world.status.is_done("EnsurePostClusterInstallHook", "1.18.3"));
    world.until_done(HookType::PreUpgrade);
    assert_eq!(installing(&world).len(), 4, "{:?}", world.begun);
}
