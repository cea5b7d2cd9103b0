//! The objects of one kind, by what they belong to.

use futures::{Stream, StreamExt};
use kube::{
    Resource, ResourceExt,
    runtime::watcher::{self, Event},
};
use std::{
    collections::{BTreeMap, HashMap},
    future::ready,
    sync::{Arc, PoisonError, RwLock},
};

/// A cluster's place: its namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl Key {
    /// The place of that name in that namespace.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), name: name.into() }
    }

    fn of<K: Resource>(object: &K) -> Self {
        Self::new(object.namespace().unwrap_or_default(), object.name_any())
    }
}

/// What a watch has said of the objects of one kind.
pub(crate) struct Shelf<K> {
    content: Arc<RwLock<Content<K>>>,
}

impl<K> Clone for Shelf<K> {
    fn clone(&self) -> Self {
        Self { content: Arc::clone(&self.content) }
    }
}

impl<K> Default for Shelf<K> {
    fn default() -> Self {
        Self { content: Arc::new(RwLock::new(Content::default())) }
    }
}

struct Content<K> {
    present: Objects<K>,
    /// What a list in progress has given so far; it takes the place of the present when it is complete.
    listed: Objects<K>,
    is_complete: bool,
}

impl<K> Default for Content<K> {
    fn default() -> Self {
        Self { present: Objects::default(), listed: Objects::default(), is_complete: false }
    }
}

struct Objects<K> {
    by_owner: HashMap<Key, BTreeMap<String, Arc<K>>>,
    owners: HashMap<Key, Key>,
}

impl<K> Default for Objects<K> {
    fn default() -> Self {
        Self { by_owner: HashMap::new(), owners: HashMap::new() }
    }
}

impl<K: Resource> Objects<K> {
    fn put(&mut self, object: &Arc<K>, owner: Option<Key>) {
        self.remove(object.as_ref());
        let Some(owner) = owner else { return };
        self.owners.insert(Key::of(object.as_ref()), owner.clone());
        self.by_owner.entry(owner).or_default().insert(object.name_any(), Arc::clone(object));
    }

    fn remove(&mut self, object: &K) {
        let Some(owner) = self.owners.remove(&Key::of(object)) else { return };
        let Some(siblings) = self.by_owner.get_mut(&owner) else { return };
        siblings.remove(&object.name_any());
        if siblings.is_empty() {
            self.by_owner.remove(&owner);
        }
    }
}

impl<K: Resource + Clone> Shelf<K> {
    /// The objects that belong to `owner`, by name.
    pub(crate) fn of(&self, owner: &Key) -> Vec<Arc<K>> {
        let content = self.content.read().unwrap_or_else(PoisonError::into_inner);
        content.present.by_owner.get(owner).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Whether the watch has listed everything once.
    pub(crate) fn is_complete(&self) -> bool {
        self.content.read().unwrap_or_else(PoisonError::into_inner).is_complete
    }

    /// Notes what a watch says, and passes it on. Of an object only what `pruned` leaves is kept.
    pub(crate) fn follow(
        self,
        events: impl Stream<Item = watcher::Result<Event<K>>>,
        owner: impl Fn(&K) -> Option<Key>,
        pruned: impl Fn(&mut K),
    ) -> impl Stream<Item = watcher::Result<Event<K>>> {
        events.filter_map(move |event| {
            if let Ok(event) = &event {
                self.note(event, &owner, &pruned);
            }
            ready(Some(event))
        })
    }

    fn note(&self, event: &Event<K>, owner: &impl Fn(&K) -> Option<Key>, pruned: &impl Fn(&mut K)) {
        let mut content = self.content.write().unwrap_or_else(PoisonError::into_inner);
        let kept = |object: &K| {
            let mut object = object.clone();
            pruned(&mut object);
            Arc::new(object)
        };
        match event {
            Event::Init => content.listed = Objects::default(),
            Event::InitApply(object) => content.listed.put(&kept(object), owner(object)),
            Event::InitDone => {
                content.present = std::mem::take(&mut content.listed);
                content.is_complete = true;
            }
            Event::Apply(object) => content.present.put(&kept(object), owner(object)),
            Event::Delete(object) => content.present.remove(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream::iter;
    use k8s_openapi::api::core::v1::Service;

    fn service(name: &str, owner: &str) -> Service {
        serde_json::from_value(serde_json::json!({
            "metadata": {"name": name, "namespace": "n", "labels": {"owner": owner}}, "spec": {"type": "ClusterIP"},
        }))
        .unwrap()
    }

    fn owner(service: &Service) -> Option<Key> {
        Some(Key::new("n", service.labels().get("owner")?))
    }

    async fn after(shelf: &Shelf<Service>, events: Vec<Event<Service>>, of: &str) -> Vec<String> {
        let events = iter(events.into_iter().map(Ok));
        let passed = shelf.clone().follow(events, owner, |service| service.spec = None);
        assert!(passed.all(|event| ready(event.is_ok())).await);
        let of = shelf.of(&Key::new("n", of));
        assert!(of.iter().all(|service| service.spec.is_none()), "it's pruned");
        of.iter().map(|service| service.name_any()).collect()
    }

    #[tokio::test]
    async fn objects_are_found_by_what_they_belong_to_at_this_moment() {
        let shelf = Shelf::default();
        assert!(!shelf.is_complete());
        let listed = vec![
            Event::Init,
            Event::InitApply(service("b", "c")),
            Event::InitApply(service("a", "c")),
            Event::InitApply(service("x", "d")),
        ];
        assert_eq!(after(&shelf, listed, "c").await, [""; 0], "a list counts when it is complete");
        assert!(!shelf.is_complete());
        assert_eq!(after(&shelf, vec![Event::InitDone], "c").await, ["a", "b"]);
        assert!(shelf.is_complete());
        assert_eq!(after(&shelf, vec![Event::Apply(service("a", "d"))], "d").await, ["a", "x"]);
        assert_eq!(after(&shelf, vec![Event::Delete(service("a", "d"))], "d").await, ["x"]);
        assert_eq!(after(&shelf, vec![], "c").await, ["b"]);
    }

    #[tokio::test]
    async fn what_a_relist_does_not_have_is_gone_and_until_it_is_complete_nothing_is() {
        let shelf = Shelf::default();
        let first = vec![Event::Init, Event::InitApply(service("a", "c")), Event::InitDone];
        assert_eq!(after(&shelf, first, "c").await, ["a"]);
        assert_eq!(after(&shelf, vec![Event::Init, Event::InitApply(service("b", "c"))], "c").await, ["a"]);
        assert_eq!(after(&shelf, vec![Event::InitDone], "c").await, ["b"]);
    }
}
