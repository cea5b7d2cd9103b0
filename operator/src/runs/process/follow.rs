//! What a run writes, passed on line by line.

use super::folder;
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

/// Where the lines of runs go: each is whole, and harmless as the supervisor has written it.
pub type Lines = Arc<dyn Fn(&str) + Send + Sync>;

/// The file of a run's folder that says how many bytes of its output have been passed on.
const TOLD: &str = "told";
/// How often it's looked for more.
const AGAIN: Duration = Duration::from_millis(100);

/// The lines of runs in the operator's log.
pub(super) fn log() -> Lines {
    Arc::new(|line| {
        // The log has the target already.
        let line = line.strip_prefix("CustomHookExecutor ").unwrap_or(line);
        tracing::info!(target: "CustomHookExecutor", "{line}");
    })
}

/// A run's output, from where an earlier operator has come to. It is locked, so that no line is told by two.
pub(super) struct Follower {
    output: BufReader<File>,
    /// The run's folder, by the two names that it may have.
    folders: [PathBuf; 2],
    told: u64,
    line: Vec<u8>,
    lines: Lines,
}

impl Follower {
    /// The output of the run in `folders[0]`, which is `folders[1]` while it's being ended; `None` when somebody else follows
    /// it.
    pub(super) fn open(output: &Path, folders: [PathBuf; 2], lines: Lines) -> io::Result<Option<Self>> {
        let mut file = File::open(output)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Ok(None),
            other => other?,
        }
        let told = folders.iter().find_map(|folder| folder::json(&folder.join(TOLD))).unwrap_or(0);
        file.seek(SeekFrom::Start(told))?;
        Ok(Some(Self { output: BufReader::new(file), folders, told, line: Vec::new(), lines }))
    }

    /// Passes on what is there.
    fn take(&mut self) -> io::Result<()> {
        let before = self.told;
        while self.output.read_until(b'\n', &mut self.line)? > 0 {
            if self.line.ends_with(b"\n") {
                self.told += self.line.len() as u64;
                self.pass();
            }
        }
        if self.told > before { self.note() } else { Ok(()) }
    }

    fn pass(&mut self) {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.trim_end_matches('\n');
        if !line.is_empty() {
            (self.lines)(line);
        }
        self.line.clear();
    }

    /// Notes how far it has come. Who is ended between telling and noting tells some lines again.
    fn note(&self) -> io::Result<()> {
        for folder in &self.folders {
            let draft = folder.join("told.new");
            let noted =
                fs::write(&draft, self.told.to_string()).and_then(|()| fs::rename(draft, folder.join(TOLD)));
            match noted {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => return other,
            }
        }
        Ok(())
    }

    /// Passes on everything until the run has ended, or until nobody wants it any more.
    pub(super) fn follow(
        mut self,
        has_ended: impl Fn() -> io::Result<bool>,
        is_wanted: impl Fn() -> bool,
    ) -> io::Result<()> {
        while is_wanted() {
            // Asked before the output is read: who has ended writes no more.
            let last = has_ended()?;
            self.take()?;
            if last {
                self.pass();
                return Ok(());
            }
            pause();
        }
        Ok(())
    }
}

/// Waits a while before the next look.
pub(super) fn pause() {
    thread::sleep(AGAIN);
}
