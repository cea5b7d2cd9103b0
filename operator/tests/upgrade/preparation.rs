//! The statements of `upgradePreparation`: sent once a wave, refused, failed, or lost.

use crate::common::*;

#[test]
fn preparation_runs_once_and_what_it_sets_is_given_back() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradePreparation"] = json!({"enabled": true, "hooks": [
            {"name": "clone", "command": "ADMIN SET FRONTEND CONFIG (\"max_scheduling_tablets\" = \"0\")", "critical": true},
            {"name": "image", "command": "ALTER SYSTEM CREATE IMAGE"},
        ]});
        for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
            spec[field]["upgradeHooks"] = json!({});
        }
    });
    set_version(&mut world, "3.2.2");
    world.settle();
    let sql: Vec<_> = world.log.iter().filter(|one| matches!(one, Happening::Sql(_))).collect();
    assert_eq!(sql, [&Happening::Sql("ALTER SYSTEM CREATE IMAGE".to_owned())]);
    let held = |one: &Happening| matches!(one, Happening::Set { value, .. } if value == "0");
    assert!(place(&world, held) < place(&world, |one| matches!(one, Happening::Patched(_))));
    assert!(world.has_originals(), "{:?}", world.memory);
    assert_eq!(let_go(&world).len(), 7);
}

#[test]
fn a_preparation_that_the_fe_refuses_fails_instead_of_waiting() {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradePreparation"] =
            json!({"enabled": true, "hooks": [{"name": "disable-balancer", "critical": true}]});
    });
    world.refuses = Some("ERROR 5102: refused".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("5102"), "{message}");
    assert_eq!(let_go(&world), [""; 0]);
}

fn with_preparation(world: &mut World, critical: bool) {
    set_spec(world, |spec| {
        spec["upgradePreparation"] = json!({"enabled": true, "hooks": [
            {"name": "drop", "command": "DROP TABLE a", "critical": critical},
        ]});
    });
    let refused = "`DROP TABLE a …` is not allowed in a hook (HG403, HookPolicy platform@3)".to_owned();
    world.policy.refused_statements.insert(0, refused);
}

fn sent(world: &World) -> usize {
    world.log.iter().filter(|one| matches!(one, Happening::Sql(_))).count()
}

#[test]
fn a_critical_statement_that_the_policy_refuses_is_waited_for_and_never_sent() {
    let mut world = deployed("3.2.1");
    with_preparation(&mut world, true);
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!((sent(&world), let_go(&world).len()), (0, 0));
    let (stalled, message) = is_true(&world, ConditionType::Stalled).unwrap();
    assert!(stalled && message.contains("preparation hook drop is refused by the policy"), "{message}");
    assert!(message.contains("HookPolicy platform@3"), "{message}");

    world.policy.refused_statements.clear();
    world.settle();
    assert_eq!((sent(&world), let_go(&world).len()), (1, 7));
}

#[test]
fn a_statement_that_the_policy_refuses_and_that_is_not_critical_fails_by_itself() {
    let mut world = deployed("3.2.1");
    with_preparation(&mut world, false);
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!((sent(&world), let_go(&world).len()), (0, 7));
    let status = world.cluster.status.as_ref().unwrap();
    let run = &status.upgrade_preparation_status.as_ref().unwrap().hooks[0];
    assert_eq!(run.result, HookResult::Failed);
    assert!(run.message.contains("refused by the policy"), "{}", run.message);
}

/// The statement is sent, and the operator dies before what came of it is written down.
fn with_a_lost_answer(critical: bool) -> World {
    let mut world = deployed("3.2.1");
    set_spec(&mut world, |spec| {
        spec["upgradePreparation"] = json!({"enabled": true, "hooks": [
            {"name": "image", "command": "ALTER SYSTEM CREATE IMAGE", "critical": critical},
        ]});
    });
    set_version(&mut world, "3.2.2");
    for _ in 0..100 {
        let planned =
            hookgate_operator::plan::plan(&world.observation(), &World::tuning(), world.now).unwrap();
        if planned
            .actions
            .iter()
            .any(|action| matches!(action, hookgate_operator::plan::Action::ExecuteSql { .. }))
        {
            world.cluster.status = Some(planned.status);
            return world;
        }
        passes(&mut world, 1);
    }
    panic!("the statement was never to be sent");
}

#[test]
fn a_statement_whose_answer_is_lost_counts_as_failed_and_is_sent_again_only_as_another_try() {
    let mut world = with_a_lost_answer(true);
    let run = |world: &World| {
        let status = world.cluster.status.as_ref().unwrap();
        status.upgrade_preparation_status.as_ref().unwrap().hooks[0].clone()
    };
    passes(&mut world, 2);
    assert_eq!((run(&world).result, run(&world).attempt, sent(&world)), (HookResult::Failed, 1, 0));
    assert!(run(&world).message.contains("what came of it isn't known"), "{:?}", run(&world));
    world.settle();
    assert_eq!((run(&world).result, run(&world).attempt), (HookResult::Succeeded, 2));
    assert_eq!((sent(&world), let_go(&world).len()), (1, 7));

    let mut world = with_a_lost_answer(false);
    world.settle();
    assert_eq!((run(&world).result, sent(&world), let_go(&world).len()), (HookResult::Failed, 0, 7));
}
