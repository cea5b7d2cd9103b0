//! What the results of actions mean for the status: those that can't be observed afterwards are written down.

use super::{
    Outcome, refusals,
    wave::{CUSTOM, current},
};
use hookgate_api::{
    StarRocksClusterStatus,
    hooks::{HookPhase, PredefinedHook},
    status::{DryRun, HookResult, HookRun, UpgradePhase, cap},
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The status after those results.
#[must_use]
pub fn settle(
    mut status: StarRocksClusterStatus,
    outcomes: &[Outcome],
    now: Timestamp,
) -> StarRocksClusterStatus {
    for outcome in outcomes {
        match outcome {
            Outcome::Sql { index, result } => settle_sql(&mut status, *index, result, now),
            Outcome::DryRun { component, target, refused } => {
                let run = DryRun {
                    component: *component,
                    target: target.clone(),
                    at: Time(now),
                    refused: refused.as_deref().map(cap),
                };
                if let Some(wave) = status.wave.as_mut() {
                    wave.preflight.dry_runs.retain(|known| known.component != *component);
                    wave.preflight.dry_runs.push(run);
                }
            }
            Outcome::RunStarted(uid) => settle_job(&mut status, |run| {
                run.started = true;
                run.job_uid = Some(uid.clone());
            }),
            // The next pass says that it has failed, and tells so.
            Outcome::RunForeign { what, difference } => {
                settle_job(&mut status, |run| run.foreign_job = cap(&foreign_run(what, difference)));
            }
            Outcome::Image(result) => settle_image(&mut status, result),
            Outcome::ObjectRefused { object, message } => settle_object(&mut status, object, message),
            Outcome::SettingRefused { setting, error, meaning } => {
                refusals::note_setting(&mut status, setting, error, *meaning, now);
                settle_refused(&mut status, setting, error, now);
            }
        }
    }
    status
}

/// What is said of what somebody else has made under the name of a run.
pub(super) fn foreign_run(what: &str, difference: &str) -> String {
    format!(
        "{what} exists and is not this operator's: {difference}; find out who made it, and delete it to go on"
    )
}

/// The script's run of the component whose turn it is.
fn settle_job(status: &mut StarRocksClusterStatus, settled: impl Fn(&mut HookRun)) {
    let Some(wave) = status.wave.as_mut() else { return };
    let Some(step) = current(wave).and_then(|index| wave.components.get_mut(index)) else { return };
    let running = step.hooks.iter_mut().filter(|run| run.name == CUSTOM && run.result == HookResult::Running);
    running.for_each(settled);
}

fn settle_image(status: &mut StarRocksClusterStatus, result: &Result<(), String>) {
    let Some(wave) = status.wave.as_mut() else { return };
    let step = current(wave).and_then(|index| wave.components.get_mut(index));
    let Some(run) = step.and_then(|step| step.image.as_mut()) else { return };
    match result {
        Ok(()) => run.done = true,
        Err(error) => run.message = cap(error),
    }
}

fn settle_sql(
    status: &mut StarRocksClusterStatus,
    index: usize,
    result: &Result<(), String>,
    now: Timestamp,
) {
    let runs = status.upgrade_preparation_status.as_mut().map(|preparation| &mut preparation.hooks);
    let Some(run) = runs.and_then(|runs| runs.get_mut(index)).filter(|run| run.result == HookResult::Running)
    else {
        return;
    };
    run.finished_at = Some(Time(now));
    match result {
        Ok(()) => run.result = HookResult::Succeeded,
        Err(error) => {
            run.result = HookResult::Failed;
            run.message = cap(error);
        }
    }
}

/// The component whose object is refused says so until its target changes.
fn settle_object(status: &mut StarRocksClusterStatus, object: &str, message: &str) {
    let Some(wave) = status.wave.as_mut() else { return };
    let Some(step) = current(wave).and_then(|index| wave.components.get_mut(index)) else { return };
    let is_its_own =
        object.starts_with("StatefulSet ") && object.ends_with(&format!("-{}", step.component.as_str()));
    if is_its_own {
        step.message = cap(message);
    }
}

/// A refused setting fails the hook that wants it. Where no hook is running, it's asserted anew in the next pass.
fn settle_refused(status: &mut StarRocksClusterStatus, setting: &str, error: &str, now: Timestamp) {
    let holds = |name: &str| {
        let hook = name.parse::<PredefinedHook>();
        hook.is_ok_and(|hook| hook.held_settings().iter().any(|(held, _)| *held == setting))
    };
    let Some(wave) = status.wave.as_mut() else { return };
    let Some(step) = current(wave).and_then(|index| wave.components.get_mut(index)) else { return };
    let preparation = status.upgrade_preparation_status.as_mut().filter(|known| known.wave == wave.id);
    if let Some(run) = preparation
        .and_then(|preparation| preparation.hooks.iter_mut().find(|run| run.result == HookResult::Running))
    {
        run.result = HookResult::Failed;
        run.finished_at = Some(Time(now));
        run.message = cap(error);
        return;
    }
    if step.phase != UpgradePhase::Preparing {
        return;
    }
    let running = step
        .hooks
        .iter_mut()
        .find(|run| run.result == HookResult::Running && run.phase == HookPhase::Pre && holds(&run.name));
    if let Some(run) = running {
        run.result = HookResult::Failed;
        run.finished_at = Some(Time(now));
        run.message = cap(error);
    }
}
