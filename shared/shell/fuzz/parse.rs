//! What has to hold for every input of the parser, under libFuzzer: see `run` beside this file.
//!
//! The parser answers without a panic; what it says stands inside the text, children inside their
//! parents; the same text gives the same tree; the tree is bounded by the text; and `bash -n` accepts
//! what is accepted, which is asked for a sample because a process takes longer than a parse.
#![no_main]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a finding is a panic

#[path = "../tests/oracle/complaint.rs"]
mod complaint;
mod invariants;

use libfuzzer_sys::fuzz_target;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bash is asked about one accepted input of this many.
const SAMPLE: u64 = 100;

static ACCEPTED: AtomicU64 = AtomicU64::new(0);

fuzz_target!(|data: &[u8]| {
    let Some(text) = invariants::check(data) else { return };
    if ACCEPTED.fetch_add(1, Ordering::Relaxed).is_multiple_of(SAMPLE) {
        invariants::ask_bash(text);
    }
});
