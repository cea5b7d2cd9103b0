//! What is wrong with a Cluster or a Machine, in words: the rules HG801 to HG808, and what the policy says of the scripts
//! of hooks where the hooks folder could be looked into.
//!
//! The webhook, `hookgate lint` and the operator call the same functions. What has to be known of the hooks folder is
//! asked by [`FolderQuestions::of`] and given as [`FolderAnswers`], so that nothing here does I/O.

mod files;
mod folder;
mod hooks;
mod machines;

pub use folder::{FolderAnswers, FolderQuestions, Found, Script};

use super::{ClusterSpec, MachineSpec};
use hookgate_policy::{Policy, RuleId, Severity};
use std::fmt;

/// The most files that a Cluster may have.
pub const MAX_FILES: usize = 1000;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The rule that says so.
    pub rule: RuleId,
    /// Whether it is refused or warned of.
    pub severity: Severity,
    /// The field, as `spec.features.hooks.PreInstall`.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}: {}", self.rule, self.path, self.message)
    }
}

impl Problem {
    fn error(rule: RuleId, path: impl Into<String>, message: impl fmt::Display, help: &str) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            path: path.into(),
            message: message.to_string(),
            help: help.to_owned(),
        }
    }

    fn warning(rule: RuleId, path: impl Into<String>, message: impl fmt::Display, help: &str) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, path, message, help) }
    }
}

/// What is wrong with a Cluster. Without answers about the hooks folder what is in it is taken to be right.
pub fn check_cluster(spec: &ClusterSpec, folder: Option<&FolderAnswers>, policy: &Policy) -> Vec<Problem> {
    let mut problems = machines::of_cluster(spec);
    problems.extend(files::check(spec.files(), folder));
    problems.extend(hooks::check(spec, folder, policy));
    problems
}

/// What is wrong with a Machine.
pub fn check_machine(spec: &MachineSpec) -> Vec<Problem> {
    machines::of_machine(spec)
}

/// Whether any of them refuses the object.
pub fn is_refused(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

#[cfg(test)]
mod tests;
