//! The operator's settings: flags, each with an environment variable.

use crate::{
    plan::Tuning,
    runs::{Runner, process},
};
use clap::{Parser, ValueEnum};
use hookgate_policy::Profile;
use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

/// Runs the upgrades of StarRocks clusters: in the right order, with their hooks, one pod at a time.
///
/// It watches StarRocksCluster objects (starrocks.com/v1). Inside a cluster it finds the API server by itself;
/// outside it uses KUBECONFIG. Several may run at the same time: a Lease decides which of them acts.
#[derive(Clone, Debug, Parser)]
#[command(name = "hookgate-operator", version)]
pub struct Config {
    /// Watch only this namespace instead of all.
    #[arg(long, env = "HOOKGATE_WATCH_NAMESPACE")]
    pub watch_namespace: Option<String>,
    /// The namespace of the Lease, normally the operator's own.
    #[arg(long, env = "POD_NAMESPACE", default_value = "default")]
    pub lease_namespace: String,
    /// The name of the Lease.
    #[arg(long, env = "HOOKGATE_LEASE_NAME", default_value = "hookgate-operator")]
    pub lease_name: String,
    /// Seconds that the Lease holds without being renewed; a crashed operator is replaced after that. At least 15:
    /// no statement is sent to a database under a lease that might not outlive it.
    #[arg(long, env = "HOOKGATE_LEASE_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(15..=300))]
    pub lease_seconds: u32,
    /// Who this process is in the Lease, normally the pod's name.
    #[arg(long, env = "POD_NAME")]
    pub identity: Option<String>,
    /// How often a failing pre-hook is tried in all.
    #[arg(long, env = "HOOKGATE_HOOK_ATTEMPTS", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub hook_attempts: u32,
    /// Seconds before the second try of a failing pre-hook; doubles with each further one.
    #[arg(long, env = "HOOKGATE_HOOK_BACKOFF_SECONDS", default_value = "10", value_parser = seconds)]
    pub hook_backoff_seconds: Duration,
    /// Seconds between two looks at the database while an upgrade is in flight.
    #[arg(long, env = "HOOKGATE_DATABASE_POLL_SECONDS", default_value = "1", value_parser = seconds)]
    pub database_poll_seconds: Duration,
    /// How many clusters' upgrades may go on at the same time; the others wait in the order in which they were asked for.
    /// 0 is no limit.
    #[arg(long, env = "HOOKGATE_MAX_CONCURRENT_WAVES", default_value_t = 0)]
    pub max_concurrent_waves: u32,
    /// Seconds that an FE may take to answer.
    #[arg(long, env = "HOOKGATE_DATABASE_TIMEOUT_SECONDS", default_value = "5", value_parser = seconds)]
    pub database_timeout_seconds: Duration,
    /// What a hook may do where no HookPolicy selects its namespace: restricted, baseline or privileged.
    #[arg(long, env = "HOOKGATE_PROFILE", default_value = "restricted")]
    pub profile: Profile,
    /// Run hooks in the life of TKEStack's clusters and machines (platform.tkestack.io/v1), over SSH.
    #[arg(long, env = "HOOKGATE_MACHINE_HOOKS")]
    pub machine_hooks: bool,
    /// The folder that the files of machine hooks are in: a mounted ConfigMap or a volume.
    #[arg(long, env = "HOOKGATE_MACHINE_HOOKS_DIR", default_value = "/app/hooks")]
    pub machine_hooks_dir: PathBuf,
    /// What machine hooks may do: restricted, baseline or privileged. The webhook's must be the same.
    #[arg(long, env = "HOOKGATE_MACHINE_HOOKS_PROFILE", default_value = "baseline")]
    pub machine_hooks_profile: Profile,
    /// Seconds that a machine hook may take.
    #[arg(long, env = "HOOKGATE_MACHINE_HOOK_TIMEOUT_SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub machine_hook_timeout_seconds: u64,
    /// How many machines are worked on at the same time.
    #[arg(long, env = "HOOKGATE_MACHINE_HOOK_PARALLEL", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub machine_hook_parallel: u16,
    /// The image that has hookgate-runner, which runs custom scripts: the operator's own.
    #[arg(long, env = "HOOKGATE_RUNNER_IMAGE", default_value = concat!("hookgate.dev/hookgate:", env!("CARGO_PKG_VERSION")))]
    pub runner_image: String,
    /// Secrets for pulling that image, by name, separated by commas. A run's pod is in the cluster's namespace, and so are
    /// they.
    #[arg(long, env = "HOOKGATE_RUNNER_IMAGE_PULL_SECRETS", value_delimiter = ',')]
    pub runner_image_pull_secrets: Vec<String>,
    /// What runs custom scripts: job, in pods of the cluster's namespace; or process, sandboxed on this machine, for an
    /// operator outside a cluster that reaches the FEs' pods. Process needs root.
    #[arg(long, env = "HOOKGATE_HOOK_RUNNER", value_enum, default_value_t)]
    pub hook_runner: Runner,
    /// With --hook-runner process: the folder that has a folder for each run. It must be on this machine, and nobody else
    /// may look into it.
    #[arg(long, env = "HOOKGATE_HOOK_RUNS_DIR", default_value = "/var/lib/hookgate/runs")]
    pub hook_runs_dir: PathBuf,
    /// With --hook-runner process: the program hookgate-runner; by default the one beside this program.
    #[arg(long, env = "HOOKGATE_HOOK_RUNNER_PROGRAM")]
    pub hook_runner_program: Option<PathBuf>,
    /// Let --hook-runner process be used inside a cluster, where scripts would run in the operator's own pod, which then
    /// has to be root with CAP_SYS_ADMIN and bash.
    #[arg(long, env = "HOOKGATE_ALLOW_PROCESS_HOOKS_IN_CLUSTER")]
    pub allow_process_hooks_in_cluster: bool,
    /// Where /healthz, /readyz and /metrics are served.
    #[arg(long, env = "HOOKGATE_HEALTH_ADDRESS", default_value = "0.0.0.0:8081")]
    pub health_address: SocketAddr,
    /// How the log is written.
    #[arg(long, env = "HOOKGATE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Why the settings don't go together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Scripts would run in the operator's own pod.
    #[error(
        "--hook-runner process runs custom scripts on the operator's own machine, and this operator runs inside a cluster: \
         leave --hook-runner at job, which runs them in pods of their own, or say --allow-process-hooks-in-cluster if the \
         operator's own pod is meant"
    )]
    ProcessInCluster,
    /// This program's own file isn't known.
    #[error("this program's own file is not known ({0}): name hookgate-runner with --hook-runner-program")]
    OwnFile(String),
}

impl Config {
    /// How scripts are run as processes, when they are; `in_cluster` is whether this program runs in a pod.
    ///
    /// # Errors
    /// When that isn't allowed inside a cluster, or the program isn't known.
    pub fn process_settings(&self, in_cluster: bool) -> Result<Option<process::Settings>, ConfigError> {
        match self.hook_runner {
            Runner::Job => return Ok(None),
            Runner::Process if in_cluster && !self.allow_process_hooks_in_cluster => {
                return Err(ConfigError::ProcessInCluster);
            }
            Runner::Process => {}
        }
        let program = match &self.hook_runner_program {
            Some(program) => program.clone(),
            None => std::env::current_exe()
                .map_err(|error| ConfigError::OwnFile(error.to_string()))?
                .with_file_name("hookgate-runner"),
        };
        Ok(Some(process::Settings { folder: self.hook_runs_dir.clone(), program }))
    }

    /// How machine hooks are run, when they are.
    pub fn machine_hook_settings(&self) -> Option<crate::machines::Settings> {
        self.machine_hooks.then(|| crate::machines::Settings {
            folder: self.machine_hooks_dir.clone(),
            profile: self.machine_hooks_profile,
            timeout: Duration::from_secs(self.machine_hook_timeout_seconds),
            parallel: usize::from(self.machine_hook_parallel),
            tuning: hookgate_machines::plan::Tuning {
                backoff: self.hook_backoff_seconds,
                ..hookgate_machines::plan::Tuning::default()
            },
            secrets_namespace: self.lease_namespace.clone(),
        })
    }

    /// How patient the rules are.
    pub const fn tuning(&self) -> Tuning {
        Tuning {
            hook_attempts: self.hook_attempts,
            hook_backoff: self.hook_backoff_seconds,
            database_poll: self.database_poll_seconds,
            lease: Duration::from_secs(self.lease_seconds as u64),
            max_concurrent_waves: NonZeroU32::new(self.max_concurrent_waves),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let hint = || format!("{text:?} is not a number of seconds between 0.05 and 3600, as 10 or 0.5");
    let number: f64 = text.parse().map_err(|_| hint())?;
    if (0.05..=3600.0).contains(&number) { Ok(Duration::from_secs_f64(number)) } else { Err(hint()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_consistent_and_bad_values_are_refused_with_the_allowed_ones() {
        Config::command().debug_assert();
        for (flag, value, hint) in [
            ("--hook-backoff-seconds", "soon", "not a number of seconds between 0.05 and 3600"),
            ("--hook-backoff-seconds", "-1", "unexpected argument"),
            ("--database-poll-seconds", "0", "between 0.05 and 3600"),
            ("--lease-seconds", "5", "not in 15..=300"),
            ("--max-concurrent-waves", "many", "invalid digit"),
            ("--machine-hook-timeout-seconds", "0", "not in 1..=86400"),
            ("--machine-hook-parallel", "0", "not in 1..=1000"),
            ("--profile", "strict", "restricted"),
            ("--hook-runner", "pod", "job, process"),
        ] {
            let error = Config::try_parse_from(["hookgate-operator", flag, value]).unwrap_err().to_string();
            assert!(error.contains(hint), "{flag} {value}: {error}");
        }
    }

    #[test]
    fn scripts_run_as_processes_only_when_asked_and_inside_a_cluster_when_asked_twice() {
        let config = |arguments: &[&str]| {
            Config::try_parse_from([&["hookgate-operator"], arguments].concat()).unwrap()
        };
        assert_eq!(config(&[]).hook_runner, Runner::Job);
        for in_cluster in [false, true] {
            assert_eq!(config(&[]).process_settings(in_cluster), Ok(None));
        }
        let process = ["--hook-runner", "process"];
        let settings = config(&process).process_settings(false).unwrap().unwrap();
        assert_eq!(settings.folder, PathBuf::from("/var/lib/hookgate/runs"));
        assert_eq!(settings.program, std::env::current_exe().unwrap().with_file_name("hookgate-runner"));
        let error = config(&process).process_settings(true).unwrap_err().to_string();
        assert!(
            error.contains("leave --hook-runner at job") && error.contains("--allow-process-hooks"),
            "{error}"
        );
        let allowed = config(&[
            "--hook-runner",
            "process",
            "--allow-process-hooks-in-cluster",
            "--hook-runner-program",
            "/x",
        ]);
        assert_eq!(allowed.process_settings(true).unwrap().unwrap().program, PathBuf::from("/x"));
    }
}
