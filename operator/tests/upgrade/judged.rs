//! Scripts as they are judged: missing, refused, to be approved, warned of.

use crate::{
    common::*,
    hooks::{accepted, with_script},
};
use hookgate_api::{approval::Approver, hooks::HookPhase};

#[test]
fn a_missing_script_is_waited_for_with_nothing_switched_off() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    let words = "failed to get ConfigMap: configmaps \"hooks\" not found";
    world.scripts.insert(Component::Be, ObservedScript::Missing(words.to_owned()));
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
    assert_eq!(is_true(&world, ConditionType::Stalled).unwrap(), (true, words.to_owned()));
    world.scripts.insert(Component::Be, accepted("one"));
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    assert!(!is_true(&world, ConditionType::Stalled).unwrap().0);
}

#[test]
fn a_script_that_the_policy_refuses_does_not_run() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    let refused = ObservedScript::Refused { sha256: "one".to_owned(), findings: "HG201 kubectl".to_owned() };
    world.scripts.insert(Component::Be, refused);
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(world.log, []);
    assert!(is_true(&world, ConditionType::Stalled).unwrap().1.contains("HG201 kubectl"));
}

fn approved(pre: Result<&str, &str>, post: Result<&str, &str>) -> ObservedScript {
    let approver = |judged: Result<&str, &str>| match judged {
        Ok(user) => Ok(Approver { approval: "sr-be-one".to_owned(), user: user.to_owned() }),
        Err(why) => Err(why.to_owned()),
    };
    let approval = ObservedApproval::Needed { pre: approver(pre), post: approver(post) };
    let findings = vec!["HG601 warning".to_owned()];
    let judgement =
        Judgement { policies: "platform@3".to_owned(), findings, approval, ..Judgement::default() };
    ObservedScript::Accepted { sha256: "one".to_owned(), judgement }
}

#[test]
fn a_script_that_nobody_has_approved_is_waited_for_with_nothing_switched_off() {
    let missing = "it runs only when it is approved; `kubectl hookgate approve sr`";
    for (pre, post) in [(Err(missing), Err(missing)), (Ok("joe"), Err(missing)), (Err(missing), Ok("joe"))] {
        let mut world = deployed("3.2.1");
        with_script(&mut world, "starRocksBeSpec");
        world.scripts.insert(Component::Be, approved(pre, post));
        set_version(&mut world, "3.2.2");
        world.settle();
        assert_eq!(world.log, []);
        assert_eq!(is_true(&world, ConditionType::Stalled).unwrap(), (true, missing.to_owned()));
        let wave = world.cluster.status.as_ref().unwrap().wave.as_ref().unwrap();
        assert_eq!(wave.waiting_for.as_ref().unwrap().reason, "HookApprovalRequired");
        world.scripts.insert(Component::Be, approved(Ok("joe"), Ok("joe")));
        world.settle();
        assert_eq!(let_go(&world).len(), 7);
        let run = upgrade_state(&world, Component::Be)
            .hooks
            .iter()
            .find(|run| run.name == "custom")
            .unwrap()
            .clone();
        let clearance = run.clearance.unwrap();
        assert_eq!(
            (clearance.policies.as_str(), clearance.findings.as_slice()),
            ("platform@3", &["HG601 warning".to_owned()][..])
        );
        assert_eq!(
            (clearance.approval.as_deref(), clearance.approved_by.as_deref()),
            (Some("sr-be-one"), Some("joe"))
        );
    }
}

#[test]
fn an_approval_that_is_gone_when_the_post_hook_is_due_keeps_it_from_running() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, approved(Ok("joe"), Ok("joe")));
    set_version(&mut world, "3.2.2");
    until_let_go(&mut world, "c-be-2");
    world.scripts.insert(Component::Be, approved(Err("expired"), Err("expired")));
    world.settle();
    assert_eq!(let_go(&world).len(), 7, "a post-hook blocks nothing");
    let jobs = world.log.iter().filter(|one| matches!(one, Happening::Job(_))).count();
    assert_eq!(jobs, 1, "only the pre-hook ran");
    let state = upgrade_state(&world, Component::Be);
    let post = state.hooks.iter().find(|run| run.name == "custom" && run.phase == HookPhase::Post).unwrap();
    assert_eq!((post.result, post.message.as_str()), (HookResult::Failed, "expired"));
}

#[test]
fn a_hook_that_a_policy_warns_of_starts_with_an_event() {
    let mut world = deployed("3.2.1");
    with_script(&mut world, "starRocksBeSpec");
    world.scripts.insert(Component::Be, accepted("one"));
    world.policy.warnings.push("hook script hooks/hooks.sh of BE: HG202".to_owned());
    set_version(&mut world, "3.2.2");
    world.settle();
    assert_eq!(let_go(&world).len(), 7);
    let told = world.events.iter().filter(|event| event.0 == "HookPolicyWarning").count();
    assert_eq!(told, 2, "before and after: {:?}", world.events);
}
