//! Which keys of a ConfigMap are scripts, and what the policy says of them.

use hookgate_api::defaults::DEFAULT_SCRIPT_KEY;
use hookgate_policy::{Policy, Report, Severity, check, defines_hook_function};

use crate::facts::ConfigMapFacts;
use crate::lookup::Reference;

/// Whether an entry is a hook script: a cluster refers to its key, or its text defines a hook function, or the
/// ConfigMap is labelled as a hook and the key is the default one or ends in `.sh`.
#[must_use]
pub(super) fn is_script(map: &ConfigMapFacts, references: &[Reference], key: &str, content: &[u8]) -> bool {
    let by_label = || map.is_labelled() && (key == DEFAULT_SCRIPT_KEY || has_script_suffix(key));
    references.iter().any(|reference| reference.key == key) || by_label() || defines_hook_function(content)
}

fn has_script_suffix(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case("sh"))
}

/// A script and what the policy says of it.
pub(super) struct Judged {
    /// Name of the ConfigMap.
    pub(super) config_map: String,
    /// Key in it.
    pub(super) key: String,
    /// The verdict.
    pub(super) report: Report,
}

impl Judged {
    pub(super) fn new(config_map: &str, key: &str, content: &[u8], policy: &Policy) -> Self {
        Self { config_map: config_map.to_owned(), key: key.to_owned(), report: check(content, policy) }
    }

    pub(super) fn count(&self, severity: Severity) -> usize {
        self.report.findings().iter().filter(|finding| finding.severity == severity).count()
    }
}
