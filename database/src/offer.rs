//! Which FEs offer no TLS.
//!
//! Whether an FE offers TLS is in its greeting, and the client library ends a connection that was to be encrypted and
//! can't be. Without a note of that, an FE without TLS would see a broken login before each good one.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a note counts; an FE may offer TLS after a restart.
const VALID: Duration = Duration::from_secs(300);

/// More notes than one operator's FEs can need; all are forgotten then.
const MOST: usize = 10_000;

static PLAIN: Mutex<BTreeMap<(String, u16), Instant>> = Mutex::new(BTreeMap::new());

/// Whether that FE offered no TLS when it was last asked.
pub(crate) fn is_plain(ip: &str, port: u16) -> bool {
    let known = PLAIN.lock().unwrap_or_else(PoisonError::into_inner);
    known.get(&(ip.to_owned(), port)).is_some_and(|since| since.elapsed() < VALID)
}

/// Notes that it offers none.
pub(crate) fn note_plain(ip: &str, port: u16) {
    let mut known = PLAIN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST {
        known.clear();
    }
    known.insert((ip.to_owned(), port), Instant::now());
}

/// Forgets what was noted: the FE didn't take a connection without TLS.
pub(crate) fn forget(ip: &str, port: u16) {
    PLAIN.lock().unwrap_or_else(PoisonError::into_inner).remove(&(ip.to_owned(), port));
}
