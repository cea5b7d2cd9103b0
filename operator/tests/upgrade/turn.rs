//! How many clusters' waves go on at the same time.

use crate::common::*;
use hookgate_operator::{
    observation::{OtherWave, OtherWaves},
    plan::{Standing, standing},
};

fn other(cluster: &str, started_at: &str) -> OtherWave {
    OtherWave { cluster: cluster.to_owned(), started_at: started_at.parse().unwrap() }
}

/// A wave in a world where so many may go on; two others do.
fn with_two_others(most: u32) -> World {
    let mut world = deployed("3.2.1");
    world.most_waves = most;
    world.others.active = vec![other("x/b", "2026-01-01T00:00:00Z"), other("x/a", "2026-01-01T00:00:00Z")];
    set_version(&mut world, "3.2.2");
    world
}

#[test]
fn a_wave_waits_for_its_turn_with_nothing_switched_off_and_says_whom_for() {
    let mut world = with_two_others(2);
    passes(&mut world, 30);
    assert_eq!(world.log, [], "neither a setting nor a pod");
    let (reason, message, gate) = waits_for(&world);
    assert_eq!((reason.as_str(), gate.as_deref()), ("WaitingForTurn", Some("ConcurrentWaves")));
    assert!(message.contains("at most 2") && message.ends_with("x/a, x/b"), "{message}");
    assert!(matches!(standing(&world.cluster), Some(Standing::Queued(_))));
    world.others.active.pop();
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn without_a_limit_or_with_a_place_left_nobody_waits() {
    for most in [0, 3] {
        let mut world = with_two_others(most);
        until_let_go(&mut world, "c-be-2");
        assert!(matches!(standing(&world.cluster), Some(Standing::Active(_))), "{most}");
    }
}

#[test]
fn those_who_have_waited_for_longer_go_first() {
    for (since, goes) in [("2020-01-01T00:00:00Z", false), ("2030-01-01T00:00:00Z", true)] {
        let mut world = with_two_others(3);
        world.others.queued = vec![other("x/q", since)];
        passes(&mut world, 30);
        assert_eq!(!world.log.is_empty(), goes, "{since}");
        if !goes {
            assert!(waits_for(&world).1.ends_with("; ahead of it: x/q"), "{}", waits_for(&world).1);
        }
    }
}

#[test]
fn a_wave_that_has_begun_keeps_its_place_and_one_that_was_paused_waits_anew() {
    let mut world = deployed("3.2.1");
    world.most_waves = 1;
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.others.active = vec![other("x/a", "2020-01-01T00:00:00Z")];
    until_let_go(&mut world, "c-be-1");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/paused", &id);
    passes(&mut world, 30);
    assert_eq!(standing(&world.cluster), None);
    world.cluster.metadata.annotations = None;
    passes(&mut world, 30);
    assert_eq!((waits_for(&world).0.as_str(), let_go(&world).len()), ("WaitingForTurn", 2));
    assert!(world.has_originals(), "nobody waits with the lights off");
    world.others = OtherWaves::default();
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_failed_wave_takes_no_place_and_going_back_waits_for_none() {
    let mut world = deployed("3.2.1");
    world.most_waves = 1;
    world.refuses = Some("ERROR 5102: no".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!((waits_for(&world).0.as_str(), standing(&world.cluster)), ("HookFailed", None));
    let mut world = deployed("3.2.1");
    world.most_waves = 1;
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.others.active = vec![other("x/a", "2020-01-01T00:00:00Z")];
    set_version(&mut world, "3.2.1");
    world.settle();
    assert!(all_at(&world, "3.2.1"));
}

#[test]
fn the_user_may_let_a_wave_past_the_queue() {
    let mut world = with_two_others(1);
    passes(&mut world, 10);
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/skip-gate", &id);
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}
