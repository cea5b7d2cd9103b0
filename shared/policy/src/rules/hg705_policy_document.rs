//! # HG705: a HookPolicy that cannot be used
//!
//! ## What it finds
//! Fields of a HookPolicy that there are not, values that are not allowed or of the wrong type, programs that a policy cannot
//! add, settings, statements and selectors that make no sense, and a kind or version that is nearly the right one.
//!
//! ## Why it is bad
//! Where a policy cannot be used nothing is allowed in the namespaces that it selects: every hook there is refused until it
//! is mended.
//!
//! ## Example
//! ```yaml
//! apiVersion: hookgate.dev/v1alpha1
//! kind: HookPolicy
//! metadata:
//!   name: platform
//! spec:
//!   profile: restricted
//!   programs:
//!     - name: python3
//!   maxTimeout: 600
//! ```
//!
//! ## Use instead
//! ```yaml
//! apiVersion: hookgate.dev/v1alpha1
//! kind: HookPolicy
//! metadata:
//!   name: platform
//! spec:
//!   profile: restricted
//!   programs:
//!     - name: sync
//!   maxTimeoutSeconds: 600
//! ```
//!
//! ## Exceptions
//! None. The scripts of the same input are judged by the policies of `--policy`, not by those in the input.

use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(705),
    name: "policy-document",
    profiles: &Profile::ALL,
    fragments: false,
    check: super::about_manifests,
    source: include_str!("hg705_policy_document.rs"),
};
