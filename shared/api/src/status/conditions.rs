//! Conditions, as `kubectl wait` and kstatus read them.

use super::text::cap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use std::fmt;

/// The conditions of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionType {
    /// Every component runs what the spec says.
    Ready,
    /// The operator is working towards the spec.
    Reconciling,
    /// The operator can't go on without the user.
    Stalled,
    /// An upgrade is in flight; its reason says what the upgrade is doing, or how the last one ended.
    Upgrading,
    /// Pods run what an earlier version of Hookgate rendered, and wait for the user's next change.
    RenderingOutdated,
    /// The database refuses the operator's user or a setting; the reason says what is missing.
    DatabaseRefuses,
    /// FE settings have been away from what they were for longer than `maxHoldSeconds`, and are being given back.
    HeldTooLong,
    /// The spec has fields that this version of Hookgate doesn't act upon.
    UnservedFields,
    /// An annotation that steers upgrades has a value that can mean nothing.
    IgnoredAnnotations,
}

impl fmt::Display for ConditionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The condition of that type.
pub fn condition(conditions: &[Condition], type_: ConditionType) -> Option<&Condition> {
    conditions.iter().find(|condition| condition.type_ == type_.to_string())
}

/// Sets a condition; the transition time moves only when the status does. A message is cut where it is too long.
pub fn set_condition(
    conditions: &mut Vec<Condition>,
    type_: ConditionType,
    status: bool,
    reason: &str,
    message: &str,
    observed_generation: Option<i64>,
    now: &Time,
) {
    let status = if status { "True" } else { "False" };
    let since = condition(conditions, type_)
        .filter(|before| before.status == status)
        .map_or_else(|| now.clone(), |before| before.last_transition_time.clone());
    let new = Condition {
        type_: type_.to_string(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: cap(message),
        observed_generation,
        last_transition_time: since,
    };
    match conditions.iter_mut().find(|condition| condition.type_ == new.type_) {
        Some(place) => *place = new,
        None => conditions.push(new),
    }
}
