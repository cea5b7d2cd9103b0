//! The rollout gate of a component: what has to be true again before its next pod is let go.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a gate may stay shut where nothing else is said, in seconds.
pub const DEFAULT_GATE_TIMEOUT_SECONDS: i64 = 1800;
/// The longest timeout and the longest pause, in seconds: a day.
pub const MAX_GATE_SECONDS: i64 = 86_400;

/// What has to be true again before the next pod of a component is let go.
///
/// The schema is wider than what is accepted, on purpose: [`crate::validate`] says what is wrong in words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RolloutGate {
    /// `Alive` (when absent): the database calls the pod's server Alive at the target version. `Tablets`: besides, no
    /// more tablets are unhealthy, inconsistent or in an error state than before the pod was let go; tablet repair
    /// is let go meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// `true` stops after the first pod until the annotation `hookgate.dev/continue` names the wave. `Rollback` does,
    /// and goes back by itself when the gate of the first pod times out. `false` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "anything")]
    pub canary: Option<Value>,
    /// A wait between two pods, in seconds: 0 (when absent) to 86400.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pause_seconds: Option<i64>,
    /// How long the gate of a pod may stay shut before the user is told, in seconds: 1 to 86400, 1800 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i64>,
}

/// What is checked before the next pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateCheck {
    /// The database calls the pod's server Alive at the target version.
    Alive,
    /// Tablets are besides as healthy as before the pod was let go.
    Tablets,
}

/// What happens after the first pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canary {
    /// Nothing.
    No,
    /// The user says whether it goes on.
    Stop,
    /// The same; and a first pod whose gate times out goes back by itself.
    Rollback,
}

impl RolloutGate {
    /// What is checked; `None` for a word that isn't known.
    pub fn check(&self) -> Option<GateCheck> {
        match self.check.as_deref() {
            None | Some("Alive") => Some(GateCheck::Alive),
            Some("Tablets") => Some(GateCheck::Tablets),
            Some(_) => None,
        }
    }

    /// What happens after the first pod; `None` for a value that isn't known.
    pub fn canary(&self) -> Option<Canary> {
        match &self.canary {
            None | Some(Value::Null | Value::Bool(false)) => Some(Canary::No),
            Some(Value::Bool(true)) => Some(Canary::Stop),
            Some(Value::String(word)) if word == "Rollback" => Some(Canary::Rollback),
            Some(_) => None,
        }
    }

    /// How long the gate of a pod may stay shut, in seconds.
    pub fn timeout_seconds(&self) -> i64 {
        self.timeout_seconds.unwrap_or(DEFAULT_GATE_TIMEOUT_SECONDS)
    }

    /// The wait between two pods, in seconds.
    pub fn pause_seconds(&self) -> i64 {
        self.pause_seconds.unwrap_or_default()
    }
}

/// A boolean or a word: which, is said by validation.
fn anything(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"x-kubernetes-preserve-unknown-fields": true})
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_canary_is_a_boolean_or_the_word_rollback() {
        for (canary, expected) in [
            (json!(null), Some(Canary::No)),
            (json!(false), Some(Canary::No)),
            (json!(true), Some(Canary::Stop)),
            (json!("Rollback"), Some(Canary::Rollback)),
            (json!("true"), None),
            (json!(1), None),
            (json!({}), None),
        ] {
            let gate: RolloutGate = serde_json::from_value(json!({"canary": canary})).unwrap();
            assert_eq!(gate.canary(), expected, "{canary}");
        }
    }
}
