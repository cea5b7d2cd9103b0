//! Waiting for the end: a process that runs as PID 1 gets no default handlers, so it needs its own.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for SIGTERM or SIGINT and gives the signal's name.
///
/// # Errors
/// When no handler can be installed.
pub async fn termination() -> std::io::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}
