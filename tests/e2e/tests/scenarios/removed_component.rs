//! A component that the spec no longer has goes with what was made for it; the others stay as they are.

use crate::run::run;
use hookgate_api::{Component, names};
use hookgate_e2e::{Manifest, Problem, Scenario, manifest::CLUSTER};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{apps::v1::StatefulSet, core::v1::Service, policy::v1::PodDisruptionBudget},
};
use kube::{
    Api, Resource, ResourceExt,
    runtime::wait::{await_condition, conditions},
};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::{fmt::Debug, time::Duration};

/// How long an object may take to go on a busy machine.
const GOING: Duration = Duration::from_secs(60);

#[test]
fn goes_with_its_objects() {
    run("removed-component", async |scenario| {
        let manifest = Manifest::new("3.2.1", 1, 1, 1);
        scenario.deploy(&manifest).await?;
        let set = |component| names::statefulset(CLUSTER, component);
        let cn = uid::<StatefulSet>(scenario, &set(Component::Cn)).await?;
        let search = uid::<Service>(scenario, &names::search_service(CLUSTER, Component::Cn)).await?;
        let service = uid::<Service>(scenario, &names::external_service(CLUSTER, Component::Cn)).await?;
        let budget = uid::<PodDisruptionBudget>(scenario, &set(Component::Cn)).await?;
        let be = uid::<StatefulSet>(scenario, &set(Component::Be)).await?;
        scenario.change(&json!({"spec": {"starRocksCnSpec": null}})).await?;
        is_gone::<StatefulSet>(scenario, &cn).await?;
        is_gone::<Service>(scenario, &search).await?;
        is_gone::<Service>(scenario, &service).await?;
        is_gone::<PodDisruptionBudget>(scenario, &budget).await?;
        assert_eq!(uid::<StatefulSet>(scenario, &set(Component::Be)).await?, be, "BE stays");
        Ok(())
    });
}

/// An object's name and uid.
async fn uid<K>(scenario: &Scenario, name: &str) -> Result<(String, String), Problem>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + Debug,
{
    let api: Api<K> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let object = api.get(name).await.map_err(Problem::api(format!("{} {name}", K::kind(&()))))?;
    Ok((name.to_owned(), object.uid().unwrap_or_default()))
}

async fn is_gone<K>(scenario: &Scenario, (name, uid): &(String, String)) -> Result<(), Problem>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + 'static,
{
    let api: Api<K> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let what = format!("{} {name}", K::kind(&()));
    match tokio::time::timeout(GOING, Box::pin(await_condition(api, name, conditions::is_deleted(uid)))).await
    {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Problem::Unexpected(format!("waiting for {what} to be gone: {error}"))),
        Err(_) => Err(Problem::Timeout {
            what: format!("{what} to be gone"),
            waited: GOING,
            last: "it is there".to_owned(),
        }),
    }
}
