//! The PodDisruptionBudget of a component: a drained node takes one of its pods at a time, and none while one is being
//! replaced.

use super::{RenderError, hash, metadata, pod_labels};
use hookgate_api::{Component, StarRocksCluster, annotations, names};
use k8s_openapi::{
    api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec},
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// The labels that the pods of a component have: the operator's own and the user's.
pub fn labels_of_pods(cluster: &StarRocksCluster, component: Component) -> BTreeMap<String, String> {
    let users = cluster.spec.server(component).map(|server| server.common.pod_labels.clone());
    let mut labels = users.unwrap_or_default();
    labels.extend(pod_labels(cluster, component));
    labels
}

/// The PodDisruptionBudget of a component, named as its StatefulSet. It carries the hash of its rendering.
///
/// # Errors
/// When the object can't be turned into JSON.
pub fn budget(cluster: &StarRocksCluster, component: Component) -> Result<PodDisruptionBudget, RenderError> {
    let name = names::statefulset(&cluster.name_any(), component);
    let mut budget = PodDisruptionBudget {
        metadata: metadata(cluster, component, name),
        spec: Some(PodDisruptionBudgetSpec {
            max_unavailable: Some(IntOrString::Int(1)),
            selector: Some(LabelSelector {
                match_labels: Some(pod_labels(cluster, component)),
                ..LabelSelector::default()
            }),
            ..PodDisruptionBudgetSpec::default()
        }),
        ..PodDisruptionBudget::default()
    };
    let hash = hash(&budget)?;
    budget.annotations_mut().insert(annotations::RENDERED_HASH.to_owned(), hash);
    Ok(budget)
}
