//! `/mutate`: defaults and deprecated annotations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::*;

async fn mutate(object: &Value) -> Answer {
    let body = review("CREATE", CLUSTER, object, &Value::Null).to_string();
    let answer = send(gate(FakeLookup::failing()), post("/mutate", body)).await;
    assert!(answer.allowed());
    answer
}

async fn mutated(object: &Value) -> Value {
    let mut changed = object.clone();
    if let Some(patch) = mutate(object).await.patch() {
        json_patch::patch(&mut changed, &patch).unwrap();
    }
    changed
}

#[tokio::test]
async fn what_is_absent_gets_its_default_and_what_is_there_stays() {
    let mut object = cluster(&json!({"custom": {"configMapName": "hooks"}}));
    object["spec"]["starRocksBeSpec"] =
        json!({"image": "be:1", "upgradeHooks": {"timeoutSeconds": 60, "custom": null}});
    object["spec"]["starRocksCnSpec"] = json!({"image": "cn:1", "upgradeHooks": {"timeoutSeconds": null,
        "custom": {"configMapName": "x", "scriptKey": "cn.sh"}}});
    let changed = mutated(&object).await;
    let hooks = |field: &str| changed["spec"][field]["upgradeHooks"].clone();
    assert_eq!(
        hooks("starRocksFeSpec"),
        json!({"timeoutSeconds": 300, "custom": {"configMapName": "hooks", "scriptKey": "hooks.sh"}})
    );
    assert_eq!(hooks("starRocksBeSpec"), json!({"timeoutSeconds": 60, "custom": null}));
    assert_eq!(
        hooks("starRocksCnSpec"),
        json!({"timeoutSeconds": 300, "custom": {"configMapName": "x", "scriptKey": "cn.sh"}})
    );
}

#[tokio::test]
async fn nothing_is_added_where_nothing_is_configured() {
    for object in [
        json!({"metadata": {}, "spec": {"starRocksFeSpec": {"image": "fe:1"}}}),
        json!({"metadata": {}, "spec": {"starRocksFeSpec": {"image": "fe:1", "upgradeHooks": null}}}),
        json!({"metadata": {}, "spec": {}}),
        json!({"metadata": {}}),
    ] {
        assert!(mutate(&object).await.patch().is_none(), "{object}");
    }
}

#[tokio::test]
async fn a_cluster_that_is_deleted_and_other_kinds_are_left_alone() {
    let mut going = cluster(&json!({}));
    going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    assert!(mutate(&going).await.patch().is_none());
    let body =
        review("CREATE", CONFIG_MAP, &config_map(&json!({"hooks.sh": KUBECTL})), &Value::Null).to_string();
    let answer = send(gate(FakeLookup::default()), post("/mutate", body)).await;
    assert!(answer.allowed() && answer.patch().is_none());
}

#[tokio::test]
async fn deprecated_annotations_are_answered_with_the_spec_to_write() {
    let mut object = cluster(&json!({}));
    object["metadata"]["annotations"] = json!({
        "starrocks.com/prepare-upgrade": "true",
        "starrocks.com/upgrade-hooks": "disable-tablet-clone, disable-balancer",
    });
    let warnings = mutate(&object).await.warnings();
    assert_eq!(warnings.len(), 2);
    let spec = "spec.starRocksFeSpec.upgradeHooks.predefined: [disable-tablet-clone, disable-balancer]";
    assert!(warnings[0].contains("starrocks.com/upgrade-hooks is deprecated") && warnings[0].contains(spec));
    object["metadata"]["annotations"] = json!({"starrocks.com/prepare-upgrade": "true"});
    let warnings = mutate(&object).await.warnings();
    assert!(warnings[0].contains(spec), "{warnings:?}");
    object["metadata"]["annotations"] = json!({"starrocks.com/upgrade-hooks": "x,".repeat(5000)});
    assert!(mutate(&object).await.warnings()[0].chars().count() <= 256);
}

fn hooks() -> impl Strategy<Value = Value> {
    let custom = prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        Just(json!({"configMapName": "a/b~c"})),
        Just(json!({"configMapName": "m", "scriptKey": null})),
        Just(json!({"configMapName": "m", "scriptKey": "k"})),
    ];
    let timeout = prop_oneof![Just(Value::Null), (0..4000_i64).prop_map(Value::from)];
    let both =
        (custom, timeout, any::<[bool; 2]>()).prop_map(|(custom, timeout, [with_custom, with_timeout])| {
            let mut hooks = json!({});
            if with_custom {
                hooks["custom"] = custom;
            }
            if with_timeout {
                hooks["timeoutSeconds"] = timeout;
            }
            hooks
        });
    prop_oneof![Just(Value::Null), both]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn defaults_are_idempotent_and_change_nothing_that_is_set(fe in hooks(), be in hooks(), cn in hooks()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let object = json!({"metadata": {"name": "c"}, "spec": {
                "starRocksFeSpec": {"upgradeHooks": fe},
                "starRocksBeSpec": {"upgradeHooks": be},
                "starRocksCnSpec": {"upgradeHooks": cn},
            }});
            let once = mutated(&object).await;
            assert_eq!(mutated(&once).await, once);
            assert!(mutate(&once).await.patch().is_none());
            for field in ["starRocksFeSpec", "starRocksBeSpec", "starRocksCnSpec"] {
                let (before, after) = (&object["spec"][field]["upgradeHooks"], &once["spec"][field]["upgradeHooks"]);
                if !before["timeoutSeconds"].is_null() {
                    assert_eq!(before["timeoutSeconds"], after["timeoutSeconds"]);
                }
                assert_eq!(before.is_null(), after.is_null());
            }
        });
    }
}
