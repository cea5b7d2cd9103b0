//! # HG702: a script that is not there
//!
//! ## What it finds
//! A StarRocksCluster that refers to a ConfigMap, or to a key of one, that is not in the input.
//!
//! ## Why it is bad
//! The script was not checked. In the cluster an upgrade waits until the ConfigMap and its key exist: `failed to get
//! ConfigMap: configmaps "fe-upgrade-hooks" not found`.
//!
//! ## Example
//! ```yaml
//! apiVersion: starrocks.com/v1
//! kind: StarRocksCluster
//! metadata:
//!   name: sr
//! spec:
//!   starRocksFeSpec:
//!     image: starrocks/fe-ubuntu:3.2.2
//!     upgradeHooks:
//!       custom:
//!         configMapName: fe-upgrade-hooks
//! ```
//!
//! ## Use instead
//! ```yaml
//! apiVersion: v1
//! kind: ConfigMap
//! metadata:
//!   name: fe-upgrade-hooks
//! data:
//!   hooks.sh: |
//!     pre_upgrade() { :; }
//!     post_upgrade() { :; }
//! ---
//! apiVersion: starrocks.com/v1
//! kind: StarRocksCluster
//! metadata:
//!   name: sr
//! spec:
//!   starRocksFeSpec:
//!     image: starrocks/fe-ubuntu:3.2.2
//!     upgradeHooks:
//!       custom:
//!         configMapName: fe-upgrade-hooks
//! ```
//!
//! ## Exceptions
//! This is a warning: the ConfigMap may come from elsewhere. Give all files in one call, `hookgate lint cluster.yaml
//! hooks.yaml`, and they are seen together. A ConfigMap counts when its namespace is the cluster's, or when one of both names
//! no namespace.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(702),
    name: "missing-reference",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg702_missing_reference.rs"),
};
