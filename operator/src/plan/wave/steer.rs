//! What holds a wave up at a pod boundary though the cluster is well: the user, the clock, and other waves.

use super::{
    Step, Wait,
    detect::pending,
    direction::{Refused, direction},
    turn,
};
use crate::plan::{View, holds};
use hookgate_api::{
    StarRocksClusterStatus, annotations,
    status::{Trigger, Wave},
    window::{Schedule, WindowState},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;

pub(super) const PAUSED: &str = "Paused";
pub(super) const RELEASED: &str = "Released";
const OUTSIDE_WINDOW: &str = "OutsideWindow";
/// What the spec asks for is refused, for these reasons.
const REFUSED: [&str; 2] = ["ConflictingVersions", "VersionPathRefused"];

/// Whether a wave waits for something that may take long, and that isn't the cluster: what it holds is given back
/// meanwhile.
pub(in crate::plan) fn is_suspended(wave: &Wave) -> bool {
    let waiting = wave.waiting_for.as_ref().map_or("", |waiting| waiting.reason.as_str());
    [PAUSED, RELEASED, OUTSIDE_WINDOW, turn::WAITING_FOR_TURN].contains(&waiting)
        || REFUSED.contains(&waiting)
}

/// Whether the next thing that disturbs the cluster may be done at this moment, where what the spec asks for is accepted.
pub(super) fn may_go_on(view: &View<'_>, wave: &Wave, status: &StarRocksClusterStatus) -> Step {
    released(view, wave)?;
    paused(view, wave)?;
    rested(wave)?;
    view.pass(within_window(view, wave))?;
    view.pass(turn::turn(view, wave, status))
}

/// What the spec asks for in the middle of a wave may be refused. Nothing goes towards that, and nothing goes on towards
/// what was asked for before.
pub(super) fn accepted(view: &View<'_>, wave: &Wave) -> Step {
    match direction(view, &pending(view), Some(wave)) {
        Ok(_) => Ok(()),
        Err(Refused { reason, message }) => Err(Wait::new(reason, message)),
    }
}

/// Whether the user has had everything given back by hand.
pub(in crate::plan) fn is_released(view: &View<'_>, wave: &Wave) -> bool {
    view.observation.cluster.annotations().get(annotations::RELEASE) == Some(&wave.id)
}

/// Nothing is held, and so no pod goes, until the user says so.
pub(super) fn released(view: &View<'_>, wave: &Wave) -> Step {
    if !is_released(view, wave) {
        return Ok(());
    }
    let name = view.observation.cluster.name_any();
    let message = format!(
        "settings were given back by hand; to go on, and hold them again: kubectl annotate src {name} {}-",
        annotations::RELEASE
    );
    Err(Wait::new(RELEASED, message))
}

/// Settings that were held for too long have been given back, for a while.
pub(super) fn rested(wave: &Wave) -> Step {
    let Some(until) = &wave.rest_until else { return Ok(()) };
    let message = format!(
        "settings were held for maxHoldSeconds and are given back; they are held again, and the upgrade goes on, at {} \
         at the earliest",
        until.0
    );
    Err(Wait::new(holds::REST_REASON, message))
}

/// Whether the user has stopped the wave for a while.
pub(super) fn paused(view: &View<'_>, wave: &Wave) -> Step {
    let cluster = &view.observation.cluster;
    if cluster.annotations().get(annotations::PAUSED) != Some(&wave.id) {
        return Ok(());
    }
    let name = cluster.name_any();
    let message =
        format!("paused by the user; to go on: kubectl annotate src {name} {}-", annotations::PAUSED);
    Err(Wait::new(PAUSED, message))
}

/// Whether the upgrade window is open.
pub(super) fn within_window(view: &View<'_>, wave: &Wave) -> Step {
    let Some(schedule) = schedule(view, wave) else { return Ok(()) };
    match schedule.at(view.now) {
        WindowState::Open(_) => Ok(()),
        WindowState::Closed(next) => {
            let next = next.map_or_else(|| "never".to_owned(), |next| next.to_string());
            let message = format!("the upgrade window is closed; it opens next: {next}");
            Err(Wait::gate(OUTSIDE_WINDOW, "UpgradeWindow", message))
        }
    }
}

/// Who goes back does so because something is wrong: no window holds that up.
fn schedule(view: &View<'_>, wave: &Wave) -> Option<Schedule> {
    if matches!(wave.trigger, Trigger::Rollback | Trigger::Abort) {
        return None;
    }
    // A window that can't be understood has been refused before any wave is judged.
    view.observation.cluster.spec.upgrade_window.as_ref()?.understand().ok()
}

/// When the window opens next, while it is closed.
pub(super) fn next_opening(view: &View<'_>, wave: &Wave) -> Option<Time> {
    match schedule(view, wave)?.at(view.now) {
        WindowState::Open(_) => None,
        WindowState::Closed(next) => next.map(Time),
    }
}
