//! # HG807: credentials in a manifest
//!
//! ## What it finds
//! A `password` or `privateKey` that stands in a Cluster or Machine.
//!
//! ## Why it is bad
//! Base64 is not encryption: whoever may read Clusters and Machines, or the repository that they come from, can log in.
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
//!       password: MTIzNDU2
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
//! This is a warning: TKEStack has no other way. Hookgate reads the Secret that `secretRef` names, in its own namespace, when
//! it has the label `hookgate.dev/machine-credentials: "true"` and the keys `password`, or `ssh-privatekey` and `passphrase`.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(807),
    name: "plain-credentials",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg807_plain_credentials.rs"),
};
