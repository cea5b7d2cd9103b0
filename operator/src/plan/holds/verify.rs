//! Whether what is held is held: on every FE, in this very pass.

use super::{
    frontends::{Alive, alive, same},
    wanted::wanted,
};
use crate::plan::View;
use hookgate_api::{
    StarRocksClusterStatus,
    hooks::PredefinedHook,
    status::{HeldSetting, HoldState},
};

/// Whether every setting that is held has its value on every FE that is alive; else which hasn't.
pub(in crate::plan) fn verified(view: &View<'_>, status: &StarRocksClusterStatus) -> Result<(), String> {
    let alive = alive(view)?;
    for (name, want) in wanted(view, status) {
        let exists = alive.iter().any(|one| one.value(&name).is_some());
        let is_held = |held: &HeldSetting| held.name == name && held.state == HoldState::Held;
        if exists && want.value.is_some() && !status.held_settings.iter().any(is_held) {
            return Err(format!("{name} is not held yet"));
        }
    }
    for held in status.held_settings.iter().filter(|held| held.state == HoldState::Held) {
        verified_on(held, &alive)?;
    }
    Ok(())
}

fn verified_on(held: &HeldSetting, alive: &[Alive<'_>]) -> Result<(), String> {
    for one in alive {
        let Some(value) = one.value(&held.name) else { continue };
        let pod = &one.frontend.pod;
        if !one.is_noted(held) {
            return Err(format!("the original of {} on {pod} has not been written down", held.name));
        }
        if !same(value, &held.value) {
            return Err(format!("{} is {value} on {pod}, not {}", held.name, held.value));
        }
    }
    Ok(())
}

/// What is to be said of a hook whose settings are held: those that this version of StarRocks doesn't have.
pub(in crate::plan) type Skipped = String;

/// How a `disable-…` hook stands: it has succeeded when everything that it holds is verified on every FE.
pub(in crate::plan) fn verdict(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    hook: PredefinedHook,
) -> Option<Skipped> {
    settings_verdict(view, status, hook.held_settings().iter().copied())
}

/// How holding these settings stands: `None` until all are held. One that this version of StarRocks doesn't have is
/// skipped, and said so.
pub(in crate::plan) fn settings_verdict<'a>(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    settings: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<Skipped> {
    let alive = alive(view).ok()?;
    let mut skipped = Vec::new();
    for (name, _) in settings {
        let exists = alive.iter().any(|one| one.value(name).is_some());
        let held =
            status.held_settings.iter().find(|held| held.name == name && held.state == HoldState::Held);
        match held {
            Some(held) => verified_on(held, &alive).ok()?,
            None if exists => return None,
            None => skipped.push(name),
        }
    }
    if skipped.is_empty() {
        return Some(String::new());
    }
    Some(format!("skipped, for this version of StarRocks doesn't have it: {}", skipped.join(", ")))
}
