//! Pods that can't start: what a change of the target is to put right. Whoever waits for them waits for ever, so they
//! are replaced before their component's turn, and no gate that they themselves keep shut holds that up.

use super::{Step, Wait, roll::is_outdated};
use crate::{
    observation::{ObservedComponent, ObservedPod},
    plan::{View, strategy},
};
use hookgate_api::{
    Component,
    status::{UpgradePhase, WaveComponent},
};

/// A pod of a component of the wave that can't start, at a template that isn't the target's. It serves nobody, so
/// nothing is lost when it goes.
pub(super) fn stuck<'a>(view: &View<'a>, step: &WaveComponent) -> Option<&'a ObservedPod> {
    if matches!(step.phase, UpgradePhase::Finalizing | UpgradePhase::Completed | UpgradePhase::Failed) {
        return None;
    }
    let observed = view.observation.component(step.component);
    let set = observed.statefulset.as_ref()?;
    let patched = set.rendered_hash.as_deref() == Some(step.target.as_str())
        && set.observed_generation >= set.generation;
    observed.pods.iter().find(|pod| {
        let wrong = !patched || is_outdated(observed, set, pod.ordinal);
        let open = strategy::is_open(view, step.component, pod.ordinal);
        wrong && open && !pod.ready && !pod.terminating && pod.cannot_start.is_some()
    })
}

pub(super) fn is_stuck(view: &View<'_>, step: &WaveComponent) -> bool {
    stuck(view, step).is_some()
}

/// The same step of a component that is to be repaired: others don't hold it up, nor does a closed window. A pause does.
pub(super) fn unless_stuck(stuck: bool, step: Step) -> Step {
    match step {
        Err(wait @ Wait { reason: super::steer::PAUSED, .. }) => Err(wait),
        _ if stuck => Ok(()),
        step => step,
    }
}

/// The next broken pod of a component: one that can't start; or any, when none is ready and so nobody is served, as FEs
/// wait for each other to have a quorum. Of BE and CN one above which every pod that is to go is broken or gone as
/// well: a partition lets them all go.
pub(super) fn broken<'a>(
    component: Component,
    observed: &'a ObservedComponent,
    outdated: &[i32],
) -> Option<&'a ObservedPod> {
    let nobody_serves = !observed.pods.iter().any(|pod| pod.ready);
    let is_broken =
        |pod: &&ObservedPod| !pod.ready && !pod.terminating && (nobody_serves || pod.cannot_start.is_some());
    let pod = outdated.iter().rev().filter_map(|ordinal| observed.pod(*ordinal)).find(is_broken)?;
    let above = outdated.iter().filter(|ordinal| **ordinal > pod.ordinal);
    let serves_above =
        above.filter_map(|ordinal| observed.pod(*ordinal)).any(|above| above.ready && !above.terminating);
    (component == Component::Fe || !serves_above).then_some(pod)
}
