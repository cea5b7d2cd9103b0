//! One PodDisruptionBudget for each component, unless the user wants none or has one: Kubernetes refuses to evict a pod
//! that two of them select.

use super::{Action, View, difference::foreign};
use hookgate_api::{Component, annotations};
use kube::ResourceExt;

/// What brings the budgets about. None while they haven't been looked at.
pub(super) fn actions(view: &View<'_>) -> Vec<Action> {
    let Some(budgets) = &view.observation.budgets else { return Vec::new() };
    if !foreign(view).is_empty() {
        return Vec::new();
    }
    let wanted_at_all = view.observation.cluster.spec.pod_disruption_budgets.unwrap_or(true);
    let mut actions = Vec::new();
    for component in Component::ALL {
        let observed = budgets.get(&component).cloned().unwrap_or_default();
        let exists = view.observation.component(component).statefulset.is_some();
        let wanted = view.desired.budget(component).filter(|_| wanted_at_all && exists && !observed.others);
        match (wanted, observed.ours) {
            (Some(budget), ours) => {
                let hash = budget.annotations().get(annotations::RENDERED_HASH);
                if ours.as_ref() != hash {
                    actions.push(Action::ApplyBudget(Box::new(budget.clone())));
                }
            }
            (None, Some(_)) => actions.push(Action::DeleteBudget(component)),
            (None, None) => {}
        }
    }
    actions
}
