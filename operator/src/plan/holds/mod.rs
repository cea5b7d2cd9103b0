//! Holds: FE settings that stay at a value while an upgrade lasts, and go back to what they were.
//!
//! FE settings live in each FE's memory, and `ADMIN SET FRONTEND CONFIG` on one FE is forwarded to all that are
//! alive. So the original of every FE is read and written down before the first change, each FE is verified by
//! itself, and one that has restarted has a new original.

mod finalizer;
mod frontends;
mod limit;
mod verify;
mod wanted;
mod watch;

pub(super) use finalizer::is_there as finalizer_is_there;
pub(super) use limit::{REST_REASON, has_to_rest, say};
pub(super) use verify::{settings_verdict, verdict, verified};
pub(super) use watch::{can_compare, changed, is_watched, of_script};

use super::{
    Action, View,
    holding::{Holding, WhyHeld, holding},
};
use frontends::{Alive, alive, everyone, has_held_value, is_doubtful, is_given_back, note_original, same};
use hookgate_api::{
    StarRocksClusterStatus,
    hooks::may_be_held,
    status::{HeldSetting, HoldState},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::{collections::BTreeMap, time::Duration};
use wanted::{Wanted, ours, wanted};

/// The gate before a pod goes: every held setting has its value on every FE.
pub(super) const GATE: &str = "SettingsHeld";

/// What is asked of the holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// Held is what the components of the wave ask for.
    AsTheWaveNeeds,
    /// Everything is given back.
    LetGo,
}

/// Takes holds, notices FEs that have restarted, and lets go of what nobody wants any more.
pub(super) fn transition(view: &View<'_>, status: &mut StarRocksClusterStatus, wish: Wish) {
    // What somebody else has written there is nobody's intent.
    status.held_settings.retain(|held| may_be_held(&held.name));
    limit::note(view, status);
    let wanted = match wish {
        Wish::AsTheWaveNeeds => wanted(view, status),
        Wish::LetGo => BTreeMap::new(),
    };
    let alive = alive(view);
    for held in &mut status.held_settings {
        match wanted.get(&held.name) {
            Some(want) => take(view, held, want),
            None => let_go(held, alive.as_deref().unwrap_or_default()),
        }
    }
    let Ok(alive) = alive else { return };
    for (name, want) in wanted {
        let known = status.held_settings.iter().any(|held| held.name == name);
        if !known && alive.iter().any(|one| one.value(&name).is_some()) {
            status.held_settings.push(new(view, name, &want));
        }
    }
    let script_runs = watch::script_runs(view, status);
    for place in 0..status.held_settings.len() {
        let ours = status.held_settings.get(place).and_then(|held| ours(view, status, held, script_runs));
        let Some(held) = status.held_settings.get_mut(place) else { continue };
        match held.state {
            HoldState::GivenBack => {}
            HoldState::Watched | HoldState::Held | HoldState::Releasing => {
                // One that has the held value may have been told it late, by an upgrade before: then what its peers have
                // is what it had.
                let (suspect, others): (Vec<_>, Vec<_>) = alive
                    .iter()
                    .partition(|one| one.value(&held.name).is_some_and(|value| same(value, &held.value)));
                for one in others.into_iter().chain(suspect) {
                    if !(script_runs && is_doubtful(held, one)) {
                        note_original(held, one, ours.as_deref());
                    }
                }
            }
        }
        settle(view, held, &alive);
    }
    status.held_settings.retain(|held| !is_over(view, held, &alive));
}

fn new(view: &View<'_>, name: String, want: &Wanted) -> HeldSetting {
    let mut held = HeldSetting {
        name,
        value: String::new(),
        state: HoldState::GivenBack,
        holders: Vec::new(),
        frontends: Vec::new(),
        since: view.time(),
        until: None,
        verify_at: None,
        give_up_at: None,
    };
    take(view, &mut held, want);
    held
}

/// Something asks for a setting.
fn take(view: &View<'_>, held: &mut HeldSetting, want: &Wanted) {
    if held.state == HoldState::GivenBack {
        // Between two holds others may set what they like, and it's that which is given back after this one. Until it
        // was looked at once more, what an FE has may be the held value still.
        if held.verify_at.is_none() {
            held.frontends.clear();
        }
        held.since = view.time();
        held.until = Some(limit::until(view));
        held.verify_at = None;
    }
    held.state = if want.value.is_some() { HoldState::Held } else { HoldState::Watched };
    held.value = want.value.clone().unwrap_or_default();
    held.holders.clone_from(&want.holders);
}

/// Nothing asks for a setting any more.
fn let_go(held: &mut HeldSetting, alive: &[Alive<'_>]) {
    held.holders.clear();
    let is_untouched = held.state == HoldState::Watched
        && alive.iter().all(|one| {
            let known = held.frontends.iter().find(|known| known.pod == one.frontend.pod);
            known.is_none_or(|known| one.value(&held.name).is_none_or(|value| same(value, &known.original)))
        });
    if held.state != HoldState::GivenBack {
        held.state = HoldState::Releasing;
    }
    if is_untouched {
        held.frontends.clear();
    }
}

/// What has been given back everywhere is looked at once more, one lease later; what is away again is given back again.
fn settle(view: &View<'_>, held: &mut HeldSetting, alive: &[Alive<'_>]) {
    match held.state {
        // What a script that still runs sets is given back as well.
        HoldState::Releasing if is_given_back(held, everyone(view), alive) && !watch::job_runs(view) => {
            held.state = HoldState::GivenBack;
            held.verify_at = Some(Time(view.now + view.tuning.lease()));
        }
        HoldState::GivenBack if is_held_again(held, alive) => {
            held.state = HoldState::Releasing;
            held.verify_at = None;
        }
        _ => {}
    }
}

/// Whether an FE has the held value once more: a statement was under way when the setting was given back.
fn is_held_again(held: &HeldSetting, alive: &[Alive<'_>]) -> bool {
    alive.iter().any(|one| has_held_value(held, one.answer))
}

/// Whether nothing more is to be known of a setting.
fn is_over(view: &View<'_>, held: &HeldSetting, alive: &[Alive<'_>]) -> bool {
    let is_due = held.verify_at.as_ref().is_none_or(|at| view.now >= at.0);
    held.state == HoldState::GivenBack
        && (held.frontends.is_empty() || (is_due && !is_held_again(held, alive)))
}

/// When to look at what has been given back once more; `None` where there's nothing.
pub(super) fn next_look(view: &View<'_>, status: &StarRocksClusterStatus) -> Option<Duration> {
    let times = status.held_settings.iter().filter_map(|held| held.verify_at.as_ref());
    let first = times.min_by_key(|at| at.0)?;
    let wait = Duration::try_from(first.0.duration_since(view.now)).unwrap_or_default();
    Some(wait.max(view.tuning.database_poll))
}

/// The statements that make every FE have what it should. None before every FE's original is written down: a value
/// set on one is forwarded to the others. And none but those that give back before the cluster can't be deleted
/// without them.
pub(super) fn effects(view: &View<'_>, status: &StarRocksClusterStatus) -> Vec<Action> {
    let mut actions: Vec<_> = finalizer::effect(view, status).into_iter().collect();
    let Ok(alive) = alive(view) else { return actions };
    let may_hold = finalizer_is_there(&view.observation.cluster);
    let pod_away =
        status.wave.as_ref().is_some_and(|wave| holding(view, wave) == Holding::Held(WhyHeld::PodAway));
    for held in status.held_settings.iter().filter(|held| may_be_held(&held.name)) {
        let recorded = alive.iter().all(|one| one.value(&held.name).is_none() || one.is_noted(held));
        // What somebody else has set is left to be until the next pod is to go.
        let is_theirs = pod_away && held.frontends.iter().any(|frontend| frontend.changed_by_others);
        let value = match held.state {
            HoldState::Held if is_theirs || !may_hold => None,
            HoldState::Held => Some(held.value.as_str()),
            HoldState::Releasing => held.original(),
            HoldState::Watched | HoldState::GivenBack => None,
        };
        let (true, Some(value)) = (recorded, value) else { continue };
        for one in &alive {
            match one.answer.settings.get(&held.name) {
                Some(setting) if !same(&setting.value, value) => actions.push(Action::SetFrontendConfig {
                    pod: one.frontend.pod.clone(),
                    ip: one.frontend.ip.clone(),
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
