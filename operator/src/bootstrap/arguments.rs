//! The command line of `hookgate-operator bootstrap`.

use clap::{Args, ValueEnum};
use hookgate_policy::Profile;
use std::{fmt, path::PathBuf, time::Duration};

/// The folder that hooks are in where none is named, as TKEStack's installer has them.
pub(super) const DEFAULT_FOLDER: &str = "/app/hooks";

/// The point of the installation at which a hook runs; its name is that of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Before anything is installed.
    PreInstall,
    /// When all nodes are Ready.
    PostClusterReady,
    /// After everything was installed.
    PostInstall,
}

impl Stage {
    /// The name of the hook's file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreInstall => "pre-install",
            Self::PostClusterReady => "post-cluster-ready",
            Self::PostInstall => "post-install",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The arguments of `bootstrap`.
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Exit status: 0 when the hook has succeeded or there is none, the hook's own when it fails, 124 when it \
    has not ended in time, 125 when it could not be run: it is refused, cannot be read, or the nodes are not Ready in time."
)]
pub struct BootstrapArguments {
    /// The point of the installation; the hook is the file of this name.
    #[arg(long, value_enum)]
    pub stage: Stage,
    /// The folder with the hooks. There are none when the default one is missing.
    #[arg(long, env = "HOOKGATE_HOOKS_DIR", default_value = DEFAULT_FOLDER, value_name = "DIRECTORY")]
    pub hooks_dir: PathBuf,
    /// What the hook may do: restricted, baseline or privileged.
    #[arg(long, env = "HOOKGATE_BOOTSTRAP_PROFILE", default_value = "baseline")]
    pub profile: Profile,
    /// Seconds that the hook may take: 1 to 86400.
    #[arg(long, env = "HOOKGATE_BOOTSTRAP_TIMEOUT_SECONDS", default_value = "600", value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Duration,
    /// Seconds that the nodes may take until all of them are Ready, before post-cluster-ready: 1 to 86400.
    #[arg(long, env = "HOOKGATE_NODES_TIMEOUT_SECONDS", default_value = "600", value_name = "SECONDS", value_parser = seconds)]
    pub nodes_timeout: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u64>() {
        Ok(seconds @ 1..=86_400) => Ok(Duration::from_secs(seconds)),
        _ => Err("not a number of seconds from 1 to 86400".to_owned()),
    }
}
