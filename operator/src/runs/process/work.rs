//! What goes on beside the passes: runs that are followed, and runs that are ended.

use super::{
    end::end,
    folder::{self, Folder},
    follow::{Follower, Lines, pause},
};
use hookgate_runner::isolate::OUTPUT;
use std::{
    collections::BTreeSet,
    io,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

/// The runs that somebody is at.
pub(super) struct Work {
    lines: Lines,
    at: Mutex<At>,
    changed: Condvar,
}

#[derive(Default)]
struct At {
    followed: BTreeSet<String>,
    /// Those whose output has been passed on whole.
    told: BTreeSet<String>,
    ending: BTreeSet<String>,
}

impl Work {
    pub(super) fn new(lines: Lines) -> Self {
        Self { lines, at: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes the lines of a run that has been begun on, if nobody does or has done.
    pub(super) fn follow(self: &Arc<Self>, folder: &Folder, name: &str) {
        let mut at = self.lock();
        if at.told.contains(name) || !at.followed.insert(name.to_owned()) {
            return;
        }
        drop(at);
        // Who doesn't want the lines any more isn't kept for them.
        let (work, lines, folders) = (Arc::downgrade(self), Arc::clone(&self.lines), folder.names_of(name));
        let run = name.to_owned();
        let begun = thread::Builder::new().name("follower".to_owned()).spawn(move || {
            let all = follow(&folders, &lines, || work.strong_count() > 0);
            if let Err(error) = &all {
                tracing::warn!(target: "CustomHookExecutor", run, %error, "what a run writes can't be read");
            }
            let Some(work) = work.upgrade() else { return };
            let mut at = work.lock();
            at.followed.remove(&run);
            at.told.insert(run);
            drop(at);
            work.changed.notify_all();
        });
        self.begun(begun, name, |at| &mut at.followed);
    }

    /// Ends a run whose name was taken away, and removes its folder, if nobody is at it.
    pub(super) fn end(self: &Arc<Self>, folder: &Folder, name: &str) {
        if !self.lock().ending.insert(name.to_owned()) {
            return;
        }
        let (work, folder, run) = (Arc::clone(self), folder.clone(), name.to_owned());
        let begun = thread::Builder::new().name("ender".to_owned()).spawn(move || {
            let [_, path] = folder.names_of(&run);
            let ended = end(&path).and_then(|()| {
                // Its last lines.
                work.follow(&folder, &run);
                let at = work.lock();
                let waited = work.changed.wait_while(at, |at| at.followed.contains(&run));
                drop(waited.unwrap_or_else(PoisonError::into_inner));
                folder::remove(&path)
            });
            if let Err(error) = ended {
                // It is tried again when the run is seen next.
                tracing::warn!(target: "CustomHookExecutor", run, %error, "a run can't be ended");
            }
            let mut at = work.lock();
            at.ending.remove(&run);
            at.told.remove(&run);
        });
        self.begun(begun, name, |at| &mut at.ending);
    }

    /// A thread that could not be begun is tried again when the run is seen next.
    fn begun(
        &self,
        begun: io::Result<thread::JoinHandle<()>>,
        name: &str,
        of: impl Fn(&mut At) -> &mut BTreeSet<String>,
    ) {
        if let Err(error) = begun {
            tracing::warn!(target: "CustomHookExecutor", run = name, %error, "no thread");
            of(&mut self.lock()).remove(name);
        }
    }
}

/// Follows a run until its supervisor has ended, or there is none.
fn follow(folders: &[PathBuf; 2], lines: &Lines, is_wanted: impl Fn() -> bool) -> io::Result<()> {
    while is_wanted() {
        let open =
            |folder: &PathBuf| match Follower::open(&folder.join(OUTPUT), folders.clone(), Arc::clone(lines))
            {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                other => Some(other),
            };
        let Some(opened) = folders.iter().find_map(open).transpose()? else { return Ok(()) };
        let Some(follower) = opened else {
            pause();
            continue;
        };
        let has_ended = || {
            // In this order: the folder is renamed from the first to the second.
            let process = folders.iter().find_map(|folder| folder::process(folder));
            process.map_or(Ok(true), |process| process.is_alive().map(|is_alive| !is_alive))
        };
        return follower.follow(has_ended, is_wanted);
    }
    Ok(())
}
