//! The status of one component.

use super::wave::Direction;
use crate::hooks::HookPhase;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The status of one component.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ComponentStatus {
    /// Upstream's word: running, failed or reconciling.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// Why, where the phase isn't running.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The Service that clients use.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_name: String,
    /// The StatefulSet; of the FE proxy, its Deployment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// Pods that are ready.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub running_instances: Vec<String>,
    /// Pods that are on their way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub creating_instances: Vec<String>,
    /// Pods that have failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failed_instances: Vec<String>,
    /// CN: the name of its autoscaler.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hpa_name: String,
    /// CN: its autoscaler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizontal_scaler: Option<HorizontalScaler>,
    /// CN: the number of pods, for the scale subresource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// CN: the selector of its pods, for the scale subresource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub selector: String,
    /// The upgrade in flight, or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_state: Option<UpgradeState>,
}

/// The autoscaler of the compute nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct HorizontalScaler {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its API version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
}

/// How far the upgrade of a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum UpgradePhase {
    /// The spec differs from what runs; nothing has been done.
    Detected,
    /// Its pre-hooks run.
    Preparing,
    /// Its pre-hooks have succeeded; the StatefulSet is about to be patched.
    Ready,
    /// Its pods are being replaced, one at a time.
    Rolling,
    /// Every pod is back; its post-hooks run.
    Finalizing,
    /// Done.
    Completed,
    /// A pre-hook has failed for good; the StatefulSet is untouched.
    Failed,
}

/// The upgrade of a component, in flight or last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeState {
    /// The wave that it belongs to.
    pub wave: String,
    /// How far it is.
    pub phase: UpgradePhase,
    /// Which way the versions go.
    pub direction: Direction,
    /// The image before.
    pub from_image: String,
    /// The image after.
    pub to_image: String,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Time>,
    /// The runs of its hooks, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookRun>,
    /// What is to be known beyond the phase.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// One hook of a wave, and how its last run went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HookRun {
    /// A predefined hook's name, `custom`, or the name in `upgradePreparation`.
    pub name: String,
    /// Before or after the component.
    pub phase: HookPhase,
    /// How it went.
    pub result: HookResult,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The SHA-256 of the script that ran, in hexadecimal; custom hooks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_sha256: Option<String>,
    /// What the script was judged by; custom hooks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance: Option<HookClearance>,
    /// When this try was written down.
    pub started_at: Time,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Time>,
    /// What tells this try's Job from one that somebody else has made under its name: written down here before the Job is
    /// made, and not to be guessed before that. Custom hooks only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nonce: String,
    /// The uid of this try's Job, once it is known that it is the one that was to be made. Custom hooks only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_uid: Option<String>,
    /// Why the Job that was found under this try's name is not this try's: then it has failed. Custom hooks only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub foreign_job: String,
    /// Whether this try has been started: its Job was made, or its statement sent. It's started once at most, so one
    /// that was and can't be found has failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub started: bool,
    /// The FE settings that this run has changed by itself: they are held until its component is done, and then given
    /// back. Absent until FEs have been asked after it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Vec<ChangedSetting>>,
    /// What is to be known beyond the result.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// An FE setting that a hook has changed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedSetting {
    /// The canonical name.
    pub name: String,
    /// What it has set it to.
    pub value: String,
}

/// What let a script run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HookClearance {
    /// The policies with their generations, as `platform@3, trial@1`; `default` where none selects the namespace.
    pub policies: String,
    /// What they found and didn't refuse, as `HG601 warning`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// The HookApproval, where one was needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
    /// Who approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// How a run of a hook went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HookResult {
    /// Written down; it may be running.
    Running,
    /// It did what it should.
    Succeeded,
    /// It did not.
    Failed,
}
