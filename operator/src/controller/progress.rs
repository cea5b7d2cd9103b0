//! What the controller remembers of a cluster between passes. Nothing of it decides what is done: it saves requests.

use crate::watched::Key;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// While a wave is in flight the API server is read that often, though the watches say that nothing has changed.
const READ_AT_LEAST: Duration = Duration::from_secs(30);

/// What is remembered of all clusters.
#[derive(Default)]
pub(super) struct Progress {
    clusters: Mutex<HashMap<Key, Cluster>>,
}

#[derive(Default)]
struct Cluster {
    /// How many passes have failed in a row.
    failures: u32,
    /// The resourceVersion of what was written last.
    written: Option<u64>,
    /// When it was read from the API server.
    read_at: Option<Instant>,
}

impl Progress {
    /// Whether what the watches have of a cluster is worth a look: it isn't older than what was written, and the last
    /// pass did not fail. A resourceVersion that is no number says nothing.
    pub(super) fn may_glance(&self, key: &Key, watched: Option<&str>) -> bool {
        self.with(key, |cluster| match (cluster.written, watched.and_then(version)) {
            _ if cluster.failures > 0 => false,
            (None, _) => true,
            (Some(written), Some(watched)) => watched >= written,
            (Some(_), None) => false,
        })
    }

    /// Whether a cluster with a wave in flight is to be read though nothing has changed.
    pub(super) fn is_due(&self, key: &Key, now: Instant) -> bool {
        let is_old = |at: Instant| now.saturating_duration_since(at) >= READ_AT_LEAST;
        self.with(key, |cluster| cluster.read_at.is_none_or(is_old))
    }

    pub(super) fn read(&self, key: &Key, now: Instant) {
        self.with(key, |cluster| cluster.read_at = Some(now));
    }

    pub(super) fn written(&self, key: &Key, resource_version: Option<&str>) {
        self.with(key, |cluster| cluster.written = resource_version.and_then(version));
    }

    pub(super) fn succeeded(&self, key: &Key) {
        self.with(key, |cluster| cluster.failures = 0);
    }

    /// How many passes have failed in a row, with this one.
    pub(super) fn failed(&self, key: &Key) -> u32 {
        self.with(key, |cluster| {
            cluster.failures = cluster.failures.saturating_add(1);
            cluster.failures
        })
    }

    pub(super) fn forget(&self, key: &Key) {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn with<T>(&self, key: &Key, what: impl FnOnce(&mut Cluster) -> T) -> T {
        let mut clusters = self.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        what(clusters.entry(key.clone()).or_default())
    }
}

/// The API server counts them up (`resourceVersion` may be compared as a number since Kubernetes 1.35, and in etcd ever
/// was one).
fn version(text: &str) -> Option<u64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watch_that_lags_behind_what_was_written_is_not_looked_at() {
        let (progress, key) = (Progress::default(), Key::new("n", "c"));
        assert!(progress.may_glance(&key, Some("7")));
        progress.written(&key, Some("9"));
        assert!(!progress.may_glance(&key, Some("8")) && !progress.may_glance(&key, Some("x")));
        assert!(progress.may_glance(&key, Some("9")) && progress.may_glance(&key, Some("10")));
        assert_eq!((progress.failed(&key), progress.failed(&key)), (1, 2));
        assert!(!progress.may_glance(&key, Some("10")), "what failed is read anew");
        progress.succeeded(&key);
        assert!(progress.may_glance(&key, Some("10")));
    }

    #[test]
    fn a_cluster_is_read_now_and_then_whatever_the_watches_say() {
        let (progress, key, now) = (Progress::default(), Key::new("n", "c"), Instant::now());
        assert!(progress.is_due(&key, now));
        progress.read(&key, now);
        assert!(!progress.is_due(&key, now + READ_AT_LEAST / 2));
        assert!(progress.is_due(&key, now + READ_AT_LEAST));
    }
}
