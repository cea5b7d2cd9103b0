//! Objects in Kubernetes.

use super::ApplyError;
use crate::render::{Applied, UpdateStrategy, ownership_patch, replacement, taken_over};
use hookgate_api::{Component, StarRocksCluster, annotations, names};
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{Deployment, StatefulSet},
        core::v1::{ConfigMap, Pod, Service},
        policy::v1::PodDisruptionBudget,
    },
};
use kube::{
    Api, Client, Resource, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, Preconditions},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

/// The field manager under which the operator applies.
pub(crate) const FIELD_MANAGER: &str = "hookgate-operator";

/// Makes an object what it should be, by server-side apply: fields that are left out now are removed. Conflicts are
/// taken over, and so are fields of what is rendered that somebody else has written: a component's objects are the
/// operator's, once they are `adopted`.
pub(super) async fn apply<K>(client: &Client, object: &K, adopted: bool) -> Result<(), ApplyError>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Serialize
        + DeserializeOwned
        + Clone
        + Debug,
{
    let (api, name) = (api_of(client, object), object.name_any());
    if let Some(patch) = ownership(&api, object, adopted).await? {
        // Nothing but who has written what: when the operator dies after it, the next pass applies.
        let written = api.patch_metadata(&name, &written_by_us(), &Patch::Json::<()>(patch)).await;
        written.map_err(|cause| failed::<K>(&name, cause))?;
        tracing::info!(target: "UpgradeManager", object = name, kind = %K::kind(&()), "fields that somebody else has written are taken over");
    }
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    let result = api.patch(&name, &parameters, &Patch::Apply(object)).await;
    result.map(drop).map_err(|cause| failed::<K>(&name, cause))
}

/// Has the API server try an object without effect; its words when it refuses.
pub(super) async fn dry_run(
    client: &Client,
    object: &StatefulSet,
    adopted: bool,
) -> Result<Option<String>, ApplyError> {
    let (api, name) = (api_of(client, object), object.name_any());
    let result = if ownership(&api, object, adopted).await?.is_some() {
        // What is somebody else's still would stay beside what is applied.
        let patch = replacement(object)
            .map_err(|cause| failed::<StatefulSet>(&name, kube::Error::SerdeError(cause)))?;
        api.patch(&name, &PatchParams { dry_run: true, ..written_by_us() }, &Patch::Strategic(patch)).await
    } else {
        let parameters = PatchParams { dry_run: true, ..PatchParams::apply(FIELD_MANAGER).force() };
        api.patch(&name, &parameters, &Patch::Apply(object)).await
    };
    match result.map_err(|cause| failed::<StatefulSet>(&name, cause)) {
        Ok(_) => Ok(None),
        Err(refusal) if refusal.is_refusal() => Ok(Some(refusal.to_string())),
        Err(error) => Err(error),
    }
}

/// The patch by which what is rendered becomes the operator's own to remove; `None` when it is.
async fn ownership<K>(
    api: &Api<K>,
    object: &K,
    adopted: bool,
) -> Result<Option<json_patch::Patch>, ApplyError>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + Debug,
{
    let name = object.name_any();
    let live = api.get_metadata_opt(&name).await.map_err(|cause| failed::<K>(&name, cause))?;
    let Some(live) = live else { return Ok(None) };
    let applied = Applied {
        manager: FIELD_MANAGER,
        kind: &K::kind(&()),
        api_version: &K::api_version(&()),
        metadata: object.meta(),
        adopted,
    };
    let entries = taken_over(&live.metadata, &applied);
    let patch = entries.map(|entries| ownership_patch(&live.metadata, &entries)).transpose();
    patch.map_err(|cause| failed::<K>(&name, kube::Error::SerdeError(cause)))
}

/// Changes the size and the update strategy of a StatefulSet, and nothing else: its template stays as it is.
pub(super) fn adjustment(replicas: i32, strategy: &UpdateStrategy, from_spec: bool) -> Value {
    let mut strategy = strategy.to_json();
    if let Some(fields) = strategy.as_object_mut() {
        // A merge patch keeps what it doesn't name.
        fields.entry("rollingUpdate").or_insert(Value::Null);
    }
    json!({
        "metadata": {"annotations": {annotations::UPDATE_STRATEGY_FROM_SPEC: from_spec.then_some("true")}},
        "spec": {"replicas": replicas, "updateStrategy": strategy},
    })
}

/// Changes how many pods the FE proxy has, and nothing else.
pub(super) async fn scale_proxy(
    client: &Client,
    cluster: &StarRocksCluster,
    replicas: i32,
) -> Result<(), ApplyError> {
    let name = names::fe_proxy(&cluster.name_any());
    merge::<Deployment>(client, cluster, &name, &json!({"spec": {"replicas": replicas}})).await
}

/// Changes a few fields of an object.
pub(super) async fn merge<K>(
    client: &Client,
    cluster: &StarRocksCluster,
    name: &str,
    patch: &Value,
) -> Result<(), ApplyError>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + Debug,
{
    let api: Api<K> = Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let result = api.patch(name, &written_by_us(), &Patch::Merge(patch)).await;
    result.map(drop).map_err(|cause| failed::<K>(name, cause))
}

/// The field manager of the finalizer: applying it anew leaves all else of a cluster alone.
const HOLDS_MANAGER: &str = "hookgate-operator-holds";

/// Puts the finalizer of held settings on a cluster, or takes it away. What was changed by somebody else at the same
/// time is seen by the next pass.
pub(super) async fn hold_finalizer(
    client: &Client,
    cluster: &StarRocksCluster,
    present: bool,
) -> Result<(), ApplyError> {
    let api: Api<StarRocksCluster> =
        Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let name = cluster.name_any();
    let finalizer = annotations::HELD_FINALIZER;
    let result = if present {
        // With its uid, for applying would make a cluster that is gone anew.
        let metadata = json!({"name": name, "uid": cluster.uid(), "finalizers": [finalizer]});
        let object = json!({
            "apiVersion": StarRocksCluster::api_version(&()), "kind": StarRocksCluster::kind(&()),
            "metadata": metadata,
        });
        let parameters = PatchParams::apply(HOLDS_MANAGER).force();
        api.patch_metadata(&name, &parameters, &Patch::Apply(object)).await
    } else {
        let Some(place) = cluster.finalizers().iter().position(|one| one == finalizer) else { return Ok(()) };
        let path = format!("/metadata/finalizers/{place}");
        let patch: json_patch::Patch = serde_json::from_value(json!([
            {"op": "test", "path": path, "value": finalizer},
            {"op": "remove", "path": path},
        ]))
        .map_err(|cause| failed::<StarRocksCluster>(&name, kube::Error::SerdeError(cause)))?;
        api.patch_metadata(&name, &PatchParams::default(), &Patch::Json::<()>(patch)).await
    };
    match result {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409 | 422) => {
            tracing::info!(target: "UpgradeManager", cluster = name, present, reason = status.reason, "the finalizer of held settings is tried again");
            Ok(())
        }
        Err(cause) => Err(failed::<StarRocksCluster>(&name, cause)),
    }
}

/// Lets a pod go, if it is still the one that was meant, as it was read.
pub(super) async fn delete_pod(
    client: &Client,
    cluster: &StarRocksCluster,
    name: &str,
    uid: String,
    resource_version: String,
) -> Result<(), ApplyError> {
    let preconditions = Preconditions { uid: Some(uid), resource_version: Some(resource_version) };
    delete::<Pod>(client, cluster, name, &DeleteParams::default().preconditions(preconditions)).await
}

/// Deletes a component's StatefulSet and Services. Its volume claims stay, as Kubernetes keeps them.
pub(super) async fn delete_component(
    client: &Client,
    cluster: &StarRocksCluster,
    component: Component,
) -> Result<(), ApplyError> {
    let name = cluster.name_any();
    let parameters = DeleteParams::background();
    delete::<StatefulSet>(client, cluster, &names::statefulset(&name, component), &parameters).await?;
    delete::<Service>(client, cluster, &names::search_service(&name, component), &parameters).await?;
    delete::<Service>(client, cluster, &names::external_service(&name, component), &parameters).await
}

/// Deletes the FE proxy's objects. The Deployment goes last: as long as it's there, the rest is deleted again.
pub(super) async fn delete_proxy(client: &Client, cluster: &StarRocksCluster) -> Result<(), ApplyError> {
    let name = cluster.name_any();
    let parameters = DeleteParams::background();
    delete::<Service>(client, cluster, &names::fe_proxy_service(&name), &parameters).await?;
    delete::<ConfigMap>(client, cluster, &names::fe_proxy(&name), &parameters).await?;
    delete::<Deployment>(client, cluster, &names::fe_proxy(&name), &parameters).await
}

/// Deletes a component's PodDisruptionBudget.
pub(super) async fn delete_budget(
    client: &Client,
    cluster: &StarRocksCluster,
    component: Component,
) -> Result<(), ApplyError> {
    let name = names::statefulset(&cluster.name_any(), component);
    delete::<PodDisruptionBudget>(client, cluster, &name, &DeleteParams::background()).await
}

/// Deletes an object of the cluster's namespace.
async fn delete<K>(
    client: &Client,
    cluster: &StarRocksCluster,
    name: &str,
    parameters: &DeleteParams,
) -> Result<(), ApplyError>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()> + DeserializeOwned + Clone + Debug,
{
    let api: Api<K> = Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    delete_if_there(&api, name, parameters).await.map_err(|cause| failed::<K>(name, cause))
}

/// Deletes an object. One that is gone, or that is another by now, needs no deleting.
///
/// # Errors
/// When the API server refuses or doesn't answer.
pub(crate) async fn delete_if_there<K>(
    api: &Api<K>,
    name: &str,
    parameters: &DeleteParams,
) -> Result<(), kube::Error>
where
    K: DeserializeOwned + Clone + Debug,
{
    match api.delete(name, parameters).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => Ok(()),
        Err(cause) => Err(cause),
    }
}

fn api_of<K>(client: &Client, object: &K) -> Api<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(client.clone(), &object.namespace().unwrap_or_default())
}

fn written_by_us() -> PatchParams {
    PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() }
}

fn failed<K: Resource<DynamicType = ()>>(name: &str, cause: kube::Error) -> ApplyError {
    ApplyError::Api { what: format!("{} {name}", K::kind(&())), cause: Box::new(cause) }
}
