//! The end of a run that nobody waits for.

use super::folder;
use rustix::process::Signal;
use std::{io, path::Path, thread, time::Duration};

/// How long a supervisor has after TERM: it gives the script five seconds, ends what is left, and reports.
const GRACE: Duration = Duration::from_secs(15);
/// How often it's looked whether it has ended.
const AGAIN: Duration = Duration::from_millis(50);

/// Ends the run in a folder whose name was taken away: TERM to its supervisor, and KILL after a while, with which the
/// kernel ends all that is in the supervisor's PID namespace. It returns when none of them is left.
pub(super) fn end(path: &Path) -> io::Result<()> {
    let Some(process) = folder::process(path) else { return Ok(()) };
    if !process.signal(Signal::TERM)? {
        return Ok(());
    }
    let tries = GRACE.as_millis() / AGAIN.as_millis();
    for _ in 0..tries {
        if !process.is_alive()? {
            return Ok(());
        }
        thread::sleep(AGAIN);
    }
    while process.signal(Signal::KILL)? {
        thread::sleep(AGAIN);
    }
    Ok(())
}
