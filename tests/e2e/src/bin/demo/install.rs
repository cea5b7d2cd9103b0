//! Installs Hookgate with Helm.

use crate::stage::Stage;
use hookgate_e2e::{Problem, ensure};
use std::path::Path;
use tokio::process::Command;

/// Runs `tests/e2e/install`, which waits until both gates are ready.
pub async fn install(stage: &Stage) -> Result<(), Problem> {
    stage.title("1. Install Hookgate with Helm");
    // The same question as every later step asks, answered before anything is changed.
    hookgate_e2e::client::client().await?;
    stage.command("helm upgrade --install hookgate charts/hookgate --namespace hookgate-system --create-namespace --wait");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install");
    let output =
        Command::new(&script).kill_on_drop(true).output().await.map_err(Problem::io(script.display()))?;
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure(output.status.success(), || format!("Helm has failed:\n{text}"))?;
    stage.good("the admission gate and the rollout gate are ready");
    Ok(())
}
