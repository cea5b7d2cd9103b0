//! Which part of its life a cluster or a worker is in, and the steps of that part.

use super::{Deletion, Facts, Subject};
use hookgate_api::platform::{HookType, Lifecycle, Phase, Scope, same_version, was_installed};

/// What is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Nothing.
    Idle,
    /// It was installed before Hookgate saw it: its install hooks don't run.
    Adopt {
        /// The version that it has.
        version: String,
    },
    /// It's being installed.
    Install {
        /// The version that it is to have.
        target: String,
    },
    /// It's being upgraded.
    Upgrade {
        /// The version that it is to have.
        target: String,
    },
    /// It's being deleted.
    Delete {
        /// The version that it had.
        target: String,
    },
}

/// A step of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The files are brought to all machines.
    Files,
    /// A hook runs.
    Hook(HookType),
    /// The provisioner does its part.
    Provisioner,
}

/// What is going on.
pub fn operation(facts: &Facts<'_>) -> Operation {
    // Conditions and runs have a version as the spec has it: a provisioner compares them by their letters.
    let wanted = facts.wanted_version;
    match &facts.subject {
        Subject::Cluster { deletion: Deletion::Others | Deletion::OnlyOurs, .. } => {
            let had = facts.installed_version.filter(|version| !version.is_empty());
            return Operation::Delete { target: spelled(had.unwrap_or(wanted), wanted).to_owned() };
        }
        // What is taken down with its cluster is neither installed nor upgraded.
        Subject::Worker { deleted: true, .. } | Subject::Worker { cluster_deleted: true, .. } => {
            return Operation::Idle;
        }
        _ => {}
    }
    let hooks = hooks(&facts.subject, Lifecycle::Install);
    let seen = hooks.iter().any(|hook| facts.status.target_of(hook.condition()).is_some());
    let all = |target: &str| hooks.iter().all(|hook| facts.status.is_done(hook.condition(), target));
    // Its install hooks are for the version that it was installed with, whatever it has since.
    let first = hooks.last().and_then(|hook| facts.status.target_of(hook.condition())).unwrap_or_default();
    match facts.installed() {
        Some(installed) if !seen => Operation::Adopt { version: spelled(installed, wanted).to_owned() },
        None if !was_installed(&facts.status.conditions) => Operation::Install { target: wanted.to_owned() },
        _ if !all(first) => Operation::Install { target: first.to_owned() },
        Some(installed) => upgrade(facts, wanted, installed),
        // What it has is not known, and so not from what it would be upgraded.
        None => Operation::Idle,
    }
}

/// A version as the spec has it, where it's the same one.
fn spelled<'a>(version: &'a str, wanted: &'a str) -> &'a str {
    if same_version(version, wanted) { wanted } else { version }
}

fn upgrade(facts: &Facts<'_>, wanted: &str, installed: &str) -> Operation {
    let hooks = hooks(&facts.subject, Lifecycle::Upgrade);
    let begun = hooks.iter().any(|hook| facts.status.is_for(hook.condition(), wanted));
    let done = hooks.iter().all(|hook| facts.status.is_done(hook.condition(), wanted));
    // Workers follow the masters.
    let allowed = match &facts.subject {
        Subject::Cluster { .. } => true,
        Subject::Worker { cluster_version, .. } => {
            cluster_version.as_deref().is_some_and(|version| same_version(version, wanted))
        }
    };
    let is_installed = same_version(installed, wanted);
    let due = if begun && is_installed { !done } else { !is_installed && allowed };
    if wanted.is_empty() || !due { Operation::Idle } else { Operation::Upgrade { target: wanted.to_owned() } }
}

/// The hooks of a part of its life, in their order.
fn hooks(subject: &Subject, lifecycle: Lifecycle) -> Vec<HookType> {
    let own = |hook: &HookType| match subject {
        Subject::Cluster { .. } => true,
        Subject::Worker { .. } => hook.scope() == Scope::Node,
    };
    HookType::ALL.into_iter().filter(|hook| hook.lifecycle() == lifecycle).filter(own).collect()
}

impl Operation {
    /// The hooks, in their order.
    pub fn hooks(&self, subject: &Subject) -> Vec<HookType> {
        match self {
            Self::Idle => Vec::new(),
            Self::Adopt { .. } | Self::Install { .. } => hooks(subject, Lifecycle::Install),
            Self::Upgrade { .. } => hooks(subject, Lifecycle::Upgrade),
            Self::Delete { .. } => hooks(subject, Lifecycle::Delete),
        }
    }

    /// The steps, in their order: files, the hooks before, the provisioner's part, the hooks after.
    pub fn steps(&self, subject: &Subject) -> Vec<Step> {
        let (before, after): (Vec<HookType>, Vec<HookType>) =
            self.hooks(subject).into_iter().partition(|hook| hook.is_before());
        let mut steps = vec![Step::Files];
        steps.extend(before.into_iter().map(Step::Hook));
        steps.push(Step::Provisioner);
        steps.extend(after.into_iter().map(Step::Hook));
        steps
    }

    /// Whether the provisioner has said that its part is done.
    pub fn provisioner_is_done(&self, facts: &Facts<'_>) -> bool {
        match self {
            Self::Idle | Self::Adopt { .. } => true,
            Self::Install { .. } => facts.installed().is_some(),
            Self::Upgrade { target } => {
                facts.installed().is_some_and(|installed| same_version(installed, target))
                    && facts.phase == Some(&Phase::Running)
            }
            Self::Delete { .. } => {
                !matches!(facts.subject, Subject::Cluster { deletion: Deletion::Others, .. })
            }
        }
    }
}
