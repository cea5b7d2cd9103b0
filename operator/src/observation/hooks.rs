//! Custom scripts and the Jobs that run them.

use std::collections::BTreeMap;

/// The script that a component's `upgradeHooks.custom` refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedScript {
    /// It can't be read: no such ConfigMap or key. The words say which.
    Missing(String),
    /// The policy refuses it.
    Refused {
        /// The script's SHA-256, in hexadecimal.
        sha256: String,
        /// The findings, one after the other.
        findings: String,
    },
    /// The policy lets it run.
    Accepted {
        /// The script's SHA-256, in hexadecimal.
        sha256: String,
    },
}

/// What the policies of the cluster's namespace say of its hooks, besides of which scripts they refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedPolicy {
    /// The policies, as `platform@3`; empty when there was nothing to judge.
    pub names: String,
    /// The statements of `upgradePreparation` that must not be sent: place in the list, and why.
    pub refused_statements: BTreeMap<usize, String>,
    /// What users are to be warned of.
    pub warnings: Vec<String>,
    /// What is to be recorded only.
    pub records: Vec<String>,
}

/// The Job of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedJob {
    /// Somebody else made it under this name.
    Foreign,
    /// It has not ended.
    Running,
    /// It ended well.
    Succeeded,
    /// It did not.
    Failed {
        /// Whether it was ended because its time was up.
        deadline_exceeded: bool,
        /// The end of what it printed, or what Kubernetes says.
        message: String,
    },
}
