//! The upgrade in flight.

use super::component::{HookRun, UpgradePhase};
use crate::Component;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All components that are to change together, and how far each is.
///
/// It is the operator's memory: what is to be done is written here before it's done, so that an operator that
/// is killed at any moment goes on where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wave {
    /// Names this wave in annotations, Job names and logs.
    pub id: String,
    /// Which way the versions go. It decides the order and whether hooks run.
    pub direction: Direction,
    /// When it was detected.
    pub started_at: Time,
    /// The components, in the order in which they are rolled.
    pub components: Vec<WaveComponent>,
    /// What it waits for at this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<Waiting>,
}

/// Which way the versions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Direction {
    /// A version rises, or an image changes and nothing says that it falls. BE, CN, FE; hooks run.
    Upgrade,
    /// A version falls. FE, BE, CN; no hooks.
    Downgrade,
    /// The images stay. BE, CN, FE; no hooks.
    Change,
}

impl Direction {
    /// The order in which components are rolled.
    pub const fn order(self) -> [Component; 3] {
        match self {
            Self::Upgrade | Self::Change => [Component::Be, Component::Cn, Component::Fe],
            Self::Downgrade => [Component::Fe, Component::Be, Component::Cn],
        }
    }

    /// Whether hooks run and settings are held.
    pub const fn runs_hooks(self) -> bool {
        matches!(self, Self::Upgrade)
    }
}

/// One component of a wave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaveComponent {
    /// Which.
    pub component: Component,
    /// How far it is.
    pub phase: UpgradePhase,
    /// The image before the wave.
    pub from_image: String,
    /// The image that it is to have.
    pub to_image: String,
    /// The hash of what the StatefulSet is to be, as in its annotation `hookgate.dev/rendered-hash`.
    pub target: String,
    /// The runs of its hooks, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookRun>,
    /// The hash of the script and the spec for which the hooks have failed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_for: Option<String>,
    /// When a failed hook is tried once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_retry_at: Option<Time>,
    /// The pod that has been let go and isn't back yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<OpenedPod>,
    /// When it began to be worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Time>,
    /// What is to be known beyond the phase.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// A pod that is let go, so that it comes back from the new template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenedPod {
    /// Its name.
    pub name: String,
    /// Its ordinal in the StatefulSet.
    pub ordinal: i32,
    /// The uid of the pod that goes; the one that comes back has another. Empty when there was none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
}

/// What a wave waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// One word, for machines.
    pub reason: String,
    /// A sentence, for people.
    pub message: String,
    /// Since when.
    pub since: Time,
}
