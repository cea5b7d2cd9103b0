//! # HG806: a machine that cannot be reached
//!
//! ## What it finds
//! A machine whose `ip` is empty or neither an address nor a host's name, whose `port` is not in 1 to 65535, or that is in the
//! list twice; a Machine that names no Cluster, and hooks of a Cluster that has no machines.
//!
//! ## Why it is bad
//! Nobody can log in, and so no hook runs on the machine; one that is there twice would run each hook twice.
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
//!       port: 70000
//!       username: root
//!       secretRef: {name: masters}
//!   features:
//!     files:
//!       - {src: hooks/pre-install, dst: /opt/hooks/pre-install}
//!     hooks:
//!       PreInstall: /opt/hooks/pre-install
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
//!       port: 2222
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
//! Without a `port` 22 is meant.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(806),
    name: "machine-address",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg806_address.rs"),
};
