//! `/validate` for ConfigMaps: which of their keys are scripts, and what is said of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use serde_json::{Value, json};
use support::*;

fn create(object: &Value) -> Value {
    review("CREATE", CONFIG_MAP, object, &Value::Null)
}

fn update(new: &Value, old: &Value) -> Value {
    review("UPDATE", CONFIG_MAP, new, old)
}

#[tokio::test]
async fn a_refusal_names_map_key_rule_place_and_help() {
    let answer = validate(FakeLookup::default(), &create(&labelled(&json!({"hooks.sh": KUBECTL})))).await;
    assert_eq!(answer.code(), 403);
    assert_eq!(answer.response()["status"]["reason"], "Forbidden");
    let message = answer.message();
    for part in [
        "ConfigMap starrocks/subject",
        "key hooks.sh",
        "profile restricted",
        "hooks.sh:3:5: HG",
        "kubectl",
        "help: ",
    ] {
        assert!(message.contains(part), "{part:?} not in {message}");
    }
    let audit = &answer.response()["auditAnnotations"];
    assert_eq!(audit["policy-profile"], "restricted");
    assert!(audit["policy-rules"].as_str().unwrap().starts_with("HG"));
    assert!(audit["script-sha256"].as_str().unwrap().starts_with("subject/hooks.sh="));
}

#[tokio::test]
async fn a_safe_hook_is_accepted_and_its_digest_is_audited() {
    let answer = validate(FakeLookup::default(), &create(&labelled(&json!({"hooks.sh": SAFE})))).await;
    assert!(answer.allowed(), "{}", answer.message());
    let digest = answer.response()["auditAnnotations"]["script-sha256"].as_str().unwrap().to_owned();
    assert_eq!(digest.len(), "subject/hooks.sh=".len() + 64);
}

#[tokio::test]
async fn a_hook_without_post_upgrade_is_refused() {
    let message =
        rejects(FakeLookup::default(), &create(&labelled(&json!({"hooks.sh": NO_POST}))), 403).await;
    assert!(message.contains("post_upgrade"), "{message}");
}

#[tokio::test]
async fn leaving_the_label_away_is_no_way_out() {
    let plain = config_map(&json!({"anything": KUBECTL}));
    rejects(FakeLookup::default(), &create(&plain), 403).await;
    let other = config_map(&json!({"x": "kubectl get pods"}));
    accepts(FakeLookup::default(), &create(&other)).await;
    rejects(FakeLookup::default().with_reference("subject", "x"), &create(&other), 403).await;
    accepts(FakeLookup::default().with_reference("another", "x"), &create(&other)).await;
}

#[tokio::test]
async fn binary_data_is_data() {
    let mut map = labelled(&json!({}));
    map["binaryData"] = json!({"hooks.sh": base64(KUBECTL)});
    rejects(FakeLookup::default(), &create(&map), 403).await;
    map["binaryData"] = json!({"hooks.sh": base64(SAFE)});
    accepts(FakeLookup::default(), &create(&map)).await;
    map["binaryData"] = json!({"hooks.sh": "?"});
    let message = rejects(FakeLookup::default(), &create(&map), 422).await;
    assert!(message.contains("hooks.sh") && message.contains("base64"), "{message}");
}

#[tokio::test]
async fn both_data_and_binary_data_under_one_key_are_checked() {
    let mut map = labelled(&json!({"hooks.sh": SAFE}));
    map["binaryData"] = json!({"hooks.sh": base64(KUBECTL)});
    rejects(FakeLookup::default(), &create(&map), 403).await;
}

#[tokio::test]
async fn of_a_labelled_map_every_sh_key_is_a_script_and_others_are_not() {
    for (key, refused) in [("other.sh", true), ("OTHER.SH", true), ("notes.md", false), ("sh", false)] {
        let map = labelled(&json!({"hooks.sh": SAFE, key: "kubectl get pods"}));
        let answer = validate(FakeLookup::default(), &create(&map)).await;
        assert_eq!(!answer.allowed(), refused, "{key}");
    }
}

#[tokio::test]
async fn a_map_that_nobody_runs_may_hold_anything() {
    let map = config_map(&json!({"run.sh": "kubectl get pods", "fe.conf": "a = b"}));
    assert!(accepts(FakeLookup::default(), &create(&map)).await.is_empty());
}

#[tokio::test]
async fn what_has_not_changed_is_not_judged_anew() {
    let bad = labelled(&json!({"hooks.sh": KUBECTL}));
    let mut annotated = bad.clone();
    annotated["metadata"]["annotations"] = json!({"a": "b"});
    accepts(FakeLookup::failing(), &update(&annotated, &bad)).await;
    let more = labelled(&json!({"hooks.sh": KUBECTL, "notes": "x"}));
    accepts(FakeLookup::default(), &update(&more, &bad)).await;
    let changed = labelled(&json!({"hooks.sh": format!("{KUBECTL}#")}));
    rejects(FakeLookup::default(), &update(&changed, &bad), 403).await;
}

#[tokio::test]
async fn a_label_that_is_added_makes_a_script_of_what_was_there() {
    let data = json!({"run.sh": "kubectl get pods"});
    rejects(FakeLookup::default(), &update(&labelled(&data), &config_map(&data)), 403).await;
    accepts(FakeLookup::default(), &update(&config_map(&data), &labelled(&data))).await;
}

#[tokio::test]
async fn an_old_object_that_cannot_be_read_excuses_nothing() {
    let bad = labelled(&json!({"hooks.sh": KUBECTL}));
    rejects(FakeLookup::default(), &update(&bad, &json!({"data": 7})), 403).await;
}

#[tokio::test]
async fn deletion_in_every_form_passes() {
    let bad = labelled(&json!({"hooks.sh": KUBECTL}));
    accepts(FakeLookup::failing(), &review("DELETE", CONFIG_MAP, &Value::Null, &bad)).await;
    accepts(FakeLookup::failing(), &review("CONNECT", CONFIG_MAP, &bad, &Value::Null)).await;
    let mut going = bad;
    going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    accepts(FakeLookup::failing(), &update(&going, &config_map(&json!({})))).await;
}

#[tokio::test]
async fn a_failed_look_up_refuses_what_depends_on_it_and_says_so() {
    let open = create(&config_map(&json!({"run.sh": "kubectl get pods"})));
    let message = rejects(FakeLookup::failing(), &open, 503).await;
    assert!(message.contains("connection refused") && message.contains("try again"), "{message}");
    // What is a script anyway is judged by what it says.
    accepts(FakeLookup::failing(), &create(&labelled(&json!({"hooks.sh": SAFE})))).await;
    rejects(FakeLookup::failing(), &create(&labelled(&json!({"hooks.sh": KUBECTL}))), 403).await;
}

#[tokio::test]
async fn what_is_hardly_meant_is_warned_of() {
    let referred = FakeLookup::default().with_reference("subject", "hooks.sh");
    let warnings = accepts(referred, &create(&config_map(&json!({"hook.sh": "x"})))).await;
    assert!(warnings[0].contains("refers to key hooks.sh"), "{warnings:?}");
    let warnings = accepts(FakeLookup::default(), &create(&labelled(&json!({"notes": "x"})))).await;
    assert!(warnings[0].contains("has no script"), "{warnings:?}");
}

#[tokio::test]
async fn a_generated_name_is_shown_as_such() {
    let mut map = labelled(&json!({"hooks.sh": KUBECTL}));
    map["metadata"] = json!({"generateName": "hooks-", "labels": {"hookgate.dev/hook": ""}});
    let mut request = create(&map);
    request["request"]["name"] = json!("");
    let message = rejects(FakeLookup::default(), &request, 403).await;
    assert!(message.contains("starrocks/hooks-*"), "{message}");
}

#[tokio::test]
async fn a_script_cannot_paint_the_refusal() {
    let script = "pre_upgrade() {\n  $'\\e[2J\u{1b}[31mAPPROVED\u{202e}' \n}\npost_upgrade() { :; }\n";
    let message = rejects(FakeLookup::default(), &create(&labelled(&json!({"hooks.sh": script}))), 403).await;
    assert!(!message.contains('\u{1b}') && !message.contains('\u{202e}'), "{message:?}");
}

#[tokio::test]
async fn a_thousand_findings_make_a_short_message() {
    let script =
        format!("pre_upgrade() {{\n{}}}\npost_upgrade() {{ :; }}\n", "kubectl get pods\n".repeat(1000));
    let message = rejects(FakeLookup::default(), &create(&labelled(&json!({"hooks.sh": script}))), 403).await;
    assert!(
        message.len() < 20_000 && message.contains("more; `hookgate lint` shows all"),
        "{}",
        message.len()
    );
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
