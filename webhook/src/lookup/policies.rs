//! The HookPolicies and the labels of the namespaces that they select by.

use std::collections::BTreeMap;

use hookgate_api::policy::{EffectivePolicy, LoadedPolicy, NamespaceLabels};
use hookgate_policy::Profile;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{DynamicObject, PartialObjectMeta};
use kube::runtime::watcher::Event;

use super::mirror::Mirror;

/// What decides on the policy of a namespace.
#[derive(Debug)]
pub struct PolicyIndex {
    policies: Mirror<LoadedPolicy>,
    namespaces: Mirror<BTreeMap<String, String>>,
    default: Profile,
}

/// What the index knows of a namespace's policy.
#[derive(Debug, PartialEq)]
pub enum Known {
    /// The policy.
    Policy(EffectivePolicy),
    /// The namespace's labels have to be read first.
    NeedsLabels,
    /// Policies or namespaces haven't been read.
    NotSynced,
}

impl PolicyIndex {
    /// An index that knows nothing; where no policy selects a namespace it will be the default one of this profile.
    #[must_use]
    pub fn new(default: Profile) -> Self {
        Self { policies: Mirror::default(), namespaces: Mirror::default(), default }
    }

    /// Takes what the watch of policies tells.
    pub fn apply_policy(&mut self, event: Event<DynamicObject>) {
        self.policies.apply(event, |object| {
            let name = object.metadata.name.clone().unwrap_or_default();
            let generation = object.metadata.generation.unwrap_or_default();
            let spec = object.data.get("spec").cloned().unwrap_or_default();
            let policy = LoadedPolicy::read(&name, generation, &spec);
            (name, policy)
        });
    }

    /// The API server doesn't serve policies.
    pub fn policies_are_absent(&mut self) {
        self.policies.kind_is_absent();
    }

    /// Takes what the watch of namespaces tells.
    pub fn apply_namespace(&mut self, event: Event<PartialObjectMeta<Namespace>>) {
        self.namespaces.apply(event, |object| {
            let metadata = &object.metadata;
            (metadata.name.clone().unwrap_or_default(), metadata.labels.clone().unwrap_or_default())
        });
    }

    /// Whether policies and namespaces have been read.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.policies.values().is_some() && self.namespaces.values().is_some()
    }

    /// The policy of a namespace.
    #[must_use]
    pub fn of(&self, namespace: &str) -> Known {
        let (Some(policies), Some(namespaces)) = (self.policies.values(), self.namespaces.values()) else {
            return Known::NotSynced;
        };
        match namespaces.get(namespace) {
            Some(labels) => Known::Policy(self.with_labels(namespace, labels.clone())),
            None if policies.is_empty() => Known::Policy(EffectivePolicy::default_of(self.default)),
            None => Known::NeedsLabels,
        }
    }

    /// The policy of a namespace that has these labels.
    #[must_use]
    pub fn with_labels(&self, namespace: &str, labels: BTreeMap<String, String>) -> EffectivePolicy {
        let labels = NamespaceLabels::of(namespace, labels);
        let policies = self.policies.values().into_iter().flat_map(BTreeMap::values);
        EffectivePolicy::of(policies, &labels, self.default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::api::{ApiResource, ObjectMeta};
    use kube::core::GroupVersionKind;
    use serde_json::{Value, json};

    fn policy(name: &str, generation: i64, spec: &Value) -> DynamicObject {
        let resource =
            ApiResource::from_gvk(&GroupVersionKind::gvk("hookgate.dev", "v1alpha1", "HookPolicy"));
        let mut object = DynamicObject::new(name, &resource).data(json!({"spec": spec}));
        object.metadata.generation = Some(generation);
        object
    }

    fn namespace(name: &str, stage: &str) -> PartialObjectMeta<Namespace> {
        let labels = BTreeMap::from([("stage".to_owned(), stage.to_owned())]);
        let metadata =
            ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() };
        PartialObjectMeta { metadata, ..PartialObjectMeta::default() }
    }

    fn names(index: &PolicyIndex, namespace: &str) -> String {
        match index.of(namespace) {
            Known::Policy(policy) => policy.names(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_namespace_has_the_policies_that_select_it_or_the_default() {
        let mut index = PolicyIndex::new(Profile::Restricted);
        assert_eq!(names(&index, "a"), "NotSynced");
        index.apply_policy(Event::Init);
        index.apply_policy(Event::InitDone);
        assert_eq!(names(&index, "a"), "NotSynced");
        index.apply_namespace(Event::Init);
        index.apply_namespace(Event::InitApply(namespace("a", "test")));
        index.apply_namespace(Event::InitDone);
        assert!(index.is_synced());
        assert_eq!((names(&index, "a"), names(&index, "new")), ("default".to_owned(), "default".to_owned()));

        let selector = json!({"namespaceSelector": {"matchLabels": {"stage": "test"}}});
        index.apply_policy(Event::Apply(policy("test", 2, &selector)));
        assert_eq!(names(&index, "a"), "test@2");
        assert_eq!(names(&index, "new"), "NeedsLabels");
        assert_eq!(index.with_labels("new", BTreeMap::new()).names(), "default");
        index.apply_policy(Event::Apply(policy("all", 1, &json!({}))));
        assert_eq!(names(&index, "a"), "all@1, test@2");
        index.apply_namespace(Event::Apply(namespace("a", "production")));
        assert_eq!(names(&index, "a"), "all@1");
        index.policies_are_absent();
        assert_eq!(names(&index, "a"), "default");
    }

    #[test]
    fn a_policy_that_makes_no_sense_is_kept_and_refuses() {
        let mut index = PolicyIndex::new(Profile::Restricted);
        index.policies_are_absent();
        index.apply_namespace(Event::Init);
        index.apply_namespace(Event::InitDone);
        index.apply_policy(Event::Apply(policy("broken", 1, &json!({"mode": 7}))));
        assert_eq!(index.with_labels("a", BTreeMap::new()).invalid().len(), 1);
    }
}
