//! The operator dies at every moment that there is, and no hook that succeeded runs again.

use crate::world::World;
use hookgate_api::platform::{HookType, Lifecycle, Phase, RunState};
use hookgate_machines::{plan::Trouble, run::Ending};
use std::collections::HashMap;

/// A whole life, in which the operator dies after the passes of which `dies` says so: before or after the status is
/// written, or with everything done.
fn live(mut dies: impl FnMut(usize) -> Option<bool>) -> World {
    let mut world = World::new(3);
    world.machines[2].endings = [Ending::Exited(1), Ending::Exited(0), Ending::Exited(2)].into();
    let mut passes = 0;
    let mut step = |world: &mut World| {
        passes += 1;
        match dies(passes) {
            None => world.pass(),
            Some(written) => {
                let plan = world.decide();
                if written {
                    world.write(&plan);
                }
                // What was begun goes on, and the one who began it is gone.
                for task in plan.tasks {
                    if written {
                        world.start(task);
                    }
                }
                world.crash();
            }
        }
        world.tick();
    };
    let until = |world: &mut World, step: &mut dyn FnMut(&mut World), hook: HookType| {
        for _ in 0..3_000 {
            if world.status.is_done(hook.condition(), &world.wanted) {
                return;
            }
            step(world);
        }
        panic!("{hook} is not reached: {:#?}", world.status);
    };
    until(&mut world, &mut step, HookType::PreInstall);
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.18.3".to_owned()));
    until(&mut world, &mut step, HookType::PostClusterInstall);
    world.wanted = "1.19.7".to_owned();
    until(&mut world, &mut step, HookType::PreUpgrade);
    world.installed = Some("1.19.7".to_owned());
    until(&mut world, &mut step, HookType::PostClusterUpgrade);
    world.delete(false);
    for _ in 0..3_000 {
        if world.gone {
            break;
        }
        step(&mut world);
    }
    assert!(world.gone);
    world
}

fn no_success_is_doubled(world: &World) {
    assert_eq!(world.order(), HookType::ALL);
    let mut times: HashMap<_, usize> = HashMap::new();
    for success in &world.succeeded {
        *times.entry(success).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    assert_eq!(times.len(), 6 + 4 * 3);
}

#[test]
fn one_death_at_any_pass_doubles_no_success() {
    let mut longest = 0;
    no_success_is_doubled(&live(|pass| {
        longest = longest.max(pass);
        None
    }));
    for at in 1..=longest {
        for written in [false, true] {
            no_success_is_doubled(&live(|pass| (pass == at).then_some(written)));
        }
    }
}

#[test]
fn an_operator_that_dies_all_the_time_gets_there_as_well() {
    // A copy takes three passes, and one that dies sooner has to ask the machine for every file again.
    for every in 5..12 {
        for written in [false, true] {
            no_success_is_doubled(&live(|pass| (pass % every == 0).then_some(written)));
        }
    }
}

/// A cluster whose operator has died while PreUpgrade was under way.
fn dead_in_pre_upgrade() -> World {
    let mut world = World::new(2);
    world.install();
    world.wanted = "1.19.7".to_owned();
    world.until("the hook", |world| world.begun.iter().any(|(_, hook)| *hook == HookType::PreUpgrade));
    world.crash();
    world
}

fn under_way(world: &World) -> bool {
    world.status.runs.iter().any(|run| run.state == RunState::Running)
}

#[test]
fn what_is_under_way_when_an_upgrade_is_taken_back_is_awaited() {
    let mut world = dead_in_pre_upgrade();
    world.wanted = "1.18.3".to_owned();
    world.rest();
    assert!(!under_way(&world), "{:#?}", world.status.runs);
    // Wanted again, what has succeeded does not run again.
    world.upgrade("1.19.7");
    assert_eq!(world.on(HookType::PreUpgrade), ["10.0.0.1", "10.0.0.2"]);
}

#[test]
fn what_is_under_way_when_another_version_is_wanted_ends_before_anything_begins_there() {
    let mut world = dead_in_pre_upgrade();
    world.wanted = "1.20.1".to_owned();
    for _ in 0..30 {
        let plan = world.decide();
        for run in plan.status.runs.iter().filter(|run| run.state == RunState::Running) {
            let on_it = plan.status.runs.iter().filter(|other| other.machine == run.machine);
            assert_eq!(
                on_it.filter(|other| other.state == RunState::Running).count(),
                1,
                "{:#?}",
                plan.status
            );
        }
        world.pass();
        world.tick();
    }
    world.until_done(HookType::PreUpgrade);
    assert!(!under_way(&world));
}

#[test]
fn a_deletion_awaits_what_is_under_way_on_machines_that_answer() {
    for hooks in [true, false] {
        let mut world = dead_in_pre_upgrade();
        world.hooks.retain(|hook, _| hooks || hook.lifecycle() != Lifecycle::Delete);
        world.delete(false);
        world.until("the end", |world| world.gone);
        assert!(!under_way(&world), "{:#?}", world.status.runs);
    }
    let mut world = dead_in_pre_upgrade();
    world.hooks.retain(|hook, _| hook.lifecycle() != Lifecycle::Delete);
    for machine in &mut world.machines {
        machine.trouble = Some(Trouble::Unreachable("no route".to_owned()));
    }
    world.delete(false);
    world.until("the end", |world| world.gone);
}

#[test]
fn a_run_that_was_written_down_and_is_not_wanted_any_more_is_not_begun() {
    let mut world = World::new(1);
    world.install();
    world.wanted = "1.19.7".to_owned();
    world.until("the record", |world| {
        world.status.runs.iter().any(|run| run.hook == HookType::PreUpgrade && run.state == RunState::Running)
    });
    assert!(!world.begun.iter().any(|(_, hook)| *hook == HookType::PreUpgrade), "only written down");
    world.crash();
    world.wanted = "1.18.3".to_owned();
    world.rest();
    assert!(!world.begun.iter().any(|(_, hook)| *hook == HookType::PreUpgrade));
    assert!(!under_way(&world), "{:#?}", world.status.runs);
}

#[test]
fn a_hook_that_is_passed_over_while_it_runs_ends_before_the_next_begins_there() {
    let mut world = dead_in_pre_upgrade();
    world.skipped.insert(HookType::PreUpgrade.condition().to_owned());
    world.installed = Some("1.19.7".to_owned());
    world.pass();
    let begun = world.begun.iter().filter(|(_, hook)| *hook == HookType::PostUpgrade).count();
    assert!(begun == 0 && under_way(&world));
    world.until_done(HookType::PostClusterUpgrade);
    assert!(!under_way(&world), "{:#?}", world.status.runs);
}
