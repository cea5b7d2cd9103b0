//! The command line: without a command the operator runs.

use crate::{bootstrap::BootstrapArguments, config::Config};
use clap::{Parser, Subcommand};
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Runs the upgrades of StarRocks clusters: in the right order, with their hooks, one pod at a time.
///
/// It watches StarRocksCluster objects (starrocks.com/v1). Inside a cluster it finds the API server by itself;
/// outside it uses KUBECONFIG. Several may run at the same time: a Lease decides which of them acts.
#[derive(Clone, Debug, Parser)]
#[command(name = "hookgate-operator", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// What to do instead of running the operator.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The operator's settings.
    #[command(flatten)]
    pub config: Config,
}

/// What to do instead of running the operator.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run a hook of the installation: a script of a folder, checked, by bash.
    ///
    /// The hook is the file pre-install, post-cluster-ready or post-install of the folder; it is skipped when it is not
    /// there. Before post-cluster-ready all nodes have to be Ready. The hook's output is passed on as it comes.
    Bootstrap(Box<BootstrapArguments>),
    /// Copy this program into a folder, from where a container of another image, which has bash, runs it.
    Install {
        /// The folder.
        #[arg(value_name = "DIRECTORY")]
        folder: PathBuf,
    },
}

/// Copies this program into a folder.
///
/// # Errors
/// When it can't be read or written.
pub fn install(folder: &Path) -> io::Result<PathBuf> {
    let target = folder.join("hookgate-operator");
    fs::copy("/proc/self/exe", &target)?;
    fs::set_permissions(&target, fs::Permissions::from_mode(0o755))?;
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::Stage;
    use clap::CommandFactory;

    fn parse(arguments: &[&str]) -> Result<Arguments, String> {
        Arguments::try_parse_from([&["hookgate-operator"], arguments].concat())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_command_the_operator_runs() {
        Arguments::command().debug_assert();
        let arguments = parse(&["--watch-namespace", "a"]).unwrap();
        assert!(arguments.command.is_none());
        assert_eq!(arguments.config.watch_namespace.as_deref(), Some("a"));
    }

    #[test]
    fn the_stages_are_named_as_the_files() {
        for (name, stage) in [
            ("pre-install", Stage::PreInstall),
            ("post-cluster-ready", Stage::PostClusterReady),
            ("post-install", Stage::PostInstall),
        ] {
            let Some(Command::Bootstrap(bootstrap)) = parse(&["bootstrap", "--stage", name]).unwrap().command
            else {
                panic!("{name}")
            };
            assert_eq!((bootstrap.stage, bootstrap.stage.as_str()), (stage, name));
            assert_eq!(bootstrap.hooks_dir, Path::new("/app/hooks"));
        }
        let error = parse(&["bootstrap", "--stage", "install"]).unwrap_err();
        assert!(error.contains("pre-install, post-cluster-ready, post-install"), "{error}");
        let error = parse(&["bootstrap", "--stage", "pre-install", "--timeout", "0"]).unwrap_err();
        assert!(error.contains("1 to 86400"), "{error}");
    }
}
