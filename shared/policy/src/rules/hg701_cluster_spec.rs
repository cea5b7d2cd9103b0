//! # HG701: a StarRocksCluster that cannot be acted upon
//!
//! ## What it finds
//! Fields of a StarRocksCluster with a value that is not allowed, of the wrong type, or missing: no FE, no image, a timeout
//! outside of 1 to 3600 seconds, a predefined hook that does not exist, a name that no ConfigMap can have.
//!
//! ## Why it is bad
//! The webhook refuses such a cluster. Where there is no webhook, the operator does not touch it and says the same in the
//! condition `Stalled`.
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
//!       predefined: [disable-everything]
//!       timeoutSeconds: 7200
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
//!       predefined: [disable-tablet-clone, disable-balancer]
//!       timeoutSeconds: 3600
//! ```
//!
//! ## Exceptions
//! An update through the webhook that leaves a wrong field as it was is allowed with a warning, so that a cluster can always
//! be scaled or rolled back. `hookgate lint` sees one manifest and no change, so it reports every one.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(701),
    name: "cluster-spec",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg701_cluster_spec.rs"),
};
