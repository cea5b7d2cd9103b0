//! Custom scripts and their runs.

use hookgate_api::{
    Component,
    approval::Approver,
    hooks::{HookPhase, SETTINGS_OF_HOOKS, setting_names},
    status::HookClearance,
};
use hookgate_policy::SettingsSet;
use hookgate_runner::{audit::Runner, supervise::RunResult};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

/// The script that a component's `upgradeHooks.custom` refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedScript {
    /// It can't be read: no such ConfigMap or key. The words say which.
    Missing(String),
    /// The policy refuses it.
    Refused {
        /// The script's SHA-256, in hexadecimal.
        sha256: String,
        /// The findings, one after the other.
        findings: String,
    },
    /// The policy lets it run, where an approval is needed together with that.
    Accepted {
        /// The script's SHA-256, in hexadecimal.
        sha256: String,
        /// What that stands on.
        judgement: Judgement,
    },
}

/// The FE settings that a hook may change, as far as reading its text tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// By canonical name, with the values that it gives them.
    pub values: BTreeMap<String, BTreeSet<String>>,
    /// Whether these are all.
    pub complete: bool,
}

impl Touched {
    /// The settings that are to be looked at: where its text doesn't tell, those that any hook may change.
    pub fn names(&self) -> BTreeSet<String> {
        let mut names = if self.complete { BTreeSet::new() } else { Self::any() };
        names.extend(self.values.keys().cloned());
        names
    }

    /// The settings that any hook may change.
    pub fn any() -> BTreeSet<String> {
        SETTINGS_OF_HOOKS.iter().map(|(name, _)| (*name).to_owned()).collect()
    }
}

impl From<SettingsSet> for Touched {
    fn from(set: SettingsSet) -> Self {
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, given) in set.values {
            values.entry(setting_names(&name).0.to_owned()).or_default().extend(given);
        }
        Self { values, complete: set.complete }
    }
}

/// What the policies say of a script that they don't refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The policies, as `platform@3`.
    pub policies: String,
    /// The functions that the check has seen in it.
    pub functions: Vec<String>,
    /// What they found, as `HG601 warning`.
    pub findings: Vec<String>,
    /// Whether somebody has approved it.
    pub approval: ObservedApproval,
    /// What the policies say of its SQL when it runs: a JSON list, as the runner reads it. What an approval lifts is lifted
    /// here too, for without one it doesn't run.
    pub sql_policies: String,
    /// The bytes that were judged.
    pub text: ScriptText,
}

/// The bytes of a script.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ScriptText(Arc<[u8]>);

impl ScriptText {
    /// Those.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for ScriptText {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for ScriptText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Whether a script is approved, where that is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ObservedApproval {
    /// It runs without.
    #[default]
    NotNeeded,
    /// For each of its functions: the approval that counts, or why none does and the way out.
    Needed {
        /// `pre_upgrade`.
        pre: Result<Approver, String>,
        /// `post_upgrade`.
        post: Result<Approver, String>,
    },
}

impl ObservedApproval {
    /// The approval for a function; `None` where none is needed.
    ///
    /// # Errors
    /// When it isn't approved: why, and the way out.
    pub fn of(&self, phase: HookPhase) -> Result<Option<&Approver>, &str> {
        let (pre, post) = match self {
            Self::NotNeeded => return Ok(None),
            Self::Needed { pre, post } => (pre, post),
        };
        let judged = match phase {
            HookPhase::Pre => pre,
            HookPhase::Post => post,
        };
        judged.as_ref().map(Some).map_err(String::as_str)
    }
}

impl Judgement {
    /// As it is written down for the run of a function.
    pub fn clearance(&self, phase: HookPhase) -> HookClearance {
        let approver = self.approval.of(phase).ok().flatten();
        HookClearance {
            policies: self.policies.clone(),
            findings: self.findings.clone(),
            approval: approver.map(|approver| approver.approval.clone()),
            approved_by: approver.map(|approver| approver.user.clone()),
        }
    }
}

/// What a run of a script is told besides the script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedRunner {
    /// Which runner it is.
    pub kind: Runner,
    /// Whether it runs only where the kernel can make its sandbox whole.
    pub requires_sandbox: bool,
    /// The programs that the script may start; `None` are all of its image.
    pub programs: Option<BTreeSet<String>>,
}

/// What the policies of the cluster's namespace say of its hooks, besides of which scripts they refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedPolicy {
    /// The policies, as `platform@3`; empty when there was nothing to judge.
    pub names: String,
    /// The statements of `upgradePreparation` that must not be sent: place in the list, and why.
    pub refused_statements: BTreeMap<usize, String>,
    /// The FE settings that each script may change.
    pub script_settings: BTreeMap<Component, Touched>,
    /// The FE settings that the statements of `upgradePreparation` may change: place in the list, and which.
    pub statement_settings: BTreeMap<usize, Touched>,
    /// What users are to be warned of.
    pub warnings: Vec<String>,
    /// What is to be recorded only.
    pub records: Vec<String>,
}

/// What is known of the pod of a run's Job besides of how the Job stands, or of its process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedRun {
    /// It can't be started as things are: the kubelet tries again until the Job's time is up.
    Waiting(Waiting),
    /// It was started.
    Started,
    /// It has ended, and the runner says how.
    Ended(Box<RunResult>),
}

/// Why a pod isn't started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// In words that stay the same from one try to the next.
    pub what: String,
    /// What Kubernetes says of the last try.
    pub said: String,
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.said {
            "" => f.write_str(&self.what),
            said => write!(f, "{}: {said}", self.what),
        }
    }
}

/// The Job of a run; where runs are processes, the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObservedJob {
    /// Somebody else made it under this name: it isn't this cluster's, or isn't of the run whose name it has.
    Foreign,
    /// It has not ended.
    Running,
    /// It ended well.
    Succeeded,
    /// It did not.
    Failed {
        /// Whether it was ended because its time was up.
        deadline_exceeded: bool,
        /// The end of what it printed, or what Kubernetes says.
        message: String,
    },
}
