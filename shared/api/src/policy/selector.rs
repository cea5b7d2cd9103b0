//! Which namespaces a policy is for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The label that the API server gives every namespace: its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// Selects namespaces by their labels. All requirements must hold; without any, every namespace is selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NamespaceSelector {
    /// Labels that the namespace must have, with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<SelectorRequirement>,
}

/// A requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SelectorRequirement {
    /// The label.
    pub key: String,
    /// How the label is compared with the values.
    pub operator: SelectorOperator,
    /// The values, for In and NotIn; none for Exists and DoesNotExist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SelectorOperator {
    /// It has one of the values.
    In,
    /// It has none of the values, or isn't there.
    NotIn,
    /// It is there.
    Exists,
    /// It isn't there.
    DoesNotExist,
}

/// What is known of a namespace's labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceLabels {
    labels: BTreeMap<String, String>,
    complete: bool,
}

impl NamespaceLabels {
    /// The labels of a namespace that has been read.
    #[must_use]
    pub fn of(namespace: &str, labels: BTreeMap<String, String>) -> Self {
        Self { complete: true, ..Self { labels, complete: true }.named(namespace) }
    }

    /// A namespace of which nothing but the name is known, and of `""` not even that.
    #[must_use]
    pub fn unknown(namespace: &str) -> Self {
        let none = Self { labels: BTreeMap::new(), complete: false };
        if namespace.is_empty() { none } else { none.named(namespace) }
    }

    fn named(mut self, namespace: &str) -> Self {
        self.labels.insert(NAME_LABEL.to_owned(), namespace.to_owned());
        self
    }

    /// Whether the label is there and passes the test; `None` when that can't be known.
    fn test(&self, key: &str, test: impl FnOnce(&str) -> bool) -> Option<bool> {
        match self.labels.get(key) {
            Some(value) => Some(test(value)),
            None => self.complete.then_some(false),
        }
    }
}

impl NamespaceSelector {
    /// Whether a namespace is selected. What can't be known counts as selected: a policy must not be lost by it.
    #[must_use]
    pub fn selects(&self, namespace: &NamespaceLabels) -> bool {
        let labels =
            self.match_labels.iter().map(|(key, wanted)| namespace.test(key, |value| value == wanted));
        let expressions = self.match_expressions.iter().map(|requirement| requirement.holds(namespace));
        labels.chain(expressions).all(|holds| holds != Some(false))
    }

    /// What is wrong with it: path below the selector, and words.
    pub(super) fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (index, requirement) in self.match_expressions.iter().enumerate() {
            let takes_values = matches!(requirement.operator, SelectorOperator::In | SelectorOperator::NotIn);
            if takes_values == requirement.values.is_empty() {
                let message = if takes_values {
                    "required: In and NotIn compare with at least one value"
                } else {
                    "must be empty: Exists and DoesNotExist compare with nothing"
                };
                problems.push((format!("matchExpressions[{index}].values"), message.to_owned()));
            }
            if requirement.key.is_empty() {
                problems.push((format!("matchExpressions[{index}].key"), "required: the label".to_owned()));
            }
        }
        problems
    }
}

impl SelectorRequirement {
    fn holds(&self, namespace: &NamespaceLabels) -> Option<bool> {
        let among = |value: &str| self.values.iter().any(|one| one == value);
        match self.operator {
            SelectorOperator::In => namespace.test(&self.key, among),
            SelectorOperator::NotIn => namespace.test(&self.key, among).map(|found| !found),
            SelectorOperator::Exists => namespace.test(&self.key, |_| true),
            SelectorOperator::DoesNotExist => namespace.test(&self.key, |_| true).map(|found| !found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn selector(value: serde_json::Value) -> NamespaceSelector {
        serde_json::from_value(value).unwrap()
    }

    fn expression(operator: &str, values: &[&str]) -> NamespaceSelector {
        selector(json!({"matchExpressions": [{"key": "stage", "operator": operator, "values": values}]}))
    }

    #[test]
    fn labels_are_compared_as_kubernetes_does() {
        let production = NamespaceLabels::of("sr", [("stage".to_owned(), "production".to_owned())].into());
        let bare = NamespaceLabels::of("sr", BTreeMap::new());
        for (selector, expected) in [
            (NamespaceSelector::default(), [true, true]),
            (selector(json!({"matchLabels": {"stage": "production"}})), [true, false]),
            (selector(json!({"matchLabels": {"stage": "test"}})), [false, false]),
            (selector(json!({"matchLabels": {"kubernetes.io/metadata.name": "sr"}})), [true, true]),
            (selector(json!({"matchLabels": {"kubernetes.io/metadata.name": "other"}})), [false, false]),
            (expression("In", &["test", "production"]), [true, false]),
            (expression("NotIn", &["test"]), [true, true]),
            (expression("NotIn", &["production"]), [false, true]),
            (expression("Exists", &[]), [true, false]),
            (expression("DoesNotExist", &[]), [false, true]),
        ] {
            assert_eq!([&production, &bare].map(|labels| selector.selects(labels)), expected, "{selector:?}");
        }
    }

    #[test]
    fn what_cannot_be_known_counts_as_selected() {
        let unknown = NamespaceLabels::unknown("sr");
        assert!(expression("Exists", &[]).selects(&unknown));
        assert!(expression("DoesNotExist", &[]).selects(&unknown));
        let name = |name: &str| selector(json!({"matchLabels": {"kubernetes.io/metadata.name": name}}));
        assert!(name("sr").selects(&unknown));
        assert!(!name("other").selects(&unknown), "the name is known");
        assert!(name("other").selects(&NamespaceLabels::unknown("")));
    }

    #[test]
    fn a_misspelt_field_does_not_select_everything() {
        let read = serde_json::from_value::<NamespaceSelector>(json!({"matchlabels": {"a": "b"}}));
        assert!(read.unwrap_err().to_string().contains("unknown field `matchlabels`"));
    }
}
