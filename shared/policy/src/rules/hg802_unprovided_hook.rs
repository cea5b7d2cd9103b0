//! # HG802: a machine hook that no file provides
//!
//! ## What it finds
//! A hook of a Cluster whose path is on no machine after the files were copied: it is not the `dst` of a file, and not in the
//! `dst` of a folder; with the hooks folder at hand also a path that is a folder, or that is not in the folder that is copied.
//!
//! ## Why it is bad
//! The hook fails on every machine, and the installation or upgrade waits for it. The path is not a command: arguments
//! behind it are taken for a part of the file's name. What a cluster's hook gets as arguments are the Cluster's labels and
//! annotations.
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
//!       PreInstall: /opt/hooks/pre-install --fast
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
//! What is in a folder is known when the webhook has the hooks folder mounted, and by `hookgate lint --hooks-dir`;
//! otherwise it is found out just before the files are copied.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(802),
    name: "unprovided-hook",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg802_unprovided_hook.rs"),
};
