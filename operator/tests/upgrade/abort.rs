//! An aborted wave goes back, though the spec asks for something else.

use crate::common::*;

fn aborted(at: &str) -> (World, String) {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    // A change that came with the image goes back with it.
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["limits"] = json!({"memory": "8Gi"}));
    until_let_go(&mut world, at);
    let id = wave_id(&world);
    world.log.clear();
    annotate(&mut world, "hookgate.dev/abort", &id);
    world.settle();
    (world, id)
}

fn revisions(world: &World) -> Vec<String> {
    let sets = world.components.values().map(|observed| observed.statefulset.clone().unwrap());
    sets.map(|set| set.update_revision).collect()
}

#[test]
fn what_was_changed_goes_back_and_the_rest_is_not_touched() {
    let before = revisions(&deployed("3.2.1"));
    let (world, id) = aborted("c-cn-0");
    assert_eq!(revisions(&world), before, "the very templates from before");
    assert!(all_at(&world, "3.2.1") && world.has_originals());
    assert_eq!(let_go(&world).iter().filter(|pod| pod.contains("-fe-")).count(), 0, "{:?}", let_go(&world));
    assert_eq!(let_go(&world)[..3], ["c-be-2", "c-be-1", "c-be-0"]);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains(&format!("wave {id} was aborted")), "{message}");
    assert!(!is_true(&world, ConditionType::Ready).unwrap().0);
    assert!(world.events.iter().any(|(reason, _)| *reason == "UpgradeAborting"));
    assert!(world.events.iter().any(|(reason, _)| *reason == "UpgradeAborted"));
}

#[test]
fn a_change_of_the_spec_ends_it_and_a_change_of_replicas_does_not() {
    let (mut world, _) = aborted("c-be-1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["replicas"] = 4.into());
    world.settle();
    assert!(all_at(&world, "3.2.1"));
    assert_eq!(world.components[&Component::Be].pods.len(), 4);
    set_version(&mut world, "3.2.3");
    world.settle();
    assert!(all_at(&world, "3.2.3") && world.has_originals());
    assert!(world.cluster.status.as_ref().unwrap().aborted.is_none());
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);
}

#[test]
fn the_same_is_tried_again_when_the_user_asks_for_that_wave() {
    let (mut world, id) = aborted("c-be-1");
    annotate(&mut world, "hookgate.dev/retry", "g1-0");
    world.settle();
    assert!(all_at(&world, "3.2.1"));
    annotate(&mut world, "hookgate.dev/retry", &id);
    world.settle();
    assert!(all_at(&world, "3.2.2"), "{:#?}", world.cluster.status);
}

#[test]
fn an_abort_of_another_wave_does_nothing() {
    let mut world = deployed("3.2.1");
    annotate(&mut world, "hookgate.dev/abort", "true");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    annotate(&mut world, "hookgate.dev/abort", "g1-0");
    world.settle();
    assert!(all_at(&world, "3.2.2"));
}

#[test]
fn a_wave_that_has_touched_nothing_ends_with_what_it_holds_given_back() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: no".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    let id = wave_id(&world);
    world.refuses = None;
    annotate(&mut world, "hookgate.dev/abort", &id);
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    assert!(world.cluster.status.as_ref().unwrap().wave.is_none() && world.has_originals());
}

#[test]
fn a_revision_that_is_gone_is_named_and_nothing_is_touched() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.templates.clear();
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/abort", &id);
    passes(&mut world, 30);
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("go back by setting the images in the spec"), "{message}");
    assert_eq!(let_go(&world), ["c-be-2"]);
}

#[test]
fn no_window_holds_an_abort_up() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/abort", &id);
    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "0 2 * * *", "duration": "1m"});
    });
    passes(&mut world, 3);
    assert_eq!(world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap().trigger, Trigger::Abort);
    passes(&mut world, 60);
    assert!(all_at(&world, "3.2.1"));
}
