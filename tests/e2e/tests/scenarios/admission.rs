//! What the admission gate refuses, and in which words; what it accepts, and fills in.

use crate::run::run;
use hookgate_e2e::{
    Manifest, Problem, Scenario,
    manifest::{CLUSTER, hook, script},
};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use serde_json::{Value, json};

fn body(line: &str) -> String {
    format!("#!/bin/bash\npre_upgrade() {{\n    {line}\n}}\npost_upgrade() {{\n    return 0\n}}\n")
}

/// The API server's answer to an object that has to be refused.
async fn refusal(scenario: &Scenario, object: &Value) -> Result<String, Problem> {
    match scenario.create(object).await {
        Ok(()) => Err(Problem::Unexpected(format!("this was accepted: {object}"))),
        Err(problem) => match problem.refusal() {
            Some(message) => Ok(message.to_owned()),
            None => Err(problem),
        },
    }
}

#[test]
fn refuses_unsafe_hooks_with_rule_line_and_help() {
    run("admission-hooks", async |scenario| {
        for (name, script, rule, place, word) in [
            ("with-kubectl", body("kubectl delete pod sr-be-0"), "HG201", "hooks.sh:3:5", "kubectl"),
            ("with-curl", body("curl http://example.com/"), "HG301", "hooks.sh:3:5", "curl"),
            (
                "without-post",
                "pre_upgrade() { return 0; }\n".to_owned(),
                "HG101",
                "hooks.sh:",
                "post_upgrade",
            ),
        ] {
            let message = refusal(scenario, &hook(name, &script)).await?;
            for expected in [rule, place, word, "help: "] {
                assert!(message.contains(expected), "{name}: {expected} is not in: {message}");
            }
        }
        scenario.create(&hook("safe", &script("SELECT 1", "SELECT 2"))).await?;
        let api: Api<ConfigMap> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
        let changed = scenario.replace_script("safe", &body("curl http://example.com/")).await;
        assert!(changed.unwrap_err().to_string().contains("HG301"));
        let kept = api.get("safe").await.map_err(Problem::api("reading the ConfigMap"))?;
        assert_eq!(kept.data.unwrap()["hooks.sh"], script("SELECT 1", "SELECT 2"));
        Ok(())
    });
}

#[test]
fn refuses_invalid_clusters_with_the_allowed_values() {
    run("admission-clusters", async |scenario| {
        let with_hooks = |hooks: Value| {
            let manifest = Manifest::new("3.2.1", 1, 1, 0);
            manifest.with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}})).object
        };
        for (hooks, field, allowed) in [
            (json!({"timeoutSeconds": 0}), "timeoutSeconds", "must be between 1 and 3600 seconds"),
            (json!({"timeoutSeconds": 3601}), "timeoutSeconds", "must be between 1 and 3600 seconds"),
            (
                json!({"predefined": ["disable-everything"]}),
                "predefined[0]",
                "allowed values: disable-tablet-clone, disable-balancer, enable-tablet-clone, enable-balancer",
            ),
            (json!({"custom": {}}), "custom.configMapName", "required: the name of the ConfigMap"),
        ] {
            let message = refusal(scenario, &with_hooks(hooks)).await?;
            let path = format!("spec.starRocksBeSpec.upgradeHooks.{field}");
            assert!(message.contains(&path) && message.contains(allowed), "{message}");
        }
        let valid = with_hooks(json!({"custom": {"configMapName": "be-hooks"}}));
        scenario.create(&valid).await?;
        let stored = scenario.clusters().get(CLUSTER).await.map_err(Problem::api("reading the cluster"))?;
        let hooks = stored.spec.star_rocks_be_spec.and_then(|be| be.server.upgrade_hooks).expect("the hooks");
        assert_eq!(hooks.timeout_seconds, Some(300));
        assert_eq!(hooks.custom.and_then(|custom| custom.script_key).as_deref(), Some("hooks.sh"));
        Ok(())
    });
}
