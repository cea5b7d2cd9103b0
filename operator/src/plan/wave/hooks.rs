//! Pre-hooks: in order, each until it succeeds or has failed too often.

use super::{
    Step, Wait,
    begin::{fail, script_is_acceptable},
    out_of_turn::take_up,
};
use crate::{
    observation::{Judgement, ObservedJob, ObservedRun, ObservedScript},
    plan::{
        View, frontend_address, holds, job_of,
        retry::{Retry, retry},
        settle::foreign_run,
    },
    run::Runner,
};
use hookgate_api::{
    Component, StarRocksCluster, StarRocksClusterStatus,
    hooks::{HookPhase, PredefinedHook},
    status::{HookResult, HookRun, UpgradePhase, WaveComponent, cap},
};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The words that Go programs have for a timeout, and that runbooks look for.
pub(crate) const DEADLINE_EXCEEDED: &str = "Hook execution failed: context deadline exceeded";
/// The name of a custom script's run.
pub(crate) const CUSTOM: &str = "custom";

/// One hook of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Hook {
    Predefined(PredefinedHook),
    Custom,
}

impl Hook {
    pub(in crate::plan) const fn name(self) -> &'static str {
        match self {
            Self::Predefined(hook) => hook.as_str(),
            Self::Custom => CUSTOM,
        }
    }
}

/// A component's pre-hooks in order: predefined before custom, the default pair where nothing is configured.
pub(in crate::plan) fn pre_hooks(cluster: &StarRocksCluster, component: Component) -> Vec<Hook> {
    hooks(cluster, component, HookPhase::Pre)
}

/// A component's post-hooks in order.
pub(in crate::plan) fn post_hooks(cluster: &StarRocksCluster, component: Component) -> Vec<Hook> {
    hooks(cluster, component, HookPhase::Post)
}

fn hooks(cluster: &StarRocksCluster, component: Component, phase: HookPhase) -> Vec<Hook> {
    let Some(configured) = cluster.spec.upgrade_hooks(component) else {
        let default = PredefinedHook::DEFAULT_PAIR.into_iter().filter(|hook| hook.phase() == phase);
        return default.map(Hook::Predefined).collect();
    };
    let predefined = configured.predefined_hooks().filter(|hook| hook.phase() == phase).map(Hook::Predefined);
    predefined.chain(configured.custom.as_ref().map(|_| Hook::Custom)).collect()
}

/// Takes a component through its pre-hooks.
pub(super) fn prepare(
    view: &View<'_>,
    wave: &str,
    component: &mut WaveComponent,
    status: &StarRocksClusterStatus,
) -> Step {
    for hook in pre_hooks(&view.observation.cluster, component.component) {
        let Some(index) = place(component, hook, HookPhase::Pre) else {
            component.hooks.push(start(view, component.component, hook, HookPhase::Pre));
            return Err(running(hook));
        };
        if hook == Hook::Custom && keep_script_current(view, wave, component, index, HookPhase::Pre) {
            let script = script_is_acceptable(view, component.component);
            let skipped = script.is_err();
            view.pass(script)?;
            if skipped {
                continue;
            }
        }
        let run = component.hooks.get(index);
        let verdict = match (hook, run) {
            (Hook::Predefined(predefined), _) => holds::verdict(view, status, predefined).map(Ok),
            (Hook::Custom, Some(run)) => job_verdict(view, wave, component.component, run),
            (Hook::Custom, None) => None,
        };
        let place = component.component;
        let Some(run) = component.hooks.get_mut(index) else { return Ok(()) };
        if run.result == HookResult::Running && may_conclude(view, run) {
            conclude(view, place, run, verdict);
        }
        note_waiting(view, wave, place, run);
        compare(view, place, run, status);
        match run.result {
            HookResult::Succeeded => {}
            HookResult::Running => return Err(running(hook)),
            HookResult::Failed => return retry_or_fail(view, component, index),
        }
    }
    component.phase = UpgradePhase::Ready;
    component.next_retry_at = None;
    Ok(())
}

/// A run that is written down and has no Job yet is of the script as it is at this moment. `true` for such a run.
pub(super) fn keep_script_current(
    view: &View<'_>,
    wave: &str,
    component: &mut WaveComponent,
    index: usize,
    phase: HookPhase,
) -> bool {
    let place = component.component;
    let Some(run) =
        component.hooks.get_mut(index).filter(|run| run.result == HookResult::Running && !run.started)
    else {
        return false;
    };
    take_up(view, run);
    if view.observation.jobs.contains_key(&job_of(&view.observation.cluster, wave, place, run)) {
        return false;
    }
    let HookRun { script_sha256, clearance, .. } = start(view, place, Hook::Custom, phase);
    (run.script_sha256, run.clearance) = (script_sha256, clearance);
    true
}

pub(super) fn place(component: &WaveComponent, hook: Hook, phase: HookPhase) -> Option<usize> {
    component.hooks.iter().position(|run| run.name == hook.name() && run.phase == phase)
}

pub(super) fn start(view: &View<'_>, component: Component, hook: Hook, phase: HookPhase) -> HookRun {
    let script = view.observation.scripts.get(&component).filter(|_| hook == Hook::Custom);
    let (script_sha256, clearance) = match script {
        Some(ObservedScript::Accepted { sha256, judgement }) => {
            (Some(sha256.clone()), Some(judgement.clearance(phase)))
        }
        Some(ObservedScript::Refused { sha256, .. }) => (Some(sha256.clone()), None),
        Some(ObservedScript::Missing(_)) | None => (None, None),
    };
    HookRun {
        name: hook.name().to_owned(),
        phase,
        result: HookResult::Running,
        attempt: 1,
        script_sha256,
        clearance,
        started_at: view.time(),
        finished_at: None,
        nonce: if hook == Hook::Custom { view.observation.nonce.clone() } else { String::new() },
        job_uid: None,
        foreign_job: String::new(),
        started: false,
        changed: None,
        message: String::new(),
    }
}

fn running(hook: Hook) -> Wait {
    Wait::new("HookRunning", format!("waiting for the hook {} to succeed", hook.name()))
}

/// How a run stands: `None` while it goes on, else what is to be known of its success or failure.
pub(in crate::plan) type Verdict = Option<Result<String, String>>;

/// How the Job of a run stands. A Job has a deadline of its own, which Kubernetes keeps; one that can't even be made
/// has the same.
pub(super) fn job_verdict(view: &View<'_>, wave: &str, component: Component, run: &HookRun) -> Verdict {
    if !run.foreign_job.is_empty() {
        return Some(Err(run.foreign_job.clone()));
    }
    let name = job_of(&view.observation.cluster, wave, component, run);
    let Some(job) = view.observation.jobs.get(&name) else {
        if run.started {
            let what = named(view, &name);
            return Some(Err(format!("{what} can't be found any more: somebody has deleted it")));
        }
        return overdue(view, component, run, || could_not_be_started(view, &name));
    };
    match job {
        // What isn't known to be of this run says nothing of it. It's asked for once more, and then known; when that
        // can't be any more, its time ends it.
        ObservedJob::Running | ObservedJob::Succeeded | ObservedJob::Failed { .. } if !run.started => {
            if startable(view, component, run).is_some() {
                return None;
            }
            let what = named(view, &name);
            let unknown = || format!("whether {what} is what was to be run can't be known any more");
            overdue(view, component, run, unknown)
        }
        ObservedJob::Running => None,
        ObservedJob::Succeeded => Some(Ok(String::new())),
        ObservedJob::Failed { deadline_exceeded: true, .. } => Some(Err(match &*run.message {
            "" => DEADLINE_EXCEEDED.to_owned(),
            waiting => format!("{DEADLINE_EXCEEDED}: {waiting}"),
        })),
        ObservedJob::Failed { message, .. } => Some(Err(message.clone())),
        ObservedJob::Foreign => Some(Err(foreign_run(
            &named(view, &name),
            "it does not belong to this cluster, or is not of this run",
        ))),
    }
}

/// Writes down why the pod of a run isn't started: when its time is up the pod is gone, and with it the reason.
pub(super) fn note_waiting(view: &View<'_>, wave: &str, component: Component, run: &mut HookRun) {
    if run.name != CUSTOM || run.result != HookResult::Running {
        return;
    }
    let name = job_of(&view.observation.cluster, wave, component, run);
    match view.observation.runs.get(&name) {
        // What Kubernetes says differs from one try to the next; what it comes to doesn't.
        Some(ObservedRun::Waiting(waiting)) if run.message.starts_with(&waiting.what) => {}
        Some(ObservedRun::Waiting(waiting)) => run.message = cap(&waiting.to_string()),
        Some(ObservedRun::Started | ObservedRun::Ended(_)) => run.message.clear(),
        None => {}
    }
}

/// A run that can't be started has the same time as one that was.
fn overdue(view: &View<'_>, component: Component, run: &HookRun, why: impl Fn() -> String) -> Verdict {
    let overdue = view.now >= deadline(view, component, run);
    overdue.then(|| Err(format!("{DEADLINE_EXCEEDED}: {}", why())))
}

/// What a run is called where it is looked for.
fn named(view: &View<'_>, name: &str) -> String {
    match view.observation.runner.kind {
        Runner::Job => format!("the Job {name}"),
        Runner::Process => format!("the process {name}"),
    }
}

fn could_not_be_started(view: &View<'_>, name: &str) -> String {
    view.observation.own_jobs().next().map_or_else(
        || format!("{} could not be started", named(view, name)),
        |(other, _)| {
            let (what, other) = (named(view, name), named(view, other));
            format!("{what} could not be started, for {other} is still there")
        },
    )
}

/// The script that a run is of and how it was judged, if it can be started: only one that the policy accepts in this
/// very pass, approved where it wants that, and the one written down; and only when it's known where FE is.
pub(in crate::plan) fn startable<'a>(
    view: &View<'a>,
    component: Component,
    run: &HookRun,
) -> Option<(&'a str, &'a Judgement)> {
    let Some(ObservedScript::Accepted { sha256, judgement }) = view.observation.scripts.get(&component)
    else {
        return None;
    };
    frontend_address(view)?;
    let may = judgement.approval.of(run.phase).is_ok() && run.script_sha256.as_ref() == Some(sha256);
    may.then_some((sha256, judgement))
}

/// When the time of a run is up.
fn deadline(view: &View<'_>, component: Component, run: &HookRun) -> Timestamp {
    let timeout = view.observation.cluster.spec.upgrade_hooks(component).map_or_else(
        || i64::from(hookgate_api::defaults::DEFAULT_TIMEOUT_SECONDS),
        hookgate_api::hooks::UpgradeHooks::timeout_seconds,
    );
    run.started_at.0 + SignedDuration::from_secs(timeout)
}

/// A script that runs while everything is given back loses what it has set: it's ended, and runs again later.
pub(in crate::plan) fn interrupt(view: &View<'_>, status: &mut StarRocksClusterStatus) {
    let steps = status.wave.iter_mut().flat_map(|wave| &mut wave.components);
    steps.for_each(|step| interrupt_step(view, step));
}

/// The same, of one component.
pub(super) fn interrupt_step(view: &View<'_>, component: &mut WaveComponent) {
    let place = component.component;
    let runs = component.hooks.iter_mut().filter(|run| run.name == CUSTOM && run.phase == HookPhase::Pre);
    for run in runs.filter(|run| run.result == HookResult::Running && run.started) {
        let message = "settings were given back while it ran, and with them what it had set: it runs again";
        conclude(view, place, run, Some(Err(message.to_owned())));
        run.changed = Some(Vec::new());
    }
}

/// What a script has changed has to be known before it's said how it ended. One that isn't known to have been started
/// may have been, as long as there is a Job.
pub(super) fn may_conclude(view: &View<'_>, run: &HookRun) -> bool {
    never_ran(view, run) || holds::can_compare(view)
}

fn never_ran(view: &View<'_>, run: &HookRun) -> bool {
    !run.started && view.observation.own_jobs().next().is_none()
}

/// Writes down which settings a script that has ended has changed by itself.
pub(super) fn compare(
    view: &View<'_>,
    component: Component,
    run: &mut HookRun,
    status: &StarRocksClusterStatus,
) {
    if run.name == CUSTOM && run.result != HookResult::Running && run.changed.is_none() {
        let phase = run.phase;
        let changed = || holds::changed(view, status, &holds::of_script(view, component), phase);
        run.changed = Some(if never_ran(view, run) { Vec::new() } else { changed() });
    }
}

/// Writes down how a run ended; its time may be up as well.
pub(super) fn conclude(view: &View<'_>, component: Component, run: &mut HookRun, verdict: Verdict) {
    let overdue = run.name != CUSTOM && view.now >= deadline(view, component, run);
    let verdict = verdict.or_else(|| overdue.then(|| Err(DEADLINE_EXCEEDED.to_owned())));
    match verdict {
        None => return,
        Some(Ok(message)) => {
            run.result = HookResult::Succeeded;
            run.message = cap(&message);
        }
        Some(Err(message)) => {
            run.result = HookResult::Failed;
            run.message = cap(&message);
        }
    }
    run.finished_at = Some(view.time());
}

/// A failed pre-hook is tried again, or fails its component.
fn retry_or_fail(view: &View<'_>, component: &mut WaveComponent, index: usize) -> Step {
    let Some(run) = component.hooks.get_mut(index) else { return Ok(()) };
    let failed = format!("pre-hook {} failed (try {}): {}", run.name, run.attempt, run.message);
    match retry(view, run) {
        Retry::Exhausted => {
            let message = format!("pre-hook {} failed {} times: {}", run.name, run.attempt, run.message);
            fail(view, component, &message);
            Ok(())
        }
        Retry::At(due) => {
            component.next_retry_at = Some(Time(due));
            Err(Wait::new("HookRetry", failed))
        }
        Retry::Begun => {
            component.next_retry_at = None;
            Err(Wait::new("HookRunning", failed))
        }
    }
}
