//! How a run stands, by what is in its folder.

use super::{ProcessError, folder};
use crate::{
    observation::{ObservedJob, ObservedRun},
    runs::result,
};
use hookgate_runner::{
    isolate::{OUTPUT, RESULT},
    supervise::RunResult,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::Path,
};

/// How long the beginning of a run may take: a process is made, and written down.
const BEGINNING: SignedDuration = SignedDuration::from_secs(30);
/// How much of the end of an output is repeated where a run says nothing itself.
const LAST_BYTES: u64 = 500;

/// How a run stands.
#[derive(Debug)]
pub(super) enum Standing {
    /// It is being begun.
    Beginning,
    /// Its supervisor lives.
    Running,
    /// It has ended, and says how.
    Ended(Box<RunResult>),
    /// It has ended, and doesn't say how.
    Lost(String),
}

/// Looks at the folder of a run, which was made at that time.
pub(super) fn standing(
    path: &Path,
    name: &str,
    made: Timestamp,
    now: Timestamp,
) -> Result<Standing, ProcessError> {
    let unreadable = |cause| ProcessError::File { path: path.to_owned(), cause };
    let process = folder::process(path);
    // Looked at before the result: who has ended doesn't write any more.
    let is_alive = process.as_ref().map(|process| process.is_alive()).transpose().map_err(unreadable)?;
    if is_alive == Some(true) {
        return Ok(Standing::Running);
    }
    let result: Option<RunResult> = folder::json(&path.join(RESULT));
    if let Some(result) = result.filter(|result| result.run == name) {
        return Ok(Standing::Ended(Box::new(result)));
    }
    Ok(match process {
        None if now.duration_since(made) < BEGINNING => Standing::Beginning,
        None => Standing::Lost("it was never begun: the operator has ended before it could be".to_owned()),
        Some(process) if !process.is_of_this_boot().map_err(unreadable)? => {
            Standing::Lost("the machine that it ran on has been restarted before it had ended".to_owned())
        }
        Some(_) => {
            let said = result::last(&end(&path.join(OUTPUT)).map_err(unreadable)?);
            let said = if said.is_empty() { said } else { format!(": {said}") };
            Standing::Lost(format!("its process was ended before it could say how it went{said}"))
        }
    })
}

impl Standing {
    /// The same as the planner knows it.
    pub(super) fn observed(self) -> (ObservedJob, Option<ObservedRun>) {
        match self {
            Self::Beginning => (ObservedJob::Running, None),
            Self::Running => (ObservedJob::Running, Some(ObservedRun::Started)),
            Self::Ended(result) => (result::ended(&result), Some(ObservedRun::Ended(result))),
            Self::Lost(message) => (ObservedJob::Failed { deadline_exceeded: false, message }, None),
        }
    }
}

fn end(path: &Path) -> std::io::Result<String> {
    let length = fs::metadata(path)?.len();
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(length.saturating_sub(LAST_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(LAST_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
