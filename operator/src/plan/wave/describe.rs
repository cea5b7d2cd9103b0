//! What a wave says of itself: the step it is at, since when, and what comes next. Nothing is decided by it.

use super::Course;
use super::{Hook, current, hooks::pre_hooks, roll::is_outdated};
use crate::plan::View;
use hookgate_api::{
    Component,
    hooks::HookPhase,
    status::{Direction, UpgradePhase, Wave, WaveComponent, WaveStep, cap},
};

/// Brings that part of a wave up to what it has become.
pub(in crate::plan) fn describe(view: &View<'_>, wave: &mut Wave) {
    for component in &mut wave.components {
        let tries = component.hooks.iter().filter(|run| run.phase == HookPhase::Pre);
        component.attempt = tries.map(|run| run.attempt).max().unwrap_or(1);
    }
    let at = current(wave).and_then(|index| wave.components.get(index));
    let mut step = WaveStep {
        component: at.map(|at| at.component),
        phase: at.map(|at| at.phase),
        pod: at.and_then(|at| at.opened.as_ref()).map(|opened| opened.name.clone()),
        since: view.time(),
    };
    if let Some(before) = &wave.step
        && (before.component, before.phase, &before.pod) == (step.component, step.phase, &step.pod)
    {
        step.since = before.since.clone();
    }
    wave.next = cap(&next(view, wave, at));
    wave.step = Some(step);
}

fn next(view: &View<'_>, wave: &Wave, at: Option<&WaveComponent>) -> String {
    let Some(at) = at else { return "the wave ends".to_owned() };
    let mut parts = Vec::new();
    if at.phase < UpgradePhase::Preparing && Course::of(wave).runs_hooks(view, at.component) {
        let hooks = pre_hooks(&view.observation.cluster, at.component);
        if !hooks.is_empty() {
            let names: Vec<_> = hooks.into_iter().map(Hook::name).collect();
            parts.push(format!("pre-hooks of {} ({})", at.component, names.join(", ")));
        }
    }
    if at.phase == UpgradePhase::Failed {
        parts.push("nothing, until the script or the spec changes, or another try is asked for".to_owned());
        return parts.join(", ");
    }
    parts.extend(pods(view, at));
    parts.extend(scaling(view, at.component));
    let later = wave.components.iter().filter(|other| other.component != at.component);
    let later = later.filter(|other| other.phase != UpgradePhase::Completed);
    parts.extend(later.map(|other| other.component.to_string()));
    if parts.is_empty() {
        parts.push(match wave.direction {
            Direction::Upgrade => "what is held is given back, and the wave ends".to_owned(),
            Direction::Downgrade | Direction::Change => "the wave ends".to_owned(),
        });
    }
    parts.join(", then ")
}

/// The pods that are still to go, besides the one that has been let go already.
fn pods(view: &View<'_>, at: &WaveComponent) -> Option<String> {
    if at.phase > UpgradePhase::Rolling {
        return None;
    }
    let observed = view.observation.component(at.component);
    let set = observed.statefulset.as_ref()?;
    let patched = set.rendered_hash.as_deref() == Some(at.target.as_str());
    let remaining = (0..set.replicas).rev().filter(|ordinal| {
        let is_open = at.opened.as_ref().is_some_and(|opened| opened.ordinal == *ordinal);
        !is_open && (!patched || is_outdated(observed, set, *ordinal))
    });
    match remaining.count() {
        0 => None,
        1 => Some(format!("1 pod of {}", at.component)),
        count => Some(format!("{count} pods of {}, one at a time", at.component)),
    }
}

/// A number of pods that isn't the one that the spec asks for.
pub(in crate::plan) fn scaling(view: &View<'_>, component: Component) -> Option<String> {
    let live = view.observation.component(component).statefulset.as_ref()?.replicas;
    let wanted = view.desired.statefulset(component)?.replicas();
    (live != wanted).then(|| format!("scaling {component} from {live} to {wanted} pods"))
}
