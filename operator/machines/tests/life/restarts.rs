//! The operator dies at every moment that there is, and no hook that succeeded runs again.

use crate::world::World;
use hookgate_api::platform::{HookType, Phase};
use hookgate_machines::run::Ending;
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
