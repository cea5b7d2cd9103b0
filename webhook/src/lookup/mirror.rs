//! What a watch tells, kept: one value for each object.

use std::collections::BTreeMap;

use kube::runtime::watcher::Event;

/// Values by the names of the cluster-scoped objects that they were read from.
#[derive(Debug)]
pub struct Mirror<T> {
    synced: bool,
    values: BTreeMap<String, T>,
    arriving: BTreeMap<String, T>,
}

impl<T> Default for Mirror<T> {
    fn default() -> Self {
        Self { synced: false, values: BTreeMap::new(), arriving: BTreeMap::new() }
    }
}

impl<T> Mirror<T> {
    /// Takes what the watch tells. The old values hold until a new list is complete.
    pub fn apply<O>(&mut self, event: Event<O>, read: impl Fn(&O) -> (String, T)) {
        match event {
            Event::Init => self.arriving.clear(),
            Event::InitApply(object) => self.arriving.extend([read(&object)]),
            Event::InitDone => {
                self.values = std::mem::take(&mut self.arriving);
                self.synced = true;
            }
            Event::Apply(object) => self.values.extend([read(&object)]),
            Event::Delete(object) => {
                self.values.remove(&read(&object).0);
            }
        }
    }

    /// The kind isn't served by the API server: then there are no objects.
    pub fn kind_is_absent(&mut self) {
        *self = Self { synced: true, ..Self::default() };
    }

    /// The values by name; `None` before the first list is complete.
    #[must_use]
    pub fn values(&self) -> Option<&BTreeMap<String, T>> {
        self.synced.then_some(&self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(mirror: &mut Mirror<usize>, events: Vec<Event<&'static str>>) {
        for event in events {
            mirror.apply(event, |name| ((*name).to_owned(), name.len()));
        }
    }

    #[test]
    fn nothing_is_known_before_the_first_list_is_complete() {
        let mut mirror = Mirror::default();
        apply(&mut mirror, vec![Event::Init, Event::InitApply("a")]);
        assert_eq!(mirror.values(), None);
        apply(&mut mirror, vec![Event::InitDone]);
        assert_eq!(mirror.values(), Some(&BTreeMap::from([("a".to_owned(), 1)])));
    }

    #[test]
    fn changes_deletions_and_new_lists_are_followed() {
        let mut mirror = Mirror::default();
        apply(&mut mirror, vec![Event::Init, Event::InitDone, Event::Apply("a"), Event::Apply("bb")]);
        apply(&mut mirror, vec![Event::Delete("a"), Event::Init, Event::InitApply("ccc")]);
        assert_eq!(mirror.values(), Some(&BTreeMap::from([("bb".to_owned(), 2)])), "the old list holds");
        apply(&mut mirror, vec![Event::InitDone]);
        assert_eq!(mirror.values(), Some(&BTreeMap::from([("ccc".to_owned(), 3)])));
        mirror.kind_is_absent();
        assert_eq!(mirror.values(), Some(&BTreeMap::new()));
    }
}
