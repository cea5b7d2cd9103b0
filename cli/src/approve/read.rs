//! What is asked of the API server before something is approved.

use crate::live::LiveError;
use hookgate_api::{
    Component, HookPolicy, StarRocksCluster,
    approval::HookSubmission,
    policy::{EffectivePolicy, LoadedPolicy, NamespaceLabels},
};
use hookgate_policy::{Policy, Profile, check};
use k8s_openapi::{
    ByteString,
    api::{
        authentication::v1::SelfSubjectReview,
        core::v1::{ConfigMap, Namespace},
    },
};
use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DynamicObject, ListParams, PostParams},
};

/// A script as it is stored.
pub(super) struct Script {
    /// Whose hook it is.
    pub(super) component: Component,
    /// `ConfigMap hooks, key hooks.sh`, for messages.
    pub(super) place: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

impl Script {
    /// Its SHA-256 in hexadecimal digits.
    pub(super) fn sha256(&self) -> String {
        check(&self.bytes, &Policy::from(Profile::Privileged)).sha256().to_owned()
    }
}

/// Who the API server takes the user of this program for.
pub(super) async fn user(client: &Client) -> Result<String, LiveError> {
    let api: Api<SelfSubjectReview> = Api::all(client.clone());
    let asked = api.create(&PostParams::default(), &SelfSubjectReview::default()).await;
    let answer = asked.map_err(LiveError::api("asking who you are"))?;
    let user = answer.status.and_then(|status| status.user_info).and_then(|info| info.username);
    user.ok_or_else(|| LiveError::Process("the API server doesn't say who you are".to_owned()))
}

/// What holds in a namespace. Where no policy selects it that is the profile of the chart, which isn't known here.
pub(super) async fn policy(client: &Client, namespace: &str) -> Result<EffectivePolicy, LiveError> {
    let resource = ApiResource::erase::<HookPolicy>(&());
    let policies: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let stored = policies.list(&ListParams::default()).await;
    let stored = stored.map_err(LiveError::api("reading HookPolicies"))?;
    let loaded: Vec<LoadedPolicy> = stored
        .iter()
        .map(|object| {
            let spec = object.data.get("spec").cloned().unwrap_or_default();
            let generation = object.metadata.generation.unwrap_or_default();
            LoadedPolicy::read(&object.name_any(), generation, &spec)
        })
        .collect();
    let found = Api::<Namespace>::all(client.clone()).get_metadata(namespace).await;
    let labels = found.map_err(LiveError::api(format!("reading the namespace {namespace}")))?.metadata.labels;
    let labels = NamespaceLabels::of(namespace, labels.unwrap_or_default());
    Ok(EffectivePolicy::of(&loaded, &labels, Profile::default()))
}

/// The scripts that a cluster refers to.
pub(super) async fn scripts(
    client: &Client,
    cluster: &StarRocksCluster,
    only: Option<Component>,
) -> Result<Vec<Script>, LiveError> {
    let config_maps: Api<ConfigMap> =
        Api::namespaced(client.clone(), &cluster.namespace().unwrap_or_default());
    let mut scripts = Vec::new();
    for (component, name, key) in cluster.custom_hooks() {
        if only.is_some_and(|only| only != component) {
            continue;
        }
        let place = format!("ConfigMap {name}, key {key}");
        let map = config_maps.get_opt(name).await.map_err(LiveError::api(format!("reading the {place}")))?;
        let bytes = map.and_then(|map| content(map, key));
        let bytes =
            bytes.ok_or_else(|| LiveError::Process(format!("there is no {place}: create it first")))?;
        scripts.push(Script { component, place, bytes });
    }
    if scripts.is_empty() {
        let of = only.map_or_else(String::new, |component| format!(" for {component}"));
        return Err(LiveError::Process(format!("the cluster {} has no hook script{of}", cluster.name_any())));
    }
    Ok(scripts)
}

fn content(map: ConfigMap, key: &str) -> Option<Vec<u8>> {
    let text = map.data.and_then(|mut data| data.remove(key)).map(String::into_bytes);
    text.or_else(|| map.binary_data.and_then(|mut data| data.remove(key)).map(|ByteString(bytes)| bytes))
}

/// Everybody who has submitted a script.
pub(super) async fn submitters(client: &Client, digest: &str) -> Result<Vec<String>, LiveError> {
    let api: Api<HookSubmission> = Api::all(client.clone());
    let found = api.get_opt(digest).await.map_err(LiveError::api("reading who submitted the script"))?;
    Ok(found.into_iter().flat_map(|found| found.spec.submitters.into_keys()).collect())
}
