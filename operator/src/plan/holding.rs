//! Why settings are held at this moment, or why they aren't: nobody waits with the lights off.

use super::{
    View, holds,
    wave::{
        CANARY, GATE_TIMED_OUT, PATCH_REFUSED, TABLET_GATE, WAITING_FOR_USER, any_runs_hooks, current,
        is_released, is_suspended,
    },
};
use hookgate_api::status::{UpgradePhase, Wave, WaveComponent};
use jiff::SignedDuration;

/// The longest wait for which settings stay held, where it isn't what they are held for.
const LONG: SignedDuration = SignedDuration::from_secs(60);
/// Waits for what settings are held for, or for their being held: those may take as long as they take.
const NEEDS_HOLDS: [&str; 4] = ["HookRunning", "HookRetry", "PreparationRunning", "SettingsNotHeld"];

/// Whether what the components of a wave ask for is held, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// It's held.
    Held(WhyHeld),
    /// It's given back, and taken again before the next pod.
    LetGo(WhyLetGo),
}

/// Why settings are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhyHeld {
    /// A pod has been let go and isn't back yet.
    PodAway,
    /// The next pod is to go, or hooks are being run for it.
    NextPod,
}

/// Why settings aren't held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhyLetGo {
    /// This wave holds nothing: it's no upgrade, or its components are done.
    NotNeeded,
    /// The component whose turn it is has failed.
    Failed,
    /// The user has had everything given back by hand.
    Released,
    /// Tablets are to be repaired before the next pod.
    Repair,
    /// The wait is the user's matter, or the clock's.
    Suspended,
    /// The wait has taken long.
    LongWait,
    /// They have been held for too long.
    Overdue,
}

/// Whether settings are held for a wave at this moment.
pub(super) fn holding(view: &View<'_>, wave: &Wave) -> Holding {
    if !any_runs_hooks(view, wave) || wave.components.iter().all(|step| step.phase == UpgradePhase::Completed)
    {
        return Holding::LetGo(WhyLetGo::NotNeeded);
    }
    let turn = current(wave);
    if turn.and_then(|at| wave.components.get(at)).is_some_and(|step| step.phase == UpgradePhase::Failed) {
        return Holding::LetGo(WhyLetGo::Failed);
    }
    if holds::has_to_rest(wave) {
        return Holding::LetGo(WhyLetGo::Overdue);
    }
    if is_released(view, wave) {
        return Holding::LetGo(WhyLetGo::Released);
    }
    let waiting = wave.waiting_for.as_ref();
    let reason = waiting.map_or("", |waiting| waiting.reason.as_str());
    if reason == TABLET_GATE || reason == GATE_TIMED_OUT {
        return Holding::LetGo(WhyLetGo::Repair);
    }
    let is_away = |(at, step): (usize, &WaveComponent)| {
        (Some(at) == turn && step.opened.is_some()) || has_pod_away(view, step)
    };
    if wave.components.iter().enumerate().any(is_away) {
        return Holding::Held(WhyHeld::PodAway);
    }
    if is_suspended(wave) || [CANARY, WAITING_FOR_USER, PATCH_REFUSED].contains(&reason) {
        return Holding::LetGo(WhyLetGo::Suspended);
    }
    let is_long = waiting.is_some_and(|waiting| view.now.duration_since(waiting.since.0) > LONG);
    if is_long && !NEEDS_HOLDS.contains(&reason) {
        return Holding::LetGo(WhyLetGo::LongWait);
    }
    Holding::Held(WhyHeld::NextPod)
}

/// Whether a pod that was let go isn't back. One of a component whose turn it isn't is forgotten only in its turn, and may
/// have been back for long.
fn has_pod_away(view: &View<'_>, step: &WaveComponent) -> bool {
    let observed = view.observation.component(step.component);
    let replicas = observed.statefulset.as_ref().map_or(0, |set| set.replicas);
    step.opened.as_ref().filter(|opened| opened.ordinal < replicas).is_some_and(|opened| {
        let pod = observed.pod(opened.ordinal);
        pod.is_none_or(|pod| pod.terminating || (pod.uid != opened.uid && !pod.ready))
    })
}
