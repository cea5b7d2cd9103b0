//! The objects that belong to a cluster.

use super::{
    ObserveError, namespace,
    proxy::{self, FoundProxy},
};
use crate::{
    observation::{ObservedComponent, ObservedPod, ObservedProxy, ObservedStatefulSet},
    render::{Configuration, Kept, UpdateStrategy},
    watched::{Key, SERVICE_LABEL, Watched},
};
use futures::future::try_join_all;
use hookgate_api::{Component, StarRocksCluster, annotations, names};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{ControllerRevision, StatefulSet},
        core::v1::{ConfigMap, Pod, PodTemplateSpec, Service},
        discovery::v1::{Endpoint, EndpointSlice},
    },
    apimachinery::pkg::apis::meta::v1::{ManagedFieldsEntry, ObjectMeta},
};
use kube::{Api, Client, Resource, ResourceExt, api::ListParams};
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

/// The objects of a cluster, from wherever they were read.
pub(super) struct Found {
    sets: Vec<Arc<StatefulSet>>,
    services: Vec<Arc<Service>>,
    pods: Vec<Arc<Pod>>,
    slices: Vec<Arc<EndpointSlice>>,
    proxy: FoundProxy,
}

/// What the watches have.
pub(super) fn watched(watched: &Watched, key: &Key) -> Found {
    Found {
        sets: watched.sets.of(key),
        services: watched.services.of(key),
        pods: watched.pods.of(key),
        slices: watched.slices.of(key),
        proxy: proxy::watched(watched, key),
    }
}

/// What a pass stands on is read from the API server: StatefulSets and pods, each kind by one list and both at the same
/// time. Services and endpoints are what the watches have, where there are any: what is done to a Service comes to the
/// same when it's done twice, and a pod that is ready is one that its endpoints follow.
pub(super) async fn read(
    client: &Client,
    cluster: &StarRocksCluster,
    known: Option<&Watched>,
) -> Result<Found, ObserveError> {
    let name = cluster.name_any();
    let of_cluster = format!("{}={name}", names::OWNER_LABEL);
    let mut of_pods: Vec<_> =
        Component::ALL.into_iter().map(|component| names::statefulset(&name, component)).collect();
    let has_proxy = proxy::may_be_there(cluster, known);
    if has_proxy {
        of_pods.push(names::fe_proxy(&name));
    }
    let of_pods = format!("{} in ({})", names::OWNER_LABEL, of_pods.join(","));
    let of_services = one_of(SERVICE_LABEL, |component| names::external_service(&name, component));
    let sets_and_pods = async {
        tokio::try_join!(
            list::<StatefulSet>(client, cluster, &of_cluster),
            list::<Pod>(client, cluster, &of_pods),
            async {
                if has_proxy { proxy::read(client, cluster, known).await } else { Ok(FoundProxy::default()) }
            },
        )
    };
    let ((mut sets, pods, proxy), services, slices) = match known {
        Some(known) => {
            let found = watched(known, &Key::new(namespace(cluster), name));
            (sets_and_pods.await?, found.services, found.slices)
        }
        None => tokio::try_join!(
            sets_and_pods,
            list::<Service>(client, cluster, &of_cluster),
            list::<EndpointSlice>(client, cluster, &of_services),
        )?,
    };
    sets.extend(unlabelled(client, cluster, &sets).await?);
    Ok(Found { sets, services, pods, slices, proxy })
}

/// The components as those objects show them.
pub(super) fn components(
    cluster: &StarRocksCluster,
    found: &Found,
) -> BTreeMap<Component, ObservedComponent> {
    let name = cluster.name_any();
    let Found { sets, services, pods, slices, proxy: _ } = found;
    let of_component = |component| {
        let set = sets.iter().find(|set| set.name_any() == names::statefulset(&name, component));
        let observed = ObservedComponent {
            statefulset: set.map(|set| observed_set(set)),
            pods: set.map(|set| pods_of(set, component, pods)).unwrap_or_default(),
            has_orphans: set.is_none() && has_orphans(&name, component, pods),
            ready_endpoints: slices
                .iter()
                .filter(|slice| is_of(slice, &names::external_service(&name, component)))
                .map(|slice| ready_endpoints(slice))
                .sum(),
            services: services_of(services, &name, component),
        };
        (component, observed)
    };
    let observed = Component::ALL.into_iter().map(of_component);
    observed
        .filter(|(component, one)| one.statefulset.is_some() || cluster.spec.server(*component).is_some())
        .collect()
}

/// The FE proxy as those objects show it.
pub(super) fn proxy(cluster: &StarRocksCluster, found: &Found) -> ObservedProxy {
    proxy::observed(cluster, &found.proxy, &found.services, &found.pods)
}

/// A selector for those whose label has one of the components' names.
fn one_of(label: &str, name: impl Fn(Component) -> String) -> String {
    let names: Vec<_> = Component::ALL.into_iter().map(name).collect();
    format!("{label} in ({})", names.join(","))
}

async fn list<K>(
    client: &Client,
    cluster: &StarRocksCluster,
    selector: &str,
) -> Result<Vec<Arc<K>>, ObserveError>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + Clone + DeserializeOwned + Debug,
{
    let api: Api<K> = Api::namespaced(client.clone(), &namespace(cluster));
    let found = api.list(&ListParams::default().labels(selector)).await?;
    Ok(found.items.into_iter().map(Arc::new).collect())
}

/// The StatefulSets that have a component's name and not its label. They are somebody else's, and must be known before
/// the component is made under the same name.
async fn unlabelled(
    client: &Client,
    cluster: &StarRocksCluster,
    labelled: &[Arc<StatefulSet>],
) -> Result<Vec<Arc<StatefulSet>>, ObserveError> {
    let api: Api<StatefulSet> = Api::namespaced(client.clone(), &namespace(cluster));
    let names = cluster.spec.components().map(|component| names::statefulset(&cluster.name_any(), component));
    let missing = names.filter(|name| !labelled.iter().any(|set| &set.name_any() == name));
    let read = missing.map(|name| {
        let api = api.clone();
        async move { api.get_opt(&name).await }
    });
    Ok(try_join_all(read).await?.into_iter().flatten().map(Arc::new).collect())
}

fn is_of(slice: &EndpointSlice, service: &str) -> bool {
    slice.labels().get(SERVICE_LABEL).is_some_and(|of| of == service)
}

fn pods_of(set: &StatefulSet, component: Component, pods: &[Arc<Pod>]) -> Vec<ObservedPod> {
    let (name, uid) = (set.name_any(), set.uid().unwrap_or_default());
    let own = pods.iter().filter(|pod| is_owned_by(pod, &uid));
    let mut own: Vec<_> = own.filter_map(|pod| observed_pod(pod, &name, component)).collect();
    own.sort_by_key(|pod| pod.ordinal);
    own
}

/// Whether pods of a component are there that stay, and that a StatefulSet of its name would take over. One that was
/// deleted may be named as their owner for a little while.
fn has_orphans(cluster: &str, component: Component, pods: &[Arc<Pod>]) -> bool {
    let name = names::statefulset(cluster, component);
    let of_component =
        pods.iter().filter(|pod| pod.labels().get(names::OWNER_LABEL).is_some_and(|owner| *owner == name));
    of_component.filter_map(|pod| observed_pod(pod, &name, component)).any(|pod| !pod.terminating)
}

fn services_of(
    services: &[Arc<Service>],
    cluster: &str,
    component: Component,
) -> BTreeMap<String, Option<String>> {
    let own = [names::search_service(cluster, component), names::external_service(cluster, component)];
    let found = services.iter().filter(|service| own.contains(&service.name_any()));
    found
        .map(|service| (service.name_any(), service.annotations().get(annotations::RENDERED_HASH).cloned()))
        .collect()
}

/// Where FE's Service is reached.
pub(super) fn fe_address(cluster: &StarRocksCluster, found: &Found) -> Option<String> {
    let name = names::external_service(&cluster.name_any(), Component::Fe);
    let service = found.services.iter().find(|service| service.name_any() == name)?;
    let address = service.spec.as_ref()?.cluster_ip.clone()?;
    // A Service without an address of its own says None in words.
    address.parse::<std::net::IpAddr>().is_ok().then_some(address)
}

fn is_owned_by(pod: &Pod, uid: &str) -> bool {
    pod.owner_references().iter().any(|owner| owner.uid == uid)
}

fn observed_set(set: &StatefulSet) -> ObservedStatefulSet {
    let spec = set.spec.as_ref();
    let status = set.status.as_ref();
    let strategy = spec.and_then(|spec| spec.update_strategy.as_ref()).map(UpdateStrategy::from);
    let UpdateStrategy { rollout, max_unavailable } = strategy.unwrap_or_default();
    let image = spec
        .and_then(|spec| spec.template.spec.as_ref())
        .and_then(|pod| pod.containers.first()?.image.clone())
        .unwrap_or_default();
    let note = |name: &str| set.annotations().get(name);
    let own_strategy = note(annotations::OWN_UPDATE_STRATEGY).map(|text| UpdateStrategy::from_json(text));
    ObservedStatefulSet {
        generation: set.metadata.generation.unwrap_or_default(),
        observed_generation: status.and_then(|status| status.observed_generation).unwrap_or_default(),
        replicas: spec.and_then(|spec| spec.replicas).unwrap_or(1),
        available: status.and_then(|status| status.available_replicas).unwrap_or_default(),
        update_revision: status.and_then(|status| status.update_revision.clone()).unwrap_or_default(),
        rendered_hash: note(annotations::RENDERED_HASH).cloned(),
        inputs_hash: note(annotations::INPUTS_HASH).cloned(),
        rollout,
        max_unavailable,
        template: own_strategy.as_ref().and(spec).map(|spec| spec.template.clone()),
        own_strategy,
        strategy_from_spec: note(annotations::UPDATE_STRATEGY_FROM_SPEC).is_some_and(|value| value == "true"),
        kept: Kept {
            service_name: spec.and_then(|spec| spec.service_name.clone()),
            pod_management_policy: spec.and_then(|spec| spec.pod_management_policy.clone()),
            match_labels: spec.and_then(|spec| spec.selector.match_labels.clone()).unwrap_or_default(),
        },
        managers: managers(&set.metadata),
        image,
    }
}

/// Who has written the spec of an object, this operator and Kubernetes' own controllers aside.
pub(super) fn managers(meta: &ObjectMeta) -> Vec<String> {
    let writes_spec = |entry: &&ManagedFieldsEntry| {
        let fields = entry.fields_v1.as_ref().and_then(|fields| fields.0.get("f:spec"));
        fields.is_some() && entry.subresource.is_none()
    };
    let entries = meta.managed_fields.iter().flatten().filter(writes_spec);
    let mut managers: Vec<_> = entries.filter_map(|entry| entry.manager.clone()).collect();
    managers.retain(|manager| manager != crate::apply::FIELD_MANAGER);
    managers.sort();
    managers.dedup();
    managers
}

/// What a pass knows of a pod of that StatefulSet.
pub(crate) fn observed_pod(pod: &Pod, set: &str, component: Component) -> Option<ObservedPod> {
    let name = pod.name_any();
    let ordinal = name.strip_prefix(set)?.strip_prefix('-')?.parse().ok()?;
    let status = pod.status.as_ref();
    let terminating = pod.metadata.deletion_timestamp.is_some();
    let containers = status.and_then(|status| status.container_statuses.as_ref());
    let restarts = containers
        .and_then(|containers| containers.iter().find(|one| one.name == component.as_str()))
        .map_or(0, |container| container.restart_count);
    Some(ObservedPod {
        ordinal,
        uid: pod.uid().unwrap_or_default(),
        resource_version: pod.resource_version().unwrap_or_default(),
        revision: pod.labels().get("controller-revision-hash").cloned().unwrap_or_default(),
        ready: is_ready(pod) && !terminating,
        terminating,
        failed: is_failed(pod),
        ip: status.and_then(|status| status.pod_ip.clone()).filter(|ip| !ip.is_empty()),
        restarts,
        cannot_start: cannot_start(pod),
        name,
    })
}

pub(super) fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions
        .is_some_and(|conditions| conditions.iter().any(|one| one.type_ == "Ready" && one.status == "True"))
}

/// Whether a pod is neither running, pending, nor ready.
pub(super) fn is_failed(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or_default();
    !is_ready(pod) && !matches!(phase, "Running" | "Pending" | "")
}

/// What the kubelet and the scheduler say of a pod that doesn't come up by itself (`ContainerStateWaiting.reason`).
const CANNOT_START: [&str; 8] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "ErrImageNeverPull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

pub(super) fn cannot_start(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let containers = status.container_statuses.iter().chain(&status.init_container_statuses).flatten();
    let mut waiting = containers.filter_map(|one| one.state.as_ref()?.waiting.as_ref()?.reason.as_deref());
    if let Some(reason) = waiting.find(|reason| CANNOT_START.contains(reason)) {
        return Some(reason.to_owned());
    }
    let unschedulable = status.conditions.iter().flatten().any(|one| {
        one.type_ == "PodScheduled" && one.status == "False" && one.reason.as_deref() == Some("Unschedulable")
    });
    unschedulable.then(|| "Unschedulable".to_owned())
}

/// How many addresses of a slice are ready.
pub(crate) fn ready_endpoints(slice: &EndpointSlice) -> usize {
    // A condition that isn't there means ready (EndpointConditions.ready).
    let is_ready = |one: &&Endpoint| one.conditions.as_ref().and_then(|one| one.ready).unwrap_or(true);
    let ready = slice.endpoints.iter().filter(is_ready);
    ready.map(|endpoint| endpoint.addresses.len()).sum()
}

/// The templates from before a wave that is aborted. One that is gone isn't in here.
pub(super) async fn previous(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<BTreeMap<Component, PodTemplateSpec>, ObserveError> {
    let revisions: Api<ControllerRevision> = Api::namespaced(client.clone(), &namespace(cluster));
    let mut templates = BTreeMap::new();
    for (component, name) in crate::plan::revisions_to_read(cluster) {
        if name.is_empty() {
            continue;
        }
        let revision = revisions.get_opt(&name).await?;
        let data = revision.and_then(|revision| revision.data);
        // A StatefulSet's revision is a patch of its `spec.template`.
        let template = data.and_then(|data| data.0.pointer("/spec/template").cloned());
        if let Some(template) = template.and_then(|template| serde_json::from_value(template).ok()) {
            templates.insert(component, template);
        }
    }
    Ok(templates)
}

/// The servers' configuration files. A ConfigMap that doesn't exist yet has no ports to read.
pub(super) async fn configurations(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<BTreeMap<Component, Configuration>, ObserveError> {
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), &namespace(cluster));
    let mut configurations = BTreeMap::new();
    for component in cluster.spec.components() {
        let info = cluster.spec.server(component).and_then(|server| server.common.config_map_info.as_ref());
        let Some(info) = info.filter(|info| !info.config_map_name.is_empty()) else { continue };
        let Some(config_map) = config_maps.get_opt(&info.config_map_name).await? else { continue };
        if let Some(text) = config_map.data.as_ref().and_then(|data| data.get(&info.resolve_key)) {
            configurations.insert(component, Configuration::parse(text));
        }
    }
    Ok(configurations)
}
