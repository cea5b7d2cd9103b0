//! An operator that goes away in the middle of an upgrade changes nothing of what was promised.

use crate::run::{assert_completed, run};
use hookgate_api::{Component, status::UpgradePhase};
use hookgate_e2e::{Manifest, Problem, proofs::safe_upgrade, wait};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client,
    api::{DeleteParams, ListParams},
};

#[test]
fn loses_nothing() {
    run("operator-restart", async |scenario| {
        let manifest = Manifest::new("3.2.1", 1, 2, 1);
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        for (component, parameters) in [
            (Component::Be, DeleteParams::default()),
            (Component::Cn, DeleteParams::default().grace_period(0)),
        ] {
            let rolls = |cluster: &_| wait::phase_of(cluster, component) == Some(UpgradePhase::Rolling);
            scenario.until(&format!("{component} to be rolled"), rolls).await?;
            delete_operator(&scenario.client, &parameters).await?;
        }
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        safe_upgrade(&scenario.timeline().await?, from, Timestamp::now(), &manifest)?;
        Ok(())
    });
}

async fn delete_operator(client: &Client, parameters: &DeleteParams) -> Result<(), Problem> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), "hookgate-system");
    let operators = ListParams::default().labels("app.kubernetes.io/name=hookgate-operator");
    let deleted = pods.delete_collection(parameters, &operators).await;
    let deleted = deleted.map_err(Problem::api("deleting the operator's pod"))?;
    let none = deleted.left().is_some_and(|list| list.items.is_empty());
    if none { Err(Problem::Unexpected("there is no operator's pod to delete".to_owned())) } else { Ok(()) }
}
