//! The end of a cluster.

use crate::world::World;
use hookgate_api::platform::HookType;
use hookgate_machines::plan::{Deletion, Finalizer, Subject, Trouble};

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
fn one_that_is_deleted_before_it_was_seen_is_let_go() {
    let mut world = World::new(1);
    world.subject = Subject::Cluster { deletion: Deletion::OnlyOurs, finalizer: false };
    world.rest();
    assert!(world.begun.is_empty() && world.status.conditions.is_empty());
}
