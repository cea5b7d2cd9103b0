//! What is recorded of runs on machines. Hookgate's own: TKEStack has conditions only.

use super::{HookType, same_version};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The run of a hook on a machine. A later attempt, or one of another content, takes the place of one that has not
/// succeeded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HookRun {
    /// The machine: its address, with the port when it isn't 22.
    pub machine: String,
    /// The hook.
    pub hook: HookType,
    /// The version that the cluster was to have when the hook began; empty for the delete hooks of a cluster that never
    /// had one.
    pub target_version: String,
    /// The digest of what was run: SHA-256 of the script's bytes, in lower-case hexadecimal digits.
    pub digest: String,
    /// How far it is.
    pub state: RunState,
    /// The identity of the attempt that runs or ran last: under this name the machine knows it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run_id: String,
    /// How often it was begun.
    pub attempts: u32,
    /// When the last attempt began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When the last attempt ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Time>,
    /// When the next attempt begins, after one that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Time>,
    /// How the last attempt ended: the script's status; 128 and the signal's number when a signal ended it. Absent when
    /// nothing is known of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Why it isn't done, with the end of the output; while it is tried again, how the attempt before has ended.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RunState {
    /// It is to run; nothing has begun on the machine.
    Pending,
    /// An attempt may be under way on the machine: it is looked for before anything else is done.
    Running,
    /// It has succeeded, and doesn't run again for the same machine, hook, target version and digest.
    Succeeded,
    /// The last attempt failed; another one follows.
    Failed,
}

/// The host key that a machine had when it was first reached, and must have from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordedHostKey {
    /// The machine: its address, with the port when it isn't 22.
    pub machine: String,
    /// The key: `ALGORITHM KEY`.
    pub key: String,
    /// When it was first seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<Time>,
}

impl HookRun {
    /// Whether it is the run of this machine, hook and target version, whether or not that has a leading `v`.
    pub fn is_of(&self, machine: &str, hook: HookType, target_version: &str) -> bool {
        self.machine == machine && self.hook == hook && same_version(&self.target_version, target_version)
    }
}
