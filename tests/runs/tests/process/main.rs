//! Runs as processes of this machine. It needs root, as an operator does that runs scripts so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod machine;
mod own;
#[path = "../../../standin/tests/support/mod.rs"]
mod support;

use hookgate_runs::behaviours;
use machine::Machine;
use std::sync::Arc;

/// Behaviours at the same time.
const AT_A_TIME: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_process_does_what_every_run_does() {
    let (machine, local) = (Arc::new(Machine::new().await), tokio::task::LocalSet::new());
    let room = Arc::new(tokio::sync::Semaphore::new(AT_A_TIME));
    let tried = behaviours().into_iter().map(|(name, behaviour)| {
        let (machine, room) = (Arc::clone(&machine), Arc::clone(&room));
        let tried = local.spawn_local(async move {
            let _place = room.acquire().await.unwrap();
            behaviour(machine.as_ref()).await;
        });
        (name, tried)
    });
    let mut failed = Vec::new();
    let tried: Vec<_> = tried.collect();
    local.await;
    for (name, tried) in tried {
        if let Err(error) = tried.await {
            failed.push(format!("{name}: {error}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
