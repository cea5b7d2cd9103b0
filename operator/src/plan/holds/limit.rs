//! `maxHoldSeconds`: the longest time for which settings are away from what they were.
//!
//! When it's over everything is given back, also while a pod is away. Before the next pod goes FEs have had their own
//! values for a while, in which tablets are repaired; then the wave goes on by itself.

use crate::plan::View;
use hookgate_api::{
    StarRocksClusterStatus,
    status::{ConditionType, Wave, set_condition},
};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;

/// How long FEs have their own values before settings are held again.
const REST: SignedDuration = SignedDuration::from_secs(60);

/// Why a wave that has to rest doesn't go on.
pub(in crate::plan) const REST_REASON: &str = "HeldTooLong";

/// When a hold that begins at this moment has lasted long enough.
pub(super) fn until(view: &View<'_>) -> Time {
    let most = view.observation.cluster.spec.max_hold_seconds();
    Time(view.now.saturating_add(SignedDuration::from_secs(most)).unwrap_or(Timestamp::MAX))
}

/// Writes down that a wave has held settings for too long, or that it has rested.
pub(super) fn note(view: &View<'_>, status: &mut StarRocksClusterStatus) {
    let overdue = is_overdue(view, status);
    let in_force = status.held_in_force().next().is_some();
    let Some(wave) = status.wave.as_mut() else { return };
    match &wave.rest_until {
        None if overdue => wave.rest_until = Some(Time(view.now + REST)),
        Some(until) if view.now >= until.0 && !in_force => wave.rest_until = None,
        _ => {}
    }
}

/// The condition that tells of it.
pub(in crate::plan) fn say(view: &View<'_>, status: &mut StarRocksClusterStatus) {
    let rests = status.wave.as_ref().is_some_and(has_to_rest);
    let (now, generation) = (view.time(), status.observed_generation);
    if !rests && !is_overdue(view, status) {
        let kind = ConditionType::HeldTooLong;
        set_condition(&mut status.conditions, kind, false, "InTime", "", generation, &now);
        return;
    }
    let left: Vec<_> = status.held_in_force().collect();
    let seconds = view.observation.cluster.spec.max_hold_seconds();
    let (reason, message) = if left.is_empty() {
        let message = format!("settings were held for {seconds} s (maxHoldSeconds) and have been given back");
        ("GivenBack", message)
    } else {
        let names: Vec<_> = left.iter().map(|held| held.name.as_str()).collect();
        let message = format!(
            "held for more than {seconds} s (maxHoldSeconds), and being given back: {}. By hand: hookgate release {}",
            names.join(", "),
            view.observation.cluster.name_any()
        );
        ("GivingBack", message)
    };
    let kind = ConditionType::HeldTooLong;
    set_condition(&mut status.conditions, kind, true, reason, &message, generation, &now);
}

/// Whether a setting has been away from what it was for longer than `maxHoldSeconds`.
fn is_overdue(view: &View<'_>, status: &StarRocksClusterStatus) -> bool {
    let in_force = status.held_in_force();
    in_force.filter_map(|held| held.until.as_ref()).any(|until| view.now >= until.0)
}

/// Whether a wave has held settings for too long, and FEs have their own values for a while.
pub(in crate::plan) const fn has_to_rest(wave: &Wave) -> bool {
    wave.rest_until.is_some()
}
