//! What the status says of a wave: the step, why it waits, since when, what comes next.

use crate::common::*;
use hookgate_api::status::{MESSAGE_BYTES, Trigger, Wave};

fn wave(world: &World) -> Wave {
    world.cluster.status.clone().unwrap().wave.unwrap()
}

#[test]
fn a_wave_says_where_it_is_and_what_comes_next() {
    let mut world = deployed("3.2.1");
    let before = world.components[&Component::Be].statefulset.clone().unwrap();
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    world.pass();
    let wave = wave(&world);
    assert_eq!(wave.trigger, Trigger::SpecChange);
    let step = wave.step.unwrap();
    assert_eq!((step.component, step.phase), (Some(Component::Be), Some(UpgradePhase::Rolling)));
    assert_eq!(step.pod.as_deref(), Some("c-be-1"));
    assert_eq!(wave.next, "1 pod of BE, then CN, then FE");
    let waiting = wave.waiting_for.unwrap();
    assert_eq!(
        waiting.message,
        "BE: component not ready: StatefulSet rollout in progress (ordinal 1 has been let go)"
    );
    assert!(waiting.since.0 <= world.now && waiting.since.0 > wave.started_at.0);

    let live = world.components[&Component::Be].statefulset.as_ref().unwrap();
    let be = &wave.components[0];
    assert_eq!((be.from_image.as_str(), be.to_image.as_str()), ("be:3.2.1", "be:3.2.2"));
    assert_eq!(
        (&be.from_revision, Some(&be.from_target)),
        (&before.update_revision, before.rendered_hash.as_ref())
    );
    assert_eq!((&be.target_revision, Some(&be.target)), (&live.update_revision, live.rendered_hash.as_ref()));
    let patched = be.patched_generation.unwrap();
    assert!(before.generation < patched && patched <= live.generation, "{patched}");
    let cn = &wave.components[1];
    assert_eq!((cn.target_revision.as_str(), cn.patched_generation), ("", None), "it has not been touched");
}

#[test]
fn a_failing_hook_says_which_try_it_is_and_when_the_next_one_comes() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: no".to_owned());
    set_version(&mut world, "3.2.2");
    let retrying = |world: &World| {
        let wave = world.cluster.status.as_ref()?.wave.clone()?;
        wave.components[0].next_retry_at.clone().map(|at| (wave.components[0].attempt, at.0))
    };
    for _ in 0..60 {
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
        if let Some((attempt, at)) = retrying(&world)
            && attempt == 2
        {
            assert!(at > world.now - jiff::SignedDuration::from_secs(1));
            return;
        }
    }
    panic!("no second try: {:#?}", world.cluster.status);
}

#[test]
fn a_new_try_and_a_rollback_say_what_they_began_with() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    set_version(&mut world, "3.2.1");
    world.pass();
    assert_eq!(wave(&world).trigger, Trigger::Rollback);

    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: no".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    let failed = wave(&world).id;
    annotate(&mut world, "hookgate.dev/retry", &failed);
    world.pass();
    assert_eq!(wave(&world).trigger, Trigger::Retry);
    assert_ne!(wave(&world).id, failed);
}

#[test]
fn messages_fit_into_a_condition() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("no ".repeat(4000));
    set_version(&mut world, "3.2.2");
    world.settle();
    let status = world.cluster.status.as_ref().unwrap();
    for condition in &status.conditions {
        assert!(condition.message.len() <= MESSAGE_BYTES, "{}", condition.type_);
    }
    let wave = wave(&world);
    assert!(wave.waiting_for.unwrap().message.len() <= MESSAGE_BYTES);
    assert!(wave.components.iter().all(|step| step.message.len() <= MESSAGE_BYTES));
    assert!(wave.components[0].hooks.iter().all(|run| run.message.len() <= MESSAGE_BYTES));
}
