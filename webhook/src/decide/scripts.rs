//! Which keys of a ConfigMap are scripts, and what the policy says of them.

use hookgate_api::policy::{EffectivePolicy, ScriptVerdict};
use hookgate_policy::is_hook_script;

use crate::facts::ConfigMapFacts;
use crate::lookup::Reference;

/// Whether an entry is a hook script, by the definition that `hookgate lint` has as well.
#[must_use]
pub(super) fn is_script(map: &ConfigMapFacts, references: &[Reference], key: &str, content: &[u8]) -> bool {
    let is_referenced = references.iter().any(|reference| reference.key == key);
    is_hook_script(map.is_labelled(), is_referenced, key, content)
}

/// A script and what the policy says of it.
pub(super) struct Judged {
    /// Name of the ConfigMap.
    pub(super) config_map: String,
    /// Key in it.
    pub(super) key: String,
    /// What the namespace's policies say.
    pub(super) verdict: ScriptVerdict,
}

impl Judged {
    pub(super) fn new(config_map: &str, key: &str, content: &[u8], policy: &EffectivePolicy) -> Self {
        Self { config_map: config_map.to_owned(), key: key.to_owned(), verdict: policy.check(content) }
    }
}
