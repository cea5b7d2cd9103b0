//! `/validate` under a HookPolicy that wants scripts to be approved: they are admitted, with a word, and it is remembered
//! who submits them.

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

fn create(script: &str) -> Value {
    review("CREATE", CONFIG_MAP, &config_map(&json!({"hooks.sh": script})), &Value::Null)
}

fn under(spec: &Value) -> FakeLookup {
    FakeLookup::default().with_policy("platform", spec)
}

/// Who was remembered.
async fn remembered(lookup: FakeLookup, review: &Value) -> (Answer, Vec<[String; 3]>) {
    let submissions = lookup.submissions.clone();
    let answer = validate(lookup, review).await;
    let found = submissions.lock().unwrap().clone();
    (answer, found)
}

#[tokio::test]
async fn a_script_is_admitted_and_its_submitter_remembered() {
    let (answer, found) = remembered(under(&json!({"requireApproval": true})), &create(SAFE)).await;
    assert!(answer.allowed());
    let warning = "subject/hooks.sh: HookPolicy platform@3 lets it run only when somebody has approved it: `kubectl \
                   hookgate approve CLUSTER`";
    assert_eq!(answer.warnings(), [warning]);
    let digest = digest(SAFE);
    assert_eq!(found, [["starrocks", "admin", &digest].map(str::to_owned)]);
}

#[tokio::test]
async fn nobody_is_remembered_where_that_does_not_matter() {
    let mut dry = create(SAFE);
    dry["request"]["dryRun"] = json!(true);
    for (spec, review) in [
        (json!({}), create(SAFE)),
        (json!({"requireApproval": true, "allowSelfApproval": true}), create(SAFE)),
        (json!({"requireApproval": true}), create(KUBECTL)),
        (json!({"requireApproval": true}), dry),
        (
            json!({"requireApproval": true}),
            review("CREATE", CONFIG_MAP, &config_map(&json!({"a": "b"})), &Value::Null),
        ),
    ] {
        let (_, found) = remembered(under(&spec), &review).await;
        assert!(found.is_empty(), "{spec}: {found:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_refused() {
    let lookup = FakeLookup {
        submission_failure: Some(LookupError::TimedOut(900)),
        ..under(&json!({"requireApproval": true}))
    };
    let message = rejects(lookup, &create(SAFE), 503).await;
    assert!(message.contains("it can't be written down who submits its hook script"), "{message}");
    assert!(message.contains("try again in a moment"), "{message}");
}

#[tokio::test]
async fn a_finding_that_an_approval_lifts_is_a_warning_and_any_other_refuses() {
    let spec = json!({"overridableRules": ["HG201", "HG202"]});
    let (answer, found) = remembered(under(&spec), &create(KUBECTL)).await;
    assert!(answer.allowed(), "{}", answer.message());
    let warnings = answer.warnings();
    assert!(warnings[0].contains("subject/hooks.sh:3:5: HG201"), "{warnings:?}");
    assert!(warnings[0].contains("(runs only when approved: HookPolicy platform@3)"), "{warnings:?}");
    assert_eq!(found.len(), 1);
    rejects(under(&spec), &create(&KUBECTL.replace("kubectl", "curl")), 403).await;
}
