//! Phases of clusters and machines, which the provisioner sets.

use schemars::{JsonSchema, Schema, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What the provisioner is doing with a cluster or a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// It is being installed.
    Initializing,
    /// It runs.
    Running,
    /// It is being upgraded.
    Upgrading,
    /// It is being deleted.
    Terminating,
    /// It could not be installed.
    Failed,
    /// One of TKEStack's other phases.
    #[serde(untagged)]
    Other(String),
}

impl JsonSchema for Phase {
    fn schema_name() -> Cow<'static, str> {
        "Phase".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_of_which_nothing_is_known_here_are_kept() {
        for (text, phase) in [
            ("Running", Phase::Running),
            ("Upscaling", Phase::Other("Upscaling".to_owned())),
            ("", Phase::Other(String::new())),
        ] {
            let read: Phase = serde_json::from_value(text.into()).unwrap();
            assert_eq!(read, phase);
            assert_eq!(serde_json::to_value(&read).unwrap(), text);
        }
    }
}
