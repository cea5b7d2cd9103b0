//! # HG803: a file for the machines that goes nowhere, or where another one goes
//!
//! ## What it finds
//! A `dst` of `spec.features.files` that is empty, not absolute, `/`, has `..` in it, is the `dst` of another file as well, or
//! is below the `dst` of something that is a file.
//!
//! ## Why it is bad
//! A relative path depends on where the SSH server starts a session. Of two files with the same `dst` one overwrites the other,
//! and which one runs is left to the order in the list.
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
//!       - {src: hooks/pre-install, dst: opt/hooks/pre-install}
//!       - {src: hooks/library, dst: /opt/library}
//!       - {src: hooks/other, dst: /opt//library/}
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
//!       - {src: hooks/library, dst: /opt/library}
//!       - {src: hooks/other, dst: /opt/other}
//! ```
//!
//! ## Exceptions
//! An update through the webhook that leaves the field as it was is allowed with a warning. `hookgate lint` sees one manifest
//! and no change, so it reports every one.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(803),
    name: "destination",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg803_destination.rs"),
};
