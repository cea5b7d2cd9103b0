//! Held settings.

use crate::common::*;

#[test]
fn no_pod_goes_while_a_setting_is_not_held_on_every_fe() {
    let mut world = deployed("3.2.1");
    set_version(&mut world, "3.2.2");
    for _ in 0..400 {
        let gone = let_go(&world).len();
        world.pass();
        world.kubernetes();
        if let_go(&world).len() > gone {
            for (pod, memory) in &world.memory {
                let back = world.components[&Component::Fe].pods.iter().any(|fe| &fe.name == pod && fe.ready);
                assert!(!back || memory["tablet_sched_disable_balance"] == "true", "{pod}: {memory:?}");
            }
        }
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(let_go(&world).len(), 7);
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
    for _ in 0..30 {
        world.pass();
        world.kubernetes();
        world.now += jiff::SignedDuration::from_secs(1);
    }
    assert_eq!(world.memory["c-fe-0"]["tablet_sched_disable_balance"], "false");
    assert_eq!(world.memory["c-fe-1"]["tablet_sched_disable_balance"], "true");
    assert!(!world.cluster.status.as_ref().unwrap().held_settings.is_empty());
    world.cut_off = None;
    world.settle();
    assert!(world.has_originals(), "{:?}", world.memory);
    assert!(world.cluster.status.as_ref().unwrap().held_settings.is_empty());
}
