//! # HG704: a field that is not served
//!
//! ## What it finds
//! Fields of a StarRocksCluster that Hookgate accepts, so that manifests for the StarRocks operator apply as they are, and
//! that this version does not act upon.
//!
//! ## Why it is bad
//! What the field asks for does not happen. The operator says so in a condition of the cluster as well.
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
//!   disasterRecovery:
//!     enabled: true
//!     generation: 1
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
//! ```
//!
//! ## Exceptions
//! This is a warning.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(704),
    name: "unserved-field",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg704_unserved_field.rs"),
};
