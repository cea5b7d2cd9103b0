//! Before a component's first hook: everything that could stop it is looked at while nothing is switched off.

use super::{Course, Step, Wait, detect, others_ready, repair};
use crate::{
    observation::ObservedScript,
    plan::{View, preparation, readiness},
};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    hooks::HookPhase,
    status::{UpgradePhase, WaveComponent, cap},
};

pub(super) fn begin(
    view: &View<'_>,
    wave: &str,
    course: Course,
    component: &mut WaveComponent,
    go: &Step,
    status: &mut StarRocksClusterStatus,
) -> Step {
    let is_stuck = repair::is_stuck(view, component);
    repair::unless_stuck(is_stuck, others_ready(view, component))?;
    let go = repair::unless_stuck(is_stuck, go.clone());
    if course.runs_hooks(view, component.component) {
        view.pass(script_is_acceptable(view, component.component))?;
        if let Err(wait) = leader_answers(view) {
            let is_its_own = is_stuck && component.component == Component::Fe;
            repair::unless_stuck(is_its_own, view.pass(Err(wait)))?;
            go?;
            "no FE answered: pre-hooks were left out".clone_into(&mut component.message);
            component.phase = UpgradePhase::Ready;
            component.started_at = Some(view.time());
            return Ok(());
        }
        go.clone()?;
    }
    if course.runs_preparation() {
        match preparation::transition(view, wave, status) {
            preparation::Progress::Done => {}
            preparation::Progress::Wait(wait) => return Err(wait),
            preparation::Progress::Failed(message) => {
                fail(view, component, &message);
                return Ok(());
            }
        }
    }
    go?;
    component.phase = UpgradePhase::Preparing;
    component.started_at = Some(view.time());
    Ok(())
}

/// What hooks need: an FE that answers, and one that leads.
fn leader_answers(view: &View<'_>) -> Step {
    let members = readiness::members(view).map_err(|error| {
        Wait::gate("FrontendUnreachable", view.gate(readiness::DATABASE_GATE), error.to_string())
    })?;
    match readiness::leader(members) {
        Some(_) => Ok(()),
        None => Err(Wait::gate(
            "NoLeader",
            view.gate(readiness::DATABASE_GATE),
            "waiting for an FE to be the leader",
        )),
    }
}

/// The script exists and the policy lets it run. A missing one may yet appear, a refused one
/// may be changed: both are waited for.
pub(super) fn script_is_acceptable(view: &View<'_>, component: Component) -> Step {
    let hooks = view.observation.cluster.spec.upgrade_hooks(component);
    if hooks.is_none_or(|hooks| hooks.custom.is_none()) {
        return Ok(());
    }
    let gate = format!("HookScript:{component}");
    match view.observation.scripts.get(&component) {
        // Of both functions, lest an upgrade stops halfway for want of an approval.
        Some(ObservedScript::Accepted { judgement, .. }) => {
            let unapproved = |phase| judgement.approval.of(phase).err().map(str::to_owned);
            let missing = [HookPhase::Pre, HookPhase::Post].into_iter().find_map(unapproved);
            missing.map_or(Ok(()), |message| Err(Wait::gate("HookApprovalRequired", gate, message)))
        }
        Some(ObservedScript::Missing(message)) => Err(Wait::gate("HookScriptMissing", gate, message.clone())),
        Some(ObservedScript::Refused { findings, .. }) => Err(Wait::gate(
            "HookScriptRefused",
            gate,
            format!("the hook script is refused by the policy: {findings}"),
        )),
        None => Err(Wait::new("HookScriptMissing", "the hook script has not been read yet")),
    }
}

/// A component whose pre-hooks have failed for good. Its StatefulSet is untouched.
pub(super) fn fail(view: &View<'_>, component: &mut WaveComponent, message: &str) {
    component.phase = UpgradePhase::Failed;
    component.failed_for = Some(detect::circumstances(view, component.component));
    component.message = cap(message);
}
