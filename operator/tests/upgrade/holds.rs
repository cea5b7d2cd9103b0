//! How holds begin and end: their limit, deletions, what others change, and what comes late.

use crate::common::*;
use hookgate_api::status::HoldState;

const SCHEDULING: &str = "tablet_sched_max_scheduling_tablets";
const BALANCE: &str = "tablet_sched_disable_balance";

fn events(world: &World, reason: &str) -> Vec<String> {
    let events = world.events.iter().filter(|(is, _)| *is == reason);
    events.map(|(_, note)| note.clone()).collect()
}

/// An upgrade of BE whose first pod has been let go and is not back.
fn with_a_pod_away() -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    until_let_go(&mut world, "c-be-2");
    assert!(!world.has_originals());
    world
}

/// Passes in which Kubernetes does nothing.
fn idle_passes(world: &mut World, count: usize) {
    for _ in 0..count {
        world.pass();
        world.now += jiff::SignedDuration::from_secs(1);
    }
}

fn delete(world: &mut World) {
    world.cluster.metadata.deletion_timestamp =
        Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(world.now));
}

fn has_finalizer(world: &World) -> bool {
    world.cluster.metadata.finalizers.iter().flatten().any(|one| one == "hookgate.dev/held-settings")
}

#[test]
fn an_fe_that_restarts_within_its_container_is_written_down_anew() {
    let mut world = with_a_pod_away();
    let started = |world: &World| -> Vec<_> {
        let held = &world.cluster.status.as_ref().unwrap().held_settings[0];
        held.frontends.iter().map(|fe| (fe.started_at.clone(), fe.original.clone())).collect()
    };
    for pod in ["c-fe-0", "c-fe-1", "c-fe-2"] {
        world.started.insert(pod.to_owned(), "2026-01-01 00:00:00".to_owned());
    }
    idle_passes(&mut world, 2);
    assert_eq!(started(&world)[1], (Some("2026-01-01 00:00:00".to_owned()), "4321".to_owned()));
    // It has forgotten, and its file has changed meanwhile.
    world.started.insert("c-fe-1".to_owned(), "2026-01-01 00:05:00".to_owned());
    world.memory.get_mut("c-fe-1").unwrap().insert(SCHEDULING.to_owned(), "9999".to_owned());
    idle_passes(&mut world, 3);
    assert_eq!(started(&world)[1], (Some("2026-01-01 00:05:00".to_owned()), "9999".to_owned()));
    assert_eq!(events(&world, "SettingChangedByOthers"), [""; 0], "nobody else has changed it");
    assert_eq!(world.memory["c-fe-1"][SCHEDULING], "0", "held again");
}

#[test]
fn nothing_is_held_before_the_finalizer_is_there_and_it_is_gone_with_the_last_hold() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    let mut seen = false;
    for _ in 0..400 {
        world.pass();
        seen |= has_finalizer(&world);
        assert!(has_finalizer(&world) || world.has_originals(), "{:?}", world.memory);
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert!(seen && !has_finalizer(&world));
    assert!(world.cluster.status.as_ref().unwrap().held_settings.is_empty());
    assert!(
        place(&world, |one| *one == Happening::Finalizer(true))
            < place(&world, |one| matches!(one, Happening::Set { .. }))
    );
}

#[test]
fn a_cluster_that_is_deleted_gets_its_settings_back_first() {
    let mut world = with_a_pod_away();
    assert!(has_finalizer(&world));
    delete(&mut world);
    // The spec needs not even be one that can be acted upon.
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["image"] = "".into());
    let gone = let_go(&world).len();
    idle_passes(&mut world, 5);
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(!has_finalizer(&world), "{:?}", world.log);
    assert_eq!(let_go(&world).len(), gone, "nothing else is done for it");
    assert_eq!(events(&world, "SettingsNotGivenBack"), [""; 0]);
}

#[test]
fn a_deletion_hangs_on_no_fe_that_does_not_answer() {
    // By the clock of the API server, and by the operator's own where that of the API server is ahead.
    for ahead in [0, 36_000] {
        let mut world = with_a_pod_away();
        world.reachable = false;
        delete(&mut world);
        let deleted = world.cluster.metadata.deletion_timestamp.as_mut().unwrap();
        deleted.0 += jiff::SignedDuration::from_secs(ahead);
        idle_passes(&mut world, 59);
        assert!(has_finalizer(&world), "it is tried for a while");
        assert_eq!(events(&world, "SettingsNotGivenBack"), [""; 0]);
        idle_passes(&mut world, 5);
        assert!(!has_finalizer(&world), "{:?}", world.log);
        let told = events(&world, "SettingsNotGivenBack");
        assert!(told[0].contains("tablet_sched_max_scheduling_tablets was 4321"), "{told:?}");
    }
}

#[test]
fn a_deletion_does_not_wait_for_fes_that_are_gone() {
    let mut world = with_a_pod_away();
    for ordinal in 0..3 {
        world.delete_pod(Component::Fe, ordinal);
    }
    delete(&mut world);
    idle_passes(&mut world, 3);
    assert!(!has_finalizer(&world), "{:?}", world.log);
}

#[test]
fn an_ignored_cluster_is_given_its_settings_back_and_nothing_else_is_done() {
    let mut world = with_a_pod_away();
    annotate(&mut world, "starrocks.com/ignored", "true");
    world.log.clear();
    passes(&mut world, 30);
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(!holds_any(&world) && !has_finalizer(&world));
    let touched = world.log.iter().any(|one| !matches!(one, Happening::Set { .. } | Happening::Finalizer(_)));
    assert!(!touched, "{:?}", world.log);
    world.cluster.metadata.annotations = None;
    until_let_go(&mut world, "c-be-1");
    assert!(!world.has_originals(), "held again before the next pod");
    world.settle();
    assert!(world.has_originals());
}

#[test]
fn what_is_held_for_too_long_is_given_back_with_an_alarm_and_held_again_before_the_next_pod() {
    let mut world = with_a_pod_away();
    set_spec(&mut world, |spec| {
        spec["maxHoldSeconds"] = 600.into();
        // Its gate waits for longer.
        spec["starRocksBeSpec"]["rolloutGate"] = json!({"timeoutSeconds": 86400});
    });
    // The pod that is away doesn't come back.
    idle_passes(&mut world, 5);
    world.now += jiff::SignedDuration::from_secs(3500);
    idle_passes(&mut world, 5);
    assert!(!world.has_originals(), "the hold that was taken before may last 3600 s");
    world.now += jiff::SignedDuration::from_secs(100);
    idle_passes(&mut world, 5);
    assert!(world.has_originals(), "{:?}", world.memory);
    let (is_true_, message) = is_true(&world, ConditionType::HeldTooLong).unwrap();
    assert!(is_true_ && message.contains("maxHoldSeconds"), "{message}");
    assert_eq!(events(&world, "SettingsHeldTooLong").len(), 1, "{:?}", world.events);
    // It comes back: after a while the next pod goes, with the settings held again.
    until_let_go(&mut world, "c-be-1");
    assert!(!world.has_originals());
    assert!(!is_true(&world, ConditionType::HeldTooLong).unwrap().0);
    world.now += jiff::SignedDuration::from_secs(620);
    idle_passes(&mut world, 5);
    assert!(world.has_originals(), "600 s from then on");
    assert_eq!(events(&world, "SettingsHeldTooLong").len(), 2);
    world.settle();
    assert!(all_at_target(&world) && world.has_originals());
}

fn all_at_target(world: &World) -> bool {
    world.components[&Component::Be].pods.iter().all(|pod| pod.revision.ends_with("3.2.2"))
}

#[test]
fn a_limit_that_can_not_be_is_refused_with_the_bounds() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["maxHoldSeconds"] = 59.into());
    world.pass();
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(
        stalled && message.contains("spec.maxHoldSeconds: invalid value 59: must be between 60 and 86400"),
        "{message}"
    );
}

#[test]
fn what_somebody_else_sets_during_a_hold_is_reported_and_is_what_is_given_back() {
    let mut world = with_a_pod_away();
    world.set_by_hand(SCHEDULING, "555");
    idle_passes(&mut world, 10);
    assert_eq!(world.memory["c-fe-0"][SCHEDULING], "555", "it is left to be while the pod is away");
    assert_eq!(world.memory["c-fe-0"][BALANCE], "true");
    let told = events(&world, "SettingChangedByOthers");
    assert!(told.len() == 3 && told[0].contains(&format!("{SCHEDULING} to 555 on c-fe-0")), "{told:?}");
    let status = world.cluster.status.as_ref().unwrap();
    let held = status.held_settings.iter().find(|held| held.name == SCHEDULING).unwrap();
    assert!(held.frontends.iter().all(|fe| fe.changed_by_others && fe.original == "555"), "{held:?}");
    until_let_go(&mut world, "c-be-1");
    assert_eq!(world.memory["c-fe-0"][SCHEDULING], "0", "held again before the next pod");
    world.settle();
    assert!(all_at_target(&world));
    for memory in world.memory.values() {
        assert_eq!((memory[SCHEDULING].as_str(), memory[BALANCE].as_str()), ("555", "false"));
    }
}

#[test]
fn a_statement_that_comes_late_is_given_back_once_more() {
    let mut world = with_a_pod_away();
    for _ in 0..200 {
        passes(&mut world, 1);
        let held = &world.cluster.status.as_ref().unwrap().held_settings;
        if !held.is_empty() && held.iter().all(|held| held.state == HoldState::GivenBack) {
            break;
        }
    }
    assert!(world.has_originals());
    world.set_by_hand(SCHEDULING, "0");
    world.settle();
    assert!(world.has_originals(), "{:?}", world.memory);
    assert_eq!(events(&world, "SettingChangedAgain").len(), 1, "{:?}", world.events);
    assert!(world.cluster.status.as_ref().unwrap().held_settings.is_empty());
}

#[test]
fn a_setting_that_the_version_does_not_have_is_skipped_and_said_so() {
    let mut world = deployed("3.2.1");
    for memory in world.memory.values_mut() {
        memory.remove("tablet_sched_disable_colocate_balance");
    }
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    until_let_go(&mut world, "c-be-2");
    let state = upgrade_state(&world, Component::Be);
    let run = state.hooks.iter().find(|run| run.name == "disable-balancer").unwrap();
    assert!(run.message.contains("doesn't have it: tablet_sched_disable_colocate_balance"), "{run:?}");
    assert_eq!(run.result, HookResult::Succeeded);
    assert!(
        events(&world, "HookSucceeded").iter().any(|note| note.contains("skipped")),
        "{:?}",
        world.events
    );
}

#[test]
fn a_held_value_that_an_earlier_upgrade_left_on_one_fe_is_no_original() {
    for pod in ["c-fe-0", "c-fe-2"] {
        let mut world = deployed("3.2.1");
        // A statement reached it after everything was given back, while nobody could ask it.
        world.memory.get_mut(pod).unwrap().insert(SCHEDULING.to_owned(), "0".to_owned());
        set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
        world.settle();
        assert!(world.has_originals(), "{pod}: {:?}", world.memory);
    }
}
