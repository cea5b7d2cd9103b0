//! `Cluster`: what is installed, on which masters, and its hooks.

use super::{ClusterMachine, Condition, File, HookRun, HookType, OtherFields, Phase, RecordedHostKey};
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a cluster should be.
#[allow(clippy::duplicated_attributes, reason = "every printer column has a type of its own")]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "platform.tkestack.io",
    version = "v1",
    kind = "Cluster",
    plural = "clusters",
    shortname = "cls",
    status = "ClusterStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A Kubernetes cluster on machines, as TKEStack describes it: the part that Hookgate's machine hooks need. \
           Every other field is kept as it is.",
    printcolumn(name = "Type", type_ = "string", json_path = ".spec.type"),
    printcolumn(name = "Version", type_ = "string", json_path = ".spec.version"),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterSpec {
    /// The kind of provisioner: Baremetal and so on.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// The version of Kubernetes that is to be installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The masters. Hooks for the cluster run on the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<ClusterMachine>,
    /// What is switched on; of it, the files and hooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub features: Option<ClusterFeature>,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// Files and hooks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterFeature {
    /// Files that are copied to every machine before the first hook.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Hooks: PreInstall and so on, and the path of the script on the machine, which one of the files provides.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hooks: BTreeMap<String, String>,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

/// What is known of a cluster. Phase and version are the provisioner's; the conditions of hooks, and what is Hookgate's
/// own, are Hookgate's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ClusterStatus {
    /// What the provisioner is doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The version of Kubernetes that is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How far everything is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The runs of hooks on the masters. Hookgate's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hook_runs: Vec<HookRun>,
    /// The masters' host keys, for machines without pinned ones. Hookgate's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_keys: Vec<RecordedHostKey>,
    /// Fields that Hookgate has no use for.
    #[serde(flatten)]
    pub other: OtherFields,
}

impl ClusterSpec {
    /// The files that are copied to every machine.
    pub fn files(&self) -> &[File] {
        self.features.as_ref().map_or(&[], |features| &features.files)
    }

    /// The path of the hook's script on the machines; `None` when the cluster hasn't got that hook.
    pub fn hook(&self, hook: HookType) -> Option<&str> {
        self.features.as_ref()?.hook(hook)
    }

    /// The version that is to be installed; empty when none is given.
    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }

    /// The types of conditions that are passed over: `features.skipConditions`, TKEStack's own field.
    pub fn skipped(&self) -> impl Iterator<Item = &str> {
        let field = self.features.as_ref().and_then(|features| features.other.get("skipConditions"));
        field.and_then(|field| field.as_array()).into_iter().flatten().filter_map(|name| name.as_str())
    }

    /// Whether a condition is passed over.
    pub fn skips(&self, condition: &str) -> bool {
        self.skipped().any(|skipped| skipped == condition)
    }

    /// The master on which the cluster's hooks run.
    pub fn first_master(&self) -> Option<&ClusterMachine> {
        self.machines.first()
    }
}

impl ClusterFeature {
    /// The path of the hook's script on the machines. An empty path is no hook, as for TKEStack.
    pub fn hook(&self, hook: HookType) -> Option<&str> {
        self.hooks.get(hook.as_str()).map(String::as_str).filter(|path| !path.is_empty())
    }
}
