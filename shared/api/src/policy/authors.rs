//! Which policies say who may write hook scripts.

use super::{Authors, Effect, EffectivePolicy};
use hookgate_policy::Severity;

/// A policy that restricts who may write hook scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestrictedAuthors {
    /// The policy's `metadata.name`, on which an author may do the verb `author`.
    pub policy: String,
    /// What becomes of a script whose author may not.
    pub effect: Effect,
}

impl EffectivePolicy {
    /// The policies that restrict who may write hook scripts. Whoever writes one has to be an author by each of them.
    pub fn restricted_authors(&self) -> impl Iterator<Item = RestrictedAuthors> {
        let restricting = self.terms().filter(|(_, terms)| terms.authors == Authors::Authorized);
        restricting.filter_map(|(id, terms)| {
            Some(RestrictedAuthors {
                policy: id.name.clone()?,
                effect: Effect::of(terms.mode, Severity::Error),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{LoadedPolicy, NamespaceLabels};
    use serde_json::json;
    use std::collections::BTreeMap;

    #[test]
    fn each_policy_restricts_in_its_own_mode() {
        let loaded = [
            LoadedPolicy::read("open", 1, &json!({"authors": "Anyone"})),
            LoadedPolicy::read("strict", 1, &json!({"authors": "Authorized"})),
            LoadedPolicy::read("trial", 1, &json!({"authors": "Authorized", "mode": "Warn"})),
        ];
        let namespace = NamespaceLabels::of("a", BTreeMap::new());
        let of = |policies| EffectivePolicy::of(policies, &namespace, hookgate_policy::Profile::Restricted);
        let restricted = |policy: &str, effect| RestrictedAuthors { policy: policy.to_owned(), effect };
        let expected = [restricted("strict", Effect::Deny), restricted("trial", Effect::Warn)];
        assert_eq!(of(&loaded[..]).restricted_authors().collect::<Vec<_>>(), expected);
        assert_eq!(of(&loaded[..1]).restricted_authors().next(), None);
        assert_eq!(of(&[]).restricted_authors().next(), None);
    }
}
