//! The end of a cluster.

use crate::world::World;
use hookgate_api::platform::{HookType, Lifecycle, Phase};
use hookgate_machines::plan::{Deletion, FileFacts, Finalizer, Subject, Trouble};

#[test]
fn the_finalizer_is_there_before_anything_is_done() {
    let mut world = World::new(1);
    let first = world.decide();
    assert_eq!(first.finalizer, Finalizer::Add);
    assert!(first.tasks.is_empty() && first.status.runs.is_empty());
    world.rest();
    assert!(matches!(world.subject, Subject::Cluster { finalizer: true, .. }));
}

#[test]
fn a_dead_second_master_does_not_keep_a_cluster() {
    let mut world = World::new(2);
    world.install();
    world.crash();
    world.machines[1].trouble = Some(Trouble::Unreachable("no route".to_owned()));
    world.delete(false);
    world.until("the end", |world| world.gone);
    assert_eq!(world.on(HookType::PostClusterDelete), ["10.0.0.1"]);
}

#[test]
fn a_dead_first_master_keeps_it_until_the_spec_passes_over_its_hooks() {
    let mut world = World::new(1);
    world.install();
    world.crash();
    world.machines[0].trouble = Some(Trouble::Unreachable("no route".to_owned()));
    world.delete(false);
    world.rest();
    assert!(!world.gone);
    for name in ["EnsureCopyFiles", "EnsurePreClusterDeleteHook", "EnsurePostClusterDeleteHook"] {
        world.skipped.insert(name.to_owned());
    }
    world.until("the end", |world| world.gone);
}

#[test]
fn without_delete_hooks_no_machine_and_no_file_keeps_it() {
    let files = [World::new(0).files, Err("hooks/pre: it is not there".to_owned())];
    for files in files {
        let mut world = World::new(1);
        world.hooks.clear();
        world.files = files;
        world.machines[0].trouble = Some(Trouble::Unreachable("no route".to_owned()));
        world.rest();
        world.delete(false);
        world.until("the end", |world| world.gone);
    }
}

#[test]
fn one_that_was_taken_over_is_let_go_though_its_master_is_gone() {
    let mut world = World::new(1);
    world.hooks.clear();
    (world.installed, world.phase) = (Some("1.18.3".to_owned()), Some(Phase::Running));
    world.rest();
    world.machines[0].trouble = Some(Trouble::Unreachable("no route".to_owned()));
    world.delete(false);
    world.until("the end", |world| world.gone);
}

#[test]
fn one_whose_master_dies_in_mid_upgrade_is_let_go() {
    let mut world = World::new(1);
    world.hooks.retain(|hook, _| hook.lifecycle() != Lifecycle::Delete);
    world.install();
    world.wanted = "1.19.7".to_owned();
    world.files = Ok(FileFacts { digest: "files-2".to_owned(), count: 1 });
    world.machines[0].trouble = Some(Trouble::Unreachable("no route".to_owned()));
    world.rest();
    world.delete(false);
    world.until("the end", |world| world.gone);
}

#[test]
fn one_that_is_deleted_before_it_was_seen_is_let_go() {
    let mut world = World::new(1);
    world.subject = Subject::Cluster { deletion: Deletion::OnlyOurs, finalizer: false };
    world.rest();
    assert!(world.begun.is_empty() && world.status.conditions.is_empty());
}
