//! # HG703: a deprecated annotation
//!
//! ## What it finds
//! The annotations `starrocks.com/prepare-upgrade` and `starrocks.com/upgrade-hooks` on a StarRocksCluster.
//!
//! ## Why it is bad
//! They ask for hooks of the cluster as a whole, once. The spec says the same for each component, for every upgrade, and is
//! checked.
//!
//! ## Example
//! ```yaml
//! apiVersion: starrocks.com/v1
//! kind: StarRocksCluster
//! metadata:
//!   name: sr
//!   annotations:
//!     starrocks.com/prepare-upgrade: "true"
//!     starrocks.com/upgrade-hooks: "disable-tablet-clone,disable-balancer"
//! spec:
//!   starRocksFeSpec:
//!     image: starrocks/fe-ubuntu:3.2.2
//! ```
//!
//! ## Use instead
//! ```yaml
//! apiVersion: starrocks.com/v1
//! kind: StarRocksCluster
//! metadata:
//!   name: sr
//! spec:
//!   starRocksFeSpec:
//!     image: starrocks/fe-ubuntu:3.2.2
//!     upgradeHooks:
//!       predefined:
//!         - disable-tablet-clone
//!         - disable-balancer
//! ```
//!
//! ## Exceptions
//! This is a warning. `hookgate lint --fix` writes the spec and removes the annotations, when the list names predefined hooks
//! only and the spec does not already say something else.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(703),
    name: "deprecated-annotation",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg703_deprecated_annotation.rs"),
};
