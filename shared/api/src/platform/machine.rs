//! `Machine`: a worker of a cluster.

use super::{ClusterMachine, Condition, HookRun, OtherFields, Phase, RecordedHostKey, bare_version};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a worker should be.
#[allow(clippy::duplicated_attributes, reason = "every printer column has a type of its own")]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "platform.tkestack.io",
    version = "v1",
    kind = "Machine",
    plural = "machines",
    shortname = "mc",
    status = "MachineStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A worker of a Cluster, as TKEStack describes it: the part that Hookgate's machine hooks need. Every other \
           field is kept as it is.",
    printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.clusterName"),
    printcolumn(name = "Type", type_ = "string", json_path = ".spec.type"),
    printcolumn(name = "IP", type_ = "string", json_path = ".spec.ip"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", default)]
pub struct MachineSpec {
    /// The Cluster that it belongs to, whose files and hooks it gets.
    pub cluster_name: String,
    /// The kind of provisioner: Baremetal and so on.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// How it is reached, as it is written of a master; fields that Hookgate has no use for are kept in it.
    #[serde(flatten)]
    pub machine: ClusterMachine,
}

/// What is known of a worker. Phase and machineInfo are the provisioner's; the conditions of hooks, and what is
/// Hookgate's own, are Hookgate's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MachineStatus {
    /// What the provisioner is doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// What the machine says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine_info: Option<MachineInfo>,
    /// How far everything is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The runs of hooks on it. Hookgate's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hook_runs: Vec<HookRun>,
    /// Its host key, when none is pinned. Hookgate's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_keys: Vec<RecordedHostKey>,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// What a machine says of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MachineInfo {
    /// The version of its kubelet, as `v1.18.3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubelet_version: Option<String>,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

impl MachineStatus {
    /// The version of Kubernetes that is installed, written as a Cluster's version is: without a leading `v`.
    pub fn version(&self) -> Option<&str> {
        let version = self.machine_info.as_ref()?.kubelet_version.as_deref()?;
        Some(bare_version(version))
    }
}
