//! The objects of the FE proxy.

use super::{
    ObserveError,
    children::{cannot_start, is_failed, is_ready, managers},
    namespace,
};
use crate::{
    observation::{ObservedDeployment, ObservedInstance, ObservedProxy},
    watched::{Key, Watched},
};
use hookgate_api::{StarRocksCluster, annotations, names};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Pod, Service},
};
use kube::{Api, Client, Resource, ResourceExt, core::PartialObjectMeta};
use std::sync::Arc;

/// The objects of a proxy that are its own, from wherever they were read.
#[derive(Default)]
pub(super) struct FoundProxy {
    deployment: Option<Arc<Deployment>>,
    config_map: Option<Arc<PartialObjectMeta<ConfigMap>>>,
}

/// Whether a cluster may have a proxy: others cost no request.
pub(super) fn may_be_there(cluster: &StarRocksCluster, known: Option<&Watched>) -> bool {
    let status = cluster.status.as_ref();
    cluster.spec.star_rocks_fe_proxy_spec.is_some()
        || status.is_some_and(|status| status.star_rocks_fe_proxy_status.is_some())
        || known.is_some_and(|known| {
            let found = watched(known, &Key::new(namespace(cluster), cluster.name_any()));
            found.deployment.is_some() || found.config_map.is_some()
        })
}

/// What the watches have.
pub(super) fn watched(watched: &Watched, key: &Key) -> FoundProxy {
    let name = names::fe_proxy(&key.name);
    FoundProxy {
        deployment: watched.deployments.of(key).into_iter().find(|one| one.name_any() == name),
        config_map: watched.config_maps.of(key).into_iter().find(|one| one.name_any() == name),
    }
}

/// What the API server has. The ConfigMap is what the watches have, where there are any: making it twice comes to the same.
pub(super) async fn read(
    client: &Client,
    cluster: &StarRocksCluster,
    known: Option<&Watched>,
) -> Result<FoundProxy, ObserveError> {
    let (namespace, name) = (namespace(cluster), names::fe_proxy(&cluster.name_any()));
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), &namespace);
    let deployment = deployments.get_opt(&name).await?.map(Arc::new);
    let config_map = if let Some(known) = known {
        watched(known, &Key::new(namespace, cluster.name_any())).config_map
    } else {
        let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), &namespace);
        config_maps.get_metadata_opt(&name).await?.map(Arc::new)
    };
    Ok(FoundProxy { deployment, config_map })
}

/// The proxy as those objects show it, with the cluster's Services and pods.
pub(super) fn observed(
    cluster: &StarRocksCluster,
    found: &FoundProxy,
    services: &[Arc<Service>],
    pods: &[Arc<Pod>],
) -> ObservedProxy {
    let service = names::fe_proxy_service(&cluster.name_any());
    let mut instances: Vec<_> = pods.iter().filter_map(|pod| observed_instance(pod)).collect();
    instances.sort_by(|one, other| one.name.cmp(&other.name));
    ObservedProxy {
        deployment: found.deployment.as_ref().map(|deployment| observed_deployment(deployment)),
        config_map: found.config_map.as_ref().map(|config_map| hash(config_map.as_ref())),
        service: services.iter().find(|one| one.name_any() == service).map(|one| hash(one.as_ref())),
        pods: instances,
    }
}

fn hash<K: Resource>(object: &K) -> String {
    object.annotations().get(annotations::RENDERED_HASH).cloned().unwrap_or_default()
}

/// What a pass knows of a Deployment.
pub(crate) fn observed_deployment(deployment: &Deployment) -> ObservedDeployment {
    let spec = deployment.spec.as_ref();
    let status = deployment.status.as_ref();
    let count = |number: Option<i32>| number.unwrap_or_default();
    let conditions = status.iter().flat_map(|status| status.conditions.iter().flatten());
    // `Progressing` is false when the rollout has waited for longer than `progressDeadlineSeconds`.
    let stuck = conditions
        .filter(|one| one.type_ == "Progressing" && one.status == "False")
        .map(|one| [&one.reason, &one.message].into_iter().flatten().cloned().collect::<Vec<_>>().join(": "))
        .next();
    let pod = spec.and_then(|spec| spec.template.spec.as_ref());
    let note = |name: &str| deployment.annotations().get(name).cloned();
    ObservedDeployment {
        generation: deployment.metadata.generation.unwrap_or_default(),
        observed_generation: status.and_then(|status| status.observed_generation).unwrap_or_default(),
        replicas: spec.and_then(|spec| spec.replicas).unwrap_or(1),
        present: count(status.and_then(|status| status.replicas)),
        updated: count(status.and_then(|status| status.updated_replicas)),
        available: count(status.and_then(|status| status.available_replicas)),
        stuck,
        rendered_hash: note(annotations::RENDERED_HASH),
        inputs_hash: note(annotations::INPUTS_HASH),
        match_labels: spec.and_then(|spec| spec.selector.match_labels.clone()).unwrap_or_default(),
        managers: managers(&deployment.metadata),
        image: pod.and_then(|pod| pod.containers.first()?.image.clone()).unwrap_or_default(),
    }
}

/// What a pass knows of a pod of a proxy; `None` when it is no proxy's.
pub(crate) fn observed_instance(pod: &Pod) -> Option<ObservedInstance> {
    let owner = pod.labels().get(names::OWNER_LABEL)?;
    names::cluster_of_fe_proxy(owner)?;
    Some(ObservedInstance {
        name: pod.name_any(),
        ready: is_ready(pod) && pod.metadata.deletion_timestamp.is_none(),
        failed: is_failed(pod),
        cannot_start: cannot_start(pod),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rollout_that_does_not_go_on_is_seen_with_its_reason() {
        let deployment = |progressing: &str| -> ObservedDeployment {
            observed_deployment(
                &serde_json::from_value(json!({
                    "metadata": {"name": "c-fe-proxy", "generation": 3, "annotations": {annotations::RENDERED_HASH: "h"}},
                    "spec": {"replicas": 2, "selector": {"matchLabels": {"a": "b"}}, "template": {"spec": {
                        "containers": [{"name": "nginx", "image": "nginx:1"}]}}},
                    "status": {"observedGeneration": 3, "replicas": 3, "updatedReplicas": 1, "availableReplicas": 2,
                        "conditions": [
                            {"type": "Available", "status": "False"},
                            {"type": "Progressing", "status": progressing, "reason": "ProgressDeadlineExceeded",
                                "message": "it timed out"},
                        ]},
                }))
                .unwrap(),
            )
        };
        let stuck = deployment("False");
        assert_eq!(stuck.stuck.as_deref(), Some("ProgressDeadlineExceeded: it timed out"));
        assert_eq!((stuck.present, stuck.updated, stuck.available, stuck.replicas), (3, 1, 2, 2));
        assert_eq!((stuck.image.as_str(), stuck.rendered_hash.as_deref()), ("nginx:1", Some("h")));
        assert_eq!(deployment("True").stuck, None);
    }

    #[test]
    fn pods_of_others_are_no_instances() {
        let pod = |owner: &str| -> Option<ObservedInstance> {
            observed_instance(
                &serde_json::from_value(json!({
                    "metadata": {"name": "c-fe-proxy-1-a", "labels": {names::OWNER_LABEL: owner}},
                    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
                }))
                .unwrap(),
            )
        };
        assert!(pod("c-fe").is_none());
        assert!(pod("c-fe-proxy").is_some_and(|instance| instance.ready && !instance.failed));
    }
}
