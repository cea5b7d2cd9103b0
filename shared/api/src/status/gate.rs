//! How far a component is at its rollout gate, what was looked at before a wave, and what went back by itself.

use crate::Component;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a component is at its rollout gate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GateProgress {
    /// How many pods have been let go and have passed the gate.
    pub passed: u32,
    /// When the last of them did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_at: Option<Time>,
    /// When the pod whose gate is shut was let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shut_since: Option<Time>,
    /// The tablets before that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tablets_before: Option<Tablets>,
}

/// Tablets that aren't as they should be, as the row `Total` of `SHOW PROC '/statistic'` counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Tablets {
    /// With fewer good replicas than they should have.
    pub unhealthy: u64,
    /// Whose replicas differ.
    pub inconsistent: u64,
    /// In an error state.
    pub error_state: u64,
}

/// What was looked at before the first pod of a wave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Preflight {
    /// How the API server took each patch when it was sent to be tried only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dry_runs: Vec<DryRun>,
    /// Whether the tables with one replica have been looked for.
    pub tables_read: bool,
    /// What the user should know; it doesn't hold the wave up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// How the API server took a patch that was sent to be tried only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// The component.
    pub component: Component,
    /// The target of the patch.
    pub target: String,
    /// When.
    pub at: Time,
    /// The API server's words, when it refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// `ALTER SYSTEM CREATE IMAGE` before the FEs are rolled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageRun {
    /// Which try this is, from 1.
    pub attempt: u32,
    /// When this try was written down.
    pub started_at: Time,
    /// Whether the leader has written its image, or can't by its version.
    #[serde(default)]
    pub done: bool,
    /// The leader's words, when it refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}
