//! `/validate` under a HookPolicy that says who may write hook scripts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use hookgate_webhook::lookup::LookupError;
use serde_json::{Value, json};
use support::*;

fn by(user: &str, object: &Value, old: &Value) -> Value {
    let operation = if old.is_null() { "CREATE" } else { "UPDATE" };
    let mut review = review(operation, CONFIG_MAP, object, old);
    review["request"]["userInfo"] = json!({"username": user, "groups": ["dba"]});
    review
}

fn hook() -> Value {
    config_map(&json!({"hooks.sh": SAFE}))
}

fn authorized(mode: &str) -> FakeLookup {
    FakeLookup::default().with_policy("platform", &json!({"authors": "Authorized", "mode": mode}))
}

#[tokio::test]
async fn only_an_author_may_write_a_script_and_others_hear_how_to_become_one() {
    let lookup = || authorized("Enforce").with_author("jane", "platform");
    accepts(lookup(), &by("jane", &hook(), &Value::Null)).await;
    let answer = validate(lookup(), &by("joe", &hook(), &Value::Null)).await;
    assert_eq!(answer.code(), 403);
    assert_eq!(
        answer.message(),
        "ConfigMap starrocks/subject: \"joe\" may not write hook scripts here, for HookPolicy platform has authors: \
         Authorized\n  The way out: have an author write it, or let a cluster admin make \"joe\" one, for this \
         namespace by\n    kubectl create rolebinding -n starrocks hookgate-hook-author \
         --clusterrole=hookgate-hook-author --user=joe\n  or by any other binding of the RBAC rule\n    {apiGroups: \
         [hookgate.dev], resources: [hookpolicies], resourceNames: [platform], verbs: [author]}"
    );
    assert_eq!(
        answer.response()["auditAnnotations"]["policy-author"],
        "joe is not known as an author by platform"
    );
    let account = "system:serviceaccount:ci:deployer";
    let message = rejects(lookup(), &by(account, &hook(), &Value::Null), 403).await;
    assert!(message.contains(" --serviceaccount=ci:deployer\n"), "{message}");
}

#[tokio::test]
async fn what_brings_no_script_needs_no_author() {
    let lookup = || FakeLookup { author_failure: Some(LookupError::TimedOut(900)), ..authorized("Enforce") };
    accepts(lookup(), &by("joe", &config_map(&json!({"a": "b"})), &Value::Null)).await;
    // The script was there before.
    let mut more = hook();
    more["data"]["notes.txt"] = json!("text");
    accepts(lookup(), &by("joe", &more, &hook())).await;
    accepts(lookup(), &by("joe", &config_map(&json!({})), &hook())).await;
    let changed = config_map(&json!({"hooks.sh": SAFE.replace("preparing", "else")}));
    rejects(lookup(), &by("joe", &changed, &hook()), 503).await;
}

#[tokio::test]
async fn an_answer_that_does_not_come_refuses() {
    let lookup = FakeLookup {
        author_failure: Some(LookupError::Api("subjectaccessreviews is forbidden".into())),
        ..authorized("Enforce")
    };
    let message = rejects(lookup, &by("jane", &hook(), &Value::Null), 503).await;
    assert_eq!(
        message,
        "ConfigMap starrocks/subject: it can't be found out whether \"jane\" may write hook scripts by HookPolicy \
         platform (the API server can't be asked: subjectaccessreviews is forbidden), and so it is refused; try again \
         in a moment"
    );
}

#[tokio::test]
async fn an_author_has_to_be_one_by_every_policy_and_each_in_its_mode() {
    let both = |mode: &str| {
        authorized("Enforce")
            .with_policy("trial", &json!({"authors": "Authorized", "mode": mode}))
            .with_author("jane", "platform")
    };
    let message = rejects(both("Enforce"), &by("jane", &hook(), &Value::Null), 403).await;
    assert!(message.contains("HookPolicy trial has authors"), "{message}");
    let warnings = accepts(both("Warn"), &by("jane", &hook(), &Value::Null)).await;
    assert!(warnings[0].contains("HookPolicy trial has authors"), "{warnings:?}");
    let answer = validate(both("Audit"), &by("jane", &hook(), &Value::Null)).await;
    assert!(answer.allowed() && answer.warnings().is_empty());
    assert_eq!(
        answer.response()["auditAnnotations"]["policy-author"],
        "jane is not known as an author by trial"
    );
}

#[tokio::test]
async fn who_is_no_author_hears_of_the_script_as_well() {
    let bad = config_map(&json!({"hooks.sh": KUBECTL}));
    let message = rejects(authorized("Enforce"), &by("joe", &bad, &Value::Null), 403).await;
    assert!(message.contains("may not write hook scripts") && message.contains("HG201"), "{message}");
}

#[tokio::test]
async fn a_user_that_cannot_be_read_is_refused() {
    let mut review = by("joe", &hook(), &Value::Null);
    review["request"]["userInfo"] = json!({"username": "joe", "groups": "dba"});
    let message = rejects(authorized("Enforce"), &review, 422).await;
    assert!(message.contains("the userInfo can't be read"), "{message}");
}
