//! Wires watches to passes.

mod pass;
mod relevance;
mod report;

pub use pass::{PassError, Reconciler};

use futures::StreamExt;
use hookgate_api::{Component, StarRocksCluster, names};
use k8s_openapi::api::{
    apps::v1::StatefulSet,
    batch::v1::Job,
    core::v1::{ConfigMap, Pod, Service},
    discovery::v1::EndpointSlice,
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
use relevance::{of_cluster, of_job, of_pod, of_service, of_set, of_slice, relevant};
use std::{future::Future, sync::Arc, time::Duration};

/// A cluster as it's watched: one that can't be read must not stop the watch of all others.
type Watched = DeserializeGuard<StarRocksCluster>;

/// Runs passes until `stop` is done.
pub async fn run(
    client: Client,
    namespace: Option<&str>,
    reconciler: Arc<Reconciler>,
    stop: impl Future<Output = ()> + Send + Sync + 'static,
) {
    let config = watcher::Config::default();
    let owned = config.clone().labels(names::COMPONENT_LABEL);
    let (clusters, writer) = reflector::store();
    let of_clusters = watcher(api::<Watched>(&client, namespace), config.clone()).default_backoff();
    let trigger = relevant(reflector(writer, of_clusters), of_cluster);
    let controller = Controller::for_stream(trigger, clusters.clone());
    let sets = watcher(api::<StatefulSet>(&client, namespace), owned.clone()).default_backoff();
    let services = watcher(api::<Service>(&client, namespace), owned.clone()).default_backoff();
    let jobs = watcher(api::<Job>(&client, namespace), owned.clone()).default_backoff();
    let pods = watcher(api::<Pod>(&client, namespace), owned.clone()).default_backoff();
    let slices = watcher(api::<EndpointSlice>(&client, namespace), owned).default_backoff();
    controller
        .with_config(Config::default().debounce(Duration::from_millis(50)).concurrency(32))
        .owns_stream(relevant(sets, of_set))
        .owns_stream(relevant(services, of_service))
        .owns_stream(relevant(jobs, of_job))
        .watches_stream(relevant(pods, of_pod), |pod| owner_of_pod(&pod))
        .watches_stream(relevant(slices, of_slice), |slice| owner_of_slice(&slice))
        // Of ConfigMaps the metadata is enough to know whom to look at.
        .watches(api::<PartialObjectMeta<ConfigMap>>(&client, namespace), config, move |config_map| {
            users_of(&clusters, &config_map)
        })
        .graceful_shutdown_on(stop)
        .run(reconcile, on_error, reconciler)
        .for_each(|result| async move {
            match result {
                // What a pass itself says is logged where it happens; a cluster that is gone needs no pass.
                Ok(_) | Err(Error::ReconcilerFailed(..) | Error::ObjectNotFound(_)) => {}
                Err(error) => tracing::warn!(%error, "watching"),
            }
        })
        .await;
}

fn api<K>(client: &Client, namespace: Option<&str>) -> Api<K>
where
    K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
{
    namespace.map_or_else(|| Api::all(client.clone()), |namespace| Api::namespaced(client.clone(), namespace))
}

fn owner_of_pod(pod: &Pod) -> Option<ObjectRef<Watched>> {
    let (cluster, _) = names::owner_of_pod(pod.labels().get(names::OWNER_LABEL)?)?;
    Some(ObjectRef::new(cluster).within(&pod.namespace()?))
}

fn owner_of_slice(slice: &EndpointSlice) -> Option<ObjectRef<Watched>> {
    let service = slice.labels().get("kubernetes.io/service-name")?;
    let cluster = Component::ALL.iter().find_map(|component| {
        service.strip_suffix("-service")?.strip_suffix(component.as_str())?.strip_suffix('-')
    })?;
    Some(ObjectRef::new(cluster).within(&slice.namespace()?))
}

/// The clusters that a ConfigMap means something to: as hook script or as configuration file.
fn users_of(clusters: &Store<Watched>, config_map: &PartialObjectMeta<ConfigMap>) -> Vec<ObjectRef<Watched>> {
    let (namespace, name) = (config_map.namespace(), config_map.name_any());
    let uses = |cluster: &StarRocksCluster| {
        let is_hook = cluster.custom_hooks().any(|(_, config_map, _)| config_map == name);
        let is_configuration = cluster.spec.components().any(|component| {
            let server = cluster.spec.server(component);
            let info = server.and_then(|server| server.common.config_map_info.as_ref());
            info.is_some_and(|info| info.config_map_name == name)
        });
        is_hook || is_configuration
    };
    let in_namespace = clusters.state().into_iter().filter(|cluster| cluster.meta().namespace == namespace);
    in_namespace
        .filter(|cluster| cluster.0.as_ref().is_ok_and(&uses))
        .map(|cluster| ObjectRef::from_obj(cluster.as_ref()))
        .collect()
}

async fn reconcile(cluster: Arc<Watched>, reconciler: Arc<Reconciler>) -> Result<Action, PassError> {
    let namespace = cluster.meta().namespace.clone().unwrap_or_default();
    let name = cluster.name_any();
    if let Err(error) = &cluster.0 {
        tracing::error!(namespace, cluster = name, %error, "the cluster can't be read and is left alone");
        return Ok(Action::await_change());
    }
    let look_again = Box::pin(reconciler.pass(&namespace, &name)).await?;
    Ok(look_again.map_or_else(Action::await_change, Action::requeue))
}

#[allow(clippy::needless_pass_by_value, reason = "the signature is the controller's")]
fn on_error(cluster: Arc<Watched>, error: &PassError, reconciler: Arc<Reconciler>) -> Action {
    let namespace = cluster.meta().namespace.clone().unwrap_or_default();
    Action::requeue(reconciler.after_error(&namespace, &cluster.name_any(), error))
}
