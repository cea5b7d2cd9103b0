//! Where a HookPolicy has authors: Authorized, only those write hooks whom the API server knows as authors.

use crate::{
    policies::{Policy, bind, until_seen, user_with},
    run::run_in,
};
use hookgate_e2e::{Place, Problem, Scenario, manifest::hook, manifest::script};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client, api::PostParams};
use serde_json::json;

const POLICY: Policy = Policy { name: "hookgate-e2e-authors", label: "e2e-authors" };

/// The API server's answer to a hook that a user writes: `None` when it's admitted.
async fn refusal(scenario: &Scenario, user: &Client, name: &str) -> Result<Option<String>, Problem> {
    let api: Api<ConfigMap> = Api::namespaced(user.clone(), &scenario.namespace);
    let object = crate::policies::object(&hook(name, &script("SELECT 1", "SELECT 2")))?;
    match api.create(&PostParams::default(), &object).await {
        Ok(_) => Ok(None),
        Err(kube::Error::Api(status)) => Ok(Some(status.message)),
        Err(error) => Err(Problem::api("creating a ConfigMap")(error)),
    }
}

#[test]
fn only_authors_write_hooks() {
    let place = Place { labels: vec![(POLICY.label, "")], ..Place::default() };
    run_in("authors", &place, async |scenario| {
        let result = Box::pin(authors_hold(scenario)).await;
        POLICY.delete(&scenario.client).await?;
        result
    });
}

async fn authors_hold(scenario: &Scenario) -> Result<(), Problem> {
    let config_maps = json!([{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}]);
    let (jane, joe) = ("hookgate-e2e-jane", "hookgate-e2e-joe");
    let as_jane = user_with(scenario, jane, &config_maps).await?;
    let as_joe = user_with(scenario, joe, &config_maps).await?;
    assert_eq!(refusal(scenario, &as_joe, "before").await?, None);

    bind(scenario, jane, "ClusterRole", "hookgate-hook-author").await?;
    POLICY.apply(&scenario.client, &json!({"authors": "Authorized"})).await?;
    until_seen("a hook of somebody who is no author to be refused", async |number| {
        let Some(message) = refusal(scenario, &as_joe, &format!("joe-{number}")).await? else {
            return Ok(false);
        };
        for expected in [joe, POLICY.name, "--clusterrole=hookgate-hook-author", "verbs: [author]"] {
            assert!(message.contains(expected), "{expected} is not in: {message}");
        }
        Ok(true)
    })
    .await?;
    assert_eq!(refusal(scenario, &as_jane, "jane").await?, None);
    // The cluster's admin may do everything, and so this as well.
    assert_eq!(refusal(scenario, &scenario.client, "admin").await?, None);
    let api: Api<ConfigMap> = Api::namespaced(as_joe, &scenario.namespace);
    let plain = crate::policies::object(&json!({"metadata": {"name": "plain"}, "data": {"a": "b"}}))?;
    api.create(&PostParams::default(), &plain).await.map_err(Problem::api("creating a ConfigMap"))?;
    Ok(())
}
