//! What a script is checked against.

use crate::programs::ExtraProgram;
use crate::sql::SqlAdditions;
use crate::{Profile, RuleId, Severity};
use std::collections::BTreeMap;

/// What a script is checked against. The default is the `restricted` profile without additions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// The profile.
    pub profile: Profile,
    /// Severities that replace a rule's own; `None` switches the rule off.
    pub severities: BTreeMap<RuleId, Option<Severity>>,
    /// Programs that `restricted` allows besides its own, by name. The other profiles don't look at them.
    pub programs: BTreeMap<String, ExtraProgram>,
    /// SQL that `restricted` allows besides its own. The other profiles don't look at it.
    pub sql: SqlAdditions,
}

impl Policy {
    /// What hooks of machines are checked against where nothing else is said: `baseline`, and no hook functions, for
    /// such a script is run as a whole.
    #[must_use]
    pub fn for_machine_hooks() -> Self {
        Self::from(Profile::Baseline).without_hook_functions()
    }

    /// The same, and a script needs to define neither `pre_upgrade` nor `post_upgrade`.
    #[must_use]
    pub fn without_hook_functions(mut self) -> Self {
        self.severities.insert(crate::rules::MISSING_FUNCTION, None);
        self
    }

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
