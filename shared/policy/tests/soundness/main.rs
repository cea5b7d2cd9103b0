//! The promise of `restricted` against the real thing.
//!
//! *Given an FE that answers honestly, a script that `restricted` accepts starts no program, opens no
//! connection, and reads or writes no file outside what the page allows.*
//!
//! Scripts are made from the grammar (`grammar`), with hostile texts (`payloads`) in every slot that could be
//! evaluated once more, and near misses among them. What `restricted` accepts is run: both functions, with
//! hostile arguments, input and answers, by several versions of bash, with gawk, mawk, busybox and the one
//! true awk, with the tools of coreutils and of busybox, in a throw-away root without a network, under strace
//! (`stage`, `trace`). Every program that is started, every connection and every file must be on the page
//! (`judge`). It needs root, and the packages of `tests/cluster/install-packages`.
//!
//! - `HOOKGATE_SEED=N` repeats a run. A run prints its seed.
//! - `HOOKGATE_SCRIPT=N` with the seed prints one script and what it does.
//! - `HOOKGATE_SOUNDNESS_SECONDS=N` sets how long scripts are made; 45 if it isn't set. `make soundness
//!   MINUTES=60` sets it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod campaign;
mod floors;
mod grammar;
mod judge;
mod payloads;
mod random;
mod rules;
mod stage;
mod trace;

use std::io::Write;

/// Prints at once, whether the test passes or not.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A number in an environment variable.
pub fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
}
