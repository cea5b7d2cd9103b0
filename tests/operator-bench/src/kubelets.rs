//! Stands in for the StatefulSet controller, the scheduler, the kubelet and the EndpointSlice controller, for clusters
//! of which nobody needs the pods to run: whatever a StatefulSet asks for is written down as being there and ready.

use futures::StreamExt;
use hookgate_api::names;
use hookgate_e2e::Problem;
use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::Pod, discovery::v1::EndpointSlice};
use kube::{
    Api, Client, ResourceExt,
    api::{Patch, PatchParams, PostParams},
    runtime::{WatchStreamExt, watcher},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

/// The revision that every pod has.
const REVISION: &str = "bench-1";
/// How many StatefulSets are written at the same time.
const AT_A_TIME: usize = 24;

/// Makes every StatefulSet of a namespace ready, until it is dropped. All pods have the address `ip`.
///
/// # Errors
/// When the API server refuses something.
pub async fn run(client: &Client, namespace: &str, ip: &str) -> Result<(), Problem> {
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), namespace);
    let mut changed = watcher(sets, watcher::Config::default())
        .default_backoff()
        .applied_objects()
        .map(|set| async move {
            let set = set.map_err(|error| Problem::Unexpected(format!("watching StatefulSets: {error}")))?;
            if is_seen(&set) { Ok(()) } else { make_ready(client, &set, ip).await }
        })
        .buffer_unordered(AT_A_TIME)
        .boxed();
    while let Some(done) = changed.next().await {
        done?;
    }
    Ok(())
}

fn is_seen(set: &StatefulSet) -> bool {
    set.status.as_ref().and_then(|status| status.observed_generation) == set.metadata.generation
}

async fn make_ready(client: &Client, set: &StatefulSet, ip: &str) -> Result<(), Problem> {
    let namespace = set.namespace().unwrap_or_default();
    let pods: Api<Pod> = Api::namespaced(client.clone(), &namespace);
    let replicas = set.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1);
    for ordinal in 0..replicas {
        let pod = pod(set, ordinal);
        create(&pods, &pod).await?;
        let name = format!("{}-{ordinal}", set.name_any());
        let status = Patch::Merge(json!({"status": pod_status(ip)}));
        let written = pods.patch_status(&name, &PatchParams::default(), &status).await;
        written.map_err(Problem::api(format!("the status of pod {name}")))?;
    }
    let slices: Api<EndpointSlice> = Api::namespaced(client.clone(), &namespace);
    create(&slices, &slice(set, replicas, ip)).await?;
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), &namespace);
    let status = Patch::Merge(json!({"status": set_status(set, replicas)}));
    let written = sets.patch_status(&set.name_any(), &PatchParams::default(), &status).await;
    written.map(|_| ()).map_err(Problem::api(format!("the status of StatefulSet {}", set.name_any())))
}

async fn create<K>(api: &Api<K>, object: &Value) -> Result<(), Problem>
where
    K: Clone + DeserializeOwned + serde::Serialize + Debug,
{
    let object = serde_json::from_value(object.clone())
        .map_err(|error| Problem::Unexpected(format!("{object}: {error}")))?;
    match api.create(&PostParams::default(), &object).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.code == 409 => Ok(()),
        Err(error) => Err(Problem::api("making a StatefulSet ready")(error)),
    }
}

fn pod(set: &StatefulSet, ordinal: i32) -> Value {
    let mut labels = json!({"controller-revision-hash": REVISION});
    let template = set.spec.as_ref().map(|spec| &spec.template);
    for (key, value) in
        template.iter().filter_map(|template| template.metadata.as_ref()?.labels.as_ref()).flatten()
    {
        labels[key] = json!(value);
    }
    let image = template.and_then(|template| template.spec.as_ref()?.containers.first()?.image.clone());
    let component = set.labels().get(names::COMPONENT_LABEL);
    json!({
        "metadata": {"name": format!("{}-{ordinal}", set.name_any()), "labels": labels, "ownerReferences": [{
            "apiVersion": "apps/v1", "kind": "StatefulSet", "name": set.name_any(), "uid": set.uid(),
            "controller": true,
        }]},
        "spec": {"containers": [{"name": component, "image": image}], "automountServiceAccountToken": false},
    })
}

fn pod_status(ip: &str) -> Value {
    let holds = |type_: &str| json!({"type": type_, "status": "True"});
    json!({"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}], "conditions":
        [holds("PodScheduled"), holds("Initialized"), holds("ContainersReady"), holds("Ready")]})
}

fn slice(set: &StatefulSet, replicas: i32, ip: &str) -> Value {
    let name = format!("{}-service", set.name_any());
    let mut labels = json!({"kubernetes.io/service-name": name});
    for (key, value) in set.labels() {
        labels[key] = json!(value);
    }
    // Addresses may repeat across endpoints, and only their number is looked at.
    let endpoints: Vec<_> = (0..replicas)
        .map(|ordinal| {
            let pod = format!("{}-{ordinal}", set.name_any());
            json!({"addresses": [ip], "conditions": {"ready": true}, "targetRef": {"kind": "Pod", "name": pod}})
        })
        .collect();
    json!({"metadata": {"name": format!("{name}-bench"), "labels": labels}, "addressType": "IPv4",
        "endpoints": endpoints, "ports": []})
}

fn set_status(set: &StatefulSet, replicas: i32) -> Value {
    json!({"observedGeneration": set.metadata.generation, "replicas": replicas, "readyReplicas": replicas,
        "availableReplicas": replicas, "updatedReplicas": replicas, "currentReplicas": replicas,
        "currentRevision": REVISION, "updateRevision": REVISION})
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    fn set(observed: Option<i64>) -> StatefulSet {
        serde_json::from_value(json!({
            "metadata": {"name": "c-fe", "namespace": "n", "uid": "u", "generation": 2,
                "labels": {names::COMPONENT_LABEL: "fe"}},
            "spec": {"serviceName": "s", "selector": {}, "template": {
                "metadata": {"labels": {names::OWNER_LABEL: "c-fe"}},
                "spec": {"containers": [{"name": "fe", "image": "fe:1"}]}}},
            "status": {"replicas": 1, "observedGeneration": observed},
        }))
        .unwrap()
    }

    #[test]
    fn what_is_written_is_what_kubernetes_would_write() {
        assert!(!is_seen(&set(Some(1))) && is_seen(&set(Some(2))) && !is_seen(&set(None)));
        let pod: Pod = serde_json::from_value(pod(&set(None), 0)).unwrap();
        assert_eq!((pod.name_any().as_str(), pod.labels()[names::OWNER_LABEL].as_str()), ("c-fe-0", "c-fe"));
        let slice: EndpointSlice = serde_json::from_value(slice(&set(None), 3, "10.0.0.1")).unwrap();
        assert_eq!(slice.labels()["kubernetes.io/service-name"], "c-fe-service");
        assert_eq!(slice.endpoints.len(), 3);
        assert_eq!(set_status(&set(None), 3)["availableReplicas"], 3);
    }
}
