//! The finalizer: a cluster whose FEs have other settings than their own isn't gone before they are given back.

use crate::plan::{Action, View};
use hookgate_api::{StarRocksCluster, StarRocksClusterStatus, annotations::HELD_FINALIZER};
use kube::ResourceExt;

/// Whether the cluster has it.
pub(in crate::plan) fn is_there(cluster: &StarRocksCluster) -> bool {
    cluster.finalizers().iter().any(|finalizer| finalizer == HELD_FINALIZER)
}

/// Puts it there before the first change, and takes it away as soon as nothing is held.
pub(super) fn effect(view: &View<'_>, status: &StarRocksClusterStatus) -> Option<Action> {
    let cluster = &view.observation.cluster;
    let present = status.held_in_force().next().is_some();
    // Kubernetes takes no finalizer for an object that is being deleted.
    let may_add = cluster.metadata.deletion_timestamp.is_none();
    (present != is_there(cluster) && (may_add || !present)).then_some(Action::HoldFinalizer { present })
}
