//! Conditions, as TKEStack writes them: without a generation, and times may be absent.

use super::OtherFields;
use crate::status::cap_at;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the files are on the machines.
pub const COPY_FILES: &str = "EnsureCopyFiles";
/// Whether every machine has the host key that it must have. Hookgate's own.
pub const HOST_KEY: &str = "EnsureHostKey";

/// Whether the Cluster of a Machine is there. Hookgate's own; absent as long as it always was.
pub const CLUSTER: &str = "EnsureCluster";

/// How far something is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What it is about: `EnsurePreInstallHook` and so on.
    #[serde(rename = "type")]
    pub type_: String,
    /// True, False or Unknown. True for a hook that comes before something means: you may go on.
    pub status: String,
    /// When it was last looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_probe_time: Option<Time>,
    /// When the status changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<Time>,
    /// Why, in one word.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Why, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// The most that a condition's message has, in bytes: it has to hold the ends of several hooks' output.
const MESSAGE_BYTES: usize = 16 << 10;

/// The condition of that type.
pub fn condition<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == type_)
}

/// Whether the condition of that type is there and true.
pub fn is_true(conditions: &[Condition], type_: &str) -> bool {
    condition(conditions, type_).is_some_and(|condition| condition.status == "True")
}

/// Sets a condition; the transition time moves only when the status does, fields of others stay, and a message is cut
/// where it is too long.
pub fn set_condition(
    conditions: &mut Vec<Condition>,
    type_: &str,
    status: bool,
    reason: &str,
    message: &str,
    now: &Time,
) {
    let status = if status { "True" } else { "False" };
    let place = match conditions.iter().position(|condition| condition.type_ == type_) {
        Some(place) => place,
        None => {
            conditions.push(Condition { type_: type_.to_owned(), ..Condition::default() });
            conditions.len() - 1
        }
    };
    if let Some(condition) = conditions.get_mut(place) {
        if condition.status != status || condition.last_transition_time.is_none() {
            condition.last_transition_time = Some(now.clone());
        }
        status.clone_into(&mut condition.status);
        reason.clone_into(&mut condition.reason);
        condition.message = cap_at(message, MESSAGE_BYTES);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(seconds: i64) -> Time {
        Time(k8s_openapi::jiff::Timestamp::from_second(seconds).unwrap())
    }

    #[test]
    fn the_transition_time_moves_with_the_status_and_others_fields_stay() {
        let mut conditions: Vec<Condition> = serde_json::from_value(json!([
            {"type": "EnsurePreInstallHook", "status": "False", "lastProbeTime": null, "observedGeneration": 7}
        ]))
        .unwrap();
        set_condition(&mut conditions, "EnsurePreInstallHook", false, "HookFailed", "it failed", &at(1));
        set_condition(&mut conditions, "EnsurePreInstallHook", false, "HookFailed", "again", &at(2));
        assert_eq!(conditions[0].last_transition_time, Some(at(1)));
        assert!(!is_true(&conditions, "EnsurePreInstallHook"));
        set_condition(&mut conditions, "EnsurePreInstallHook", true, "HookSucceeded", "", &at(3));
        set_condition(&mut conditions, COPY_FILES, true, "Copied", "", &at(4));
        assert_eq!(conditions[0].last_transition_time, Some(at(3)));
        assert_eq!(conditions[0].other["observedGeneration"], 7);
        assert!(is_true(&conditions, "EnsurePreInstallHook") && is_true(&conditions, COPY_FILES));
    }
}
