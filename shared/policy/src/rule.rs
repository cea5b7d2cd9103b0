//! Rules: their identity and what is known about them.

use crate::Profile;
use crate::context::Context;
use crate::finding::Findings;
use crate::rules::REGISTRY;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The stable identity of a rule, written `HG201`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u16);

impl fmt::Display for RuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&format!("HG{:03}", self.0))
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that names no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{0}`: rules are named HG101 and so on")]
pub struct ParseRuleIdError(String);

impl FromStr for RuleId {
    type Err = ParseRuleIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_prefix("HG").and_then(|digits| digits.parse().ok());
        match number.and_then(|number| rule(Self(number))) {
            Some(rule) if text.len() == 5 => Ok(rule.id),
            _ => Err(ParseRuleIdError(text.to_owned())),
        }
    }
}

/// A rule: what it is called, where it applies, how it is checked, and its page.
pub struct RuleInfo {
    /// Its identity.
    pub id: RuleId,
    /// Its name in words joined by dashes.
    pub name: &'static str,
    /// The profiles in which it applies.
    pub profiles: &'static [Profile],
    /// Whether it applies to code inside a script as well, such as the handler of a trap.
    pub(crate) fragments: bool,
    pub(crate) check: fn(&Context<'_>, &mut Findings<'_>),
    pub(crate) source: &'static str,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Hook scripts, and SQL wherever it stands.
    Script,
    /// StarRocksClusters and HookPolicies, and TKEStack's Clusters and Machines.
    Manifest,
    /// Hooks of machines, which are scripts that [`check_machine_script`](crate::check_machine_script) reads.
    MachineScript,
}

impl RuleInfo {
    /// What the rule is about: the rules 7xx look at StarRocksClusters and HookPolicies, the rules 8xx at TKEStack's
    /// Clusters and Machines, and HG809 at their scripts.
    #[must_use]
    pub fn subject(&self) -> Subject {
        match self.id.0 {
            809 => Subject::MachineScript,
            700..900 => Subject::Manifest,
            _ => Subject::Script,
        }
    }

    /// The rule's page in Markdown: what it finds, why it is bad, an example, what to use instead,
    /// exceptions.
    #[must_use]
    pub fn page(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.fold(String::new(), |mut page, line| {
            page.push_str(line.strip_prefix(' ').unwrap_or(line));
            page.push('\n');
            page
        })
    }

    /// The title of the rule's page: what it finds, in a few words.
    #[must_use]
    pub fn title(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or_default();
        first.trim_start_matches("//! # ").split_once(": ").map_or(first, |(_, title)| title)
    }
}

impl fmt::Debug for RuleInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.id, self.name)
    }
}

/// All rules, by their numbers.
#[must_use]
pub fn rules() -> &'static [RuleInfo] {
    REGISTRY
}

/// The rule of that identity.
#[must_use]
pub fn rule(id: RuleId) -> Option<&'static RuleInfo> {
    REGISTRY.iter().find(|rule| rule.id == id)
}
