//! The user's own update strategy: what is respected while a component is rolled, and given back afterwards.

use super::View;
use crate::{
    observation::{ObservedComponent, ObservedStatefulSet},
    render::{Rollout, Strategy, UpdateStrategy},
};
use hookgate_api::Component;

/// The user's own strategy of a component: the spec's, else the one that the StatefulSet had before the operator put
/// its own in its place, else the one that it has.
pub(super) fn own(view: &View<'_>, component: Component) -> UpdateStrategy {
    if let Some(strategy) = from_spec(view, component) {
        return strategy;
    }
    let Some(live) = view.observation.component(component).statefulset.as_ref() else {
        return UpdateStrategy::default();
    };
    match &live.own_strategy {
        // It was the spec's, which has taken it back.
        _ if live.strategy_from_spec => UpdateStrategy::default(),
        Some(own) => own.clone(),
        None => live.strategy(),
    }
}

/// The strategy that the spec asks for.
pub(super) fn from_spec(view: &View<'_>, component: Component) -> Option<UpdateStrategy> {
    let server = view.observation.cluster.spec.server(component)?;
    server.update_strategy.as_ref().map(UpdateStrategy::from)
}

/// The strategy of a component that isn't being rolled.
pub(super) fn given_back(view: &View<'_>, component: Component) -> Strategy {
    Strategy::Own { own: own(view, component), from_spec: from_spec(view, component).is_some() }
}

/// The strategy of a component that is being rolled.
pub(super) fn rolling(view: &View<'_>, component: Component, rollout: Rollout) -> Strategy {
    let from_spec = from_spec(view, component).is_some();
    Strategy::Rolling { rollout, own: own(view, component), from_spec }
}

/// Whether the StatefulSet has the user's own strategy, and nothing has to be given back.
pub(super) fn is_given_back(view: &View<'_>, component: Component, set: &ObservedStatefulSet) -> bool {
    set.own_strategy.is_none()
        && set.strategy() == own(view, component)
        && set.strategy_from_spec == from_spec(view, component).is_some()
}

/// How a component's StatefulSet is kept from letting pods go by itself while ordinals below `first_done` are still to
/// be replaced. A partition lets them go highest ordinal first, which among the FEs may be the leader; so FE's pods go
/// when they are deleted. Pods whose user lets them go by `OnDelete` are the user's to delete.
pub(super) fn closed(view: &View<'_>, component: Component, first_done: i32) -> Rollout {
    match (component, own(view, component).rollout) {
        (Component::Fe, _) | (_, Rollout::OnDelete) => Rollout::OnDelete,
        (Component::Be | Component::Cn, Rollout::Partition(_)) => Rollout::Partition(first_done),
    }
}

/// Whether the operator may replace a pod of that ordinal: the user's own strategy doesn't keep it back.
pub(super) fn is_open(view: &View<'_>, component: Component, ordinal: i32) -> bool {
    match own(view, component).rollout {
        Rollout::OnDelete => false,
        Rollout::Partition(partition) => ordinal >= partition,
    }
}

/// What the user has to do for pods that the user's own strategy keeps at the old revision.
pub(super) fn way_out(
    view: &View<'_>,
    component: Component,
    observed: &ObservedComponent,
    kept_back: &[i32],
) -> String {
    let pods: Vec<_> = kept_back
        .iter()
        .map(|ordinal| {
            observed.pod(*ordinal).map_or_else(|| format!("ordinal {ordinal}"), |pod| pod.name.clone())
        })
        .collect();
    let pods = pods.join(", ");
    match own(view, component).rollout {
        Rollout::OnDelete => format!(
            "{component}: its updateStrategy is OnDelete: delete {pods} when it suits you, one at a time, or set RollingUpdate"
        ),
        Rollout::Partition(partition) => format!(
            "{component}: its updateStrategy has partition {partition}: {pods} keep the old revision until it's lowered"
        ),
    }
}
