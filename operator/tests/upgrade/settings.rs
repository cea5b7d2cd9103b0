//! Held settings.

use crate::common::*;
use hookgate_operator::{observation::DatabaseRefusal, sql::Refusal};

#[test]
fn no_pod_goes_while_a_setting_is_not_held_on_every_fe() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    settle_with_settings_held(&mut world);
}

#[test]
fn a_setting_that_the_fe_refuses_fails_the_hook() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: does not exist or is not mutable".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world), [""; 0]);
    let (_, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(message.contains("disable-tablet-clone failed 3 times") && message.contains("5102"), "{message}");
}

#[test]
fn an_fe_that_was_cut_off_while_settings_were_given_back_gets_its_own_once_it_is_seen_again() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    until_let_go(&mut world, "c-be-0");
    world.cut_off = Some("c-fe-1");
    // An invalid spec has everything given back at once.
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 0}));
    passes(&mut world, 30);
    assert_eq!(world.memory["c-fe-0"]["tablet_sched_disable_balance"], "false");
    assert_eq!(world.memory["c-fe-1"]["tablet_sched_disable_balance"], "true");
    assert!(!world.cluster.status.as_ref().unwrap().held_settings.is_empty());
    world.cut_off = None;
    world.settle();
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(world.cluster.status.as_ref().unwrap().held_settings.is_empty());
}

#[test]
fn an_fe_that_a_late_statement_reached_after_its_restart_gets_its_own_once_it_is_heard_of() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| spec["starRocksBeSpec"]["image"] = "be:3.2.2".into());
    until_let_go(&mut world, "c-be-0");
    // It has forgotten what it was told, and is told again what was sent before.
    world.components.get_mut(&Component::Fe).unwrap().pods[0].restarts += 1;
    world.unheard = Some("c-fe-0");
    assert_eq!(world.memory["c-fe-0"]["tablet_sched_disable_balance"], "true");
    set_spec(&mut world, |spec| spec["starRocksFeSpec"]["upgradeHooks"] = json!({"timeoutSeconds": 0}));
    passes(&mut world, 60);
    assert_eq!(world.memory["c-fe-0"]["tablet_sched_disable_balance"], "true");
    assert_eq!(world.memory["c-fe-1"]["tablet_sched_disable_balance"], "false");
    world.unheard = None;
    world.settle();
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(world.cluster.status.as_ref().unwrap().held_settings.is_empty());
}

fn refused(world: &World) -> Option<(String, String)> {
    let conditions = &world.cluster.status.as_ref().unwrap().conditions;
    let condition = condition(conditions, ConditionType::DatabaseRefuses)?;
    (condition.status == "True").then(|| (condition.reason.clone(), condition.message.clone()))
}

#[test]
fn what_the_database_refuses_is_a_condition_of_its_own_with_the_way_out() {
    for (meaning, word) in [
        (Refusal::WrongPassword, "MYSQL_PWD"),
        (Refusal::MissingPrivilege, "GRANT OPERATE"),
        (Refusal::PasswordUnreadable, "secretKeyRef"),
    ] {
        let mut world = deployed("3.2.1");
        world.reachable = false;
        let message = "c-fe-0: ERROR 1045".to_owned();
        world.refuses_login = Some(DatabaseRefusal { meaning, message });
        set_version(&mut world, "3.2.2");
        passes(&mut world, 5);
        let (reason, message) = refused(&world).unwrap();
        assert_eq!(reason, meaning.reason());
        assert!(message.starts_with("c-fe-0: ERROR 1045. ") && message.contains(word), "{message}");
        world.reachable = true;
        world.refuses_login = None;
        passes(&mut world, 5);
        assert_eq!(refused(&world), None);
    }
}

#[test]
fn an_unknown_setting_is_a_condition_until_its_hook_is_tried_again() {
    let mut world = deployed("3.2.1");
    world.refuses = Some("ERROR 5102: Config 'x' does not exist or is not mutable".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    let (reason, message) = refused(&world).unwrap();
    assert!(reason == "UnknownSetting" && message.contains("leave the hook"), "{reason}: {message}");
    world.refuses = None;
    let id = wave_id(&world);
    annotate(&mut world, "hookgate.dev/retry", &id);
    world.settle();
    assert_eq!(refused(&world), None);
    assert!(all_at(&world, "3.2.2"));
}
