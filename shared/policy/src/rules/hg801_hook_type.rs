//! # HG801: a machine hook of an unknown type
//!
//! ## What it finds
//! A key of `spec.features.hooks` of a Cluster that is none of the ten: PreClusterInstall, PreInstall, PostInstall,
//! PostClusterInstall, PreClusterUpgrade, PreUpgrade, PostUpgrade, PostClusterUpgrade, PreClusterDelete and
//! PostClusterDelete.
//!
//! ## Why it is bad
//! Nothing ever runs such a hook, and nobody is told.
//!
//! ## Example
//! ```yaml
//! apiVersion: platform.tkestack.io/v1
//! kind: Cluster
//! metadata:
//!   name: production
//! spec:
//!   type: Baremetal
//!   version: 1.18.3
//!   machines:
//!     - ip: 10.0.0.9
//!       username: root
//!       secretRef: {name: masters}
//!   features:
//!     files:
//!       - {src: hooks/pre-install, dst: /opt/hooks/pre-install}
//!     hooks:
//!       preInstall: /opt/hooks/pre-install
//! ```
//!
//! ## Use instead
//! ```yaml
//! apiVersion: platform.tkestack.io/v1
//! kind: Cluster
//! metadata:
//!   name: production
//! spec:
//!   type: Baremetal
//!   version: 1.18.3
//!   machines:
//!     - ip: 10.0.0.9
//!       username: root
//!       secretRef: {name: masters}
//!   features:
//!     files:
//!       - {src: hooks/pre-install, dst: /opt/hooks/pre-install}
//!     hooks:
//!       PreInstall: /opt/hooks/pre-install
//! ```
//!
//! ## Exceptions
//! An update through the webhook that leaves the field as it was is allowed with a warning. `hookgate lint` sees one manifest
//! and no change, so it reports every one.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(801),
    name: "hook-type",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg801_hook_type.rs"),
};
