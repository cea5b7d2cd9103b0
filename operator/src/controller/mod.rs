//! Wires watches to passes.

mod pass;
mod progress;
mod queue;
mod relevance;
mod report;

pub use pass::{PassError, Reconciler};
pub(crate) use report::kubernetes_event;

use crate::watched::{Key, Watched, owner_of_pod, owner_of_slice};
use futures::{StreamExt, future::ready, stream};
use hookgate_api::{StarRocksCluster, names};
use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    batch::v1::Job,
    core::v1::{ConfigMap, Pod, Service},
    discovery::v1::EndpointSlice,
    policy::v1::PodDisruptionBudget,
};
use kube::{
    Api, Client, Resource, ResourceExt,
    core::{DeserializeGuard, PartialObjectMeta},
    runtime::{
        Controller, WatchStreamExt,
        controller::{Action, Config, Error},
        reflector,
        reflector::{ObjectRef, Store},
        watcher,
    },
};
use relevance::{
    of_budget, of_cluster, of_config_map, of_deployment, of_job, of_pod, of_service, of_set, of_slice,
    relevant,
};
use std::{future::Future, sync::Arc, time::Duration};

/// A cluster as it's watched: one that can't be read must not stop the watch of all others.
type Guarded = DeserializeGuard<StarRocksCluster>;

/// Runs passes until `stop` is done. What the watches say is kept in `watched`.
pub async fn run(
    client: Client,
    namespace: Option<&str>,
    watched: Watched,
    reconciler: Arc<Reconciler>,
    stop: impl Future<Output = ()> + Send + Sync + 'static,
) {
    let config = watcher::Config::default();
    let owned = config.clone().labels(names::COMPONENT_LABEL);
    let (clusters, writer) = reflector::store();
    let of_clusters = watcher(api::<Guarded>(&client, namespace), config.clone()).default_backoff();
    let trigger = relevant(reflector(writer, of_clusters), of_cluster);
    let controller = Controller::for_stream(trigger, clusters.clone());
    let sets = watcher(api::<StatefulSet>(&client, namespace), owned.clone()).default_backoff();
    let services = watcher(api::<Service>(&client, namespace), owned.clone()).default_backoff();
    let jobs = watcher(api::<Job>(&client, namespace), owned.clone()).default_backoff();
    let pods = watcher(api::<Pod>(&client, namespace), owned.clone()).default_backoff();
    let deployments = watcher(api::<Deployment>(&client, namespace), owned.clone()).default_backoff();
    let slices = watcher(api::<EndpointSlice>(&client, namespace), owned).default_backoff();
    let budgets = watcher(api::<PodDisruptionBudget>(&client, namespace), config.clone()).default_backoff();
    // Of ConfigMaps the metadata is enough to know whom to look at.
    let config_maps =
        watcher(api::<PartialObjectMeta<ConfigMap>>(&client, namespace), config).default_backoff();
    let texts = Arc::clone(&reconciler);
    let turns = reconciler.follow(clusters.clone());
    controller
        .with_config(Config::default().debounce(Duration::from_millis(50)).concurrency(32))
        .owns_stream(relevant(watched.clone().follow_sets(sets), of_set))
        .owns_stream(relevant(watched.clone().follow_services(services), of_service))
        .owns_stream(relevant(watched.clone().follow_jobs(jobs), of_job))
        .owns_stream(relevant(watched.clone().follow_deployments(deployments), of_deployment))
        .owns_stream(relevant(watched.clone().follow_budgets(budgets), of_budget))
        .watches_stream(relevant(watched.clone().follow_pods(pods), of_pod), |pod| {
            owner_of_pod(&pod).as_ref().map(reference)
        })
        .watches_stream(relevant(watched.clone().follow_slices(slices), of_slice), |slice| {
            owner_of_slice(&slice).as_ref().map(reference)
        })
        .reconcile_on(stream::iter(turns).flatten().map(|key| reference(&key)))
        .watches_stream(relevant(watched.follow_config_maps(config_maps), of_config_map), move |config_map| {
            let users = users_of(&clusters, &config_map);
            for user in &users {
                texts.forget_texts(user.namespace.as_deref().unwrap_or_default(), &user.name);
            }
            users
        })
        .graceful_shutdown_on(stop)
        .run(reconcile, on_error, Arc::clone(&reconciler))
        .for_each(|result| {
            match result {
                // What a pass itself says is logged where it happens.
                Ok(_) | Err(Error::ReconcilerFailed(..)) => {}
                Err(Error::ObjectNotFound(gone)) => {
                    reconciler.forget(gone.namespace.as_deref().unwrap_or_default(), &gone.name);
                }
                Err(error) => tracing::warn!(%error, "watching"),
            }
            ready(())
        })
        .await;
}

fn api<K>(client: &Client, namespace: Option<&str>) -> Api<K>
where
    K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    namespace.map_or_else(|| Api::all(client.clone()), |namespace| Api::namespaced(client.clone(), namespace))
}

fn reference(key: &Key) -> ObjectRef<Guarded> {
    ObjectRef::new(&key.name).within(&key.namespace)
}

/// The clusters that a ConfigMap means something to: as hook script, as configuration file, or as what was made for them.
fn users_of(clusters: &Store<Guarded>, config_map: &PartialObjectMeta<ConfigMap>) -> Vec<ObjectRef<Guarded>> {
    let (namespace, name) = (config_map.namespace(), config_map.name_any());
    let uses = |cluster: &StarRocksCluster| {
        let is_hook = cluster.custom_hooks().any(|(_, config_map, _)| config_map == name);
        let is_configuration = cluster.spec.components().any(|component| {
            let server = cluster.spec.server(component);
            let info = server.and_then(|server| server.common.config_map_info.as_ref());
            info.is_some_and(|info| info.config_map_name == name)
        });
        let is_of_proxy =
            cluster.spec.star_rocks_fe_proxy_spec.is_some() && names::fe_proxy(&cluster.name_any()) == name;
        is_hook || is_configuration || is_of_proxy
    };
    let in_namespace = clusters.state().into_iter().filter(|cluster| cluster.meta().namespace == namespace);
    in_namespace
        .filter(|cluster| cluster.0.as_ref().is_ok_and(&uses))
        .map(|cluster| ObjectRef::from_obj(cluster.as_ref()))
        .collect()
}

async fn reconcile(cluster: Arc<Guarded>, reconciler: Arc<Reconciler>) -> Result<Action, PassError> {
    match &cluster.0 {
        Err(error) => {
            let (namespace, name) = (cluster.meta().namespace.as_deref(), cluster.name_any());
            tracing::error!(namespace, cluster = name, %error, "the cluster can't be read and is left alone");
            Ok(Action::await_change())
        }
        Ok(cluster) => {
            let look_again = Box::pin(reconciler.pass(cluster)).await?;
            Ok(look_again.map_or_else(Action::await_change, Action::requeue))
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the signature is the controller's")]
fn on_error(cluster: Arc<Guarded>, error: &PassError, reconciler: Arc<Reconciler>) -> Action {
    let namespace = cluster.meta().namespace.clone().unwrap_or_default();
    Action::requeue(reconciler.after_error(&namespace, &cluster.name_any(), error))
}
