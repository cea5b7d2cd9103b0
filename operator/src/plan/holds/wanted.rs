//! What is to be held at this moment, and for whom.

use super::watch;
use crate::plan::{
    View,
    holding::{Holding, holding},
    preparation,
    wave::{Course, Hook, pre_hooks},
};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    hooks::{HookPhase, PredefinedHook},
    status::{HeldSetting, HoldState, UpgradePhase, Wave, WaveComponent},
};
use std::collections::BTreeMap;

/// What is asked of a setting, and the components that ask for it.
#[derive(Default)]
pub(super) struct Wanted {
    /// The value that it is to be held at; `None` where it's only watched.
    pub(super) value: Option<String>,
    pub(super) holders: Vec<Component>,
}

/// What is to be held at this moment.
pub(super) fn wanted(view: &View<'_>, status: &StarRocksClusterStatus) -> BTreeMap<String, Wanted> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    let held = |wave: &&Wave| matches!(holding(view, wave), Holding::Held(_));
    let Some(wave) = status.wave.as_ref().filter(held) else { return wanted };
    let prepared = preparation::held(view, &wave.id, status).into_iter();
    for (setting, value) in prepared.chain(preparation::changed(&wave.id, status)) {
        wanted.entry(setting).or_default().value = Some(value);
    }
    let course = Course::of(wave);
    let needs = |step: &&WaveComponent| {
        // One that has failed asks for nothing: what it asked for may be what it failed for.
        !matches!(step.phase, UpgradePhase::Completed | UpgradePhase::Failed)
            && course.runs_hooks(view, step.component)
    };
    for step in wave.components.iter().filter(needs) {
        for hook in pre_hooks(&view.observation.cluster, step.component) {
            let Hook::Predefined(predefined) = hook else { continue };
            let begun = step.hooks.iter().any(|run| run.name == hook.name() && run.phase == HookPhase::Pre);
            for (setting, value) in predefined.held_settings() {
                // A component whose turn is still to come keeps what is held already, and takes nothing.
                if begun || status.held_in_force().any(|held| held.name == *setting) {
                    let want = wanted.entry((*setting).to_owned()).or_default();
                    want.value = Some((*value).to_owned());
                    if begun {
                        want.holders.push(step.component);
                    }
                }
            }
        }
        own_changes(view, status, step, &mut wanted);
    }
    for name in watch::watched(view, wave, status) {
        wanted.entry(name).or_default();
    }
    wanted
}

/// What the script of a component has changed by itself stays so until the component is done; and one whose turn is
/// still to come keeps what is held already.
fn own_changes(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    step: &WaveComponent,
    wanted: &mut BTreeMap<String, Wanted>,
) {
    let runs = step.hooks.iter().filter(|run| run.phase == HookPhase::Pre);
    for changed in runs.flat_map(|run| run.changed.iter().flatten()) {
        let want = wanted.entry(changed.name.clone()).or_default();
        want.value.get_or_insert_with(|| changed.value.clone());
        want.holders.push(step.component);
    }
    if pre_hooks(&view.observation.cluster, step.component).contains(&Hook::Custom) {
        let names = watch::of_script(view, step.component);
        let kept = |held: &&HeldSetting| held.state == HoldState::Held && names.contains(&held.name);
        for held in status.held_settings.iter().filter(kept) {
            wanted.entry(held.name.clone()).or_default().value.get_or_insert_with(|| held.value.clone());
        }
    }
}

/// The values of a setting that the wave itself may have set, and those that were there before: any other is somebody
/// else's. `None` before and while a script runs that may set any.
pub(super) fn ours(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    held: &HeldSetting,
    script_runs: bool,
) -> Option<Vec<String>> {
    if held.state == HoldState::Watched || script_runs {
        return None;
    }
    let mut ours = vec![held.value.clone()];
    ours.extend(held.frontends.iter().map(|frontend| frontend.original.clone()));
    ours.extend(of_hooks(view, status, &held.name));
    ours.extend(watch::values(view, status, &held.name));
    Some(ours)
}

/// The values that predefined hooks and the preparation give a setting. FEs have them still when the hook was taken out
/// of the spec.
pub(super) fn of_hooks(view: &View<'_>, status: &StarRocksClusterStatus, name: &str) -> Vec<String> {
    let Some(wave) = &status.wave else { return Vec::new() };
    let runs = wave.components.iter().flat_map(|step| &step.hooks);
    let begun = runs.filter_map(|run| run.name.parse::<PredefinedHook>().ok());
    let given = begun.flat_map(PredefinedHook::held_settings);
    let given = given.filter(|(setting, _)| *setting == name).map(|(_, value)| (*value).to_owned());
    let prepared = preparation::held(view, &wave.id, status).into_iter();
    let prepared = prepared.chain(preparation::changed(&wave.id, status));
    given.chain(prepared.filter(|(setting, _)| setting == name).map(|(_, value)| value)).collect()
}
