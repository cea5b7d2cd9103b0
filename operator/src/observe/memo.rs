//! What was read a while ago, and need not be read again for a look that changes nothing.

use crate::watched::Key;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What was read for each cluster, and when.
pub(super) struct Memo<T> {
    longest: Duration,
    read: Mutex<HashMap<Key, Read<T>>>,
}

struct Read<T> {
    at: Instant,
    /// The generation of the cluster's spec that it was read for.
    generation: Option<i64>,
    value: T,
}

impl<T: Clone> Memo<T> {
    /// What was read is believed for that long.
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, read: Mutex::default() }
    }

    pub(super) fn get(&self, key: &Key, generation: Option<i64>, now: Instant) -> Option<T> {
        let read = self.lock();
        let known = read.get(key)?;
        let is_young = now.saturating_duration_since(known.at) < self.longest;
        (is_young && known.generation == generation).then(|| known.value.clone())
    }

    pub(super) fn put(&self, key: &Key, generation: Option<i64>, now: Instant, value: T) {
        self.lock().insert(key.clone(), Read { at: now, generation, value });
    }

    pub(super) fn forget(&self, key: &Key) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Read<T>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_believed_for_a_while_and_for_the_spec_that_it_was_read_for() {
        let (key, begin) = (Key::new("n", "c"), Instant::now());
        let memo = Memo::new(Duration::from_secs(10));
        memo.put(&key, Some(1), begin, "text");
        assert_eq!(memo.get(&key, Some(1), begin + Duration::from_secs(9)), Some("text"));
        assert_eq!(memo.get(&key, Some(1), begin + Duration::from_secs(10)), None);
        assert_eq!(memo.get(&key, Some(2), begin), None);
        assert_eq!(memo.get(&Key::new("n", "d"), Some(1), begin), None);
        memo.forget(&key);
        assert_eq!(memo.get(&key, Some(1), begin), None);
    }
}
