//! PodDisruptionBudgets: ours, and those of others that select the same pods.

use super::{ObserveError, namespace};
use crate::{observation::ObservedBudgets, render};
use hookgate_api::{Component, StarRocksCluster, annotations, names};
use k8s_openapi::{api::policy::v1::PodDisruptionBudget, apimachinery::pkg::apis::meta::v1::LabelSelector};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::{collections::BTreeMap, sync::Arc};

/// The budgets of a cluster's namespace.
pub(super) async fn read(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<Vec<Arc<PodDisruptionBudget>>, ObserveError> {
    let budgets: Api<PodDisruptionBudget> = Api::namespaced(client.clone(), &namespace(cluster));
    Ok(budgets.list(&ListParams::default()).await?.items.into_iter().map(Arc::new).collect())
}

/// Those of them that select a component's pods.
pub(super) fn of_components(
    cluster: &StarRocksCluster,
    budgets: &[Arc<PodDisruptionBudget>],
) -> BTreeMap<Component, ObservedBudgets> {
    let of_component = |component| (component, observed(cluster, component, budgets));
    Component::ALL.into_iter().map(of_component).collect()
}

fn observed(
    cluster: &StarRocksCluster,
    component: Component,
    budgets: &[Arc<PodDisruptionBudget>],
) -> ObservedBudgets {
    let uid = cluster.uid().unwrap_or_default();
    let name = names::statefulset(&cluster.name_any(), component);
    let is_ours = |budget: &&Arc<PodDisruptionBudget>| {
        budget.name_any() == name && budget.owner_references().iter().any(|owner| owner.uid == uid)
    };
    let labels = render::labels_of_pods(cluster, component);
    let selects = |budget: &PodDisruptionBudget| {
        let selector = budget.spec.as_ref().and_then(|spec| spec.selector.as_ref());
        selector.is_some_and(|selector| matches(selector, &labels))
    };
    let ours = budgets.iter().find(is_ours);
    ObservedBudgets {
        ours: ours
            .map(|ours| ours.annotations().get(annotations::RENDERED_HASH).cloned().unwrap_or_default()),
        others: budgets.iter().filter(|budget| !is_ours(budget)).any(|budget| {
            // One of the same name can't be made beside it either.
            budget.name_any() == name || selects(budget)
        }),
    }
}

/// Whether a selector finds these labels, as Kubernetes evaluates it.
fn matches(selector: &LabelSelector, labels: &BTreeMap<String, String>) -> bool {
    let wanted = selector.match_labels.iter().flatten();
    let has_labels = wanted.into_iter().all(|(key, value)| labels.get(key) == Some(value));
    let meets = |requirement: &k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement| {
        let value = labels.get(&requirement.key);
        let is_in = value.is_some_and(|value| requirement.values.iter().flatten().any(|one| one == value));
        match requirement.operator.as_str() {
            "In" => is_in,
            "NotIn" => !is_in,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    };
    has_labels && selector.match_expressions.iter().flatten().all(meets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cluster() -> StarRocksCluster {
        serde_json::from_value(json!({
            "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
            "metadata": {"name": "c", "namespace": "ns", "uid": "uid"},
            "spec": {"starRocksFeSpec": {"image": "fe:3.2.1", "podLabels": {"team": "data"}}},
        }))
        .unwrap()
    }

    fn others(selector: &serde_json::Value) -> bool {
        let budget = serde_json::from_value(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "theirs", "namespace": "ns"}, "spec": {"selector": selector},
        }))
        .unwrap();
        observed(&cluster(), Component::Fe, &[Arc::new(budget)]).others
    }

    #[test]
    fn a_budget_of_somebody_else_is_found_by_what_it_selects() {
        let component = "app.kubernetes.io/component";
        assert!(others(&json!({"matchLabels": {component: "fe"}})));
        assert!(others(&json!({})), "an empty selector selects every pod");
        assert!(others(
            &json!({"matchExpressions": [{"key": "team", "operator": "In", "values": ["data"]}]})
        ));
        assert!(others(&json!({"matchExpressions": [{"key": "other", "operator": "DoesNotExist"}]})));
        assert!(!others(&json!({"matchLabels": {component: "be"}})));
        assert!(!others(
            &json!({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["data"]}]})
        ));
    }

    #[test]
    fn our_own_is_known_by_name_and_owner() {
        let ours = Arc::new(render::budget(&cluster(), Component::Fe).unwrap());
        let seen = observed(&cluster(), Component::Fe, std::slice::from_ref(&ours));
        assert_eq!(seen.ours.as_ref(), ours.annotations().get(annotations::RENDERED_HASH));
        assert!(!seen.others);
        let mut foreign = PodDisruptionBudget::clone(&ours);
        foreign.metadata.owner_references = None;
        let seen = observed(&cluster(), Component::Fe, &[Arc::new(foreign)]);
        assert!(seen.ours.is_none() && seen.others);
    }
}
