//! What hooks change by themselves: settings that a script or a statement may set are written down before it runs and
//! compared afterwards, and those that it has changed are held like any other.

use super::{
    frontends::{alive, same},
    wanted::of_hooks,
};
use crate::{
    observation::{ObservedJob, Touched},
    plan::{
        View, preparation,
        wave::{CUSTOM, Course, is_put_off},
    },
};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    hooks::HookPhase,
    status::{ChangedSetting, HookResult, HookRun, UpgradePhase, Wave},
};
use std::collections::BTreeSet;

/// The settings that the script of a component may change.
pub(in crate::plan) fn of_script(view: &View<'_>, component: Component) -> BTreeSet<String> {
    let touched = view.observation.policy.script_settings.get(&component);
    touched.map_or_else(Touched::any, Touched::names)
}

/// The settings that hooks which are written down and not compared yet may change.
pub(super) fn watched(view: &View<'_>, wave: &Wave, status: &StarRocksClusterStatus) -> BTreeSet<String> {
    let course = Course::of(wave);
    let mut names = preparation::watched(view, &wave.id, status);
    for step in &wave.components {
        let open = |run: &HookRun| run.name == CUSTOM && run.changed.is_none() && !is_put_off(run);
        let runs = matches!(step.phase, UpgradePhase::Preparing | UpgradePhase::Finalizing);
        if runs && course.runs_hooks(view, step.component) && step.hooks.iter().any(open) {
            names.extend(of_script(view, step.component));
        }
    }
    names
}

/// Whether the originals of these settings are written down for every FE, so that a hook may change them.
pub(in crate::plan) fn is_watched(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    names: &BTreeSet<String>,
) -> bool {
    let Ok(alive) = alive(view) else { return false };
    names.iter().filter(|name| alive.iter().any(|one| one.value(name).is_some())).all(|name| {
        let held = status.held_in_force().find(|held| held.name == *name);
        held.is_some_and(|held| {
            alive.iter().all(|one| one.value(name).is_none() || one.is_noted(held))
                && super::finalizer_is_there(&view.observation.cluster)
        })
    })
}

/// Whether it can be said what a hook has changed: every FE that is alive answers.
pub(in crate::plan) fn can_compare(view: &View<'_>) -> bool {
    alive(view).is_ok()
}

/// What a hook of that phase which has ended has changed, of the settings that it may change. FEs were asked after it
/// had ended.
pub(in crate::plan) fn changed(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    names: &BTreeSet<String>,
    phase: HookPhase,
) -> Vec<ChangedSetting> {
    let Ok(alive) = alive(view) else { return Vec::new() };
    let of = |name: &String| {
        let held = status.held_in_force().find(|held| held.name == *name)?;
        // What is held already because an earlier try or another script has set it, a pre-hook has set as well.
        let mut of_others = of_hooks(view, status, name);
        of_others.extend((phase == HookPhase::Post).then(|| held.value.clone()));
        let value = alive.iter().find_map(|one| {
            let value = one.value(name)?;
            let known = held.frontends.iter().find(|known| known.pod == one.frontend.pod)?;
            let is_new = !same(value, &known.original) && !of_others.iter().any(|other| same(value, other));
            is_new.then(|| value.to_owned())
        })?;
        Some(ChangedSetting { name: name.clone(), value })
    };
    names.iter().filter_map(of).collect()
}

/// Whether a script runs at this moment that may set anything.
pub(super) fn script_runs(view: &View<'_>, status: &StarRocksClusterStatus) -> bool {
    let runs = status.wave.iter().flat_map(|wave| &wave.components).flat_map(|step| &step.hooks);
    let mut unfinished = runs.filter(|run| run.name == CUSTOM && run.result == HookResult::Running);
    // A Job that has ended may be the one of a run that isn't known to have been started.
    let is_there = view.observation.own_jobs().next().is_some();
    job_runs(view) || unfinished.any(|run| run.started || is_there)
}

/// Whether a Job of a hook runs, of this wave or of one before.
pub(super) fn job_runs(view: &View<'_>) -> bool {
    view.observation.jobs.values().any(|job| *job == ObservedJob::Running)
}

/// The values that the hooks of a wave give a setting.
pub(super) fn values(view: &View<'_>, status: &StarRocksClusterStatus, name: &str) -> Vec<String> {
    let policy = &view.observation.policy;
    let touched = policy.script_settings.values().chain(policy.statement_settings.values());
    let mut values: Vec<String> =
        touched.filter_map(|touched| touched.values.get(name)).flatten().cloned().collect();
    let runs = status.wave.iter().flat_map(|wave| &wave.components).flat_map(|step| &step.hooks);
    let prepared = status.upgrade_preparation_status.iter().flat_map(|preparation| &preparation.hooks);
    let changed = runs.chain(prepared).flat_map(|run| run.changed.iter().flatten());
    values.extend(changed.filter(|changed| changed.name == name).map(|changed| changed.value.clone()));
    values
}
