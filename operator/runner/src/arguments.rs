//! The command line.

use crate::{
    audit::{Clearance, Identity, Runner},
    gate::Judge,
    supervise::Order,
};
use clap::{Args, Parser, Subcommand};
use hookgate_database::Target;
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

/// Runs a hook in a sandbox, without a network and without the database's password.
///
/// It is the first process of a hook's container: it holds the database connection, puts bash into a sandbox, and is the
/// `mysql` that the script finds there.
#[derive(Debug, Parser)]
#[command(name = "hookgate-runner", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Copies this program into a folder, for a container that doesn't have it.
    Install {
        /// The folder.
        folder: PathBuf,
    },
    /// Runs one function of a script.
    Run(Box<Run>),
    /// Starts `run` in a place of its own on a machine: processes, files and a user that are its own. Needs root.
    ///
    /// For an operator outside a cluster. The password comes on standard input. The folder has the file `script`, and the
    /// files `result` and `output`, which are empty; `process`, which says who the supervisor is, is made in it.
    Isolate(Place),
    /// The first process of such a place.
    #[command(hide = true)]
    Enter(Place),
    /// The mysql of a hook; the same as this program under the name mysql.
    #[command(disable_help_flag = true)]
    Mysql {
        /// The options of mysql.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<std::ffi::OsString>,
    },
    /// Puts the sandbox on and becomes bash: what `run` starts.
    #[command(hide = true)]
    Stage {
        /// What is to be done, in JSON.
        stage: String,
    },
}

/// Where a run on a machine is, and what `run` is told.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The run's folder, named as the run.
    #[arg(long)]
    pub place: PathBuf,
    /// The number of the run's user, which must be nobody else's.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub user: u32,
    /// What `run` is told, save where its files are.
    #[arg(last = true, required = true)]
    pub run: Vec<std::ffi::OsString>,
}

/// What is to be run, and how. The password comes in MYSQL_PWD, and goes from there before anything is started.
#[derive(Clone, Debug, Args)]
pub struct Run {
    /// The script.
    #[arg(long)]
    pub script: PathBuf,
    /// The SHA-256 of the script that was checked, in hexadecimal: nothing else is run.
    #[arg(long, value_parser = digest)]
    pub sha256: String,
    /// The function to call.
    #[arg(long, value_parser = ["pre_upgrade", "post_upgrade"])]
    pub function: String,
    /// The functions that the check of the script has seen, separated by commas.
    #[arg(long, value_delimiter = ',', required = true)]
    pub functions: Vec<String>,
    /// How long it may take, in seconds.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout_seconds: u64,
    /// Which run it is: the name of its Job.
    #[arg(long)]
    pub run: String,
    /// The StarRocksCluster's name.
    #[arg(long)]
    pub cluster: String,
    /// Its namespace.
    #[arg(long)]
    pub namespace: String,
    /// The component whose hook it is: FE, BE or CN.
    #[arg(long)]
    pub component: String,
    /// The hook's name.
    #[arg(long, default_value = "custom")]
    pub hook: String,
    /// The FE's host or address.
    #[arg(long)]
    pub fe_host: String,
    /// Where the FE is reached, so that no name has to be looked up; by its host otherwise.
    #[arg(long)]
    pub fe_address: Option<std::net::IpAddr>,
    /// Its port for the MySQL protocol.
    #[arg(long, default_value_t = 9030)]
    pub fe_port: u16,
    /// The database's user.
    #[arg(long, default_value = "root")]
    pub fe_user: String,
    /// The policies, by which each statement is judged: a JSON list of {"name", "enforced", "rules"}.
    #[arg(long, value_parser = Judge::read)]
    pub policies: Judge,
    /// What the audit says of what let the script run, besides the policies, in JSON: {"findings", "approval", "approver"}.
    #[arg(long, value_parser = clearance, default_value = "{}")]
    pub clearance: Clearance,
    /// What runs the script: what the audit says.
    #[arg(long, value_enum, default_value_t)]
    pub runner: Runner,
    /// The programs that the script may start, separated by commas; without it, all of the image.
    #[arg(long, value_delimiter = ',')]
    pub programs: Option<Vec<String>>,
    /// Run also where the kernel can't make the sandbox whole. What is missing is in the result.
    #[arg(long)]
    pub allow_incomplete_sandbox: bool,
    /// A folder for the script's PATH and HOME.
    #[arg(long, default_value = "/hookgate/run")]
    pub folder: PathBuf,
    /// The folder that the script may write.
    #[arg(long, default_value = "/tmp")]
    pub writable: PathBuf,
    /// Where the result goes.
    #[arg(long, default_value = "/dev/termination-log")]
    pub result: PathBuf,
    /// The password comes on standard input: what this program tells itself.
    #[arg(long, hide = true)]
    pub password_on_stdin: bool,
}

fn digest(text: &str) -> Result<String, String> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("a SHA-256 has 64 hexadecimal digits".to_owned())
    }
}

fn clearance(text: &str) -> Result<Clearance, String> {
    serde_json::from_str(text).map_err(|error| format!("this is not what lets a script run: {error}"))
}

impl Run {
    /// The order that the arguments give.
    #[must_use]
    pub fn order(self, password: String) -> Order {
        let identity = Identity {
            cluster: self.cluster,
            namespace: self.namespace,
            component: self.component,
            phase: self.function,
            hook: self.hook,
            run: self.run,
            digest: self.sha256,
        };
        Order {
            script: self.script,
            functions: self.functions.into_iter().collect::<BTreeSet<_>>(),
            timeout: Duration::from_secs(self.timeout_seconds),
            folder: self.folder,
            writable: self.writable,
            programs: self.programs,
            require_sandbox: !self.allow_incomplete_sandbox,
            identity,
            clearance: Clearance { policies: self.policies.names(), ..self.clearance },
            runner: self.runner,
            target: Target {
                ip: self.fe_address.map_or_else(|| self.fe_host.clone(), |address| address.to_string()),
                port: self.fe_port,
                user: self.fe_user,
                password,
            },
            host: self.fe_host,
            judge: self.policies,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn bad_arguments_get_the_way_out() {
        Arguments::command().debug_assert();
        let good = [
            ("--script", "/etc/hookgate/script"),
            ("--sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("--function", "pre_upgrade"),
            ("--functions", "pre_upgrade,post_upgrade"),
            ("--timeout-seconds", "300"),
            ("--run", "r1"),
            ("--cluster", "c"),
            ("--namespace", "sr"),
            ("--component", "BE"),
            ("--fe-host", "c-fe-service.sr"),
            ("--fe-address", "10.96.0.7"),
            ("--policies", r#"[{"name":"a@1","enforced":true,"rules":{"profile":"restricted"}}]"#),
            ("--clearance", r#"{"findings":[]}"#),
            ("--runner", "job"),
        ];
        let with = |flag: &str, value: &str| {
            let mut words = vec!["hookgate-runner".to_owned(), "run".to_owned()];
            for (name, good) in good {
                words
                    .extend([name.to_owned(), if name == flag { value.to_owned() } else { good.to_owned() }]);
            }
            Arguments::try_parse_from(words)
        };
        assert!(with("", "").is_ok());
        for (flag, value, hint) in [
            ("--sha256", "abc", "64 hexadecimal digits"),
            ("--function", "main", "possible values: pre_upgrade, post_upgrade"),
            ("--timeout-seconds", "0", "1..=3600"),
            ("--fe-address", "fe.sr", "invalid IP address"),
            ("--policies", "[]", "there is no policy"),
            ("--policies", "{}", "not a list of names and rules"),
            ("--clearance", "x", "not what lets a script run"),
            ("--runner", "x", "possible values: job, process"),
        ] {
            let error = with(flag, value).unwrap_err().to_string();
            assert!(error.contains(hint), "{flag} {value}: {error}");
        }
    }
}
