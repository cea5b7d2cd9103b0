//! Which clusters' waves go on at this moment, and which wait for their turn.
//!
//! What this process has written counts before what the watch of clusters has, which may lag behind. Passes that might
//! take a place are made one after the other, so that two never take the same one.

use crate::{
    observation::{OtherWave, OtherWaves},
    plan::{Standing, standing},
    watched::Key,
};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use hookgate_api::StarRocksCluster;
use kube::ResourceExt;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Mutex as Turnstile;

/// The places and the queue.
pub(super) struct Queue {
    written: Mutex<HashMap<Key, Option<Standing>>>,
    /// Held by a pass that might take a place.
    pub(super) turnstile: Turnstile<()>,
    wake: UnboundedSender<Key>,
    woken: Mutex<Option<UnboundedReceiver<Key>>>,
}

impl Default for Queue {
    fn default() -> Self {
        let (wake, woken) = unbounded();
        let (written, turnstile) = (Mutex::default(), Turnstile::default());
        Self { written, turnstile, wake, woken: Mutex::new(Some(woken)) }
    }
}

impl Queue {
    /// The clusters that are to look whether it's their turn; given once.
    pub(super) fn woken(&self) -> Option<UnboundedReceiver<Key>> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Notes what is written of a cluster. Where a place may have become free, those that wait look again.
    pub(super) fn note(&self, cluster: &StarRocksCluster) {
        let (key, now) = (key(cluster), standing(cluster));
        let mut written = self.lock();
        let before = written.insert(key.clone(), now).flatten();
        if before != now && before.is_some() {
            self.wake(&written, &key);
        }
    }

    /// Whether the wave of a cluster goes on, as this process has written.
    pub(super) fn has_a_place(&self, key: &Key) -> bool {
        matches!(self.lock().get(key), Some(Some(Standing::Active(_))))
    }

    pub(super) fn forget(&self, key: &Key) {
        let mut written = self.lock();
        if written.remove(key).flatten().is_some() {
            self.wake(&written, key);
        }
    }

    fn wake(&self, written: &HashMap<Key, Option<Standing>>, but: &Key) {
        let queued = written.iter().filter(|(_, standing)| matches!(standing, Some(Standing::Queued(_))));
        for (key, _) in queued.filter(|(key, _)| *key != but) {
            // Nobody listens when the controller is ending; then nobody's turn comes.
            let _sent = self.wake.unbounded_send(key.clone());
        }
    }

    /// The waves of all clusters but one.
    pub(super) fn others<'a>(
        &self,
        clusters: impl Iterator<Item = &'a StarRocksCluster>,
        but: &Key,
    ) -> OtherWaves {
        let written = self.lock();
        let mut others = OtherWaves::default();
        for cluster in clusters {
            let key = key(cluster);
            if key == *but {
                continue;
            }
            let standing = written.get(&key).copied().unwrap_or_else(|| standing(cluster));
            let other =
                |started_at| OtherWave { cluster: format!("{}/{}", key.namespace, key.name), started_at };
            match standing {
                Some(Standing::Active(since)) => others.active.push(other(since)),
                Some(Standing::Queued(since)) => others.queued.push(other(since)),
                None => {}
            }
        }
        others
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Option<Standing>>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(cluster: &StarRocksCluster) -> Key {
    Key::new(cluster.namespace().unwrap_or_default(), cluster.name_any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn cluster(name: &str, phase: &str, waits: Option<&str>) -> StarRocksCluster {
        let waiting =
            waits.map(|reason| json!({"reason": reason, "message": "", "since": "2026-01-01T00:00:00Z"}));
        let wave = json!({
            "id": "g1-1", "direction": "Upgrade", "startedAt": "2026-01-01T00:00:00Z", "waitingFor": waiting,
            "components": [{"component": "be", "phase": phase, "fromImage": "a", "toImage": "b", "target": "t"}],
        });
        read(name, &if phase.is_empty() { json!({}) } else { json!({"wave": wave}) })
    }

    fn read(name: &str, status: &Value) -> StarRocksCluster {
        serde_json::from_value(json!({
            "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
            "metadata": {"name": name, "namespace": "n"}, "spec": {}, "status": status,
        }))
        .unwrap()
    }

    fn names(waves: &[OtherWave]) -> Vec<&str> {
        waves.iter().map(|wave| wave.cluster.as_str()).collect()
    }

    #[test]
    fn what_was_written_counts_before_what_the_watch_has() {
        let queue = Queue::default();
        let watched = [
            cluster("rolls", "Rolling", None),
            cluster("fails", "Failed", None),
            cluster("rests", "Rolling", Some("Paused")),
            cluster("looks", "Detected", Some("DryRun")),
            cluster("waits", "Detected", Some("WaitingForTurn")),
            cluster("own", "Rolling", None),
        ];
        let others = || queue.others(watched.iter(), &Key::new("n", "own"));
        assert_eq!((names(&others().active), names(&others().queued)), (vec!["n/rolls"], vec!["n/waits"]));
        queue.note(&cluster("looks", "Preparing", None));
        queue.note(&cluster("rolls", "", None));
        queue.note(&cluster("unknown", "Rolling", None));
        let has_a_place = |name| queue.has_a_place(&Key::new("n", name));
        assert!(has_a_place("looks") && !has_a_place("rolls") && !has_a_place("waits"));
        assert_eq!(names(&others().active), ["n/looks"], "a cluster that is gone has no wave");
    }

    #[test]
    fn those_that_wait_are_woken_when_a_place_may_be_free() {
        let queue = Queue::default();
        let mut woken = queue.woken().unwrap();
        assert!(queue.woken().is_none());
        queue.note(&cluster("waits", "Detected", Some("WaitingForTurn")));
        queue.note(&cluster("rolls", "Rolling", None));
        assert!(woken.try_recv().is_err(), "nothing has become free");
        queue.note(&cluster("rolls", "", None));
        assert_eq!(woken.try_recv().unwrap(), Key::new("n", "waits"));
        queue.note(&cluster("next", "Rolling", None));
        queue.forget(&Key::new("n", "next"));
        assert_eq!(woken.try_recv().unwrap(), Key::new("n", "waits"));
    }
}
