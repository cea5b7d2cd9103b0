//! Pods that can't start: what a change of the target is to put right. Whoever waits for them waits for ever, so they
//! are replaced before their component's turn, and no gate that they themselves keep shut holds that up.

use super::{Step, Wait, roll::is_outdated, steer};
use crate::{
    observation::{ObservedComponent, ObservedPod, ObservedStatefulSet},
    plan::{View, readiness, strategy},
};
use hookgate_api::{
    Component,
    status::{UpgradePhase, WaveComponent},
};
use jiff::SignedDuration;

/// How long the pods that stay are given when one has been let go and isn't there again.
const GRACE: SignedDuration = SignedDuration::from_secs(60);

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

/// The same step of a component that is to be repaired: others don't hold it up, nor does a closed window. The user does,
/// by a pause or a release.
pub(super) fn unless_stuck(stuck: bool, step: Step) -> Step {
    match step {
        Err(wait @ Wait { reason: steer::PAUSED | steer::RELEASED, .. }) => Err(wait),
        _ if stuck => Ok(()),
        step => step,
    }
}

/// The next broken pod of a component: one that can't start; or any, when nobody is served, as FEs wait for each other to
/// have a quorum. Of BE and CN one above which every pod that is to go is broken or gone as well: a partition lets them
/// all go.
pub(super) fn broken<'a>(
    view: &View<'_>,
    step: &WaveComponent,
    observed: &'a ObservedComponent,
    set: &ObservedStatefulSet,
    outdated: &[i32],
) -> Option<&'a ObservedPod> {
    let nobody_serves = nobody_serves(view, step, observed, set);
    let is_broken =
        |pod: &&ObservedPod| !pod.ready && !pod.terminating && (nobody_serves || pod.cannot_start.is_some());
    let pod = outdated.iter().rev().filter_map(|ordinal| observed.pod(*ordinal)).find(is_broken)?;
    let above = outdated.iter().filter(|ordinal| **ordinal > pod.ordinal);
    let serves_above =
        above.filter_map(|ordinal| observed.pod(*ordinal)).any(|above| above.ready && !above.terminating);
    (step.component == Component::Fe || !serves_above).then_some(pod)
}

/// Whether a component serves nobody: no pod of it is ready, and the database says nothing else. Pods that are all called
/// not ready for a moment may serve all the same; and one that has just been let go may be what the others wait for.
fn nobody_serves(
    view: &View<'_>,
    step: &WaveComponent,
    observed: &ObservedComponent,
    set: &ObservedStatefulSet,
) -> bool {
    let just_now = step.gate.shut_since.as_ref().is_some_and(|since| view.now < since.0 + GRACE);
    let is_away = |ordinal| observed.pod(ordinal).is_none_or(|pod| pod.terminating);
    let is_alive = |pod: &ObservedPod| {
        readiness::members(view).is_ok_and(|members| {
            readiness::alive(members, step.component, &pod.name, pod.ip.as_deref()).is_ok()
        })
    };
    let may_serve = observed.pods.iter().any(|pod| pod.ready || is_alive(pod));
    let is_waited_for = just_now && (0..set.replicas).any(is_away);
    !may_serve && !is_waited_for
}
