//! Approval of hook scripts: `HookApproval`, what somebody approved, and `HookSubmission`, who submitted a script.
//!
//! Both are of `hookgate.dev/v1alpha1`. [`judge`] says whether an approval lets a script run.

mod judge;

pub use judge::{Approver, Evidence, GUARD, Guard, Question, Unapproved, judge};

use crate::hooks::HookPhase;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The approval of one script, by its digest, for one cluster.
#[allow(clippy::duplicated_attributes, reason = "every printer column has a type of its own")]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "hookgate.dev",
    version = "v1alpha1",
    kind = "HookApproval",
    plural = "hookapprovals",
    namespaced,
    derive = "PartialEq",
    doc = "Somebody has read a hook script and lets it run, by its digest, for one cluster and until a time. Made by \
           `kubectl hookgate approve`.",
    printcolumn(name = "Cluster", type_ = "string", json_path = ".spec.cluster"),
    printcolumn(name = "ApprovedBy", type_ = "string", json_path = ".spec.approvedBy"),
    printcolumn(name = "ExpiresAt", type_ = "date", json_path = ".spec.expiresAt"),
    printcolumn(name = "Digest", type_ = "string", json_path = ".spec.digest", priority = 1),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": "self == oldSelf",
    "message": "what somebody has approved can't be changed; make another approval"
}]))]
pub struct HookApprovalSpec {
    /// The SHA-256 of the script's bytes, in lower-case hexadecimal digits.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub digest: String,
    /// The StarRocksCluster of this namespace whose upgrades may run it.
    #[schemars(length(min = 1, max = 253))]
    pub cluster: String,
    /// The functions that may be called.
    #[schemars(length(min = 1, max = 2), extend("x-kubernetes-list-type" = "set"))]
    pub functions: Vec<HookFunction>,
    /// Why, in the approver's words.
    #[schemars(length(min = 1, max = 1024))]
    pub reason: String,
    /// From this moment on it doesn't count.
    pub expires_at: Time,
    /// Who approves: the user who creates this object, as the API server knows them. It admits no other.
    #[schemars(length(min = 1, max = 512))]
    pub approved_by: String,
}

/// A function of a hook script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookFunction {
    /// Called before the component's pods are replaced.
    PreUpgrade,
    /// Called afterwards.
    PostUpgrade,
}

impl From<HookPhase> for HookFunction {
    fn from(phase: HookPhase) -> Self {
        match phase {
            HookPhase::Pre => Self::PreUpgrade,
            HookPhase::Post => Self::PostUpgrade,
        }
    }
}

/// Everybody who has ever submitted one script. Its name is the script's digest.
#[allow(clippy::duplicated_attributes, reason = "every printer column has a type of its own")]
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "hookgate.dev",
    version = "v1alpha1",
    kind = "HookSubmission",
    plural = "hooksubmissions",
    derive = "PartialEq",
    doc = "Who has submitted a hook script, by its digest. Written by Hookgate's webhook, and by nobody else, where a \
           HookPolicy wants scripts to be approved by somebody else.",
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HookSubmissionSpec {
    /// The users, by their names, with their last submission each.
    #[schemars(extend("maxProperties" = 256))]
    pub submitters: BTreeMap<String, Submitted>,
}

/// A submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Submitted {
    /// When.
    pub at: Time,
    /// The namespace of the ConfigMap.
    pub namespace: String,
}
