//! `/validate` for StarRocksClusters: the spec, and the ConfigMaps that it names.

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
    review("CREATE", CLUSTER, object, &Value::Null)
}

fn update(new: &Value, old: &Value) -> Value {
    review("UPDATE", CLUSTER, new, old)
}

fn custom() -> Value {
    cluster(&json!({"custom": {"configMapName": "hooks"}}))
}

fn with_script(text: &str) -> FakeLookup {
    FakeLookup::default().with_config_map("hooks", "hooks.sh", text)
}

#[tokio::test]
async fn a_timeout_out_of_range_is_refused_with_the_range() {
    for seconds in [0, 3601] {
        let message =
            rejects(FakeLookup::default(), &create(&cluster(&json!({"timeoutSeconds": seconds}))), 422).await;
        for part in ["spec.starRocksFeSpec.upgradeHooks.timeoutSeconds", &seconds.to_string(), "1 and 3600"] {
            assert!(message.contains(part), "{part} not in {message}");
        }
    }
    for seconds in [1, 300, 3600] {
        accepts(FakeLookup::default(), &create(&cluster(&json!({"timeoutSeconds": seconds})))).await;
    }
}

#[tokio::test]
async fn an_unknown_predefined_hook_is_refused_with_the_known_ones() {
    let hooks = json!({"predefined": ["disable-balancer", "disable-everything"]});
    let answer = validate(FakeLookup::default(), &create(&cluster(&hooks))).await;
    let message = answer.message();
    assert!(message.contains("disable-everything") && message.contains("enable-tablet-clone"), "{message}");
    let details = &answer.response()["status"]["details"];
    assert_eq!((&details["kind"], &details["name"]), (&json!("StarRocksCluster"), &json!("subject")));
    assert_eq!(details["causes"][0]["field"], "spec.starRocksFeSpec.upgradeHooks.predefined[1]");
}

#[tokio::test]
async fn a_custom_hook_without_a_name_is_refused() {
    for custom in [json!({}), json!({"scriptKey": "x.sh"}), json!({"configMapName": ""})] {
        let message =
            rejects(FakeLookup::default(), &create(&cluster(&json!({"custom": custom}))), 422).await;
        assert!(message.contains("upgradeHooks.custom.configMapName"), "{message}");
    }
}

#[tokio::test]
async fn the_config_map_that_a_cluster_names_is_checked() {
    accepts(with_script(SAFE), &create(&custom())).await;
    let message = rejects(with_script(KUBECTL), &create(&custom()), 403).await;
    assert!(message.contains("ConfigMap starrocks/hooks, key hooks.sh"), "{message}");
    assert!(message.contains("hooks.sh:3:5: HG"), "{message}");
}

#[tokio::test]
async fn a_missing_config_map_or_key_is_a_warning() {
    let warnings = accepts(FakeLookup::default(), &create(&custom())).await;
    assert!(warnings[0].contains("failed to get ConfigMap: configmaps \"hooks\" not found"), "{warnings:?}");
    let other = FakeLookup::default().with_config_map("hooks", "other", SAFE);
    let warnings = accepts(other, &create(&custom())).await;
    assert!(warnings[0].contains("has no key hooks.sh"), "{warnings:?}");
}

#[tokio::test]
async fn a_failed_look_up_refuses_the_reference_and_nothing_else() {
    let message = rejects(FakeLookup::failing(), &create(&custom()), 503).await;
    assert!(message.contains("connection refused") && message.contains("hooks"), "{message}");
    accepts(FakeLookup::failing(), &create(&cluster(&json!({"predefined": ["disable-balancer"]})))).await;
}

#[tokio::test]
async fn an_update_that_leaves_the_spec_alone_is_not_judged() {
    let mut annotated = cluster(&json!({"timeoutSeconds": 0, "custom": {"configMapName": "hooks"}}));
    let stored = annotated.clone();
    annotated["metadata"]["annotations"] = json!({"a": "b"});
    annotated["status"] = json!({"phase": "running"});
    assert!(accepts(FakeLookup::failing(), &update(&annotated, &stored)).await.is_empty());
}

#[tokio::test]
async fn a_cluster_that_was_wrong_before_can_still_be_scaled() {
    let stored = cluster(&json!({"timeoutSeconds": 0, "custom": {"configMapName": "hooks"}}));
    let mut scaled = stored.clone();
    scaled["spec"]["starRocksFeSpec"]["replicas"] = json!(5);
    let warnings = accepts(FakeLookup::failing(), &update(&scaled, &stored)).await;
    assert!(warnings[0].contains("timeoutSeconds") && warnings[0].contains("was so before"), "{warnings:?}");
    scaled["spec"]["starRocksFeSpec"]["upgradeHooks"]["timeoutSeconds"] = json!(3601);
    rejects(with_script(SAFE), &update(&scaled, &stored), 422).await;
}

#[tokio::test]
async fn an_image_can_be_changed_although_the_hook_has_become_bad_and_that_is_said() {
    let stored = custom();
    let mut upgraded = stored.clone();
    upgraded["spec"]["starRocksFeSpec"]["image"] = json!("starrocks/fe-ubuntu:3.2.3");
    let warnings = accepts(with_script(KUBECTL), &update(&upgraded, &stored)).await;
    assert!(warnings[0].contains("doesn't pass the policy"), "{warnings:?}");
    assert!(accepts(with_script(SAFE), &update(&upgraded, &stored)).await.is_empty());
    let warnings = accepts(FakeLookup::failing(), &update(&upgraded, &stored)).await;
    assert!(warnings[0].contains("was not checked"), "{warnings:?}");
}

#[tokio::test]
async fn a_reference_that_is_added_or_changed_is_checked() {
    rejects(with_script(KUBECTL), &update(&custom(), &cluster(&json!({}))), 403).await;
    let other_key = cluster(&json!({"custom": {"configMapName": "hooks", "scriptKey": "other.sh"}}));
    rejects(with_script(KUBECTL), &update(&custom(), &other_key), 403).await;
    accepts(with_script(KUBECTL), &update(&cluster(&json!({})), &custom())).await;
}

#[tokio::test]
async fn a_wrong_spec_and_a_bad_script_are_both_told() {
    let both = cluster(&json!({"timeoutSeconds": 0, "custom": {"configMapName": "hooks"}}));
    let answer = validate(with_script(KUBECTL), &create(&both)).await;
    assert_eq!(answer.code(), 422);
    let causes = answer.response()["status"]["details"]["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 2);
    assert!(causes[1]["message"].as_str().unwrap().contains("kubectl"));
}

#[tokio::test]
async fn a_cluster_that_is_deleted_or_of_which_only_the_status_changes_passes() {
    let mut going = cluster(&json!({"timeoutSeconds": 0}));
    going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    accepts(FakeLookup::failing(), &update(&going, &custom())).await;
    let mut status = create(&cluster(&json!({"timeoutSeconds": 0})));
    status["request"]["subResource"] = json!("status");
    accepts(FakeLookup::failing(), &status).await;
}

#[tokio::test]
async fn a_spec_of_the_wrong_shape_is_refused_and_the_mutating_path_leaves_it_alone() {
    let odd = cluster(&json!({"timeoutSeconds": "soon"}));
    let message = rejects(FakeLookup::default(), &create(&odd), 422).await;
    assert!(message.contains("StarRocksCluster can't be read"), "{message}");
    let mutated = send(gate(FakeLookup::default()), post("/mutate", create(&odd).to_string())).await;
    assert!(mutated.allowed() && mutated.patch().is_none());
}

#[tokio::test]
async fn a_field_that_is_not_served_is_told_once() {
    let mut recovered = cluster(&json!({}));
    recovered["spec"]["disasterRecovery"] = json!({"enabled": true, "generation": 1});
    let warnings = accepts(FakeLookup::default(), &create(&recovered)).await;
    assert!(warnings[0].contains("spec.disasterRecovery"), "{warnings:?}");
    let mut scaled = recovered.clone();
    scaled["spec"]["starRocksFeSpec"]["replicas"] = json!(5);
    assert!(accepts(FakeLookup::default(), &update(&scaled, &recovered)).await.is_empty());
}

#[tokio::test]
async fn the_proxy_is_served_and_its_fields_are_judged() {
    let mut proxied = cluster(&json!({}));
    proxied["spec"]["starRocksFeProxySpec"] = json!({"replicas": 2, "resolver": "10.96.0.10"});
    assert!(accepts(FakeLookup::default(), &create(&proxied)).await.is_empty());
    proxied["spec"]["starRocksFeProxySpec"] = json!({"resolver": "a; load_module x"});
    let message = rejects(FakeLookup::default(), &create(&proxied), 422).await;
    assert!(
        message.contains("spec.starRocksFeProxySpec.resolver: invalid value \"a; load_module x\""),
        "{message}"
    );
}

#[tokio::test]
async fn other_kinds_are_not_judged() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}});
    assert!(
        accepts(FakeLookup::failing(), &review("CREATE", ("", "Pod"), &pod, &Value::Null)).await.is_empty()
    );
}

fn with_image(image: &str, annotations: &Value) -> Value {
    let mut object = cluster(&json!({}));
    object["spec"]["starRocksFeSpec"]["image"] = image.into();
    object["metadata"]["annotations"] = annotations.clone();
    object
}

#[tokio::test]
async fn an_image_whose_version_path_is_not_supported_is_refused_until_its_target_is_allowed() {
    let old = with_image("fe:3.3.0", &json!({}));
    let message =
        rejects(FakeLookup::default(), &update(&with_image("fe:3.2.1", &json!({})), &old), 422).await;
    assert!(
        message.contains("take 3.2.3 or later") && message.contains("allow-version-path=3.2.1"),
        "{message}"
    );
    let other = json!({"hookgate.dev/allow-version-path": "3.2.2"});
    rejects(FakeLookup::default(), &update(&with_image("fe:3.2.1", &other), &old), 422).await;
    for value in ["3.2.1", "v3.2.1", "3.2.1-ubuntu"] {
        let allowed = json!({"hookgate.dev/allow-version-path": value});
        accepts(FakeLookup::default(), &update(&with_image("fe:3.2.1", &allowed), &old)).await;
    }
    let named = json!({"hookgate.dev/image-version": "fe:3.2.1=3.2.5"});
    accepts(FakeLookup::default(), &update(&with_image("fe:3.2.1", &named), &old)).await;
    accepts(FakeLookup::default(), &create(&with_image("fe:3.2.1", &json!({})))).await;
}

/// Where the database says that the tags are no StarRocks versions, only the operator knows more.
#[tokio::test]
async fn tags_of_ones_own_are_not_judged_as_starrocks_versions() {
    let mut old = with_image("fe:2.1.0", &json!({}));
    let new = with_image("fe:3.0.0", &json!({}));
    let message = rejects(FakeLookup::default(), &update(&new, &old), 422).await;
    assert!(message.contains("image-version=fe:2.1.0=VERSION,fe:3.0.0=VERSION"), "{message}");
    old["status"] = json!({"knownVersions": [{"image": "fe:2.1.0", "version": "3.3.2-abc"}]});
    accepts(FakeLookup::default(), &update(&new, &old)).await;
    let named = json!({"hookgate.dev/image-version": "fe:2.1.0=3.3.2,fe:3.0.0=3.3.3"});
    accepts(
        FakeLookup::default(),
        &update(&with_image("fe:3.0.0", &named), &with_image("fe:2.1.0", &json!({}))),
    )
    .await;
}

#[tokio::test]
async fn going_back_to_what_a_wave_began_with_and_skipping_a_version_are_warned_about() {
    let mut old = with_image("fe:3.3.0", &json!({}));
    old["status"] = json!({"wave": {"id": "g1-0", "components": [{"fromImage": "fe:3.2.1"}]}});
    let answer = validate(FakeLookup::default(), &update(&with_image("fe:3.2.1", &json!({})), &old)).await;
    let warnings = answer.response()["warnings"].to_string();
    assert!(warnings.contains("the operator decides"), "{warnings}");
    let answer = validate(
        FakeLookup::default(),
        &update(&with_image("fe:3.5.0", &json!({"hookgate.dev/paused": "true"})), &old),
    )
    .await;
    let warnings = answer.response()["warnings"].to_string();
    assert!(warnings.contains("skips 3.4") && warnings.contains("does nothing"), "{warnings}");
}
