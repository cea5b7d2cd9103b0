//! The stage between the supervisor and bash: it puts the sandbox on itself, says what it has, and becomes bash.

use crate::{
    sandbox::{self, Features, Sandbox},
    script::REPORT_DESCRIPTOR,
};
use serde::{Deserialize, Serialize};
use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, ExitCode},
};

/// What the stage is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// Whether a sandbox that the kernel can't make whole keeps the script from running.
    pub require_sandbox: bool,
    /// bash.
    pub bash: PathBuf,
    /// What bash runs.
    pub driver: String,
}

/// What the stage says before it becomes bash: one line of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StageReport {
    /// The sandbox is on.
    Ready(Features),
    /// The kernel lacks something that is required; nothing is run.
    Insufficient(Features),
    /// Something went wrong; nothing is run.
    Failed(String),
}

/// Does it. It returns only when bash isn't run.
pub fn main(stage: &Stage) -> ExitCode {
    // Opened before the sandbox is on, which has no rule for it.
    let report = OpenOptions::new().write(true).open(format!("/proc/self/fd/{REPORT_DESCRIPTOR}"));
    let Ok(mut report) = report else { return ExitCode::FAILURE };
    let said = match enter(stage) {
        Ok(features) if stage.require_sandbox && !features.missing.is_empty() => {
            StageReport::Insufficient(features)
        }
        Ok(features) => StageReport::Ready(features),
        Err(error) => StageReport::Failed(error),
    };
    let is_ready = matches!(said, StageReport::Ready(_));
    if say(&mut report, &said).is_err() || !is_ready {
        return ExitCode::FAILURE;
    }
    drop(report);
    let mut bash = Command::new(&stage.bash);
    bash.args(["--noprofile", "--norc", "-c", &stage.driver, "hook"]);
    let error = bash.exec();
    // The output is the only way that is left.
    let _unwritten =
        writeln!(io::stderr(), "hookgate-runner: {} can't be run: {error}", stage.bash.display());
    ExitCode::from(126)
}

fn enter(stage: &Stage) -> Result<Features, String> {
    rustix::process::setsid().map_err(|error| format!("no session of its own: {error}"))?;
    // When memory runs out, the script ends and not the supervisor.
    std::fs::write("/proc/self/oom_score_adj", "1000").map_err(|error| format!("oom_score_adj: {error}"))?;
    sandbox::enter(&stage.sandbox).map_err(|error| error.to_string())
}

fn say(report: &mut impl Write, said: &StageReport) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    report.write_all(&line)
}
