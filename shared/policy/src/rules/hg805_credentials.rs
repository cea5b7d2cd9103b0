//! # HG805: credentials of a machine that cannot be read
//!
//! ## What it finds
//! A `password`, `privateKey` or `passPhrase` of a machine that is not base64 of a text, a `privateKey` that is none, a
//! `secretRef` without a name, and a machine that has none of them. A `username` with a control character in it, and one that
//! is missing where no Secret could have it.
//!
//! ## Why it is bad
//! Nobody can log in, and so no hook runs on the machine. The message does not repeat the value: it may be the password
//! itself, written without encoding it.
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
//!       passPhrase: not encoded
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
//! An update through the webhook that leaves the field as it was is allowed with a warning. `hookgate lint` sees one manifest
//! and no change, so it reports every one.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(805),
    name: "machine-credentials",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg805_credentials.rs"),
};
