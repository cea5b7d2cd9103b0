//! Why a wave begins anew, as another wave: it goes back, it turns round, or it had failed and is tried again.

use super::detect::{Pending, circumstances};
use crate::plan::View;
use hookgate_api::{
    annotations,
    status::{Aborted, Origin, Trigger, UpgradePhase, Wave, WaveComponent},
};
use kube::ResourceExt;

/// What another wave in the place of this one begins with; `None` when this one goes on. Whoever goes back does so because
/// something is wrong: that comes before every other reason.
pub(super) fn why(
    view: &View<'_>,
    wave: &Wave,
    pending: &[Pending],
    turns: bool,
    aborted: Option<&Aborted>,
) -> Option<Trigger> {
    let restart = must_restart(view, wave);
    let is_going_back = matches!(wave.trigger, Trigger::Rollback | Trigger::Abort);
    if wave.trigger == Trigger::Abort && is_of_abort(aborted, pending) {
        return (turns || restart.is_some()).then_some(Trigger::Abort);
    }
    if goes_back(view, wave, pending) {
        let begins = turns || restart.is_some() || !is_going_back || wave.trigger == Trigger::Abort;
        return begins.then_some(Trigger::Rollback);
    }
    if wave.trigger == Trigger::Abort && pending.is_empty() {
        // The spec asks for what the abort goes to.
        return Some(Trigger::Rollback);
    }
    let goes_elsewhere = is_going_back && !pending.iter().all(|next| goes_on(wave, next));
    restart.or_else(|| (turns || goes_elsewhere).then_some(Trigger::SpecChange))
}

/// Whether all that is pending is what an aborted wave had changed.
pub(super) fn is_of_abort(aborted: Option<&Aborted>, pending: &[Pending]) -> bool {
    let is_known = |aborted: &Aborted, next: &Pending| {
        aborted.components.iter().any(|one| one.component == next.component)
    };
    aborted.is_some_and(|aborted| pending.iter().all(|next| is_known(aborted, next)))
}

/// A wave that failed starts anew when what it failed for has changed, or when the user asks.
fn must_restart(view: &View<'_>, wave: &Wave) -> Option<Trigger> {
    let failed = wave.components.iter().find(|step| step.phase == UpgradePhase::Failed)?;
    if view.observation.cluster.annotations().get(annotations::RETRY) == Some(&wave.id) {
        return Some(Trigger::Retry);
    }
    let changed = failed.failed_for.as_deref() != Some(circumstances(view, failed.component).as_str());
    changed.then_some(Trigger::CauseChanged)
}

/// Whether something is to become what it was, and nothing that is pending or under way anything else.
fn goes_back(view: &View<'_>, wave: &Wave, pending: &[Pending]) -> bool {
    let is_going_back = matches!(wave.trigger, Trigger::Rollback | Trigger::Abort);
    let mut under_way = wave.components.iter().filter(|step| is_under_way(view, pending, step));
    !pending.is_empty()
        && pending.iter().all(|next| goes_back_to(wave, next))
        && under_way.all(|step| {
            is_going_back || wave.origin(step.component).is_some_and(|origin| origin.target == step.target)
        })
}

/// Whether a component's StatefulSet is patched to what the spec still asks for, and its pods aren't all done. One that was
/// about to be patched, and that the spec takes back, isn't.
pub(super) fn is_under_way(view: &View<'_>, pending: &[Pending], step: &WaveComponent) -> bool {
    let live = view.observation.component(step.component).statefulset.as_ref();
    matches!(step.phase, UpgradePhase::Rolling | UpgradePhase::Finalizing)
        && live.is_some_and(|live| live.rendered_hash.as_ref() == Some(&step.target))
        && !pending.iter().any(|next| next.component == step.component)
}

/// Whether a component that the wave, or one in whose place it began, has touched is to become what it was before.
pub(super) fn goes_back_to(wave: &Wave, next: &Pending) -> bool {
    let Some(Origin { image, target, .. }) = origin_of_touched(wave, next) else { return false };
    let step = wave.components.iter().find(|step| step.component == next.component);
    let was_other = next.from_image != image || step.is_some_and(|step| step.to_image != image);
    next.target == target || (next.to_image == image && was_other)
}

fn origin_of_touched(wave: &Wave, next: &Pending) -> Option<Origin> {
    let known = wave.origins.iter().find(|origin| origin.component == next.component).cloned();
    let step = wave.components.iter().find(|step| step.component == next.component && step.is_touched());
    known.or_else(|| step.map(WaveComponent::origin))
}

/// Whether a component is to become what the wave makes of it already.
fn goes_on(wave: &Wave, next: &Pending) -> bool {
    wave.components.iter().any(|step| step.component == next.component && step.target == next.target)
}
