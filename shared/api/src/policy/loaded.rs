//! A policy as it is stored, whether or not it makes sense.

use super::{HookPolicySpec, NamespaceLabels, NamespaceSelector, Terms, terms};
use crate::validate::Violation;
use serde_json::Value;
use std::fmt;

/// Which policy, and which version of it. The default policy has no name.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId {
    /// `metadata.name`; `None` for the default.
    pub name: Option<String>,
    /// `metadata.generation`; 0 where nobody counts, as in a file.
    pub generation: i64,
}

impl fmt::Display for PolicyId {
    /// `platform@3`, `platform`, or `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("default");
        if self.generation == 0 { f.write_str(name) } else { write!(f, "{name}@{}", self.generation) }
    }
}

/// A policy that was read. One that can't be used is kept, for what it selects must not be admitted without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedPolicy {
    /// Which policy.
    pub id: PolicyId,
    /// The namespaces; `None` when even that can't be read, and then it is for all of them.
    selector: Option<NamespaceSelector>,
    /// What it says, or why it can't be used.
    pub(super) terms: Result<Terms, Vec<Violation>>,
    /// What is allowed and hardly meant.
    remarks: Vec<String>,
}

impl LoadedPolicy {
    /// Reads a policy's spec as the API server stores it.
    #[must_use]
    pub fn read(name: &str, generation: i64, spec: &Value) -> Self {
        let id = PolicyId { name: Some(name.to_owned()), generation };
        match serde_json::from_value::<HookPolicySpec>(spec.clone()) {
            Ok(spec) => Self::of(id, spec),
            Err(error) => {
                let selector =
                    spec.get("namespaceSelector").cloned().unwrap_or(Value::Object(serde_json::Map::new()));
                let violation = Violation { path: "spec".to_owned(), message: error.to_string() };
                Self {
                    id,
                    selector: serde_json::from_value(selector).ok(),
                    terms: Err(vec![violation]),
                    remarks: Vec::new(),
                }
            }
        }
    }

    /// A policy with that spec.
    #[must_use]
    pub fn of(id: PolicyId, spec: HookPolicySpec) -> Self {
        let (terms, remarks) = (Terms::of(&spec), terms::remarks(&spec));
        Self { id, selector: Some(spec.namespace_selector.unwrap_or_default()), terms, remarks }
    }

    /// The same with another profile, where it makes sense at all.
    #[must_use]
    pub fn with_profile(mut self, profile: hookgate_policy::Profile) -> Self {
        if let Ok(terms) = &mut self.terms {
            terms.policy.profile = profile;
        }
        self
    }

    /// Whether it is for a namespace.
    #[must_use]
    pub fn selects(&self, namespace: &NamespaceLabels) -> bool {
        self.selector.as_ref().is_none_or(|selector| selector.selects(namespace))
    }

    /// Everything that is wrong with it; empty when it can be used.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.terms.as_ref().map_or_else(Vec::as_slice, |_| &[])
    }

    /// What is allowed in it and hardly meant.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_policy_that_cannot_be_read_is_for_what_it_selects_or_for_everything() {
        let labelled = NamespaceLabels::of("a", [("x".to_owned(), "y".to_owned())].into());
        let other = NamespaceLabels::of("b", std::collections::BTreeMap::new());
        let selector = json!({"matchLabels": {"x": "y"}});
        let unreadable = LoadedPolicy::read("p", 1, &json!({"namespaceSelector": selector, "mode": "Lax"}));
        assert!(unreadable.violations()[0].message.contains("unknown variant `Lax`"));
        assert_eq!([&labelled, &other].map(|labels| unreadable.selects(labels)), [true, false]);
        let worse = LoadedPolicy::read("p", 1, &json!({"namespaceSelector": 7}));
        assert_eq!([&labelled, &other].map(|labels| worse.selects(labels)), [true, true]);
        let without = LoadedPolicy::read("p", 1, &json!({"mode": 1}));
        assert!(without.selects(&other));
        assert!(LoadedPolicy::read("p", 1, &Value::Null).selects(&other));
    }
}
