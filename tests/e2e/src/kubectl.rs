//! kubectl: what a user would see.

use crate::problem::Problem;
use std::process::{Output, Stdio};
use tokio::{io::AsyncWriteExt, process::Command};

/// What kubectl said, and whether it succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it succeeded.
    pub success: bool,
    /// Its output, and then its error output.
    pub text: String,
}

/// Runs kubectl; `input` is what `-f -` reads.
///
/// # Errors
/// When there is no kubectl.
pub async fn kubectl(arguments: &[&str], input: Option<&str>) -> Result<Answer, Problem> {
    let failed = |source| Problem::Io {
        what: "kubectl can't be run; make demo and make test have one, else put it into PATH".to_owned(),
        source,
    };
    let mut command = Command::new("kubectl");
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.unwrap_or_default().as_bytes()).await.map_err(failed)?;
    }
    let Output { status, stdout, stderr } = child.wait_with_output().await.map_err(failed)?;
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    Ok(Answer { success: status.success(), text })
}
