//! `/validate` under HookPolicies, and of HookPolicies themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use serde_json::{Value, json};
use support::*;

const SYNC: &str = "pre_upgrade() {\n    sync\n}\npost_upgrade() {\n    return 0\n}\n";

fn create(object: &Value) -> Value {
    review("CREATE", CONFIG_MAP, object, &Value::Null)
}

fn create_cluster(object: &Value) -> Value {
    review("CREATE", CLUSTER, object, &Value::Null)
}

fn under(spec: &Value) -> FakeLookup {
    FakeLookup::default().with_policy("platform", spec)
}

fn sync_hook() -> Value {
    create(&config_map(&json!({"hooks.sh": SYNC})))
}

#[tokio::test]
async fn a_program_of_the_policy_is_admitted_where_the_policy_selects() {
    let spec = |stage: &str| json!({"programs": [{"name": "sync"}], "namespaceSelector": {"matchLabels": {"stage": stage}}});
    let answer = validate(under(&spec("test")), &sync_hook()).await;
    assert!(answer.allowed(), "{}", answer.message());
    assert_eq!(answer.response()["auditAnnotations"]["policy"], "platform@3");
    let message = rejects(under(&spec("production")), &sync_hook(), 403).await;
    assert!(message.contains("profile restricted") && message.contains("HG202"), "{message}");
}

#[tokio::test]
async fn a_refusal_names_the_policy_and_the_strictest_wins() {
    let lookup = under(&json!({"programs": [{"name": "sync"}]})).with_policy("strict", &json!({}));
    let message = rejects(lookup, &sync_hook(), 403).await;
    assert!(message.contains("refused by HookPolicy strict@3 (1 error)"), "{message}");
}

#[tokio::test]
async fn warn_admits_with_warnings_and_audit_with_annotations_only() {
    let answer = validate(under(&json!({"mode": "Warn"})), &sync_hook()).await;
    assert!(answer.allowed());
    assert!(answer.warnings()[0].contains("subject/hooks.sh:2:5: HG202"), "{:?}", answer.warnings());
    let answer = validate(under(&json!({"mode": "Audit"})), &sync_hook()).await;
    assert!(answer.allowed());
    assert_eq!(answer.warnings(), [""; 0]);
    let audit = &answer.response()["auditAnnotations"];
    assert_eq!((&audit["policy-mode"], &audit["policy-rules"]), (&json!("Audit"), &json!("HG202")));
    assert_eq!(audit["policy-recorded"], "subject/hooks.sh:2:5: HG202");
}

#[tokio::test]
async fn without_known_policies_no_script_passes_and_other_objects_do() {
    let message = rejects(FakeLookup::without_policies(), &sync_hook(), 503).await;
    assert!(message.contains("which policy its hook script has to pass"), "{message}");
    accepts(FakeLookup::without_policies(), &create(&config_map(&json!({"a": "b"})))).await;
    let plain = json!({"apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster", "metadata": {"name": "subject"},
        "spec": {"starRocksFeSpec": {"image": "starrocks/fe-ubuntu:3.2.2"}}});
    accepts(FakeLookup::without_policies(), &create_cluster(&plain)).await;
    let hooks = cluster(&json!({"timeoutSeconds": 60}));
    rejects(FakeLookup::without_policies(), &create_cluster(&hooks), 503).await;
}

#[tokio::test]
async fn an_invalid_policy_that_slipped_in_refuses_every_script() {
    let lookup = under(&json!({"severities": {"HG999": "error"}}));
    let message = rejects(lookup, &create(&labelled(&json!({"hooks.sh": SAFE}))), 403).await;
    assert!(message.contains("HookPolicy platform@3 is invalid") && message.contains("HG999"), "{message}");
}

#[tokio::test]
async fn a_timeout_beyond_the_policys_is_refused_by_its_name() {
    let object = cluster(&json!({"timeoutSeconds": 601}));
    let message = rejects(under(&json!({"maxTimeoutSeconds": 600})), &create_cluster(&object), 403).await;
    let expected = "spec.starRocksFeSpec.upgradeHooks.timeoutSeconds: invalid value 601: HookPolicy platform@3 allows \
                    at most 600 seconds";
    assert!(message.contains(expected), "{message}");
    accepts(under(&json!({"maxTimeoutSeconds": 601})), &create_cluster(&object)).await;
    let warnings =
        accepts(under(&json!({"maxTimeoutSeconds": 600, "mode": "Warn"})), &create_cluster(&object)).await;
    assert!(warnings[0].contains("at most 600 seconds"), "{warnings:?}");
    let mut scaled = object.clone();
    scaled["spec"]["starRocksFeSpec"]["replicas"] = json!(1);
    let update = review("UPDATE", CLUSTER, &scaled, &object);
    let warnings = accepts(under(&json!({"maxTimeoutSeconds": 600})), &update).await;
    assert!(warnings[0].contains("was so before"), "{warnings:?}");
}

fn with_command(command: &str) -> Value {
    let mut object = cluster(&json!({"timeoutSeconds": 60}));
    object["spec"]["upgradePreparation"] =
        json!({"enabled": true, "hooks": [{"name": "a", "command": command}]});
    object
}

#[tokio::test]
async fn sql_of_the_preparation_has_to_pass_the_policy() {
    let object = with_command("PAUSE ROUTINE LOAD FOR sales.job");
    let message = rejects(FakeLookup::default(), &create_cluster(&object), 403).await;
    assert!(message.contains("spec.upgradePreparation.hooks[0].command: HG403"), "{message}");
    assert!(message.contains("(profile restricted)"), "{message}");
    let allowed = json!({"sqlStatements": ["PAUSE ROUTINE LOAD FOR <table>"]});
    let answer = validate(under(&allowed), &create_cluster(&object)).await;
    assert!(answer.allowed(), "{}", answer.message());
    let answer = validate(under(&json!({"mode": "Audit"})), &create_cluster(&object)).await;
    assert!(answer.allowed());
    assert_eq!(answer.response()["auditAnnotations"]["policy-rules"], "HG403");
    let update = review("UPDATE", CLUSTER, &with_command("DROP TABLE a"), &object);
    rejects(under(&allowed), &update, 403).await;
}

#[tokio::test]
async fn a_policy_that_makes_no_sense_is_refused_field_by_field() {
    let policy = |spec: Value| {
        let object = json!({"apiVersion": "hookgate.dev/v1alpha1", "kind": "HookPolicy", "metadata": {"name": "subject"},
            "spec": spec});
        review("CREATE", POLICY, &object, &Value::Null)
    };
    let spec = json!({"programs": [{"name": "bash"}], "severities": {"HG102": "disabled"}});
    let answer = validate(FakeLookup::default(), &policy(spec)).await;
    assert_eq!(answer.code(), 422);
    let details = &answer.response()["status"]["details"];
    assert_eq!(details["kind"], "HookPolicy");
    assert_eq!(details["causes"][0]["field"], "spec.programs[0].name");
    assert!(details["causes"][0]["message"].as_str().unwrap().contains("runs text as code"));
    assert_eq!(details["causes"][1]["field"], "spec.severities[HG102]");
    rejects(FakeLookup::default(), &policy(json!({"mode": "Lax"})), 422).await;
    rejects(FakeLookup::default(), &policy(json!({"requireApproval": "yes"})), 422).await;
    assert_eq!(accepts(FakeLookup::default(), &policy(json!({}))).await, [""; 0]);
    let warnings = accepts(FakeLookup::default(), &policy(json!({"severities": {"HG202": "warning"}}))).await;
    assert!(warnings[0].contains("isn't known any more"), "{warnings:?}");
}
