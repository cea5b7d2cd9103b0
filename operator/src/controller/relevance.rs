//! Which changes of a watched object are worth a pass: those that a pass would see.
//!
//! Most changes are not. A status that a pass has written says what that pass knew; a pod's conditions change several
//! times while it starts, and a StatefulSet counts its pods in six ways of which one matters.

use crate::observe::{observed_deployment, observed_instance, observed_pod, ready_endpoints};
use futures::{Stream, StreamExt};
use hookgate_api::names;
use k8s_openapi::{
    api::{
        apps::v1::{Deployment, StatefulSet},
        batch::v1::Job,
        core::v1::{ConfigMap, Pod, Service},
        discovery::v1::EndpointSlice,
        policy::v1::PodDisruptionBudget,
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{
    Resource, ResourceExt,
    core::PartialObjectMeta,
    runtime::watcher::{self, Event},
};
use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    future::ready,
    hash::{Hash, Hasher},
};

/// Lets through what differs from the last of the same object in what `seen` takes from it, and every deletion.
pub(super) fn relevant<K: Resource>(
    events: impl Stream<Item = watcher::Result<Event<K>>>,
    seen: impl Fn(&K) -> u64,
) -> impl Stream<Item = watcher::Result<K>> {
    let mut last: HashMap<(Option<String>, String), u64> = HashMap::new();
    events.filter_map(move |event| {
        ready(match event {
            Err(error) => Some(Err(error)),
            Ok(Event::Init | Event::InitDone) => None,
            Ok(Event::Delete(object)) => {
                last.remove(&key(&object));
                Some(Ok(object))
            }
            Ok(Event::Apply(object) | Event::InitApply(object)) => {
                let seen = seen(&object);
                (last.insert(key(&object), seen) != Some(seen)).then_some(Ok(object))
            }
        })
    })
}

fn key<K: Resource>(object: &K) -> (Option<String>, String) {
    (object.namespace(), object.name_any())
}

/// Of a cluster, all but its status: what a pass has written there it looks at again by itself.
pub(super) fn of_cluster<K: Resource>(cluster: &K) -> u64 {
    let meta = cluster.meta();
    hash(&(&meta.uid, meta.generation, &meta.annotations, &meta.labels, meta.deletion_timestamp.is_some()))
}

/// Of a StatefulSet, what the user or the operator wrote, and the part of its status that says how far a roll is.
pub(super) fn of_set(set: &StatefulSet) -> u64 {
    let meta = &set.metadata;
    let written = (&meta.uid, meta.generation, &meta.annotations, &meta.labels);
    let status = set.status.as_ref().map(|status| {
        (status.observed_generation, status.available_replicas, status.update_revision.as_deref())
    });
    hash(&(written, status))
}

/// Of a pod, what an observation has.
pub(super) fn of_pod(pod: &Pod) -> u64 {
    let owner = pod.labels().get(names::OWNER_LABEL);
    let component = owner.and_then(|owner| names::owner_of_pod(owner)).map(|(_, component)| component);
    let observed = owner.zip(component).map(|(set, component)| observed_pod(pod, set, component));
    hash(&(observed, observed_instance(pod)))
}

/// Of a Deployment, what an observation has.
pub(super) fn of_deployment(deployment: &Deployment) -> u64 {
    hash(&(&deployment.metadata.uid, observed_deployment(deployment)))
}

/// Of a ConfigMap, every change: what it says is read when it matters.
pub(super) fn of_config_map(config_map: &PartialObjectMeta<ConfigMap>) -> u64 {
    hash(&(&config_map.metadata.uid, &config_map.metadata.resource_version))
}

/// Of an EndpointSlice, how many addresses are ready.
pub(super) fn of_slice(slice: &EndpointSlice) -> u64 {
    hash(&ready_endpoints(slice))
}

/// Of a Service, what somebody wrote.
pub(super) fn of_service(service: &Service) -> u64 {
    written(&service.metadata)
}

/// Of a PodDisruptionBudget, what somebody wrote.
pub(super) fn of_budget(budget: &PodDisruptionBudget) -> u64 {
    written(&budget.metadata)
}

fn written(meta: &ObjectMeta) -> u64 {
    hash(&(&meta.uid, &meta.annotations, &meta.labels))
}

/// Of a Job, how it ended.
pub(super) fn of_job(job: &Job) -> u64 {
    let conditions = job.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let conditions: Vec<_> =
        conditions.map(|condition| (condition.type_.as_str(), condition.status.as_str())).collect();
    hash(&(&job.metadata.uid, conditions))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream::iter;
    use hookgate_api::StarRocksCluster;
    use serde_json::{Value, json};

    fn pod(uid: &str, status: &Value) -> Pod {
        let labels = json!({names::OWNER_LABEL: "c-fe", names::COMPONENT_LABEL: "fe"});
        serde_json::from_value(json!({
            "metadata": {"name": "c-fe-0", "namespace": "n", "uid": uid, "labels": labels}, "status": status,
        }))
        .unwrap()
    }

    async fn passed<K: Resource>(events: Vec<Event<K>>, seen: impl Fn(&K) -> u64) -> usize {
        relevant(iter(events.into_iter().map(Ok)), seen).filter(|one| ready(one.is_ok())).count().await
    }

    #[tokio::test]
    async fn a_pod_is_looked_at_when_an_observation_of_it_differs_and_when_it_is_gone() {
        let condition =
            |type_: &str| json!({"phase": "Running", "conditions": [{"type": type_, "status": "True"}]});
        let events = vec![
            Event::Init,
            Event::InitApply(pod("1", &condition("PodScheduled"))),
            Event::InitDone,
            Event::Apply(pod("1", &condition("Initialized"))),
            Event::Apply(pod("1", &condition("Ready"))),
            Event::Delete(pod("1", &condition("Ready"))),
            Event::Apply(pod("1", &condition("Ready"))),
            Event::Apply(pod("2", &condition("Ready"))),
        ];
        assert_eq!(passed(events, of_pod).await, 5);
    }

    #[tokio::test]
    async fn a_relist_triggers_nothing_that_is_known() {
        let one = || pod("1", &json!({"phase": "Running"}));
        let events = vec![Event::InitApply(one()), Event::InitDone, Event::Init, Event::InitApply(one())];
        assert_eq!(passed(events, of_pod).await, 1);
    }

    #[tokio::test]
    async fn an_error_is_passed_on() {
        let events = iter([Err(watcher::Error::NoResourceVersion)]);
        assert!(Box::pin(relevant(events, of_pod)).next().await.unwrap().is_err());
    }

    #[test]
    fn a_clusters_status_is_not_looked_at_and_its_annotations_are() {
        let cluster = |generation: i64, annotations: Value, phase: &str| -> u64 {
            let cluster: StarRocksCluster = serde_json::from_value(json!({
                "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster", "spec": {},
                "metadata": {"name": "c", "generation": generation, "annotations": annotations},
                "status": {"phase": phase},
            }))
            .unwrap();
            of_cluster(&cluster)
        };
        let first = cluster(1, json!({}), "running");
        assert_eq!(first, cluster(1, json!({}), "reconciling"));
        assert_ne!(first, cluster(2, json!({}), "running"));
        assert_ne!(first, cluster(1, json!({"hookgate.dev/paused": "w"}), "running"));
    }

    #[test]
    fn of_the_other_objects_too_only_what_a_pass_sees_counts() {
        let set = |status: Value| of_set(&serde_json::from_value(json!({"status": status})).unwrap());
        let counted = json!({"replicas": 3, "availableReplicas": 2, "readyReplicas": 2});
        assert_eq!(set(counted.clone()), set(json!({"replicas": 3, "availableReplicas": 2})));
        assert_ne!(set(counted), set(json!({"replicas": 3, "availableReplicas": 3})));
        let slice = |is_ready: bool, node: &str| -> u64 {
            of_slice(
                &serde_json::from_value(json!({"addressType": "IPv4", "endpoints": [
                    {"addresses": ["10.0.0.1"], "conditions": {"ready": is_ready}, "nodeName": node},
                ]}))
                .unwrap(),
            )
        };
        assert_eq!(slice(true, "a"), slice(true, "b"));
        assert_ne!(slice(true, "a"), slice(false, "a"));
        let job = |status: Value| of_job(&serde_json::from_value(json!({"status": status})).unwrap());
        assert_eq!(job(json!({"active": 1})), job(json!({"ready": 1})));
        assert_ne!(job(json!({})), job(json!({"conditions": [{"type": "Failed", "status": "True"}]})));
        let service = |hash: &str| -> u64 {
            of_service(&serde_json::from_value(json!({"metadata": {"annotations": {"hash": hash}}})).unwrap())
        };
        assert_ne!(service("1"), service("2"));
    }
}
