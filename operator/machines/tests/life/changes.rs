//! The spec changes while hooks run: machines leave it and come back, get another port, or another place.

use crate::world::{Machine, World};
use hookgate_api::platform::{HookType, Phase, RunState};
use hookgate_machines::run::Ending;

/// How often a hook began on the machines of that address.
fn times(world: &World, address: &str, hook: HookType) -> usize {
    let of = |(machine, other): &&(String, HookType)| machine.starts_with(address) && *other == hook;
    world.begun.iter().filter(of).count()
}

/// A cluster of two masters in the midst of an upgrade, with the hook under way on both, which ends like that on the first.
fn in_pre_upgrade(ending: Ending) -> World {
    let mut world = World::new(2);
    world.install();
    // PreClusterUpgrade comes first.
    world.machines[0].endings = [Ending::Exited(0)].into();
    world.machines[0].endings.extend([ending; 50]);
    world.wanted = "1.19.7".to_owned();
    world.until("the hook", |world| times(world, "10.0.0.2", HookType::PreUpgrade) == 1);
    world
}

fn on_second(world: &World) -> Vec<RunState> {
    let own = world
        .status
        .runs
        .iter()
        .filter(|run| run.machine.starts_with("10.0.0.2") && run.hook == HookType::PreUpgrade);
    own.map(|run| run.state).collect()
}

fn take_out(world: &mut World) -> Machine {
    world.machines.pop().unwrap()
}

#[test]
fn a_run_whose_machine_leaves_the_spec_and_comes_back_is_found_and_not_doubled() {
    for dies in [false, true] {
        let mut world = in_pre_upgrade(Ending::Exited(0));
        let second = take_out(&mut world);
        world.pass();
        assert_eq!(on_second(&world), [RunState::Running]);
        let said = |world: &World| {
            let own = |run: &&_| on_absent(run);
            world.status.runs.iter().filter(own).map(|run| run.message.clone()).collect::<String>()
        };
        assert!(said(&world).contains("not in the spec"), "{:?}", world.status.runs);
        if dies {
            world.crash();
        }
        world.machines.push(second);
        world.until_done(HookType::PreUpgrade);
        assert_eq!(times(&world, "10.0.0.2", HookType::PreUpgrade), 1, "{:?}", world.begun);
        assert_eq!(on_second(&world), [RunState::Succeeded]);
        assert_eq!(said(&world), "");
    }
}

fn on_absent(run: &hookgate_api::platform::HookRun) -> bool {
    run.machine == "10.0.0.2" && run.hook == HookType::PreUpgrade
}

#[test]
fn a_machine_that_does_not_come_back_holds_up_nobody() {
    let mut world = in_pre_upgrade(Ending::Exited(0));
    take_out(&mut world);
    world.until_done(HookType::PreUpgrade);
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.19.7".to_owned()));
    world.until_done(HookType::PostClusterUpgrade);
    world.delete(false);
    world.until("the end", |world| world.gone);
    // Nor is what it runs taken for a hook that the provisioner has waited for.
    let mut world = in_pre_upgrade(Ending::Exited(1));
    take_out(&mut world);
    world.until("a failure", |world| world.reason("EnsurePreUpgradeHook").0 == "HookFailed");
    (world.phase, world.installed) = (Some(Phase::Running), Some("1.19.7".to_owned()));
    world.until("the end of it", |world| world.status.is_true("EnsurePreUpgradeHook"));
    assert_eq!(world.reason("EnsurePreUpgradeHook").0, "Overtaken");
}

#[test]
fn a_machine_that_gets_another_port_is_the_same_one() {
    let mut world = in_pre_upgrade(Ending::Exited(0));
    let (before, all) = (world.begun.len(), world.status.runs.len());
    for name in ["10.0.0.2:2222", "10.0.0.2:2200"] {
        // What was known of it was known by its name.
        world.crash();
        world.machines[1].facts.name = name.to_owned();
        world.pass();
        assert_eq!(on_second(&world), [RunState::Running]);
    }
    world.until_done(HookType::PreUpgrade);
    assert_eq!(world.begun.len(), before, "{:?}", world.begun);
    assert_eq!(world.status.runs.len(), all, "{:?}", world.status.runs);
    assert!(world.status.runs.iter().all(|run| run.machine != "10.0.0.2"));
}

#[test]
fn two_machines_of_one_address_are_two() {
    let mut world = in_pre_upgrade(Ending::Exited(0));
    let mut second = take_out(&mut world);
    let mut third = second.clone();
    second.facts.name = "10.0.0.2:2222".to_owned();
    third.facts.name = "10.0.0.2:2200".to_owned();
    world.crash();
    world.machines.push(second);
    world.machines.push(third);
    world.pass();
    assert!(world.status.runs.iter().any(on_absent), "which of the two it is nobody knows");
}

#[test]
fn a_hook_for_the_cluster_runs_on_one_machine_though_another_becomes_the_first() {
    let hook = HookType::PreClusterInstall;
    for ending in [Ending::Exited(0), Ending::Exited(1)] {
        // At every moment of the run.
        for moment in 0..8 {
            let mut world = World::new(2);
            world.machines[0].endings = [ending].into();
            world.until("the record", |world| world.status.runs.iter().any(|run| run.hook == hook));
            for _ in 0..moment {
                world.pass();
                world.tick();
            }
            world.machines.swap(0, 1);
            for _ in 0..100 {
                let own = world.status.runs.iter().filter(|run| run.hook == hook);
                let under_way = own.filter(|run| run.state == RunState::Running);
                assert!(under_way.count() <= 1, "{ending:?}, {moment}: {:#?}", world.status.runs);
                if world.status.is_done(hook.condition(), "1.18.3") {
                    break;
                }
                world.pass();
                world.tick();
            }
            assert!(world.status.is_done(hook.condition(), "1.18.3"), "{ending:?}, {moment}");
            assert_eq!(world.on(hook).len(), 1, "{ending:?}, {moment}: {:?}", world.begun);
            let own = world.status.runs.iter().filter(|run| run.hook == hook);
            let left = own.filter(|run| run.state != RunState::Succeeded).count();
            assert_eq!(left, 0, "{ending:?}, {moment}: {:#?}", world.status.runs);
        }
    }
}

#[test]
fn a_hook_for_the_cluster_runs_on_the_new_first_master_when_the_old_one_is_taken_out() {
    let hook = HookType::PreClusterInstall;
    let mut world = World::new(2);
    world.until("the hook", |world| times(world, "10.0.0.1", hook) == 1);
    world.machines.remove(0);
    world.until_done(hook);
    assert_eq!(times(&world, "10.0.0.2", hook), 1);
}
