//! A roll that another version of the operator has begun is finished as it was begun: pods that it has replaced are not
//! replaced once more for what the user hasn't changed.

use super::{
    Desired,
    difference::{Difference, of},
};
use crate::observation::Observation;
use hookgate_api::{
    Component,
    status::{UpgradePhase, WaveComponent},
};

/// The objects with the templates that are being rolled in the place of what this version would render; `None` where there
/// is no such roll.
pub(super) fn as_begun(desired: &Desired, observation: &Observation) -> Option<Desired> {
    let wave = observation.cluster.status.as_ref()?.wave.as_ref()?;
    let mut begun = None;
    for step in wave.components.iter().filter(|step| is_begun(desired, observation, step)) {
        let Some(rendered) = desired.statefulset(step.component) else { continue };
        let live = observation.component(step.component).statefulset.as_ref();
        let Some(template) = live.and_then(|live| live.template.as_ref()) else { continue };
        let reverted = rendered.reverted(template, &step.target, rendered.inputs().to_owned());
        begun.get_or_insert_with(|| desired.clone()).replace(step.component, reverted);
    }
    begun
}

/// Whether a component's pods are being brought to its step's target, and this version renders differently what the user
/// hasn't changed since.
pub(super) fn is_begun(desired: &Desired, observation: &Observation, step: &WaveComponent) -> bool {
    let component: Component = step.component;
    let live = observation.component(component).statefulset.as_ref();
    matches!(step.phase, UpgradePhase::Rolling | UpgradePhase::Finalizing)
        && live.is_some_and(|live| live.rendered_hash.as_ref() == Some(&step.target))
        && of(desired, observation, component) == Some(Difference::Rendering)
}
