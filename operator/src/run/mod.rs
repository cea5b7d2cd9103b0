//! What there is to be known of a run of a script before it's started.

pub(crate) mod arguments;

use crate::observation::ScriptText;
use hookgate_api::{Component, hooks::HookPhase, status::HookClearance};
pub use hookgate_runner::audit::Runner;
use k8s_openapi::api::core::v1::{EnvVar, LocalObjectReference};
use std::collections::BTreeSet;

/// A run of a script that may be started. Nothing of it is a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name, which its Job has; see [`crate::plan::names::hook_job`].
    pub name: String,
    /// What tells what is started for this run from what somebody else has made under its name: see
    /// [`hookgate_api::status::HookRun::nonce`].
    pub nonce: String,
    /// The component whose hook it is.
    pub component: Component,
    /// Which function is called.
    pub phase: HookPhase,
    /// The wave that it belongs to.
    pub wave: String,
    /// The script.
    pub script: RunScript,
    /// The functions that the check has seen in it.
    pub functions: Vec<String>,
    /// What lets the script run, for the audit.
    pub clearance: Option<HookClearance>,
    /// What the policies say of its SQL, as the runner reads it.
    pub sql_policies: String,
    /// Whether it runs only where the kernel can make its sandbox whole.
    pub requires_sandbox: bool,
    /// The programs that the script may start; `None` are all that are there.
    pub programs: Option<BTreeSet<String>>,
    /// How long it may take, in seconds.
    pub timeout_seconds: i64,
    /// The FE that its statements go to.
    pub frontend: RunFrontend,
    /// What the pod of a Job is made with besides.
    pub pod: RunPod,
}

/// The script of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunScript {
    /// The ConfigMap.
    pub config_map: String,
    /// The key of the script.
    pub key: String,
    /// The SHA-256 of the script that was checked, in hexadecimal.
    pub sha256: String,
    /// The bytes that were checked, for a runner that doesn't mount the ConfigMap.
    pub text: ScriptText,
}

/// The FE that a run talks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFrontend {
    /// Where it is reached: a run asks no name server.
    pub address: String,
    /// Its port for the MySQL protocol.
    pub query_port: i32,
    /// The database's user; made of letters, digits and `_ . @ -`, for `MYSQL_CMD` is split at spaces.
    pub user: String,
}

/// What the pod of a run's Job is made with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunPod {
    /// The image: FE's, which has bash and coreutils.
    pub image: String,
    /// Secrets for pulling the image.
    pub image_pull_secrets: Vec<LocalObjectReference>,
    /// The user's password, as FE's own environment has it; `None` when it's empty.
    pub password: Option<EnvVar>,
}

/// The image that has the runner of scripts: Hookgate's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunnerImage {
    /// Its name.
    pub image: String,
    /// Secrets for pulling it, which each namespace with such hooks has.
    pub pull_secrets: Vec<String>,
}

/// A run for unit tests.
#[cfg(test)]
pub(crate) fn run_of_a_test() -> Run {
    Run {
        name: "sr-be-pre-1".to_owned(),
        nonce: "n1".to_owned(),
        component: Component::Be,
        phase: HookPhase::Pre,
        wave: "w1".to_owned(),
        script: RunScript {
            config_map: "hooks".to_owned(),
            key: "hooks.sh".to_owned(),
            sha256: "00".to_owned(),
            text: ScriptText::default(),
        },
        functions: Vec::new(),
        clearance: None,
        sql_policies: "[]".to_owned(),
        requires_sandbox: false,
        programs: None,
        timeout_seconds: 60,
        frontend: RunFrontend { address: "10.96.0.7".to_owned(), query_port: 9030, user: "root".to_owned() },
        pod: RunPod { image: "fe:1".to_owned(), ..RunPod::default() },
    }
}
