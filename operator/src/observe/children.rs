//! The objects that belong to a cluster.

use super::{ObserveError, namespace};
use crate::{
    observation::{ObservedComponent, ObservedPod, ObservedStatefulSet},
    render::{Configuration, Kept, UpdateStrategy},
};
use hookgate_api::{Component, StarRocksCluster, annotations, names};
use k8s_openapi::{
    api::{
        apps::v1::{ControllerRevision, StatefulSet},
        core::v1::{ConfigMap, Pod, PodTemplateSpec, Service},
        discovery::v1::EndpointSlice,
    },
    apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry,
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::collections::BTreeMap;

pub(super) async fn read(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<BTreeMap<Component, ObservedComponent>, ObserveError> {
    let mut components = BTreeMap::new();
    for component in Component::ALL {
        let observed = component_objects(client, cluster, component).await?;
        if observed.statefulset.is_some() || cluster.spec.server(component).is_some() {
            components.insert(component, observed);
        }
    }
    Ok(components)
}

async fn component_objects(
    client: &Client,
    cluster: &StarRocksCluster,
    component: Component,
) -> Result<ObservedComponent, ObserveError> {
    let (namespace, name) = (namespace(cluster), cluster.name_any());
    let set_name = names::statefulset(&name, component);
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), &namespace);
    let services: Api<Service> = Api::namespaced(client.clone(), &namespace);
    let Some(set) = sets.get_opt(&set_name).await? else {
        let services = services_of(&services, cluster, component).await?;
        return Ok(ObservedComponent { services, ..ObservedComponent::EMPTY });
    };
    let pods: Api<Pod> = Api::namespaced(client.clone(), &namespace);
    let selector =
        format!("{}={set_name},{}={}", names::OWNER_LABEL, names::COMPONENT_LABEL, component.as_str());
    let pods = pods.list(&ListParams::default().labels(&selector)).await?;
    let uid = set.uid().unwrap_or_default();
    let mut pods: Vec<_> = pods
        .iter()
        .filter(|pod| is_owned_by(pod, &uid))
        .filter_map(|pod| observed_pod(pod, &set_name, component))
        .collect();
    pods.sort_by_key(|pod| pod.ordinal);
    Ok(ObservedComponent {
        statefulset: Some(observed_set(&set)),
        pods,
        ready_endpoints: ready_endpoints(client, &namespace, &names::external_service(&name, component))
            .await?,
        services: services_of(&services, cluster, component).await?,
    })
}

async fn services_of(
    services: &Api<Service>,
    cluster: &StarRocksCluster,
    component: Component,
) -> Result<BTreeMap<String, Option<String>>, ObserveError> {
    let name = cluster.name_any();
    let mut found = BTreeMap::new();
    for service in [names::search_service(&name, component), names::external_service(&name, component)] {
        if let Some(object) = services.get_opt(&service).await? {
            found.insert(service, object.annotations().get(annotations::RENDERED_HASH).cloned());
        }
    }
    Ok(found)
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
        own_strategy: note(annotations::OWN_UPDATE_STRATEGY).map(|text| UpdateStrategy::from_json(text)),
        strategy_from_spec: note(annotations::UPDATE_STRATEGY_FROM_SPEC).is_some_and(|value| value == "true"),
        kept: Kept {
            service_name: spec.and_then(|spec| spec.service_name.clone()),
            pod_management_policy: spec.and_then(|spec| spec.pod_management_policy.clone()),
            match_labels: spec.and_then(|spec| spec.selector.match_labels.clone()).unwrap_or_default(),
        },
        managers: managers(set),
        image,
    }
}

/// Who has written the spec of an object, this operator and Kubernetes' own controllers aside.
fn managers(set: &StatefulSet) -> Vec<String> {
    let writes_spec = |entry: &&ManagedFieldsEntry| {
        let fields = entry.fields_v1.as_ref().and_then(|fields| fields.0.get("f:spec"));
        fields.is_some() && entry.subresource.is_none()
    };
    let entries = set.metadata.managed_fields.iter().flatten().filter(writes_spec);
    let mut managers: Vec<_> = entries.filter_map(|entry| entry.manager.clone()).collect();
    managers.retain(|manager| manager != crate::apply::FIELD_MANAGER);
    managers.sort();
    managers.dedup();
    managers
}

fn observed_pod(pod: &Pod, set: &str, component: Component) -> Option<ObservedPod> {
    let name = pod.name_any();
    let ordinal = name.strip_prefix(set)?.strip_prefix('-')?.parse().ok()?;
    let status = pod.status.as_ref();
    let phase = status.and_then(|status| status.phase.as_deref()).unwrap_or_default();
    let conditions = status.and_then(|status| status.conditions.as_ref());
    let terminating = pod.metadata.deletion_timestamp.is_some();
    let is_ready = conditions
        .is_some_and(|conditions| conditions.iter().any(|one| one.type_ == "Ready" && one.status == "True"));
    let containers = status.and_then(|status| status.container_statuses.as_ref());
    let restarts = containers
        .and_then(|containers| containers.iter().find(|one| one.name == component.as_str()))
        .map_or(0, |container| container.restart_count);
    Some(ObservedPod {
        ordinal,
        uid: pod.uid().unwrap_or_default(),
        revision: pod.labels().get("controller-revision-hash").cloned().unwrap_or_default(),
        ready: is_ready && !terminating,
        terminating,
        failed: !is_ready && !matches!(phase, "Running" | "Pending" | ""),
        ip: status.and_then(|status| status.pod_ip.clone()).filter(|ip| !ip.is_empty()),
        restarts,
        cannot_start: cannot_start(pod),
        name,
    })
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

fn cannot_start(pod: &Pod) -> Option<String> {
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

async fn ready_endpoints(client: &Client, namespace: &str, service: &str) -> Result<usize, ObserveError> {
    let slices: Api<EndpointSlice> = Api::namespaced(client.clone(), namespace);
    let selector = format!("kubernetes.io/service-name={service}");
    let slices = slices.list(&ListParams::default().labels(&selector)).await?;
    let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
    // A condition that isn't there means ready (EndpointConditions.ready).
    let ready =
        endpoints.filter(|endpoint| endpoint.conditions.as_ref().and_then(|one| one.ready).unwrap_or(true));
    Ok(ready.map(|endpoint| endpoint.addresses.len()).sum())
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
