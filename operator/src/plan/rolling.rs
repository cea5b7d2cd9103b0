//! The effects of a component that is rolling: its StatefulSet is patched, closed, opened pod by pod, and given back.

use super::{
    Action, View, holds, readiness, strategy,
    wave::{Course, is_outdated, may_patch, turn},
};
use crate::{
    observation::{ObservedComponent, ObservedPod, ObservedStatefulSet},
    render::{RenderedStatefulSet, Replicas, Rollout, Strategy},
};
use hookgate_api::{
    Component, StarRocksClusterStatus, names,
    status::{OpenedPod, UpgradePhase, WaveComponent},
};
use kube::ResourceExt;

/// What brings a component that is rolling one step further.
pub(super) fn effect(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    step: &WaveComponent,
) -> Option<Action> {
    if step.phase != UpgradePhase::Rolling {
        return None;
    }
    let component = step.component;
    let observed = view.observation.component(component);
    let set = observed.statefulset.as_ref()?;
    let rendered = view.desired.statefulset(component).filter(|rendered| rendered.hash() == step.target)?;
    let apply = |strategy: Strategy| apply(rendered, set, &strategy);
    if set.rendered_hash.as_deref() != Some(rendered.hash()) {
        if !status.wave.as_ref().is_some_and(|wave| may_patch(wave, step)) {
            return None;
        }
        let rollout = strategy::closed(view, component, set.replicas);
        return apply(strategy::rolling(view, component, rollout));
    }
    if set.observed_generation < set.generation {
        return None;
    }
    let (outdated, kept_back) = turn(view, component, observed, set);
    // The user's own strategy would let the rest go past every gate.
    if let Some(highest) = outdated.last()
        && set.own_strategy.is_none()
    {
        let rollout = strategy::closed(view, component, highest + 1);
        return apply(strategy::rolling(view, component, rollout));
    }
    if let Some(opened) = &step.opened {
        return if may_go(view, status, observed, component, opened) {
            open(view, component, set, opened.ordinal, &apply)
        } else {
            None
        };
    }
    let all_back = (0..set.replicas)
        .filter(|ordinal| !kept_back.contains(ordinal))
        .all(|ordinal| !is_outdated(observed, set, ordinal));
    let ready = !kept_back.is_empty() || readiness::workload_ready(view, component).is_ok();
    let given_back = strategy::is_given_back(view, component, set);
    if all_back && ready && !given_back { apply(strategy::given_back(view, component)) } else { None }
}

fn apply(rendered: &RenderedStatefulSet, set: &ObservedStatefulSet, strategy: &Strategy) -> Option<Action> {
    let object = rendered.object(Replicas::Keep(set.replicas), strategy);
    Some(Action::ApplyStatefulSet(Box::new(object)))
}

/// Whether the pod whose turn is written down may go in this pass.
fn may_go(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    observed: &ObservedComponent,
    component: Component,
    opened: &OpenedPod,
) -> bool {
    // When no FE is there to ask, FE is what has to be repaired.
    let nobody_to_ask = component == Component::Fe && !observed.pods.iter().any(|pod| pod.ready);
    let runs_hooks = status.wave.as_ref().is_some_and(|wave| Course::of(wave).runs_hooks(view, component));
    // One that can't start carries nothing that settings could protect.
    let cannot_start =
        observed.pod(opened.ordinal).is_some_and(|pod| !pod.ready && pod.cannot_start.is_some());
    let pod = names::pod(&view.observation.cluster.name_any(), component, opened.ordinal);
    let held = cannot_start
        || !runs_hooks
        || nobody_to_ask
        || view.in_turn_of(&pod).skips_holds()
        || holds::verified(view, status).is_ok();
    let still_there =
        observed.pod(opened.ordinal).is_none_or(|pod| pod.uid == opened.uid && !pod.terminating);
    held && still_there
}

fn open(
    view: &View<'_>,
    component: Component,
    set: &ObservedStatefulSet,
    ordinal: i32,
    apply: &impl Fn(Strategy) -> Option<Action>,
) -> Option<Action> {
    match (component, set.rollout) {
        (Component::Fe, _) => {
            let pod = view.observation.component(component).pod(ordinal)?;
            Some(delete(pod))
        }
        // With OrderedReady a StatefulSet doesn't replace a pod that isn't ready, not even by another template.
        (Component::Be | Component::Cn, Rollout::Partition(partition)) if partition <= ordinal => {
            let pod = view.observation.component(component).pod(ordinal)?;
            let is_left = !pod.ready && !pod.terminating && pod.revision != set.update_revision;
            is_left.then(|| delete(pod))
        }
        (Component::Be | Component::Cn, _) => {
            apply(strategy::rolling(view, component, Rollout::Partition(ordinal)))
        }
    }
}

fn delete(pod: &ObservedPod) -> Action {
    let (name, uid) = (pod.name.clone(), pod.uid.clone());
    Action::DeletePod { name, uid, resource_version: pod.resource_version.clone() }
}
