//! How a wave ended is what the status and the Events say of it.

use crate::common::*;
use crate::hooks::{accepted, with_script};

/// The reason of `Upgrading`, and the Events by which waves ended.
fn ended(world: &World) -> (String, Vec<&'static str>) {
    const ENDS: [&str; 4] = ["UpgradeAborted", "UpgradeRolledBack", "UpgradeCompleted", "UpgradeWithdrawn"];
    let conditions = &world.cluster.status.as_ref().unwrap().conditions;
    let upgrading = condition(conditions, ConditionType::Upgrading).unwrap();
    assert_eq!(upgrading.status, "False", "{upgrading:?}");
    let events = world.events.iter().map(|(reason, _)| *reason).filter(|reason| ENDS.contains(reason));
    (upgrading.reason.clone(), events.collect())
}

fn last(world: &World, component: Component) -> Option<UpgradePhase> {
    world.phase(component)
}

#[test]
fn an_upgrade_is_complete_one_taken_back_is_taken_back_and_an_aborted_one_is_aborted() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(ended(&world), ("Completed".to_owned(), vec!["UpgradeCompleted"]));

    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-1");
    set_version(&mut world, "3.2.1");
    world.settle();
    assert_eq!(ended(&world), ("RolledBack".to_owned(), vec!["UpgradeRolledBack"]));
    assert_eq!(last(&world, Component::Be), Some(UpgradePhase::Completed));
    assert_eq!(last(&world, Component::Fe), None, "it was not touched");

    let world = aborted_in_mid_roll();
    assert_eq!(ended(&world), ("Aborted".to_owned(), vec!["UpgradeAborted"]));
    assert_eq!(last(&world, Component::Fe), None, "it was not touched");
}

#[test]
fn an_upgrade_that_changed_nothing_is_withdrawn_and_leaves_nothing_in_the_status() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradeWindow"] = json!({"schedule": "59 23 31 12 *", "duration": "1m"});
    });
    set_version(&mut world, "3.2.2");
    passes(&mut world, 10);
    assert_eq!(last(&world, Component::Be), Some(UpgradePhase::Detected));
    set_version(&mut world, "3.2.1");
    world.settle();
    assert_eq!(ended(&world), ("Withdrawn".to_owned(), vec!["UpgradeWithdrawn"]));
    assert!(Component::ALL.iter().all(|component| last(&world, *component).is_none()));
    assert!(is_true(&world, ConditionType::Ready).unwrap().0);

    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.job_result =
        |_| ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1".to_owned() };
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(last(&world, Component::Be), Some(UpgradePhase::Failed));
    set_version(&mut world, "3.2.1");
    world.settle();
    assert_eq!(ended(&world), ("Withdrawn".to_owned(), vec!["UpgradeWithdrawn"]));
    assert!(Component::ALL.iter().all(|component| last(&world, *component).is_none()));
}

#[test]
fn a_canary_that_goes_back_by_itself_is_not_said_to_be_aborted_by_the_user() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["starRocksBeSpec"]["rolloutGate"] = json!({"canary": "Rollback", "timeoutSeconds": 20});
        spec["starRocksBeSpec"]["image"] = "be:3.2.2-broken".into();
    });
    world.settle();
    assert!(all_at(&world, "3.2.1"));
    let (_, note) = world.events.iter().find(|(reason, _)| *reason == "UpgradeAborting").unwrap();
    assert!(note.contains("goes back by itself, for ") && note.contains("c-be-2"), "{note}");
}
