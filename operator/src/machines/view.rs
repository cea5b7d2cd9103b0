//! A Cluster or a Machine as the rules see it.

use hookgate_api::platform::{
    Cluster, ClusterMachine, ClusterSpec, Condition, FINALIZER, HookRun, Machine, Phase, RecordedHostKey,
};
use hookgate_machines::plan::{Deletion, HookStatus, Subject};
use kube::ResourceExt;
use std::collections::BTreeSet;

/// The finalizers of Kubernetes itself, by which nobody says that he is at work.
const KUBERNETES: [&str; 2] = ["foregroundDeletion", "orphan"];
/// kubectl's own record of what was applied. It may hold passwords, and is no annotation that somebody has set.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What a pass looks at.
pub(super) struct View<'a> {
    pub(super) uid: &'a str,
    pub(super) subject: Subject,
    /// The cluster's spec, which has the files and the hooks.
    pub(super) spec: &'a ClusterSpec,
    pub(super) installed: Option<&'a str>,
    pub(super) phase: Option<&'a Phase>,
    pub(super) machines: Vec<&'a ClusterMachine>,
    pub(super) status: HookStatus,
    /// What cluster hooks get.
    pub(super) arguments: Vec<String>,
}

impl<'a> View<'a> {
    pub(super) fn of_cluster(cluster: &'a Cluster) -> Self {
        let status = cluster.status.as_ref();
        Self {
            uid: cluster.metadata.uid.as_deref().unwrap_or_default(),
            subject: Subject::Cluster {
                deletion: deletion(cluster),
                finalizer: cluster.finalizers().iter().any(|finalizer| finalizer == FINALIZER),
            },
            spec: &cluster.spec,
            installed: status.and_then(|status| status.version.as_deref()),
            phase: status.and_then(|status| status.phase.as_ref()),
            machines: cluster.spec.machines.iter().collect(),
            status: status
                .map(|status| recorded(&status.conditions, &status.hook_runs, &status.host_keys))
                .unwrap_or_default(),
            arguments: arguments(cluster),
        }
    }

    pub(super) fn of_worker(machine: &'a Machine, cluster: &'a Cluster) -> Self {
        let status = machine.status.as_ref();
        let cluster_version = cluster.status.as_ref().and_then(|status| status.version.clone());
        Self {
            uid: machine.metadata.uid.as_deref().unwrap_or_default(),
            subject: Subject::Worker {
                cluster_version,
                deleted: machine.metadata.deletion_timestamp.is_some(),
            },
            spec: &cluster.spec,
            installed: status.and_then(|status| status.version()),
            phase: status.and_then(|status| status.phase.as_ref()),
            machines: vec![&machine.spec.machine],
            status: status
                .map(|status| recorded(&status.conditions, &status.hook_runs, &status.host_keys))
                .unwrap_or_default(),
            arguments: Vec::new(),
        }
    }

    /// The types of conditions that the spec passes over: TKEStack's own field.
    pub(super) fn skipped(&self) -> BTreeSet<String> {
        self.spec.skipped().map(str::to_owned).collect()
    }
}

/// What a status has of hooks.
fn recorded(conditions: &[Condition], runs: &[HookRun], host_keys: &[RecordedHostKey]) -> HookStatus {
    HookStatus { conditions: conditions.to_vec(), runs: runs.to_vec(), host_keys: host_keys.to_vec() }
}

fn deletion(cluster: &Cluster) -> Deletion {
    let others = |finalizer: &String| finalizer != FINALIZER && !KUBERNETES.contains(&finalizer.as_str());
    match cluster.metadata.deletion_timestamp {
        None => Deletion::None,
        Some(_) if cluster.finalizers().iter().any(others) => Deletion::Others,
        Some(_) => Deletion::OnlyOurs,
    }
}

/// Labels, then annotations, in the order of their keys.
fn arguments(cluster: &Cluster) -> Vec<String> {
    let annotations = cluster.annotations().iter().filter(|(key, _)| *key != LAST_APPLIED);
    cluster.labels().iter().chain(annotations).map(|(key, value)| format!("{key}={value}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cluster(value: serde_json::Value) -> Cluster {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn labels_come_before_annotations_and_kubectls_record_is_no_argument() {
        let cluster = cluster(json!({
            "metadata": {
                "name": "c",
                "labels": {"location": "xa", "a": ""},
                "annotations": {
                    "node.alpha.kubernetes.io/test": "it's $(x)\n\"y\"",
                    "kubectl.kubernetes.io/last-applied-configuration": "{\"password\": \"MTIz\"}"
                }
            },
            "spec": {"features": {"skipConditions": ["EnsurePreInstallHook"]}}
        }));
        let view = View::of_cluster(&cluster);
        assert_eq!(view.arguments, ["a=", "location=xa", "node.alpha.kubernetes.io/test=it's $(x)\n\"y\""]);
        assert!(view.skipped().contains("EnsurePreInstallHook"));
    }

    #[test]
    fn who_else_has_a_finalizer_is_still_at_work() {
        let with = |finalizers: &[&str], deleted: bool| {
            let time = deleted.then_some("2026-01-01T00:00:00Z");
            let metadata = json!({"name": "c", "finalizers": finalizers, "deletionTimestamp": time});
            deletion(&cluster(json!({"metadata": metadata, "spec": {}})))
        };
        assert_eq!(with(&[FINALIZER, "tke/cluster"], false), Deletion::None);
        assert_eq!(with(&[FINALIZER, "tke/cluster"], true), Deletion::Others);
        assert_eq!(with(&[FINALIZER, "foregroundDeletion"], true), Deletion::OnlyOurs);
    }
}
