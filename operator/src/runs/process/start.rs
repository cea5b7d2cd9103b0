//! The start of a run whose name was taken.

use crate::run::{Run, arguments};
use hookgate_api::StarRocksCluster;
use hookgate_runner::{
    gate::Counts,
    isolate::RESULT,
    supervise::{Outcome, ResultFile, RunResult},
};
use std::{fs, io, os::unix::fs::PermissionsExt, path::Path, process::Stdio};
use tokio::{io::AsyncWriteExt, process::Command};

/// Whether a file can be started.
pub(super) fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Starts a run in its folder. When it can't be started, that is its result.
pub(super) async fn start(
    program: &Path,
    place: &Path,
    cluster: &StarRocksCluster,
    run: &Run,
    password: &str,
) -> io::Result<()> {
    let Err(error) = isolate(program, place, cluster, run, password).await else { return Ok(()) };
    let result = RunResult {
        run: run.name.clone(),
        outcome: Outcome::NotStarted,
        message: format!("{} can't start it: {error}", program.display()),
        exit_code: None,
        signal: None,
        output: String::new(),
        sandbox: None,
        statements: Counts::default(),
        duration_milliseconds: 0,
    };
    ResultFile::open(&place.join(RESULT))?.write(&result)
}

/// `hookgate-runner isolate` ends as soon as the run is written down.
async fn isolate(
    program: &Path,
    place: &Path,
    cluster: &StarRocksCluster,
    run: &Run,
    password: &str,
) -> io::Result<()> {
    let mut command = Command::new(program);
    command.arg("isolate").arg("--place").arg(place);
    command.arg(format!("--user={}", arguments::user(&run.name))).arg("--");
    command.args(arguments::arguments(cluster, run)).env_clear().current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that has ended says why.
        let _ended = stdin.write_all(password.as_bytes()).await;
    }
    let output = child.wait_with_output().await?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{} ({})", said.trim(), output.status)))
}
