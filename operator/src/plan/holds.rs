//! Holds: FE settings that stay at a value while an upgrade lasts, and go back to what they were.
//!
//! FE settings live in each FE's memory, and `ADMIN SET FRONTEND CONFIG` on one FE is forwarded to all that are
//! alive. So the original of every FE is read and written down before the first change, each FE is verified by
//! itself, and one that has restarted has a new original.

use super::{
    Action, View,
    holding::{Holding, holding},
    preparation,
    wave::{Hook, pre_hooks},
};
use crate::observation::{Database, Frontend, FrontendAnswer};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    hooks::{HookPhase, PredefinedHook},
    status::{HeldFrontend, HeldSetting, HoldState, UpgradePhase, Wave},
};
use std::collections::BTreeMap;

/// The gate before a pod goes: every held setting has its value on every FE.
pub(super) const GATE: &str = "SettingsHeld";

/// An FE that is alive, and what it answered in this pass.
type Alive<'a> = (&'a Frontend, &'a FrontendAnswer);

/// What is asked of the holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Held is what the components of the wave ask for.
    AsTheWaveNeeds,
    /// Everything is given back.
    LetGo,
}

/// A value that a setting is to be held at, and the components that ask for it.
#[derive(Default)]
struct Wanted {
    value: String,
    holders: Vec<Component>,
}

/// Every FE that the database calls Alive, with its answer; else which of them didn't give one.
fn alive<'a>(view: &View<'a>) -> Result<Vec<Alive<'a>>, String> {
    let Database::Asked(facts) = &view.observation.database else {
        return Err("the database has not been asked".to_owned());
    };
    let members = facts.members.as_ref().map_err(|error| format!("no FE answers: {error}"))?;
    let mut alive = Vec::new();
    for member in members.frontends.iter().filter(|member| member.alive) {
        let frontend = facts
            .frontends
            .iter()
            .find(|frontend| member.is_pod(&frontend.pod, Some(&frontend.ip)))
            .ok_or_else(|| format!("FE {} is Alive and is no pod of this cluster", member.host))?;
        let answer = frontend.answer.as_ref().map_err(|error| format!("FE {}: {error}", frontend.pod))?;
        alive.push((frontend, answer));
    }
    if alive.is_empty() { Err("no FE is Alive".to_owned()) } else { Ok(alive) }
}

/// What is to be held at this moment.
fn wanted(view: &View<'_>, status: &StarRocksClusterStatus) -> BTreeMap<String, Wanted> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    let held = |wave: &&Wave| matches!(holding(view, wave), Holding::Held(_));
    let Some(wave) = status.wave.as_ref().filter(held) else { return wanted };
    for (setting, value) in preparation::held(view, &wave.id, status) {
        wanted.entry(setting).or_default().value = value;
    }
    for step in wave.components.iter().filter(|step| step.phase != UpgradePhase::Completed) {
        for hook in pre_hooks(&view.observation.cluster, step.component) {
            let Hook::Predefined(predefined) = hook else { continue };
            let begun = step.hooks.iter().any(|run| run.name == hook.name() && run.phase == HookPhase::Pre);
            for (setting, value) in predefined.held_settings() {
                // A component whose turn is still to come keeps what is held already, and takes nothing.
                if begun || status.held_settings.iter().any(|held| held.name == *setting) {
                    let want = wanted.entry((*setting).to_owned()).or_default();
                    want.value = (*value).to_owned();
                    if begun {
                        want.holders.push(step.component);
                    }
                }
            }
        }
    }
    wanted
}

/// Takes holds, notices FEs that have restarted, and lets go of what nobody wants any more.
pub(super) fn transition(view: &View<'_>, status: &mut StarRocksClusterStatus, wish: Wish) {
    let wanted = match wish {
        Wish::AsTheWaveNeeds => wanted(view, status),
        Wish::LetGo => BTreeMap::new(),
    };
    for held in &mut status.held_settings {
        match wanted.get(&held.name) {
            Some(want) => {
                held.state = HoldState::Held;
                held.value.clone_from(&want.value);
                held.holders.clone_from(&want.holders);
            }
            None => {
                held.state = HoldState::Releasing;
                held.holders.clear();
            }
        }
    }
    let Ok(alive) = alive(view) else { return };
    for (name, want) in wanted {
        let known = status.held_settings.iter().any(|held| held.name == name);
        let exists = alive.iter().any(|(_, answer)| answer.settings.contains_key(&name));
        if !known && exists {
            status.held_settings.push(HeldSetting {
                name,
                value: want.value,
                state: HoldState::Held,
                holders: want.holders,
                frontends: Vec::new(),
                since: view.time(),
            });
        }
    }
    for held in &mut status.held_settings {
        alive.iter().for_each(|(frontend, answer)| note_original(held, frontend, answer));
    }
    let everyone = frontends(view);
    status
        .held_settings
        .retain(|held| held.state == HoldState::Held || !is_given_back(held, everyone, &alive));
}

/// Writes down what a setting was on an FE, once for each time that the FE has started.
fn note_original(held: &mut HeldSetting, frontend: &Frontend, answer: &FrontendAnswer) {
    let Some(setting) = answer.settings.get(&held.name) else { return };
    if held.frontends.iter().any(|known| is_incarnation(known, frontend)) {
        return;
    }
    // The held value may already have been forwarded to an FE that has just come back. Then its file's value is
    // what it had the last time, or what its peers have.
    let earlier = held
        .frontends
        .iter()
        .find(|known| known.pod == frontend.pod)
        .or_else(|| held.frontends.first())
        .map(|known| known.original.clone());
    let original = match earlier {
        Some(earlier) if same(&setting.value, &held.value) => earlier,
        _ => setting.value.clone(),
    };
    held.frontends.retain(|known| known.pod != frontend.pod);
    held.frontends.push(HeldFrontend {
        pod: frontend.pod.clone(),
        uid: frontend.uid.clone(),
        restarts: frontend.restarts,
        original,
    });
    held.frontends.sort_by(|one, other| one.pod.cmp(&other.pod));
}

fn is_incarnation(known: &HeldFrontend, frontend: &Frontend) -> bool {
    known.pod == frontend.pod && known.uid == frontend.uid && known.restarts == frontend.restarts
}

/// Every FE that is alive has its original; and so has every FE that was told the held value and still runs, whether or
/// not its peers can see it.
fn is_given_back(held: &HeldSetting, everyone: &[Frontend], alive: &[Alive<'_>]) -> bool {
    let Some(original) = held.original() else { return true };
    let has_it = |answer: &FrontendAnswer| {
        answer.settings.get(&held.name).is_none_or(|setting| same(&setting.value, original))
    };
    let was_told = |frontend: &&Frontend| held.frontends.iter().any(|known| is_incarnation(known, frontend));
    alive.iter().all(|(_, answer)| has_it(answer))
        && everyone.iter().filter(was_told).all(|frontend| frontend.answer.as_ref().is_ok_and(has_it))
}

/// Every FE pod that was asked.
fn frontends<'a>(view: &View<'a>) -> &'a [Frontend] {
    match &view.observation.database {
        Database::NotAsked => &[],
        Database::Asked(facts) => &facts.frontends,
    }
}

fn same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// Whether every setting that is held has its value on every FE that is alive; else which hasn't.
pub(super) fn verified(view: &View<'_>, status: &StarRocksClusterStatus) -> Result<(), String> {
    let alive = alive(view)?;
    for (name, _) in wanted(view, status) {
        let exists = alive.iter().any(|(_, answer)| answer.settings.contains_key(&name));
        let is_held = |held: &HeldSetting| held.name == name && held.state == HoldState::Held;
        if exists && !status.held_settings.iter().any(is_held) {
            return Err(format!("{name} is not held yet"));
        }
    }
    for held in status.held_settings.iter().filter(|held| held.state == HoldState::Held) {
        verified_on(held, &alive)?;
    }
    Ok(())
}

fn verified_on(held: &HeldSetting, alive: &[Alive<'_>]) -> Result<(), String> {
    for (frontend, answer) in alive {
        let Some(setting) = answer.settings.get(&held.name) else { continue };
        if !held.frontends.iter().any(|known| is_incarnation(known, frontend)) {
            return Err(format!(
                "the original of {} on {} has not been written down",
                held.name, frontend.pod
            ));
        }
        if !same(&setting.value, &held.value) {
            return Err(format!(
                "{} is {} on {}, not {}",
                held.name, setting.value, frontend.pod, held.value
            ));
        }
    }
    Ok(())
}

/// How a `disable-…` hook stands: it has succeeded when everything that it holds is verified on every FE.
pub(super) fn verdict(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    hook: PredefinedHook,
) -> Option<Result<(), String>> {
    settings_verdict(view, status, hook.held_settings().iter().copied())
}

/// How holding these settings stands. One that this version of StarRocks doesn't have is passed over.
pub(super) fn settings_verdict<'a>(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    settings: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<Result<(), String>> {
    let alive = alive(view).ok()?;
    for (name, _) in settings {
        let exists = alive.iter().any(|(_, answer)| answer.settings.contains_key(name));
        let held =
            status.held_settings.iter().find(|held| held.name == name && held.state == HoldState::Held);
        match held {
            Some(held) => verified_on(held, &alive).ok()?,
            None if exists => return None,
            None => {}
        }
    }
    Some(Ok(()))
}

/// The statements that make every FE have what it should. None before every FE's original is written down: a value
/// set on one is forwarded to the others.
pub(super) fn effects(view: &View<'_>, status: &StarRocksClusterStatus) -> Vec<Action> {
    let Ok(alive) = alive(view) else { return Vec::new() };
    let mut actions = Vec::new();
    for held in &status.held_settings {
        let recorded = alive.iter().all(|(frontend, answer)| {
            !answer.settings.contains_key(&held.name)
                || held.frontends.iter().any(|known| is_incarnation(known, frontend))
        });
        let value = match held.state {
            HoldState::Held => Some(held.value.as_str()),
            HoldState::Releasing => held.original(),
        };
        let (true, Some(value)) = (recorded, value) else { continue };
        for (frontend, answer) in &alive {
            match answer.settings.get(&held.name) {
                Some(setting) if !same(&setting.value, value) => actions.push(Action::SetFrontendConfig {
                    pod: frontend.pod.clone(),
                    ip: frontend.ip.clone(),
                    setting: held.name.clone(),
                    key: setting.key.clone(),
                    value: value.to_owned(),
                }),
                _ => {}
            }
        }
    }
    actions
}
