//! What is known about a cluster or a worker, and about its machines.

use super::HookStatus;
use crate::run::{Ending, RunId};
use hookgate_api::platform::{HookType, Phase, RecordedHostKey, installed};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How patient the rules are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Before the second attempt of a failing hook; doubles with each further one.
    pub backoff: Duration,
    /// The longest pause between two attempts.
    pub max_backoff: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { backoff: Duration::from_secs(10), max_backoff: Duration::from_secs(300) }
    }
}

/// Whether an object is being deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It isn't.
    None,
    /// It is, and others have finalizers of theirs on it: the provisioner is at work.
    Others,
    /// It is, and nobody else waits.
    OnlyOurs,
}

/// What the facts are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A Cluster: its masters.
    Cluster {
        /// Whether it's being deleted.
        deletion: Deletion,
        /// Whether it has the finalizer.
        finalizer: bool,
    },
    /// A Machine: a worker.
    Worker {
        /// The version that the cluster's masters have.
        cluster_version: Option<String>,
        /// Whether its Cluster is being deleted.
        cluster_deleted: bool,
        /// Whether it's being deleted.
        deleted: bool,
    },
}

/// What is known of a hook's script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFacts {
    /// Its path on the machines.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal digits; `None` when no file provides it.
    pub digest: Option<String>,
    /// Why it must not run: what the policy finds, or arguments that can't be.
    pub refusal: Option<String>,
}

/// What is known of the files in the hooks folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// The digest of everything that has to be on a machine.
    pub digest: String,
    /// How many files and folders that are.
    pub count: usize,
}

/// What is done on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Files are brought there.
    Copy {
        /// The digest of all of them.
        digest: String,
    },
    /// A hook is run, or looked for.
    Run(Attempt),
}

/// An attempt at a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its name.
    pub id: RunId,
    /// The hook.
    pub hook: HookType,
    /// The script's path on the machine; empty where it isn't wanted and not known any more.
    pub script: String,
    /// When it was written down, where that is known.
    pub started: Option<Timestamp>,
    /// Whether it is still wanted. One that isn't is awaited when it goes on, and never begun.
    pub wanted: bool,
}

/// Why something could not be done on a machine. Nothing is known then about what was to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its host key has changed.
    HostKey(String),
    /// It doesn't accept the user, or there is no password and key.
    Login(String),
    /// It can't be reached, or the connection broke.
    Unreachable(String),
    /// Files can't be written there.
    Files(String),
}

impl Trouble {
    /// The reason of a condition when a host key has changed.
    pub const HOST_KEY_CHANGED: &str = "HostKeyChanged";
    /// The reason of a condition when nobody is let in.
    pub const LOGIN_REFUSED: &str = "LoginRefused";
    /// The reason of a condition when a machine can't be reached.
    pub const MACHINE_UNREACHABLE: &str = "MachineUnreachable";
    /// The reason of a condition when files can't be written.
    pub const FILES_NOT_COPIED: &str = "FilesNotCopied";

    /// The reason of a condition.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::HostKey(_) => Self::HOST_KEY_CHANGED,
            Self::Login(_) => Self::LOGIN_REFUSED,
            Self::Unreachable(_) => Self::MACHINE_UNREACHABLE,
            Self::Files(_) => Self::FILES_NOT_COPIED,
        }
    }

    /// In a sentence.
    pub fn message(&self) -> &str {
        match self {
            Self::HostKey(text) | Self::Login(text) | Self::Unreachable(text) | Self::Files(text) => text,
        }
    }
}

/// How something ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The files are there.
    Copied,
    /// The run has ended.
    Ran {
        /// How.
        ending: Ending,
        /// The end of its output.
        output: String,
    },
    /// It could not be done.
    Failed(Trouble),
}

/// What was done last on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What.
    pub doing: Doing,
    /// How it ended.
    pub outcome: Outcome,
    /// How often in a row it could not be done.
    pub failures: u32,
    /// When it ended.
    pub at: Timestamp,
}

/// What is known of a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MachineFacts {
    /// What it's called in records: its address, with the port when it isn't 22.
    pub name: String,
    /// Whether host keys are pinned in the spec.
    pub pinned: bool,
    /// The key that it has shown since the operator began, as it's recorded.
    pub host_key: Option<String>,
    /// The digest of the files that are there, as far as this operator knows.
    pub copied: Option<String>,
    /// Whether something is being done there.
    pub busy: bool,
    /// What was done there last.
    pub last: Option<Report>,
}

/// What is known.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// The object's UID.
    pub owner: &'a str,
    /// What it is.
    pub subject: Subject,
    /// The version that is wanted; empty when none is.
    pub wanted_version: &'a str,
    /// The version that the provisioner says is installed.
    pub installed_version: Option<&'a str>,
    /// What the provisioner is doing.
    pub phase: Option<&'a Phase>,
    /// The hooks that there are.
    pub hooks: BTreeMap<HookType, ScriptFacts>,
    /// Types of conditions that are passed over (`spec.features.skipConditions`).
    pub skipped: BTreeSet<String>,
    /// What has to be on the machines, or why it can't be.
    pub files: Result<FileFacts, String>,
    /// The machines: of a Cluster its masters, in their order.
    pub machines: Vec<MachineFacts>,
    /// What the status says.
    pub status: HookStatus,
    /// How patient the rules are.
    pub tuning: Tuning,
    /// The time.
    pub now: Timestamp,
}

impl Facts<'_> {
    /// The version that is installed, as far as the provisioner's word can be taken for it.
    pub(super) fn installed(&self) -> Option<&str> {
        installed(self.installed_version, self.phase, &self.status.conditions)
    }

    /// The record of a machine's host key.
    pub(super) fn recorded<'a>(status: &'a HookStatus, machine: &str) -> Option<&'a RecordedHostKey> {
        status.host_keys.iter().find(|key| key.machine == machine)
    }
}
