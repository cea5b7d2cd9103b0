//! What is to be held at this moment, and for whom.

use crate::plan::{
    View,
    holding::{Holding, holding},
    preparation,
    wave::{Course, Hook, pre_hooks},
};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    hooks::HookPhase,
    status::{HeldSetting, UpgradePhase, Wave, WaveComponent},
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
    for (setting, value) in preparation::held(view, &wave.id, status) {
        wanted.entry(setting).or_default().value = Some(value);
    }
    let course = Course::of(wave);
    let needs = |step: &&WaveComponent| {
        step.phase != UpgradePhase::Completed && course.runs_hooks(view, step.component)
    };
    for step in wave.components.iter().filter(needs) {
        for hook in pre_hooks(&view.observation.cluster, step.component) {
            let Hook::Predefined(predefined) = hook else { continue };
            let begun = step.hooks.iter().any(|run| run.name == hook.name() && run.phase == HookPhase::Pre);
            for (setting, value) in predefined.held_settings() {
                // A component whose turn is still to come keeps what is held already, and takes nothing.
                if begun
                    || status.held_settings.iter().any(|held| held.name == *setting && held.is_in_force())
                {
                    let want = wanted.entry((*setting).to_owned()).or_default();
                    want.value = Some((*value).to_owned());
                    if begun {
                        want.holders.push(step.component);
                    }
                }
            }
        }
    }
    wanted
}

/// The values of a setting that the wave itself may have set, and those that were there before: any other is somebody
/// else's.
pub(super) fn ours(view: &View<'_>, status: &StarRocksClusterStatus, held: &HeldSetting) -> Vec<String> {
    let mut ours = vec![held.value.clone()];
    ours.extend(held.frontends.iter().map(|frontend| frontend.original.clone()));
    if let Some(wave) = &status.wave {
        let prepared = preparation::held(view, &wave.id, status).into_iter();
        ours.extend(prepared.filter(|(name, _)| *name == held.name).map(|(_, value)| value));
    }
    ours
}
