//! What the policies of a namespace say of a hook.

use super::{Mode, PolicyId};
use hookgate_policy::{Finding, Severity};
use std::fmt;

/// What follows from a finding; gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The audit log says so.
    Record,
    /// The user is warned.
    Warn,
    /// The hook is admitted with a warning, and runs only when somebody has approved it.
    NeedApproval,
    /// The hook is refused.
    Deny,
}

impl Effect {
    /// The severity of a finding where there are no more than two of them, as in files: what doesn't refuse is a warning.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Deny => Severity::Error,
            Self::Record | Self::Warn | Self::NeedApproval => Severity::Warning,
        }
    }

    /// What a finding of that severity means under a policy of that mode.
    pub(super) const fn of(mode: Mode, severity: Severity) -> Self {
        match (mode, severity) {
            (Mode::Enforce, Severity::Error) => Self::Deny,
            (Mode::Enforce, Severity::Warning) | (Mode::Warn, _) => Self::Warn,
            (Mode::Audit, _) => Self::Record,
        }
    }
}

/// A finding, what follows from it, and by which policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling<T> {
    /// What was found.
    pub finding: T,
    /// The gravest that follows from it under any policy.
    pub effect: Effect,
    /// The policies that have it so.
    pub policies: Vec<PolicyId>,
}

/// A policy that can't be used: what it selects is refused until it is put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPolicy {
    /// Which policy.
    pub id: PolicyId,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for InvalidPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "HookPolicy {} is invalid, and so no hook passes in the namespaces that it selects ({}); put it right or \
             delete it",
            self.id, self.reason
        )
    }
}

/// What the policies of a namespace say of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptVerdict {
    /// The SHA-256 of the script's bytes in lower-case hexadecimal digits.
    pub sha256: String,
    /// The functions that it defines, in their order.
    pub functions: Vec<String>,
    /// The findings, by their place in the script.
    pub rulings: Vec<Ruling<Finding>>,
    /// Policies that can't be used, each of which refuses everything.
    pub invalid: Vec<InvalidPolicy>,
}

impl ScriptVerdict {
    /// Whether the script must not be stored or run.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        !self.invalid.is_empty() || self.with(Effect::Deny).next().is_some()
    }

    /// The findings with that effect.
    pub fn with(&self, effect: Effect) -> impl Iterator<Item = &Ruling<Finding>> {
        self.rulings.iter().filter(move |ruling| ruling.effect == effect)
    }

    /// The policies that refuse the script.
    #[must_use]
    pub fn refused_by(&self) -> Vec<&PolicyId> {
        let rulings = self.with(Effect::Deny).flat_map(|ruling| &ruling.policies);
        let mut policies: Vec<_> = rulings.chain(self.invalid.iter().map(|policy| &policy.id)).collect();
        policies.sort();
        policies.dedup();
        policies
    }
}
