//! What a script is checked against.

use crate::{Profile, RuleId, Severity};
use std::collections::BTreeMap;

/// What a script is checked against. The default is the `restricted` profile without additions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// The profile.
    pub profile: Profile,
    /// Severities that replace a rule's own; `None` switches the rule off.
    pub severities: BTreeMap<RuleId, Option<Severity>>,
}

impl Policy {
    /// The severity of a finding whose rule gives it `own`, or `None` when the rule is switched off.
    #[must_use]
    pub fn severity(&self, rule: RuleId, own: Severity) -> Option<Severity> {
        self.severities.get(&rule).copied().unwrap_or(Some(own))
    }
}

impl From<Profile> for Policy {
    fn from(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }
}
