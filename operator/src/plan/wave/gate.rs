//! The rollout gate between two pods: what has to be true again, the stop after the first pod, and the pause.

use super::{Step, Wait, steer};
use crate::{observation::Database, plan::View};
use hookgate_api::{
    annotations,
    gate::{Canary, GateCheck, RolloutGate},
    status::{ContinuedCanary, OpenedPod, Tablets, Trigger, UpgradePhase, Wave, WaveComponent},
};
use jiff::SignedDuration;
use kube::ResourceExt;

/// The user says whether it goes on after the first pod.
pub(in crate::plan) const CANARY: &str = "Canary";
/// The wait between two pods that the user asked for.
const POD_PAUSE: &str = "PodPause";
/// Tablets aren't yet as healthy as before the pod was let go. Their repair must be able to work.
pub(in crate::plan) const TABLET_GATE: &str = "TabletGate";
/// A gate has stayed shut for longer than its timeout.
pub(in crate::plan) const GATE_TIMED_OUT: &str = "GateTimedOut";

/// The gate of a pod that its tablets keep shut.
const TABLETS: &str = "Tablets";

/// What the gates of a wave depend on beside the component.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    /// The wave's id.
    pub wave: String,
    /// Whether the wave goes back to what was before: then nothing is tried out first.
    pub goes_back: bool,
    /// The canary after which the user lets it go on.
    pub continued: Option<ContinuedCanary>,
    /// Whether the user has stopped the wave.
    pub stopped: Step,
}

impl Passage {
    pub(super) fn of(view: &View<'_>, wave: &Wave) -> Self {
        let goes_back = matches!(wave.trigger, Trigger::Rollback | Trigger::Abort);
        let stopped = steer::released(view, wave).and_then(|()| steer::paused(view, wave));
        Self { wave: wave.id.clone(), goes_back, continued: wave.continued.clone(), stopped }
    }
}

fn gate(view: &View<'_>, component: &WaveComponent) -> RolloutGate {
    view.observation.cluster.spec.rollout_gate(component.component)
}

/// Writes down that a pod is to go, and what its gate will compare with. The same pod is written down once.
pub(super) fn open(
    view: &View<'_>,
    component: &mut WaveComponent,
    pod: OpenedPod,
    before: Option<&OpenedPod>,
) -> Step {
    if before != Some(&pod) {
        component.gate.tablets_before = match gate(view, component).check() {
            Some(GateCheck::Tablets) => match tablets(view) {
                Ok(tablets) => Some(tablets),
                Err(wait) => view.pass(Err(wait)).map(|()| None)?,
            },
            Some(GateCheck::Alive) | None => None,
        };
        component.gate.shut_since = Some(view.time());
    }
    component.opened = Some(pod);
    Ok(())
}

/// The same for a pod that carries no load: nothing is compared with afterwards, but for another one that was let go
/// before it and has not passed its gate.
pub(super) fn open_broken(
    view: &View<'_>,
    passage: &Passage,
    component: &mut WaveComponent,
    pod: OpenedPod,
    away: Option<&OpenedPod>,
) {
    if component.opened.as_ref() != Some(&pod) {
        if away.is_none() {
            component.gate.tablets_before = None;
        }
        component.gate.shut_since = Some(view.time());
        // Nobody has said yet that it goes on after the first pod: this one doesn't count as the second.
        if after_last(view, passage, component).is_err() {
            component.gate.passed = 0;
        }
    }
    component.opened = Some(pod);
}

/// What has to be true beside the pod being back.
pub(super) fn check(view: &View<'_>, component: &WaveComponent, pod: &OpenedPod) -> Step {
    let (Some(GateCheck::Tablets), Some(before)) =
        (gate(view, component).check(), component.gate.tablets_before)
    else {
        return Ok(());
    };
    view.pass(tablets(view).and_then(|tablets| as_before(view, component, pod, before, tablets)))
}

fn as_before(
    view: &View<'_>,
    component: &WaveComponent,
    pod: &OpenedPod,
    before: Tablets,
    tablets: Tablets,
) -> Step {
    let worse: Vec<_> = [
        ("unhealthy", before.unhealthy, tablets.unhealthy),
        ("inconsistent", before.inconsistent, tablets.inconsistent),
        ("in an error state", before.error_state, tablets.error_state),
    ]
    .into_iter()
    .filter(|(_, before, tablets)| tablets > before)
    .map(|(what, before, tablets)| format!("{tablets} {what}, {before} before"))
    .collect();
    if worse.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{}: waiting for tablets to be as they were before {} was let go: {}",
        component.component,
        pod.name,
        worse.join("; ")
    );
    Err(Wait::gate(TABLET_GATE, view.gate(TABLETS), message))
}

fn tablets(view: &View<'_>) -> Result<Tablets, Wait> {
    let unknown = |why: &str| {
        let message = format!("SHOW PROC '/statistic' says nothing of tablets: {why}");
        Err(Wait::gate("TabletsUnknown", view.gate(TABLETS), message))
    };
    match &view.observation.database {
        Database::NotAsked => unknown("the database has not been asked"),
        Database::Asked(facts) => match &facts.tablets {
            Some(Ok(tablets)) => Ok(*tablets),
            Some(Err(error)) => unknown(error),
            None => unknown("no FE is the leader"),
        },
    }
}

/// The pod has passed its gate.
pub(super) fn passed(view: &View<'_>, component: &mut WaveComponent) {
    component.gate.passed = component.gate.passed.saturating_add(1);
    component.gate.passed_at = Some(view.time());
    component.gate.shut_since = None;
    component.gate.tablets_before = None;
}

/// A wait at the gate of a pod is the user's matter once the gate's time is up. It's looked at all the same: a cluster
/// that turns out to be healthy goes on by itself.
pub(super) fn or_timed_out(view: &View<'_>, component: &WaveComponent, pod: &OpenedPod, wait: Wait) -> Wait {
    let timeout = gate(view, component).timeout_seconds();
    let Some(since) = &component.gate.shut_since else { return wait };
    if view.now < since.0 + SignedDuration::from_secs(timeout) {
        return wait;
    }
    let message =
        format!("the gate of {} has been shut for more than {timeout} s: {}", pod.name, wait.message);
    Wait { reason: GATE_TIMED_OUT, message, gate: wait.gate }
}

/// Whether the first pod has failed at its gate and the user wants to be back where it was.
pub(super) fn goes_back(view: &View<'_>, passage: &Passage, component: &WaveComponent, wait: &Wait) -> bool {
    wait.reason == GATE_TIMED_OUT
        && component.gate.passed == 0
        && !passage.goes_back
        && gate(view, component).canary() == Some(Canary::Rollback)
}

/// What stands between a pod that has passed its gate and the next one.
pub(super) fn between(view: &View<'_>, passage: &Passage, component: &WaveComponent) -> Step {
    after_last(view, passage, component)?;
    if passage.goes_back {
        return Ok(());
    }
    view.pass(pause(view, component))
}

/// The same where there is no next one: the only pod is tried out as well, before other components follow.
pub(super) fn after_last(view: &View<'_>, passage: &Passage, component: &WaveComponent) -> Step {
    if passage.goes_back {
        return Ok(());
    }
    view.pass(canary(view, passage, component))
}

fn stops(view: &View<'_>, component: &WaveComponent) -> bool {
    !matches!(gate(view, component).canary(), Some(Canary::No) | None)
}

fn is_told_to_go_on(view: &View<'_>, wave: &str) -> bool {
    view.observation.cluster.annotations().get(annotations::CONTINUE).is_some_and(|value| value == wave)
}

/// Writes down which canary the annotation is about: the first one that is there with it. For another, of another
/// component or of another target, it has to be taken away and set once more.
pub(super) fn note_continue(view: &View<'_>, wave: &mut Wave) {
    if !is_told_to_go_on(view, &wave.id) {
        wave.continued = None;
        return;
    }
    let at = super::current(wave).and_then(|index| wave.components.get(index));
    let canary = at.filter(|step| step.phase == UpgradePhase::Rolling && step.gate.passed == 1);
    if let Some(step) = canary.filter(|step| wave.continued.is_none() && stops(view, step)) {
        wave.continued = Some(ContinuedCanary { component: step.component, target: step.target.clone() });
    }
}

fn canary(view: &View<'_>, passage: &Passage, component: &WaveComponent) -> Step {
    let stops = stops(view, component);
    let told = passage.continued.as_ref().is_some_and(|canary| {
        (canary.component, canary.target.as_str()) == (component.component, component.target.as_str())
    });
    if !stops || told || component.gate.passed != 1 {
        return Ok(());
    }
    let (name, wave, key) = (view.observation.cluster.name_any(), &passage.wave, annotations::CONTINUE);
    let way_out = match &passage.continued {
        None => format!("to go on: kubectl annotate src {name} --overwrite {key}={wave}"),
        Some(before) => format!(
            "the annotation {key} was for the first pod of {} before it. Take it away, and this says how to go on: \
             kubectl annotate src {name} {key}-",
            before.component
        ),
    };
    let message = format!("the first pod of {} has passed its gate; {way_out}", component.component);
    Err(Wait::gate(CANARY, format!("Canary:{}", component.component), message))
}

fn pause(view: &View<'_>, component: &WaveComponent) -> Step {
    let seconds = gate(view, component).pause_seconds();
    let Some(passed_at) = &component.gate.passed_at else { return Ok(()) };
    let until = passed_at.0 + SignedDuration::from_secs(seconds);
    if view.now >= until {
        return Ok(());
    }
    let message = format!("{}: the next pod goes at {until} (pauseSeconds: {seconds})", component.component);
    Err(Wait::gate(POD_PAUSE, view.gate(POD_PAUSE), message))
}
