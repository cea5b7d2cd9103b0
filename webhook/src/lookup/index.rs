//! Which ConfigMaps the StarRocksClusters refer to: a small index in place of the clusters themselves.
//!
//! The clusters are read as plain JSON, so that one that can't be read as a StarRocksCluster (stored before its
//! CRD was changed, for example) doesn't hide the references of all others.

use std::collections::BTreeMap;

use hookgate_api::Component;
use hookgate_api::defaults::DEFAULT_SCRIPT_KEY;
use kube::api::DynamicObject;
use kube::runtime::watcher::Event;
use serde_json::Value;

use super::{LookupError, Reference};

type Clusters = BTreeMap<(String, String), Vec<(String, Reference)>>;

/// The index. Namespace and name of a cluster lead to the ConfigMaps that it refers to.
#[derive(Debug, Default)]
pub struct ReferenceIndex {
    synced: bool,
    clusters: Clusters,
    arriving: Clusters,
}

impl ReferenceIndex {
    /// Takes what the watch tells. The old index holds until a new list is complete.
    pub fn apply(&mut self, event: Event<DynamicObject>) {
        match event {
            Event::Init => self.arriving.clear(),
            Event::InitApply(object) => insert(&mut self.arriving, &object),
            Event::InitDone => {
                self.clusters = std::mem::take(&mut self.arriving);
                self.synced = true;
            }
            Event::Apply(object) => insert(&mut self.clusters, &object),
            Event::Delete(object) => {
                self.clusters.remove(&name_of(&object));
            }
        }
    }

    /// The kind isn't served by the API server: then there are no clusters.
    pub fn kind_is_absent(&mut self) {
        *self = Self { synced: true, ..Self::default() };
    }

    /// Whether the clusters have been read.
    #[must_use]
    pub fn is_synced(&self) -> bool {
        self.synced
    }

    /// Who refers to this ConfigMap.
    ///
    /// # Errors
    /// When the clusters haven't been read yet.
    pub fn references(&self, namespace: &str, config_map: &str) -> Result<Vec<Reference>, LookupError> {
        if !self.synced {
            return Err(LookupError::NotSynced);
        }
        let first = (namespace.to_owned(), String::new());
        Ok(self
            .clusters
            .range(first..)
            .take_while(|((found, _), _)| found == namespace)
            .flat_map(|(_, references)| references)
            .filter(|(name, _)| name == config_map)
            .map(|(_, reference)| reference.clone())
            .collect())
    }
}

fn name_of(object: &DynamicObject) -> (String, String) {
    (object.metadata.namespace.clone().unwrap_or_default(), object.metadata.name.clone().unwrap_or_default())
}

fn insert(clusters: &mut Clusters, object: &DynamicObject) {
    let (namespace, name) = name_of(object);
    let references = references_of(&name, &object.data);
    clusters.insert((namespace, name), references);
}

fn references_of(cluster: &str, object: &Value) -> Vec<(String, Reference)> {
    Component::ALL
        .into_iter()
        .filter_map(|component| {
            let custom =
                object.get("spec")?.get(component.spec_field())?.get("upgradeHooks")?.get("custom")?;
            let config_map = custom.get("configMapName")?.as_str()?.to_owned();
            let key =
                custom.get("scriptKey").and_then(Value::as_str).unwrap_or(DEFAULT_SCRIPT_KEY).to_owned();
            Some((config_map, Reference { cluster: cluster.to_owned(), component, key }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::{ApiResource, GroupVersionKind};
    use serde_json::json;

    fn cluster(namespace: &str, name: &str, spec: &Value) -> DynamicObject {
        let resource =
            ApiResource::from_gvk(&GroupVersionKind::gvk("starrocks.com", "v1", "StarRocksCluster"));
        DynamicObject::new(name, &resource).within(namespace).data(json!({"spec": spec}))
    }

    fn with_hook(namespace: &str, name: &str, config_map: &str) -> DynamicObject {
        let hooks = json!({"custom": {"configMapName": config_map}});
        cluster(namespace, name, &json!({"starRocksBeSpec": {"upgradeHooks": hooks}}))
    }

    fn synced(objects: Vec<DynamicObject>) -> ReferenceIndex {
        let mut index = ReferenceIndex::default();
        index.apply(Event::Init);
        for object in objects {
            index.apply(Event::InitApply(object));
        }
        index.apply(Event::InitDone);
        index
    }

    #[test]
    fn nothing_is_known_before_the_first_list_is_complete() {
        let mut index = ReferenceIndex::default();
        index.apply(Event::Init);
        index.apply(Event::InitApply(with_hook("n", "c", "m")));
        assert_eq!(index.references("n", "m"), Err(LookupError::NotSynced));
        index.apply(Event::InitDone);
        assert_eq!(index.references("n", "m").unwrap().len(), 1);
    }

    #[test]
    fn references_are_found_by_namespace_and_name_only() {
        let index =
            synced(vec![with_hook("a", "c", "m"), with_hook("b", "c", "m"), with_hook("b", "d", "other")]);
        let found = index.references("b", "m").unwrap();
        let expected =
            Reference { cluster: "c".into(), component: Component::Be, key: DEFAULT_SCRIPT_KEY.into() };
        assert_eq!(found, [expected]);
        assert_eq!(index.references("", "m").unwrap(), []);
    }

    #[test]
    fn changes_and_deletions_are_followed() {
        let mut index = synced(vec![with_hook("n", "c", "m")]);
        index.apply(Event::Apply(with_hook("n", "c", "m2")));
        assert_eq!(index.references("n", "m").unwrap(), []);
        assert_eq!(index.references("n", "m2").unwrap().len(), 1);
        index.apply(Event::Delete(with_hook("n", "c", "m2")));
        assert_eq!(index.references("n", "m2").unwrap(), []);
    }

    #[test]
    fn a_list_that_is_read_anew_replaces_the_old_one_when_it_is_complete() {
        let mut index = synced(vec![with_hook("n", "gone", "m")]);
        index.apply(Event::Init);
        assert_eq!(index.references("n", "m").unwrap().len(), 1);
        index.apply(Event::InitDone);
        assert_eq!(index.references("n", "m").unwrap(), []);
    }

    #[test]
    fn a_cluster_of_odd_shape_hides_nothing() {
        let odd = cluster(
            "n",
            "odd",
            &json!({"starRocksFeSpec": 7, "starRocksBeSpec": {"upgradeHooks": []},
            "starRocksCnSpec": {"upgradeHooks": {"timeoutSeconds": "x", "custom": {"configMapName": "m", "scriptKey": "k"}}}}),
        );
        let index = synced(vec![odd, with_hook("n", "c", "m")]);
        let keys: Vec<String> = index.references("n", "m").unwrap().into_iter().map(|one| one.key).collect();
        assert_eq!(keys, ["hooks.sh", "k"]);
    }

    #[test]
    fn without_the_kind_there_are_no_references() {
        let mut index = synced(vec![with_hook("n", "c", "m")]);
        index.kind_is_absent();
        assert_eq!(index.references("n", "m").unwrap(), []);
    }
}
