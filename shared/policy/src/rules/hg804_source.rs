//! # HG804: a file for the machines that is not in the hooks folder
//!
//! ## What it finds
//! A `src` of `spec.features.files` that is empty, absolute, or has `..` in it; with the hooks folder at hand also one that is
//! missing, that leads out of the folder by a symlink, or that is neither a regular file nor a folder of regular files.
//!
//! ## Why it is bad
//! The operator would send files of its own to machines, such as the token of its service account.
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
//!       - {src: hooks/../../etc/passwd, dst: /opt/hooks/pre-install}
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
//! ```
//!
//! ## Exceptions
//! An update through the webhook that leaves the field as it was is allowed with a warning. `hookgate lint` sees one manifest
//! and no change, so it reports every one.
//! Symlinks that stay in the folder are followed, as a mounted ConfigMap has them.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(804),
    name: "source",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg804_source.rs"),
};
