//! The start of a run whose name was taken.

use crate::run::{Run, arguments};
use hookgate_api::StarRocksCluster;
use hookgate_runner::{
    isolate::RESULT,
    supervise::{ResultFile, RunResult},
};
use std::{io, path::Path, process::Stdio};
use tokio::{io::AsyncWriteExt, process::Command};

/// Starts a run in its folder. When it can't be started, that is its result.
pub(super) async fn start(
    program: &Path,
    place: &Path,
    cluster: &StarRocksCluster,
    run: &Run,
    password: &str,
) -> io::Result<()> {
    let Err(error) = isolate(program, place, cluster, run, password).await else { return Ok(()) };
    let message = format!("{} can't start it: {error}", program.display());
    let result = RunResult::not_started(run.name.clone(), message);
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
