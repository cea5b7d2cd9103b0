//! How often a database is asked: no FE more than once in a while, and no answer is believed for longer than that, nor
//! beyond anything that was done or seen since.

use crate::{observation::DatabaseFacts, watched::Key};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// When each cluster's database was asked, and what it said.
pub(super) struct Turns {
    least: Duration,
    asked: Mutex<HashMap<Key, Asked>>,
}

struct Asked {
    at: Instant,
    circumstances: u64,
    /// Absent when something was done since.
    facts: Option<DatabaseFacts>,
}

/// What a look at a database comes to.
#[derive(Debug)]
pub(super) enum Turn {
    /// It was asked just now, and nothing has happened since.
    Known(Box<DatabaseFacts>),
    /// It may be asked.
    Ask,
    /// It may be asked after that time.
    In(Duration),
}

impl Turns {
    /// At least that long between two questions.
    pub(super) fn new(least: Duration) -> Self {
        Self { least, asked: Mutex::default() }
    }

    /// `circumstances` is a digest of what the answers depend on: pods, and what is asked.
    pub(super) fn take(&self, key: &Key, circumstances: u64, now: Instant) -> Turn {
        let asked = self.lock();
        let Some(asked) = asked.get(key) else { return Turn::Ask };
        let left = self.least.saturating_sub(now.saturating_duration_since(asked.at));
        if left.is_zero() {
            return Turn::Ask;
        }
        match &asked.facts {
            Some(facts) if asked.circumstances == circumstances => Turn::Known(Box::new(facts.clone())),
            _ => Turn::In(left),
        }
    }

    /// The answers, and when the last of them came.
    pub(super) fn note(&self, key: &Key, circumstances: u64, now: Instant, facts: &DatabaseFacts) {
        let asked = Asked { at: now, circumstances, facts: Some(facts.clone()) };
        self.lock().insert(key.clone(), asked);
    }

    /// Something was done: what the database said is old.
    pub(super) fn spoil(&self, key: &Key) {
        if let Some(asked) = self.lock().get_mut(key) {
            asked.facts = None;
        }
    }

    pub(super) fn forget(&self, key: &Key) {
        self.lock().remove(key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> DatabaseFacts {
        DatabaseFacts {
            frontends: vec![],
            user: "root".to_owned(),
            refusal: None,
            members: Err("none".to_owned()),
            tablets: None,
            single_replica_tables: None,
        }
    }

    /// Looks every 50 ms for 10 s, with something done or seen in between: the times when the database was asked.
    fn asked(disturb: impl Fn(&Turns, &Key, u32) -> u64) -> Vec<Duration> {
        let (turns, key, begin) = (Turns::new(Duration::from_secs(1)), Key::new("n", "c"), Instant::now());
        let mut asked = Vec::new();
        for look in 0..200 {
            let passed = Duration::from_millis(50) * look;
            let circumstances = disturb(&turns, &key, look);
            if matches!(turns.take(&key, circumstances, begin + passed), Turn::Ask) {
                turns.note(&key, circumstances, begin + passed, &facts());
                asked.push(passed);
            }
        }
        asked
    }

    #[test]
    fn a_database_is_asked_once_a_second_whatever_happens() {
        for disturb in [
            |_: &Turns, _: &Key, _| 0,
            |_: &Turns, _: &Key, look| u64::from(look),
            |turns: &Turns, key: &Key, _| {
                turns.spoil(key);
                0
            },
        ] {
            let asked = asked(disturb);
            assert_eq!(asked.len(), 10, "{asked:?}");
            assert!(asked.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(1)), "{asked:?}");
        }
    }

    #[test]
    fn an_answer_is_known_until_something_is_done_or_seen_and_then_waited_for() {
        let (turns, key, begin) = (Turns::new(Duration::from_secs(1)), Key::new("n", "c"), Instant::now());
        let soon = begin + Duration::from_millis(300);
        turns.note(&key, 7, begin, &facts());
        assert!(matches!(turns.take(&key, 7, soon), Turn::Known(_)));
        let Turn::In(left) = turns.take(&key, 8, soon) else { panic!("a pod has changed") };
        assert_eq!(left, Duration::from_millis(700));
        turns.spoil(&key);
        assert!(matches!(turns.take(&key, 7, soon), Turn::In(_)), "something was done");
        turns.forget(&key);
        assert!(matches!(turns.take(&key, 7, soon), Turn::Ask));
    }
}
