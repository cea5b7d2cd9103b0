//! What the objects of a cluster should be: pure functions from the spec.
//!
//! Names, labels, ports, environment and defaults are those of the upstream operator (v1.11.5), so that a cluster
//! made by the one looks the same to the other.

mod budget;
mod configuration;
mod container;
mod inputs;
mod job;
mod network_policy;
mod ownership;
mod ports;
mod probes;
mod proxy;
mod same;
mod service;
mod statefulset;
mod strategy;
mod volumes;

pub use budget::{budget, labels_of_pods};
pub use configuration::Configuration;
pub(crate) use job::NONCE_ANNOTATION;
pub use job::hook_job;
pub use network_policy::hook_network_policy;
pub use ownership::{Applied, ownership_patch, replacement, taken_over};
pub use ports::Ports;
pub use proxy::{RenderedProxy, proxy};
pub use same::difference;
pub use service::services;
pub use statefulset::{Kept, RenderedStatefulSet, Replicas, statefulset};
pub use strategy::{Rollout, Strategy, UpdateStrategy};

use hookgate_api::{Component, StarRocksCluster, names};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::{Resource, ResourceExt};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write as _};

/// The controller reference that every object of a cluster carries.
fn owner_reference(cluster: &StarRocksCluster) -> OwnerReference {
    OwnerReference {
        api_version: StarRocksCluster::api_version(&()).into_owned(),
        kind: StarRocksCluster::kind(&()).into_owned(),
        name: cluster.name_any(),
        uid: cluster.uid().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The metadata of a component's object.
fn metadata(cluster: &StarRocksCluster, component: Component, name: String) -> ObjectMeta {
    ObjectMeta {
        name: Some(name),
        namespace: cluster.namespace(),
        labels: Some(object_labels(cluster, component)),
        owner_references: Some(vec![owner_reference(cluster)]),
        ..ObjectMeta::default()
    }
}

/// Labels of a component's objects; the owner is the cluster.
fn object_labels(cluster: &StarRocksCluster, component: Component) -> BTreeMap<String, String> {
    labels(component.as_str(), cluster.name_any())
}

/// Labels of a component's pods and of the selectors that find them; the owner is the StatefulSet.
fn pod_labels(cluster: &StarRocksCluster, component: Component) -> BTreeMap<String, String> {
    labels(component.as_str(), names::statefulset(&cluster.name_any(), component))
}

fn labels(component: &str, owner: String) -> BTreeMap<String, String> {
    BTreeMap::from([
        (names::COMPONENT_LABEL.to_owned(), component.to_owned()),
        (names::OWNER_LABEL.to_owned(), owner),
    ])
}

/// A name for what was rendered: equal for equal objects, for as long as the rendering is the same.
///
/// # Errors
/// When the object can't be turned into JSON.
fn hash(object: &impl Serialize) -> Result<String, RenderError> {
    // Through a Value, whose maps are sorted.
    let json = serde_json::to_value(object).map_err(RenderError::Serialize)?.to_string();
    let mut text = String::with_capacity(16);
    for byte in Sha256::digest(json.as_bytes()).iter().take(8) {
        let _infallible = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// Why an object can't be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The object isn't JSON.
    #[error("the object can't be turned into JSON")]
    Serialize(#[source] serde_json::Error),
}
