//! Defaults for what a StarRocksCluster leaves open, as a JSON Patch; and what to write instead of the deprecated
//! annotations. Applied to its own result the patch is empty.

use hookgate_api::annotations::{PREPARE_UPGRADE, UPGRADE_HOOKS, instead_of_request, requested_hooks};
use hookgate_api::defaults::{DEFAULT_SCRIPT_KEY, DEFAULT_TIMEOUT_SECONDS};
use hookgate_api::{Component, StarRocksClusterSpec};
use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation};
use serde_json::Value;

use crate::decision::Decision;
use crate::facts::{ClusterFacts, Facts, Subject};
use crate::text::one_line;

/// The decision of the mutating path: always allowed, for it validates nothing.
#[must_use]
pub fn mutate(facts: &Facts) -> Decision {
    let Subject::Cluster(change) = &facts.subject else { return Decision::allow() };
    if change.new.is_deleted() {
        return Decision::allow();
    }
    Decision {
        patch: Some(defaults(change.new.spec())),
        warnings: deprecations(&change.new),
        ..Decision::allow()
    }
}

/// The defaults that the spec lacks, wherever the object that would hold them is present.
#[must_use]
pub fn defaults(spec: &StarRocksClusterSpec) -> Patch {
    let mut operations = Vec::new();
    for component in Component::ALL {
        let Some(hooks) = spec.upgrade_hooks(component) else { continue };
        let path = |rest: &[&str]| {
            PointerBuf::from_tokens(
                ["spec", component.spec_field(), "upgradeHooks"].iter().chain(rest).copied(),
            )
        };
        if hooks.timeout_seconds.is_none() {
            operations.push(add(path(&["timeoutSeconds"]), DEFAULT_TIMEOUT_SECONDS.into()));
        }
        if hooks.custom.as_ref().is_some_and(|custom| custom.script_key.is_none()) {
            operations.push(add(path(&["custom", "scriptKey"]), DEFAULT_SCRIPT_KEY.into()));
        }
    }
    Patch(operations)
}

/// `add` also replaces a `null`, which says as little as an absent field.
fn add(path: PointerBuf, value: Value) -> PatchOperation {
    PatchOperation::Add(AddOperation { path, value })
}

/// One warning for each deprecated annotation, with the spec to write instead.
fn deprecations(cluster: &ClusterFacts) -> Vec<String> {
    let requested = requested_hooks(|name| cluster.annotation(name));
    let way_out = if requested.is_empty() {
        "take it away, it asks for nothing".to_owned()
    } else {
        one_line(&instead_of_request(&requested), 160)
    };
    let present =
        [UPGRADE_HOOKS, PREPARE_UPGRADE].into_iter().filter(|name| cluster.annotation(name).is_some());
    let words = |name: &str| format!("annotation {name} is deprecated and counts for one upgrade: {way_out}");
    present.map(words).collect()
}
