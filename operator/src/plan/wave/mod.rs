//! The rules of an upgrade: which components change, in what order, and when each may go on.

mod abort;
mod anew;
mod begin;
mod course;
mod describe;
mod detect;
mod direction;
mod finalize;
mod foresee;
mod gate;
mod hooks;
mod out_of_turn;
mod preflight;
mod repair;
mod roll;
mod skip;
mod steer;
mod turn;
mod versions;

pub use abort::revisions_to_read;
pub(super) use abort::{in_force, message as aborted_message, targets as aborted_targets};
pub(super) use course::{Course, any_runs_hooks};
pub(super) use describe::{describe, scaling};
pub(super) use detect::{new_wave, retarget};
pub(super) use foresee::waits;
pub(super) use gate::{CANARY, GATE_TIMED_OUT, TABLET_GATE};
pub(crate) use hooks::{CUSTOM, DEADLINE_EXCEEDED};
pub(super) use hooks::{Hook, interrupt, post_hooks, pre_hooks, startable};
pub(super) use out_of_turn::is_put_off;
pub(super) use preflight::{PATCH_REFUSED, dry_run_effects, image_effect, may_patch};
pub(super) use roll::{WAITING_FOR_USER, is_outdated, turn};

use super::{View, deployment::waits_for_fe, readiness};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    status::{Trigger, UpgradePhase, Waiting, Wave, WaveComponent, cap},
};

pub(super) use direction::{Refused, refused};
pub(super) use skip::{ignored, skipping};
pub(super) use steer::{is_released, is_suspended};
pub use turn::{Standing, standing};
pub(super) use versions::remember;
pub use versions::wants_versions;

/// Said in the log, and looked for by runbooks.
pub(super) const WAITING_FOR_ROLLOUT: &str =
    "upgrade: waiting for component rollout to complete before proceeding";

/// Why a wave doesn't go on in this pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub reason: &'static str,
    pub message: String,
    /// The gate that it stands before, where the user may let it past.
    pub gate: Option<String>,
}

impl Wait {
    pub(super) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), gate: None }
    }

    /// A wait that the user may let the wave past.
    pub(super) fn gate(reason: &'static str, gate: impl Into<String>, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), gate: Some(gate.into()) }
    }

    fn not_ready(view: &View<'_>, component: Component, reason: &readiness::NotReady) -> Self {
        let message = format!("{component}: {reason}");
        Self { reason: "ComponentNotReady", message, gate: reason.gate(view) }
    }
}

/// How a step of a component ends.
pub(super) type Step = Result<(), Wait>;

/// Begins a wave, takes it one step further, or ends it.
pub(super) fn transition(view: &View<'_>, status: &mut StarRocksClusterStatus) {
    let Some(wave) = status.wave.take() else {
        status.wave = detect::new_wave(view, status.aborted.as_ref());
        return;
    };
    let id = wave.id.clone();
    let Some(mut wave) = detect::retarget(view, wave, status.aborted.as_ref()) else { return };
    skip::note(view, &mut wave);
    gate::note_continue(view, &mut wave);
    if wave.id != id {
        status.wave = Some(wave);
        return;
    }
    out_of_turn::give_way(view, &mut wave, status);
    let aborting = abort::note(view, &mut wave, status);
    let waiting = match current(&wave) {
        Some(_) if aborting.is_err() => aborting.err(),
        Some(_) if wave.trigger == Trigger::Abort && !is_aborted(view) => {
            Some(Wait::new("Aborting", "going back to what ran before the wave"))
        }
        Some(index) => step(view, &mut wave, index, status).err(),
        None if status.held_in_force().next().is_some() => {
            Some(Wait::new("GivingBackSettings", "waiting for every FE to have its original settings again"))
        }
        None if is_recorded(view, &wave) && (wave.trigger != Trigger::Abort || is_aborted(view)) => return,
        None => Some(Wait::new("Recording", "writing down how the upgrade went")),
    };
    if let Some((wait, step)) = waiting.as_ref().zip(current(&wave).and_then(|at| wave.components.get(at)))
        && status.aborted.is_none()
        && gate::goes_back(view, &gate::Passage::of(view, &wave), step, wait)
    {
        abort::by_itself(view, &mut wave, &wait.message, status);
    }
    wave.waiting_for = waiting.map(|wait| waiting_since(view, wave.waiting_for.as_ref(), &wait));
    wave.next_opening = steer::next_opening(view, &wave);
    status.wave = Some(wave);
}

/// Whether the status that was read has an aborted wave: its targets are what is to be.
fn is_aborted(view: &View<'_>) -> bool {
    view.observation.cluster.status.as_ref().is_some_and(|status| status.aborted.is_some())
}

/// Whether nothing of a wave is left to be written down or cleared away: its end is in the status that was read, and
/// the Jobs of its hooks are gone.
fn is_recorded(view: &View<'_>, wave: &Wave) -> bool {
    let status = view.observation.cluster.status.as_ref();
    let read = status.and_then(|status| status.wave.as_ref());
    let cleared = view.observation.own_jobs().next().is_none();
    cleared && read.is_some_and(|read| read.id == wave.id && current(read).is_none())
}

/// The component whose turn it is.
pub(super) fn current(wave: &Wave) -> Option<usize> {
    wave.components.iter().position(|component| component.phase != UpgradePhase::Completed)
}

fn waiting_since(view: &View<'_>, before: Option<&Waiting>, wait: &Wait) -> Waiting {
    let since = before
        .filter(|before| before.reason == wait.reason)
        .map_or_else(|| view.time(), |before| before.since.clone());
    Waiting { reason: wait.reason.to_owned(), message: cap(&wait.message), gate: wait.gate.clone(), since }
}

fn step(view: &View<'_>, wave: &mut Wave, index: usize, status: &mut StarRocksClusterStatus) -> Step {
    let turn = wave.components.get(index).map(|step| step.component.to_string()).unwrap_or_default();
    let view = &view.in_turn_of(&turn);
    let (id, course) = (wave.id.clone(), Course::of(wave));
    let accepted = steer::accepted(view, wave);
    let go = accepted.clone().and_then(|()| steer::may_go_on(view, wave, status));
    let stopped =
        accepted.clone().and_then(|()| steer::released(view, wave)).and_then(|()| steer::rested(wave));
    let passage = gate::Passage::of(view, wave);
    if wave.components.get(index).is_some_and(is_untouched) {
        accepted?;
    }
    preflight::look(view, wave, index)?;
    let Some(component) = wave.components.get_mut(index) else { return Ok(()) };
    let runs_hooks = course.runs_hooks(view, component.component);
    match component.phase {
        UpgradePhase::Detected => begin::begin(view, &id, course, component, &go, status),
        // A hook that asks for a hold would run out of its time.
        UpgradePhase::Preparing if runs_hooks && stopped.is_err() => {
            hooks::interrupt_step(view, component);
            stopped
        }
        UpgradePhase::Preparing if runs_hooks => hooks::prepare(view, &id, component, status),
        UpgradePhase::Preparing => {
            component.phase = UpgradePhase::Ready;
            Ok(())
        }
        UpgradePhase::Ready => {
            let is_stuck = repair::is_stuck(view, component);
            repair::unless_stuck(is_stuck, others_ready(view, component))?;
            repair::unless_stuck(is_stuck, go)?;
            preflight::image(view, course.direction, component)?;
            component.phase = UpgradePhase::Rolling;
            Ok(())
        }
        UpgradePhase::Rolling => roll::roll(view, &passage, course, component, &go, status),
        UpgradePhase::Finalizing => finalize::finalize(view, &id, course, component, status),
        UpgradePhase::Completed => Ok(()),
        UpgradePhase::Failed => {
            let gate = format!("HookFailed:{}", component.component);
            view.pass(Err(Wait::gate("HookFailed", gate, component.message.clone())))?;
            component.phase = UpgradePhase::Ready;
            component.failed_for = None;
            Ok(())
        }
    }
}

/// Whether nothing is being done for a component, and nothing has to come to an end.
const fn is_untouched(step: &WaveComponent) -> bool {
    matches!(step.phase, UpgradePhase::Detected | UpgradePhase::Ready)
}

/// Every other component has to be healthy before this one is touched. When it is FE's turn and no FE is there to ask,
/// what only the database could say doesn't hold FE up: it is what has to be repaired.
fn others_ready(view: &View<'_>, component: &WaveComponent) -> Step {
    let nobody_to_ask = component.component == Component::Fe
        && !view.observation.component(Component::Fe).pods.iter().any(|pod| pod.ready);
    let status = view.observation.cluster.status.as_ref();
    let others = view.observation.cluster.spec.components().filter(|other| *other != component.component);
    for other in others {
        let is_missing = view.observation.component(other).statefulset.is_none();
        if is_missing && status.is_some_and(|status| waits_for_fe(status, other)) {
            continue;
        }
        let is_ready = readiness::workload_ready(view, other);
        let is_ready = if nobody_to_ask {
            is_ready
        } else {
            is_ready.and_then(|()| readiness::members_alive(view, other, None))
        };
        is_ready.map_err(|reason| Wait::not_ready(view, other, &reason))?;
    }
    Ok(())
}
