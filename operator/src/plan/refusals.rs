//! What the database refuses, as a condition with its way out.

use super::View;
use crate::{
    observation::{Database, DatabaseRefusal},
    sql::Refusal,
};
use hookgate_api::{
    StarRocksClusterStatus,
    status::{ConditionType, condition, set_condition},
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The condition of a database that refuses the operator. An FE that merely doesn't answer is none: that is what a wave
/// waits for.
pub(super) fn set(view: &View<'_>, status: &mut StarRocksClusterStatus) {
    let refusal = match &view.observation.database {
        Database::NotAsked => None,
        Database::Asked(facts) => facts.refusal.as_ref(),
    };
    let generation = status.observed_generation;
    let (now, kind) = (view.time(), ConditionType::DatabaseRefuses);
    match refusal {
        Some(refusal) => {
            let (reason, message) = (refusal.meaning.reason(), sentence(refusal));
            set_condition(&mut status.conditions, kind, true, reason, &message, generation, &now);
        }
        // A refused setting is seen only when it is set; it is news until the hook that asks for it is tried again.
        None if is_setting_refused(status) => {}
        None => set_condition(&mut status.conditions, kind, false, "NotRefused", "", generation, &now),
    }
}

/// Writes down that an FE refused a setting.
pub(super) fn note_setting(
    status: &mut StarRocksClusterStatus,
    setting: &str,
    error: &str,
    meaning: Option<Refusal>,
    now: Timestamp,
) {
    let Some(meaning) = meaning else { return };
    let message = sentence(&DatabaseRefusal { meaning, message: format!("{setting}: {error}") });
    let generation = status.observed_generation;
    let kind = ConditionType::DatabaseRefuses;
    set_condition(&mut status.conditions, kind, true, meaning.reason(), &message, generation, &Time(now));
}

fn sentence(refusal: &DatabaseRefusal) -> String {
    format!("{}. The way out: {}", refusal.message, refusal.meaning.way_out())
}

fn is_setting_refused(status: &StarRocksClusterStatus) -> bool {
    let refuses = condition(&status.conditions, ConditionType::DatabaseRefuses)
        .is_some_and(|condition| condition.status == "True");
    let waiting = status.wave.as_ref().and_then(|wave| wave.waiting_for.as_ref());
    refuses && waiting.is_some_and(|waiting| ["HookRetry", "HookFailed"].contains(&waiting.reason.as_str()))
}
