//! Many clusters: what they cost after a restart of the operator, and when nothing happens.

use crate::{
    database::Database,
    kubelets,
    process::{Operator, Usage, looked_at},
    requests::{Counts, count},
};
use futures::{TryStreamExt, stream};
use hookgate_api::{StarRocksCluster, status::ConditionType};
use hookgate_chaos::{audit::AuditLog, node};
use hookgate_e2e::{Problem, ensure, wait};
use k8s_openapi::api::core::v1::{Namespace, Node, ServiceAccount};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, PostParams},
};
use rustix::process::Signal;
use serde::Serialize;
use serde_json::json;
use std::time::{Duration, Instant};

/// The namespace of all of them.
const NAMESPACE: &str = "operator-bench";
/// How long all clusters may take to become ready, or to be looked at.
const PATIENCE: Duration = Duration::from_secs(900);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(500);
/// How many clusters are created at the same time.
const AT_A_TIME: usize = 16;

/// What many clusters cost.
#[derive(Clone, Debug, Serialize)]
pub struct Scale {
    /// How many there are, of one FE and one BE each.
    pub clusters: u32,
    /// Seconds from the creation of the first until all were ready.
    pub deployed_seconds: f64,
    /// From the restart until every cluster had been looked at.
    pub restart: Phase,
    /// While nothing happened.
    pub idle: Phase,
    /// The most memory that the restarted operator had, in MiB.
    pub peak_mib: f64,
    /// Connections that the operator made to FEs in both phases.
    pub connections: u32,
}

/// What was used in a stretch of time.
#[derive(Clone, Debug, Serialize)]
pub struct Phase {
    /// How long it was, in seconds.
    pub seconds: f64,
    /// CPU seconds.
    pub cpu: f64,
    /// Requests by verb and resource.
    pub requests: Counts,
}

/// Measures. The node's controllers are stopped, and stay so.
///
/// # Errors
/// When clusters don't become ready, or the operator ends.
pub async fn measure(
    client: &Client,
    clusters: u32,
    idle: Duration,
    audit: impl Fn() -> Result<AuditLog, Problem>,
    start: impl Fn() -> Result<Operator, Problem>,
) -> Result<Scale, Problem> {
    let ip = node_address(client).await?;
    namespace(client).await?;
    for process in node::controllers().map_err(Problem::io("the node's controllers"))? {
        node::signal(process, Signal::STOP).map_err(Problem::io("stopping the node's controllers"))?;
    }
    let database = Database::start().await?;
    tokio::select! {
        ended = kubelets::run(client, NAMESPACE, &ip) =>
            Err(ended.err().unwrap_or_else(|| Problem::Unexpected("the watch of StatefulSets ended".to_owned()))),
        measured = phases(client, clusters, idle, &database, audit, start) => measured,
    }
}

async fn phases(
    client: &Client,
    clusters: u32,
    idle: Duration,
    database: &Database,
    audit: impl Fn() -> Result<AuditLog, Problem>,
    start: impl Fn() -> Result<Operator, Problem>,
) -> Result<Scale, Problem> {
    let begun = Instant::now();
    let operator = start()?;
    create(client, clusters).await?;
    until(&format!("{clusters} clusters to be ready"), || all_ready(client, clusters)).await?;
    let deployed_seconds = begun.elapsed().as_secs_f64();
    eprintln!("operator-bench: {clusters} clusters are ready after {deployed_seconds:.0} s");
    operator.kill().await?;
    database.forget();

    let mut log = audit()?;
    let begun = Instant::now();
    let operator = start()?;
    let all = usize::try_from(clusters).unwrap_or(usize::MAX);
    until(&format!("{clusters} clusters to be looked at"), || async { Ok(looked_at().await >= all) }).await?;
    let seconds = begun.elapsed().as_secs_f64();
    ensure(all_ready(client, clusters).await?, || "after the restart some cluster isn't ready".to_owned())?;
    let used = operator.usage()?;
    let restart = phase(seconds, Usage { cpu: 0.0, peak_kib: 0 }, used, &mut log)?;

    let begun = Instant::now();
    tokio::time::sleep(idle).await;
    let after = operator.usage()?;
    let idle = phase(begun.elapsed().as_secs_f64(), used, after, &mut log)?;
    operator.kill().await?;
    let peak_mib = u32::try_from(after.peak_kib).map_or(f64::INFINITY, f64::from) / 1024.0;
    Ok(Scale { clusters, deployed_seconds, restart, idle, peak_mib, connections: database.connections() })
}

fn phase(seconds: f64, before: Usage, after: Usage, log: &mut AuditLog) -> Result<Phase, Problem> {
    let requests = count(&log.requests().map_err(Problem::io("the audit log"))?);
    Ok(Phase { seconds, cpu: after.cpu - before.cpu, requests })
}

async fn node_address(client: &Client) -> Result<String, Problem> {
    let nodes = Api::<Node>::all(client.clone()).list(&ListParams::default()).await;
    let nodes = nodes.map_err(Problem::api("the nodes"))?;
    let addresses = nodes.iter().filter_map(|node| node.status.as_ref()?.addresses.as_ref()).flatten();
    let internal = addresses.into_iter().find(|address| address.type_ == "InternalIP");
    internal
        .map(|one| one.address.clone())
        .ok_or_else(|| Problem::Unexpected("no node has an address".to_owned()))
}

/// The namespace, with the service account that pods need, which a controller makes.
async fn namespace(client: &Client) -> Result<(), Problem> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = serde_json::from_value(json!({"metadata": {"name": NAMESPACE}}))
        .map_err(|error| Problem::Unexpected(error.to_string()))?;
    let created = namespaces.create(&PostParams::default(), &namespace).await;
    created.map_err(Problem::api(format!(
        "the namespace {NAMESPACE}: take a cluster that wasn't measured yet"
    )))?;
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), NAMESPACE);
    let what = "the service account of the namespace";
    wait::until(&accounts, "default", what, PATIENCE, |_| true, ResourceExt::name_any).await.map(|_| ())
}

async fn create(client: &Client, clusters: u32) -> Result<(), Problem> {
    let api: Api<StarRocksCluster> = Api::namespaced(client.clone(), NAMESPACE);
    let server =
        |component: &str| json!({"image": format!("starrocks/{component}-ubuntu:3.3.0"), "replicas": 1});
    stream::iter((0..clusters).map(Ok))
        .try_for_each_concurrent(AT_A_TIME, |number| {
            let api = api.clone();
            let object = json!({
                "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
                "metadata": {"name": format!("sr-{number:04}")},
                "spec": {"starRocksFeSpec": server("fe"), "starRocksBeSpec": server("be")},
            });
            async move {
                let cluster = serde_json::from_value(object)
                    .map_err(|error| Problem::Unexpected(format!("a cluster: {error}")))?;
                let created = Box::pin(api.create(&PostParams::default(), &cluster)).await;
                created.map(|_| ()).map_err(Problem::api("creating a cluster"))
            }
        })
        .await
}

async fn all_ready(client: &Client, clusters: u32) -> Result<bool, Problem> {
    let api: Api<StarRocksCluster> = Api::namespaced(client.clone(), NAMESPACE);
    let found = api.list(&ListParams::default()).await.map_err(Problem::api("the clusters"))?;
    let ready = found
        .iter()
        .filter(|cluster| wait::is_current(cluster) && wait::holds(cluster, ConditionType::Ready));
    Ok(ready.count() >= usize::try_from(clusters).unwrap_or(usize::MAX))
}

async fn until<F>(what: &str, mut reached: impl FnMut() -> F) -> Result<(), Problem>
where
    F: Future<Output = Result<bool, Problem>>,
{
    let begun = Instant::now();
    while !reached().await? {
        if begun.elapsed() > PATIENCE {
            let last = "they are not".to_owned();
            return Err(Problem::Timeout { what: what.to_owned(), waited: PATIENCE, last });
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
