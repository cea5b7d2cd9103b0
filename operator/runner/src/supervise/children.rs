//! The end of processes: who has ended is reaped, and who won't end is ended.

use super::tree::signal_descendants;
use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, WaitStatus, getpid, wait},
};
use std::{io, thread, time::Duration};
use tokio::{
    sync::{oneshot, watch},
    time::{Instant, timeout},
};

/// How long processes have to end by themselves after TERM.
const GRACE: Duration = Duration::from_secs(5);
/// How often KILL is sent anew to whoever is left.
const AGAIN: Duration = Duration::from_millis(10);
/// How long that goes on: who is in the kernel's hands then, nobody can end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The children of this process, adopted ones too.
pub struct Children {
    /// How the first one ends.
    pub first: oneshot::Receiver<WaitStatus>,
    /// Whether no child is left.
    pub all_gone: watch::Receiver<bool>,
}

/// Reaps every child from here on, in a thread of its own, until there is none; `first` is the one whose end matters.
///
/// # Errors
/// When the thread can't be started.
pub fn reap(first: Pid) -> io::Result<Children> {
    let (ended, first_ended) = oneshot::channel();
    let (gone, all_gone) = watch::channel(false);
    thread::Builder::new().name("reaper".to_owned()).spawn(move || {
        let mut ended = Some(ended);
        loop {
            match wait(WaitOptions::empty()) {
                Ok(Some((pid, status))) if pid == first => {
                    if let Some(ended) = ended.take() {
                        let _nobody_waits = ended.send(status);
                    }
                }
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        let _nobody_waits = gone.send(true);
    })?;
    Ok(Children { first: first_ended, all_gone })
}

impl Children {
    /// Ends every descendant: TERM, then after five seconds KILL, until none is left. `false` says that the kernel
    /// doesn't let one go.
    pub async fn end(&mut self, gently: bool) -> bool {
        if *self.all_gone.borrow() {
            return true;
        }
        if gently {
            let _unreadable = signal_descendants(getpid(), Signal::TERM);
            // A stopped process takes its TERM when it goes on.
            let _unreadable = signal_descendants(getpid(), Signal::CONT);
            if timeout(GRACE, self.all_gone.wait_for(|gone| *gone)).await.is_ok() {
                return true;
            }
        }
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            // Who is stopped can't fork while the others are looked for.
            let _unreadable = signal_descendants(getpid(), Signal::STOP);
            let _unreadable = signal_descendants(getpid(), Signal::KILL);
            if timeout(AGAIN, self.all_gone.wait_for(|gone| *gone)).await.is_ok() {
                return true;
            }
        }
        false
    }
}
