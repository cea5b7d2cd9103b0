//! The user is in charge: pause, windows, and the way past a gate.

use crate::common::*;

#[test]
fn a_paused_wave_finishes_its_pod_gives_back_what_it_holds_and_goes_on_when_it_may() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/paused", &id);
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert!(world.components[&Component::Be].pods.iter().all(|pod| pod.ready), "its pod is back");
    let (reason, message, _) = waits_for(&world);
    assert!(reason == "Paused" && message.contains("hookgate.dev/paused-"), "{reason}: {message}");
    assert!(world.has_originals(), "nobody waits with the lights off: {:?}", world.memory);
    world.cluster.metadata.annotations = None;
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn a_wave_that_goes_on_after_a_pause_lets_no_pod_go_before_its_settings_are_held_again() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/paused", &id);
    world.settle();
    world.cluster.metadata.annotations = None;
    settle_with_settings_held(&mut world);
}

#[test]
fn a_pause_of_another_wave_does_nothing() {
    for value in ["true", "g1-0", ""] {
        let mut world = deployed("3.2.1");
        annotate(&mut world, "hookgate.dev/paused", value);
        set_version(&mut world, "3.2.2");
        world.settle();
        assert!(all_at(&world, "3.2.2"), "{value}");
        let (ignored, message) = is_true(&world, ConditionType::IgnoredAnnotations).unwrap();
        assert_eq!(ignored, value != "g1-0", "{value}: {message}");
        let told = world.events.iter().filter(|(reason, _)| *reason == "AnnotationIgnored").count();
        assert_eq!(told, usize::from(ignored), "{value}");
    }
}

#[test]
fn outside_the_window_nothing_goes_and_a_wave_in_flight_finishes_its_pod() {
    let mut world = deployed("3.2.1");
    world.now = "2026-01-01T01:59:30Z".parse().unwrap();
    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "0 2 * * *", "duration": "1m"});
    });
    set_version(&mut world, "3.2.2");
    passes(&mut world, 20);
    assert_eq!(world.log, [], "neither a setting nor a pod");
    let (reason, message, _) = waits_for(&world);
    assert!(reason == "OutsideWindow" && message.contains("2026-01-01T02:00:00Z"), "{reason}: {message}");
    let wave = world.cluster.status.as_ref().unwrap().wave.clone().unwrap();
    assert_eq!(wave.next_opening.unwrap().0, "2026-01-01T02:00:00Z".parse().unwrap());

    world.now = "2026-01-01T02:00:00Z".parse().unwrap();
    until_let_go(&mut world, "c-be-2");
    world.now = "2026-01-01T02:01:00Z".parse().unwrap();
    passes(&mut world, 100);
    assert_eq!(let_go(&world), ["c-be-2"]);
    assert!(world.components[&Component::Be].pods.iter().all(|pod| pod.ready) && world.has_originals());
    world.now = "2026-01-02T02:00:00Z".parse().unwrap();
    passes(&mut world, 59);
    assert!(let_go(&world).len() > 2, "{:?}", let_go(&world));
}

#[test]
fn no_window_holds_a_rollback_up() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    set_version(&mut world, "3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "0 2 * * *", "duration": "1m"});
    });
    passes(&mut world, 60);
    assert!(all_at(&world, "3.2.1") && world.cluster.status.as_ref().unwrap().wave.is_none());
}

/// The database doesn't see CN's pod.
fn with_a_broken_compute_node() -> World {
    let mut world = deployed("3.2.1");
    world.cut_off = Some("c-cn-0");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    passes(&mut world, 20);
    assert_eq!(let_go(&world), [""; 0]);
    world
}

#[test]
fn a_gate_is_passed_for_the_wave_that_is_named_and_that_is_audited() {
    let mut world = with_a_broken_compute_node();
    let (_, _, gate) = waits_for(&world);
    assert_eq!(gate.as_deref(), Some("Pod:c-cn-0"));
    annotate(&mut world, "hookgate.dev/skip-gate", "g1-0");
    passes(&mut world, 20);
    assert_eq!(let_go(&world), [""; 0], "another wave's id does nothing");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/skip-gate", &id);
    passes(&mut world, 2);
    let skipped = world.cluster.status.as_ref().unwrap().wave.clone().unwrap().skipped_gates;
    assert_eq!((skipped.len(), skipped[0].gate.as_str()), (1, "Pod:c-cn-0"));
    world.settle();
    assert_eq!(let_go(&world), ["c-be-2", "c-be-1", "c-be-0"]);
    let audit: Vec<_> = world.events.iter().filter(|(reason, _)| *reason == "GateSkipped").collect();
    assert!(audit.len() == 1 && audit[0].1.starts_with("SECURITY AUDIT"), "{audit:?}");
    assert!(world.has_originals());
}

#[test]
fn one_annotation_opens_one_gate_and_has_to_be_set_anew_for_another() {
    let mut world = with_a_broken_compute_node();
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/skip-gate", &id);
    until_let_go(&mut world, "c-be-2");
    // The pod that comes back isn't seen: that is another gate.
    world.cut_off = Some("c-be-2");
    passes(&mut world, 30);
    assert_eq!(let_go(&world), ["c-be-2"]);
    let (_, _, gate) = waits_for(&world);
    assert_eq!(gate.as_deref(), Some("Pod:c-be-2"));
    world.cluster.metadata.annotations = None;
    passes(&mut world, 1);
    annotate(&mut world, "hookgate.dev/skip-gate", &id);
    until_let_go(&mut world, "c-be-1");
    assert_eq!(world.cluster.status.as_ref().unwrap().wave.clone().unwrap().skipped_gates.len(), 2);
}

#[test]
fn a_failed_hook_can_be_passed() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: no".to_owned());
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    world.settle();
    let (_, _, gate) = waits_for(&world);
    assert_eq!(gate.as_deref(), Some("HookFailed:BE"));
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/skip-gate", &id);
    world.refuses = None;
    world.settle();
    assert!(all_at_be(&world, "3.2.2"), "{:#?}", world.cluster.status.as_ref().unwrap().wave);
    assert!(world.has_originals());
}

fn all_at_be(world: &World, version: &str) -> bool {
    world.components[&Component::Be].pods.iter().all(|pod| pod.revision.ends_with(version))
}

#[test]
fn a_release_by_hand_gives_back_at_once_and_no_pod_goes_until_it_is_taken_back() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/release", &id);
    // Its pod never comes back: nobody waits for that.
    world.cut_off = Some("c-be-2");
    passes(&mut world, 10);
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(!holds_any(&world));
    world.cut_off = None;
    passes(&mut world, 60);
    assert_eq!(let_go(&world), ["c-be-2"]);
    let (reason, message, _) = waits_for(&world);
    assert!(reason == "Released" && message.contains("hookgate.dev/release-"), "{reason}: {message}");
    assert!(world.has_originals());
    world.cluster.metadata.annotations = None;
    until_let_go(&mut world, "c-be-1");
    assert!(!world.has_originals(), "held again before the next pod");
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}

#[test]
fn a_release_while_hooks_run_fails_no_hook() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    passes(&mut world, 2);
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/release", &id);
    passes(&mut world, 400);
    assert!(world.has_originals() && let_go(&world).is_empty());
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0, "no hook ran out of its time");
    world.cluster.metadata.annotations = None;
    world.settle();
    assert!(all_at(&world, "3.2.2") && world.has_originals());
}
