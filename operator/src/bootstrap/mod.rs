//! Hooks of the installation itself: `pre-install`, `post-cluster-ready` and `post-install`, scripts of a folder that are
//! run as TKEStack's installer runs them.
//!
//! A hook is read once, checked, and what was checked runs, by bash. A missing one is skipped; one that fails ends the
//! installation with its output.

mod arguments;
mod nodes;
mod output;
mod run;

use arguments::DEFAULT_FOLDER;
pub use arguments::{BootstrapArguments, Stage};
pub use nodes::{NodeReadiness, NodesError};
pub use run::{Ended, RunError};

use hookgate_api::platform::SourcePath;
use hookgate_folder::{FolderError, HooksFolder};
use hookgate_policy::{MAX_SCRIPT_BYTES, Policy, Severity, check_machine_script};
use std::{io::Read, path::Path};

/// The exit status when the hook could not be run: it's refused, can't be read, or the nodes aren't Ready in time.
pub const NOT_RUN: u8 = 125;
/// The exit status when the hook didn't end in time, as of `timeout`.
pub const TIMED_OUT: u8 = 124;

/// Why a hook was not run, or did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The hook can't be read.
    #[error("the hook {0} cannot be run: {1}")]
    Unreadable(Stage, String),
    /// The policy refuses the hook.
    #[error(
        "the hook {stage} is refused by the profile {profile}:\n{findings}\n`hookgate explain {rule}` says more"
    )]
    Refused {
        /// Which.
        stage: Stage,
        /// The profile.
        profile: hookgate_policy::Profile,
        /// What speaks against it, a line each.
        findings: String,
        /// The rule of the first.
        rule: String,
    },
    /// The nodes are not Ready.
    #[error("the hook {0} was not run: {1}")]
    Nodes(Stage, #[source] NodesError),
    /// It was not started, or can't be followed.
    #[error("the hook {0}: {1}")]
    Run(Stage, #[source] RunError),
    /// It ended otherwise than with 0.
    #[error("the hook {stage} {ended}; its output ended:\n{output}")]
    Failed {
        /// Which.
        stage: Stage,
        /// How.
        ended: Ended,
        /// The end of its output.
        output: String,
    },
}

impl BootstrapError {
    /// The exit status: the hook's own where it has one.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Failed { ended, .. } => ended.exit_status(),
            _ => NOT_RUN,
        }
    }
}

/// What became of a stage that didn't fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is no such hook.
    Skipped,
    /// It ended with 0.
    Succeeded,
}

/// Runs the hook of a stage, if there is one.
///
/// # Errors
/// When there is one and it doesn't succeed, whatever the reason.
pub async fn bootstrap(arguments: &BootstrapArguments) -> Result<Outcome, BootstrapError> {
    let stage = arguments.stage;
    // One that is named was to be there: its volume isn't mounted, or its name is wrong.
    if arguments.hooks_dir == Path::new(DEFAULT_FOLDER)
        && matches!(arguments.hooks_dir.try_exists(), Ok(false))
    {
        tracing::warn!(
            "there is no folder {DEFAULT_FOLDER}, and so no hook {stage}: skipped; --hooks-dir names another folder"
        );
        return Ok(Outcome::Skipped);
    }
    let folder = HooksFolder::new(&arguments.hooks_dir);
    let Some(script) = read(&folder, stage)? else {
        tracing::info!("there is no hook {stage} in {}: skipped", arguments.hooks_dir.display());
        return Ok(Outcome::Skipped);
    };
    let sha256 = check(stage, &script, arguments)?;
    if stage == Stage::PostClusterReady {
        nodes::wait(arguments.nodes_timeout).await.map_err(|error| BootstrapError::Nodes(stage, error))?;
    }
    let profile = arguments.profile;
    tracing::info!(target: "CustomHookExecutor", %stage, sha256, %profile, "SECURITY AUDIT: bootstrap hook begins");
    let path = arguments.hooks_dir.join(stage.as_str());
    let run = Box::pin(run::run(&script, &path, arguments.timeout)).await;
    let (ended, output) = run.map_err(|error| BootstrapError::Run(stage, error))?;
    tracing::info!(target: "CustomHookExecutor", %stage, sha256, "SECURITY AUDIT: bootstrap hook {ended}");
    if ended == Ended::Code(0) {
        Ok(Outcome::Succeeded)
    } else {
        Err(BootstrapError::Failed { stage, ended, output })
    }
}

fn read(folder: &HooksFolder, stage: Stage) -> Result<Option<Vec<u8>>, BootstrapError> {
    let unreadable = |why: String| BootstrapError::Unreadable(stage, why);
    let path = SourcePath::read(stage.as_str()).map_err(|error| unreadable(error.to_string()))?;
    let file = match folder.open(&path) {
        Ok(file) => file,
        Err(FolderError::Missing) => return Ok(None),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let most = u64::try_from(MAX_SCRIPT_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut script = Vec::new();
    file.take(most).read_to_end(&mut script).map_err(|error| unreadable(error.to_string()))?;
    Ok(Some(script))
}

/// The digest of a script that the policy accepts.
fn check(stage: Stage, script: &[u8], arguments: &BootstrapArguments) -> Result<String, BootstrapError> {
    let report = check_machine_script(script, &Policy::from(arguments.profile));
    let place = |finding: &hookgate_policy::Finding| {
        let hookgate_policy::Finding { rule, line, column, message, help, .. } = finding;
        format!("{stage}:{line}:{column}: {rule}: {message}. Help: {help}")
    };
    let (errors, warnings): (Vec<_>, Vec<_>) =
        report.findings().iter().partition(|finding| finding.severity == Severity::Error);
    for warning in warnings {
        tracing::warn!("{}", place(warning));
    }
    match errors.first() {
        None => Ok(report.sha256().to_owned()),
        Some(first) => Err(BootstrapError::Refused {
            stage,
            profile: arguments.profile,
            findings: errors.iter().map(|finding| place(finding)).collect::<Vec<_>>().join("\n"),
            rule: first.rule.to_string(),
        }),
    }
}
