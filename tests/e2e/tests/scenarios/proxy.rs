//! The FE proxy: created after all other components, rolled after them, and reached by clients all the time in between.

use crate::run::{assert_completed, run};
use hookgate_api::{StarRocksCluster, names};
use hookgate_e2e::{
    Manifest, Problem, Scenario,
    client::nginx_image,
    ensure, guide,
    manifest::CLUSTER,
    proofs::{restored, rolled_in_order},
    proxy::Target,
    wait,
};
use http::Method;
use jiff::Timestamp;
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{Deployment, ReplicaSet},
        core::v1::{ConfigMap, Pod, Service},
    },
};
use kube::{Api, Resource, api::ListParams};
use serde::de::DeserializeOwned;
use serde_json::json;
use std::{fmt::Debug, time::Duration};

/// The port of the proxy's Service.
const PORT: u16 = 8080;
/// The commands of the guide that are run here.
pub const RUNS: &[&str] = &["look-at-proxy"];
/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn comes_last_and_is_reached() {
    run("proxy", async |scenario| {
        let proxy = json!({"image": nginx_image("before"), "replicas": 2, "limits": {"memory": "128Mi"}});
        let manifest =
            Manifest::new("3.2.1", 2, 1, 1).with(&json!({"spec": {"starRocksFeProxySpec": proxy}}));
        let cluster = scenario.deploy(&manifest).await?;
        let pods = instances(&cluster);
        assert_eq!(pods.len(), 2, "{pods:?}");
        let others = servers_ready(scenario).await?;
        for made in replica_sets(scenario).await? {
            assert!(made.1 >= others, "{made:?} is made once all others are ready, at {others}");
        }
        reaches_an_fe(scenario).await?;

        let said = guide::run(scenario, "look-at-proxy", &[]).await?;
        ensure(said.contains("sr-fe-proxy-service") && said.contains("2 available"), || said.clone())?;

        let mut patch = manifest.images("3.2.2");
        json_patch::merge(
            &mut patch,
            &json!({"spec": {"starRocksFeProxySpec": {"image": nginx_image("after")}}}),
        );
        let from = scenario.change(&patch).await?;
        let told = scenario
            .until("the proxy to wait for the wave", |cluster| {
                reason(cluster).contains("it waits for the wave")
            })
            .await?;
        ensure(instances(&told) == pods, || format!("its pods stay: {}", wait::tell(&told)))?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
        restored(&timeline, Timestamp::now(), &manifest.originals, 2)?;
        let others = servers_ready(scenario).await?;
        let made = replica_sets(scenario).await?;
        let (image, at) = made.last().expect("a ReplicaSet");
        assert_eq!((made.len(), image), (2, &nginx_image("after")), "{made:?}");
        assert!(*at >= others, "{made:?}: the last FE was ready at {others}");
        assert!(instances(&cluster).iter().all(|pod| !pods.contains(pod)), "{:?}", instances(&cluster));
        reaches_an_fe(scenario).await?;

        scenario.change(&json!({"spec": {"starRocksFeProxySpec": null}})).await?;
        let cluster = scenario
            .until("the proxy to be gone", |cluster| {
                wait::is_settled(cluster)
                    && cluster
                        .status
                        .as_ref()
                        .is_some_and(|status| status.star_rocks_fe_proxy_status.is_none())
            })
            .await?;
        assert!(wait::is_settled(&cluster));
        is_gone::<Deployment>(scenario, &names::fe_proxy(CLUSTER)).await?;
        is_gone::<ConfigMap>(scenario, &names::fe_proxy(CLUSTER)).await?;
        is_gone::<Service>(scenario, &names::fe_proxy_service(CLUSTER)).await
    });
}

/// An FE answers through the proxy's Service.
async fn reaches_an_fe(scenario: &Scenario) -> Result<(), Problem> {
    let service = Target::service(&scenario.namespace, &names::fe_proxy_service(CLUSTER), PORT);
    let (what, pause) = ("an FE's answer through the proxy", Duration::from_millis(500));
    let answer = wait::answered(what, PATIENCE, pause, "it is refused", async || {
        match service.send(&scenario.client, Method::GET, "/api/health", Vec::new()).await {
            Ok(answer) => Ok(Some(answer)),
            // The endpoints of a Service follow its pods.
            Err(Problem::Api { .. }) => Ok(None),
            Err(problem) => Err(problem),
        }
    })
    .await?;
    ensure(answer.contains("online_backend_num"), || format!("it isn't an FE's answer: {answer}"))
}

fn proxy_status(cluster: &StarRocksCluster) -> Option<&hookgate_api::status::ComponentStatus> {
    cluster.status.as_ref()?.star_rocks_fe_proxy_status.as_ref()
}

/// The proxy's pods that are ready, as the status has them.
fn instances(cluster: &StarRocksCluster) -> Vec<String> {
    proxy_status(cluster).map(|status| status.running_instances.clone()).unwrap_or_default()
}

fn reason(cluster: &StarRocksCluster) -> &str {
    proxy_status(cluster).map_or("", |status| status.reason.as_str())
}

/// When the last pod of FE, BE and CN became ready, to the second.
async fn servers_ready(scenario: &Scenario) -> Result<Timestamp, Problem> {
    let pods: Api<Pod> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let selector = format!("{} in (fe,be,cn)", names::COMPONENT_LABEL);
    let found = pods.list(&ListParams::default().labels(&selector)).await;
    let found = found.map_err(Problem::api("listing pods"))?.items;
    let ready = found.iter().filter_map(|pod| {
        let conditions = pod.status.as_ref()?.conditions.as_ref()?;
        let ready = conditions.iter().find(|one| one.type_ == "Ready" && one.status == "True")?;
        ready.last_transition_time.as_ref().map(|at| at.0)
    });
    ready.max().ok_or_else(|| Problem::Unexpected("no pod is ready".to_owned()))
}

/// The templates that the proxy has had: their images, and when each was first rolled out, to the second.
async fn replica_sets(scenario: &Scenario) -> Result<Vec<(String, Timestamp)>, Problem> {
    let sets: Api<ReplicaSet> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let selector = format!("{}={}", names::OWNER_LABEL, names::fe_proxy(CLUSTER));
    let found = sets.list(&ListParams::default().labels(&selector)).await;
    let found = found.map_err(Problem::api("listing ReplicaSets"))?.items;
    let mut all: Vec<_> = found
        .iter()
        .filter_map(|set| {
            let pod = set.spec.as_ref()?.template.as_ref()?.spec.as_ref()?;
            let image = pod.containers.first()?.image.clone()?;
            Some((image, set.metadata.creation_timestamp.as_ref()?.0))
        })
        .collect();
    all.sort_by_key(|(_, at)| *at);
    Ok(all)
}

async fn is_gone<K>(scenario: &Scenario, name: &str) -> Result<(), Problem>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + Debug,
{
    let api: Api<K> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let what = format!("{} {name}", K::kind(&()));
    wait::answered(
        &format!("{what} to be gone"),
        PATIENCE,
        Duration::from_millis(500),
        "it is there",
        async || {
            let found = api.get_opt(name).await.map_err(Problem::api(what.clone()))?;
            Ok(found.filter(|object| object.meta().deletion_timestamp.is_none()).is_none().then_some(()))
        },
    )
    .await
}
