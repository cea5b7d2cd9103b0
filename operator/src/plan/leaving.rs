//! A cluster that the operator leaves alone, or that is being deleted: all that is done for it is that its FEs get
//! their own settings back.

use super::{
    Action, Desired, Plan, PlannedEvent, Severity, Tuning, View, events, holds, intents, refusals,
    wave::interrupt,
};
use crate::observation::Observation;
use hookgate_api::{Component, StarRocksClusterStatus};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::time::Duration;

/// How long a deletion waits for FEs to have their settings back.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// Why a cluster is left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The annotation `starrocks.com/ignored`.
    Ignored,
    /// It is being deleted.
    Deleted,
}

/// Whether, and why.
pub(super) fn why(observation: &Observation) -> Option<Why> {
    let cluster = &observation.cluster;
    if cluster.metadata.deletion_timestamp.is_some() {
        return Some(Why::Deleted);
    }
    cluster.is_ignored().then_some(Why::Ignored)
}

/// What is to be done for it: nothing but to give back what is held.
pub(super) fn plan(observation: &Observation, tuning: &Tuning, now: Timestamp, why: Why) -> Plan {
    let before = observation.cluster.status.clone().unwrap_or_default();
    let mut status = before.clone();
    let nothing = Desired::default();
    let view = View { observation, desired: &nothing, tuning, now, skipping: None, turn: "" };
    interrupt(&view, &mut status);
    holds::transition(&view, &mut status, holds::Wish::LetGo);
    if why == Why::Deleted {
        note_patience(&mut status, now);
    }
    let (mut actions, mut told) = (Vec::new(), Vec::new());
    let is_written = intents(&before) == intents(&status);
    if is_written {
        actions.extend(holds::effects(&view, &status));
    }
    if why == Why::Deleted && is_written {
        leave(&view, &status, &mut actions, &mut told);
    }
    if !before.held_settings.is_empty() {
        refusals::set(&view, &mut status);
        holds::say(&view, &mut status);
    }
    let in_force = status.held_in_force().next().is_some();
    let look_again = match (is_written, in_force) {
        (false, _) => Some(Duration::ZERO),
        (true, true) => Some(tuning.database_poll),
        (true, false) => holds::next_look(&view, &status),
    };
    let mut all = events::events(&before, &status);
    all.extend(told);
    Plan { status, actions, events: all, notes: vec![], look_again, changes_intents: !is_written }
}

/// By this process's own clock: that of the API server may be another.
fn note_patience(status: &mut StarRocksClusterStatus, now: Timestamp) {
    for held in status.held_settings.iter_mut().filter(|held| held.is_in_force()) {
        held.give_up_at.get_or_insert(Time(now + PATIENCE));
    }
}

/// Lets the deletion go on: when everything is given back, when there's no FE left that could have anything, and when
/// it has taken too long.
fn leave(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    actions: &mut Vec<Action>,
    told: &mut Vec<PlannedEvent>,
) {
    actions.extend(view.observation.own_jobs().map(|(name, _)| Action::DeleteRun(name.clone())));
    let left: Vec<_> = status.held_in_force().collect();
    if left.is_empty() || !holds::finalizer_is_there(&view.observation.cluster) {
        return;
    }
    let no_frontend = view.observation.component(Component::Fe).pods.is_empty();
    let since = view.observation.cluster.metadata.deletion_timestamp.as_ref();
    let is_over = since.is_some_and(|since| view.now >= since.0 + PATIENCE)
        || left.iter().any(|held| held.give_up_at.as_ref().is_some_and(|at| view.now >= at.0));
    if !no_frontend && !is_over {
        return;
    }
    actions.push(Action::HoldFinalizer { present: false });
    if no_frontend {
        return;
    }
    let settings: Vec<_> = left
        .iter()
        .map(|held| format!("{} was {}", held.name, held.original().unwrap_or("not written down")))
        .collect();
    told.push(PlannedEvent {
        severity: Severity::Warning,
        reason: "SettingsNotGivenBack",
        note: format!(
            "the cluster is deleted, and after {} s its FEs could not be given back what an upgrade holds: {}. An FE \
             that runs on keeps the held values until it restarts",
            PATIENCE.as_secs(),
            settings.join(", ")
        ),
    });
}
