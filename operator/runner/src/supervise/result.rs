//! How a run ended, as the operator reads it.

use crate::{gate::Counts, sandbox::Features};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, Write},
    path::Path,
};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The function returned 0.
    Succeeded,
    /// It returned something else, or bash ended otherwise.
    Failed,
    /// Its time was up.
    DeadlineExceeded,
    /// The script isn't the one that was checked.
    ScriptChanged,
    /// bash knows other functions than admission saw.
    FunctionsDiffer,
    /// The kernel lacks something that the policy requires.
    SandboxInsufficient,
    /// The run could not be begun: the image has no bash, for one.
    NotStarted,
    /// The run was told to end, as when its Job is deleted.
    Terminated,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunResult {
    /// Which run: the name of its Job.
    pub run: String,
    /// How it ended.
    pub outcome: Outcome,
    /// In words.
    pub message: String,
    /// The exit code of bash, when it exited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The signal that ended bash, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// The last lines of the output.
    pub output: String,
    /// What the sandbox was made of; `None` when it never came to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<Features>,
    /// The statements.
    pub statements: Counts,
    /// How long it took, in milliseconds.
    pub duration_milliseconds: u64,
}

/// The longest message that Kubernetes keeps of a container's end, in bytes.
const MOST_BYTES: usize = 4096;

impl RunResult {
    /// The result of a run of which nothing was started.
    #[must_use]
    pub fn not_started(run: String, message: String) -> Self {
        Self {
            run,
            outcome: Outcome::NotStarted,
            message,
            exit_code: None,
            signal: None,
            output: String::new(),
            sandbox: None,
            statements: Counts::default(),
            duration_milliseconds: 0,
        }
    }

    /// The JSON, no longer than Kubernetes keeps: the beginning of the output is given up for it.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn to_json(&self) -> io::Result<String> {
        let mut result = self.clone();
        loop {
            let json = serde_json::to_string(&result)?;
            let excess = json.len().saturating_sub(MOST_BYTES);
            if excess == 0 {
                return Ok(json);
            }
            let text = if result.output.is_empty() { &mut result.message } else { &mut result.output };
            if text.is_empty() {
                return Ok(json);
            }
            let at = (excess.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at));
            text.drain(..at.unwrap_or(text.len()));
        }
    }
}

/// Where the result goes. It's opened before the sandbox is on, and the script has no way to it.
#[derive(Debug)]
pub struct ResultFile(File);

impl ResultFile {
    /// Opens the file.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().write(true).create(true).truncate(true).open(path).map(Self)
    }

    /// Writes the result.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(mut self, result: &RunResult) -> io::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        self.0.write_all(result.to_json()?.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_fits_and_can_be_read() {
        for output in [String::new(), "x".repeat(10_000), "\"\\\u{e9}\n".repeat(3000)] {
            let result = RunResult {
                run: "r1".to_owned(),
                outcome: Outcome::Failed,
                message: "exit code 1".to_owned(),
                exit_code: Some(1),
                signal: None,
                output,
                sandbox: Some(Features::default()),
                statements: Counts::default(),
                duration_milliseconds: 5,
            };
            let json = result.to_json().unwrap();
            assert!(json.len() <= MOST_BYTES, "{}", json.len());
            let read: RunResult = serde_json::from_str(&json).unwrap();
            assert_eq!(read.message, "exit code 1");
            assert!(result.output.ends_with(&read.output));
        }
    }
}
