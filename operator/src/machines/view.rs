//! A Cluster or a Machine as the rules see it.

use hookgate_api::{
    annotations,
    platform::{
        Cluster, ClusterMachine, ClusterSpec, Condition, FINALIZER, HookRun, Machine, Phase, RecordedHostKey,
    },
};
use hookgate_machines::plan::{Deletion, HookStatus, Subject};
use jiff::Timestamp;
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
                cluster_deleted: cluster.metadata.deletion_timestamp.is_some(),
                deleted: machine.metadata.deletion_timestamp.is_some(),
            },
            spec: &cluster.spec,
            installed: status.and_then(|status| status.version()),
            phase: status.and_then(|status| status.phase.as_ref()),
            machines: vec![&machine.spec.machine],
            status: Self::status_of(machine),
            arguments: Vec::new(),
        }
    }

    /// What a Machine's status has of hooks.
    pub(super) fn status_of(machine: &Machine) -> HookStatus {
        let status = machine.status.as_ref();
        status
            .map(|status| recorded(&status.conditions, &status.hook_runs, &status.host_keys))
            .unwrap_or_default()
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

/// Whether `hookgate release` has let a Cluster go while this operator, which began at that time, was there.
pub(super) fn is_released(cluster: &Cluster, began: Timestamp) -> bool {
    let released = cluster.annotations().get(annotations::RELEASE);
    released.and_then(|time| time.parse::<Timestamp>().ok()).is_some_and(|released| began <= released)
}

/// Labels, then annotations, in the order of their keys.
fn arguments(cluster: &Cluster) -> Vec<String> {
    let own = |key: &String| key == LAST_APPLIED || key == annotations::RELEASE;
    let annotations = cluster.annotations().iter().filter(|(key, _)| !own(key));
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
                    "hookgate.dev/release": "2026-01-01T00:00:00Z",
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
    fn a_cluster_is_let_go_by_operators_that_were_there_then() {
        let released = |value: &str, began: &str| {
            let metadata = json!({"name": "c", "annotations": {"hookgate.dev/release": value}});
            is_released(&cluster(json!({"metadata": metadata, "spec": {}})), began.parse().unwrap())
        };
        let at = "2026-01-02T03:04:05Z";
        assert!(released(at, "2026-01-02T03:04:05Z") && released(at, "2025-01-01T00:00:00Z"));
        assert!(!released(at, "2026-01-02T03:04:06Z"), "it is another one, which takes care of it again");
        assert!(!released("true", at));
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
