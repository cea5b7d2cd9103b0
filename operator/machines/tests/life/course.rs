//! The course of a cluster's life when nothing goes wrong.

use crate::world::World;
use hookgate_api::platform::{COPY_FILES, Condition, HookType, Phase, Scope};
use hookgate_machines::plan::{FileFacts, Operation, Step};

#[test]
fn all_ten_hooks_run_once_in_their_order_and_scope() {
    let mut world = World::new(3);
    world.install();
    world.upgrade("1.19.7");
    world.delete(true);
    world.until_done(HookType::PreClusterDelete);
    world.rest();
    assert!(world.on(HookType::PostClusterDelete).is_empty() && !world.gone, "others are still at it");
    world.delete(false);
    world.until("the end", |world| world.gone);
    assert_eq!(world.order(), HookType::ALL);
    for hook in HookType::ALL {
        let machines: &[&str] = match hook.scope() {
            Scope::Cluster => &["10.0.0.1"],
            Scope::Node => &["10.0.0.1", "10.0.0.2", "10.0.0.3"],
        };
        assert_eq!(world.on(hook), machines, "{hook}");
    }
    assert_eq!(world.begun.len(), world.succeeded.len());
}

#[test]
fn nothing_goes_on_before_the_provisioner_has_done_its_part() {
    let mut world = World::new(2);
    world.until_done(HookType::PreInstall);
    world.rest();
    assert_eq!(world.order(), [HookType::PreClusterInstall, HookType::PreInstall]);
    // A version alone is not a cluster that runs.
    world.installed = Some("1.18.3".to_owned());
    world.rest();
    assert_eq!(world.order().len(), 2);
    world.phase = Some(Phase::Running);
    world.until_done(HookType::PostClusterInstall);
    world.wanted = "v1.19.7".to_owned();
    world.until("PreUpgrade", |world| world.status.is_done(HookType::PreUpgrade.condition(), "1.19.7"));
    world.phase = Some(Phase::Upgrading);
    world.installed = Some("1.19.7".to_owned());
    world.rest();
    assert!(world.on(HookType::PostUpgrade).is_empty());
    world.phase = Some(Phase::Running);
    world.until("PostClusterUpgrade", |world| {
        world.status.is_done(HookType::PostClusterUpgrade.condition(), "1.19.7")
    });
}

#[test]
fn a_version_is_told_as_the_spec_has_it_and_compared_without_its_v() {
    let mut world = World::new(1);
    world.wanted = "v1.18.3".to_owned();
    world.until("PreInstall", |world| world.status.is_true(HookType::PreInstall.condition()));
    assert_eq!(world.status.target_of(HookType::PreInstall.condition()), Some("v1.18.3"));
    // Written in another way, it is the same one; whoever compares letters goes on all the same.
    world.wanted = "1.18.3".to_owned();
    world.rest();
    assert_eq!(world.status.target_of(HookType::PreInstall.condition()), Some("1.18.3"));
    assert_eq!(world.begun.len(), 2);
    (world.installed, world.phase) = (Some("v1.18.3".to_owned()), Some(Phase::Running));
    world.until_done(HookType::PostClusterInstall);
    world.upgrade("v1.19.7");
    world.installed = Some("1.19.7".to_owned());
    world.rest();
    assert_eq!(world.begun.len(), 8, "{:?}", world.begun);
    let mut taken_over = World::new(1);
    taken_over.wanted = "v1.18.3".to_owned();
    (taken_over.installed, taken_over.phase) = (Some("1.18.3".to_owned()), Some(Phase::Running));
    taken_over.pass();
    taken_over.pass();
    assert_eq!(taken_over.status.target_of("EnsurePreInstallHook"), Some("v1.18.3"));
}

#[test]
fn a_condition_of_an_earlier_upgrade_is_none_of_this_one() {
    let mut world = World::new(1);
    world.install();
    world.upgrade("1.19.7");
    world.wanted = "1.20.1".to_owned();
    world.pass();
    for hook in [HookType::PreClusterUpgrade, HookType::PreUpgrade, HookType::PostClusterUpgrade] {
        assert!(
            !world.status.is_true(hook.condition()) && world.status.is_for(hook.condition(), "1.20.1"),
            "{hook}"
        );
    }
    let before = world.succeeded.len();
    world.upgrade("1.20.1");
    assert_eq!(world.succeeded.len() - before, 4);
}

#[test]
fn a_cluster_without_hooks_lets_its_provisioner_go() {
    let mut world = World::new(2);
    world.hooks.clear();
    world.install();
    assert!(world.begun.is_empty());
    assert_eq!(world.reason("EnsurePreInstallHook").0, "NoHook");
    world.delete(false);
    world.until("the end", |world| world.gone);
}

#[test]
fn where_there_is_no_file_no_machine_is_asked() {
    let mut world = World::new(2);
    world.hooks.clear();
    world.files = Ok(FileFacts { digest: "none".to_owned(), count: 0 });
    for _ in 0..5 {
        assert_eq!(world.decide().tasks, []);
        world.pass();
    }
    assert_eq!(world.reason(COPY_FILES).0, "NoFiles");
    assert!(world.status.is_done(COPY_FILES, "1.18.3"));
    world.install();
}

#[test]
fn the_conditions_are_in_the_order_of_the_original() {
    let mut world = World::new(1);
    world.status.conditions.push(Condition { type_: "EnsureRegistry".to_owned(), ..Condition::default() });
    world.until_done(HookType::PreInstall);
    let install = [
        "EnsureRegistry",
        COPY_FILES,
        "EnsurePreClusterInstallHook",
        "EnsurePreInstallHook",
        "EnsurePostInstallHook",
        "EnsurePostClusterInstallHook",
    ];
    let types = |world: &World| {
        world.status.conditions.iter().map(|condition| condition.type_.clone()).collect::<Vec<_>>()
    };
    assert_eq!(types(&world), install);
    // One that was taken over gets its files with its first upgrade.
    let mut world = World::new(1);
    (world.installed, world.phase) = (Some("1.18.3".to_owned()), Some(Phase::Running));
    world.upgrade("1.19.7");
    assert_eq!(types(&world)[..2], [COPY_FILES, "EnsurePreClusterInstallHook"]);
}

#[test]
fn conditions_that_the_spec_passes_over_are_true_and_run_nothing() {
    let mut world = World::new(1);
    world.skipped.insert("EnsurePreClusterInstallHook".to_owned());
    world.install();
    assert!(world.on(HookType::PreClusterInstall).is_empty());
    assert_eq!(world.reason("EnsurePreClusterInstallHook").0, "Skipped");
    assert_eq!(world.on(HookType::PreInstall).len(), 1);
}

#[test]
fn a_cluster_that_runs_already_is_taken_over_without_its_install_hooks() {
    let mut world = World::new(2);
    (world.installed, world.phase) = (Some("1.18.3".to_owned()), Some(Phase::Running));
    world.rest();
    assert!(world.begun.is_empty());
    assert_eq!(world.reason("EnsurePreInstallHook").0, "InstalledBefore");
    world.upgrade("1.19.7");
    assert_eq!(world.order().first(), Some(&HookType::PreClusterUpgrade));
}

#[test]
fn hooks_that_the_provisioner_did_not_wait_for_do_not_run_late() {
    let mut world = World::new(1);
    world.install();
    world.files = Err("there is no hooks folder".to_owned());
    world.wanted = "1.19.7".to_owned();
    world.rest();
    assert_eq!(world.reason(COPY_FILES), ("FilesRefused", "there is no hooks folder"));
    world.files = Ok(FileFacts { digest: "files-1".to_owned(), count: 1 });
    world.installed = Some("1.19.7".to_owned());
    world.until_done(HookType::PostClusterUpgrade);
    assert_eq!(world.reason("EnsurePreUpgradeHook").0, "Overtaken");
    assert!(world.on(HookType::PreUpgrade).is_empty());
    assert_eq!(world.on(HookType::PostUpgrade).len(), 1);
}

#[test]
fn an_upgrade_that_is_taken_back_runs_nothing_more() {
    let mut world = World::new(1);
    world.install();
    world.wanted = "1.19.7".to_owned();
    world.until_done(HookType::PreClusterUpgrade);
    world.wanted = "1.18.3".to_owned();
    world.rest();
    assert_eq!(world.reason("EnsurePostClusterUpgradeHook").0, "Withdrawn");
    assert!(world.on(HookType::PostUpgrade).is_empty());
    // Wanted again, it's the same upgrade: what succeeded for it doesn't run again.
    world.upgrade("1.19.7");
    assert_eq!(world.on(HookType::PreClusterUpgrade).len(), 1);
}

#[test]
fn files_that_changed_are_copied_before_the_next_hook_and_only_then() {
    let mut world = World::new(2);
    world.install();
    world.files = Ok(FileFacts { digest: "files-2".to_owned(), count: 1 });
    let before = world.status.clone();
    world.rest();
    assert_eq!(world.status, before, "nobody needs them");
    world.upgrade("1.19.7");
    assert!(world.machines.iter().all(|machine| machine.facts.copied.as_deref() == Some("files-2")));
}

#[test]
fn the_steps_are_in_the_order_of_the_original() {
    let world = World::new(1);
    let steps = |operation: Operation| operation.steps(&world.subject);
    let target = || "1".to_owned();
    assert_eq!(
        steps(Operation::Install { target: target() }),
        [
            Step::Files,
            Step::Hook(HookType::PreClusterInstall),
            Step::Hook(HookType::PreInstall),
            Step::Provisioner,
            Step::Hook(HookType::PostInstall),
            Step::Hook(HookType::PostClusterInstall),
        ]
    );
    assert_eq!(steps(Operation::Upgrade { target: target() })[3], Step::Provisioner);
    assert_eq!(
        steps(Operation::Delete { target: target() })[1..],
        [Step::Hook(HookType::PreClusterDelete), Step::Provisioner, Step::Hook(HookType::PostClusterDelete)]
    );
}
