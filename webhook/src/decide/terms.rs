//! What a StarRocksCluster itself asks for that a policy bounds: SQL of `upgradePreparation`, and time.

use std::collections::{BTreeMap, BTreeSet};

use hookgate_api::defaults::MAX_TIMEOUT_SECONDS;
use hookgate_api::policy::{Effect, EffectivePolicy, Ruling};
use hookgate_api::validate::Violation;

use super::message::whom;
use crate::facts::{Change, ClusterFacts};
use crate::lookup::{Answers, LookupError};

/// Something that a policy bounds, with the field that asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term<'a> {
    /// A statement that is sent before any component is upgraded.
    Sql(String, &'a str),
    /// How long a run of a hook may take, in seconds.
    Timeout(String, i64),
}

/// Everything of that kind in a cluster.
pub(super) fn of(cluster: &ClusterFacts) -> impl Iterator<Item = Term<'_>> {
    let spec = cluster.spec();
    let hooks = spec.upgrade_preparation.iter().flat_map(|preparation| &preparation.hooks);
    let commands = hooks.enumerate().filter(|(_, hook)| !hook.command.trim().is_empty());
    let commands = commands.map(|(index, hook)| {
        Term::Sql(format!("spec.upgradePreparation.hooks[{index}].command"), hook.command.as_str())
    });
    let timeouts = spec.components().filter_map(|component| {
        let hooks = spec.upgrade_hooks(component)?;
        let path = format!("spec.{}.upgradeHooks.timeoutSeconds", component.spec_field());
        // A longer one is refused whatever the policy says.
        let seconds =
            Some(hooks.timeout_seconds()).filter(|seconds| *seconds <= i64::from(MAX_TIMEOUT_SECONDS))?;
        Some(Term::Timeout(path, seconds))
    });
    commands.chain(timeouts)
}

/// What the namespace's policy says of all that.
#[derive(Default)]
pub(super) struct Ruled {
    /// What this change brings and the policy refuses.
    pub(super) refused: Vec<Violation>,
    /// What it warns of, and what it would refuse if it were new.
    pub(super) warnings: Vec<String>,
    /// Why the policy isn't known, when it's needed for something new.
    pub(super) unanswered: Option<LookupError>,
    /// What goes into the audit log only.
    recorded: Vec<String>,
    rules: BTreeSet<String>,
}

impl Ruled {
    pub(super) fn look_at(change: &Change<ClusterFacts>, answers: &Answers) -> Self {
        let mut ruled = Self::default();
        let before: Vec<Term<'_>> = change.old.iter().flat_map(of).collect();
        for term in of(&change.new) {
            // The place in the list may be another one.
            let is_new = !before.iter().any(|known| match (known, &term) {
                (Term::Sql(_, known), Term::Sql(_, command)) => known == command,
                (known, term) => known == term,
            });
            match answers.policy() {
                Ok(policy) => ruled.judge(&term, is_new, policy),
                Err(cause) if is_new => ruled.unanswered = Some(cause.clone()),
                Err(_) => {}
            }
        }
        ruled
    }

    fn judge(&mut self, term: &Term<'_>, is_new: bool, policy: &EffectivePolicy) {
        match term {
            Term::Sql(path, command) => {
                for invalid in policy.invalid() {
                    self.add(path, &invalid.to_string(), Effect::Deny, is_new);
                }
                for ruling in policy.check_sql(command) {
                    let Ruling { finding, effect, policies } = ruling;
                    self.rules.insert(finding.rule.to_string());
                    let whom = whom(&policies.iter().collect::<Vec<_>>(), policy);
                    self.add(
                        path,
                        &format!("{}: {} ({whom})", finding.rule, finding.message),
                        effect,
                        is_new,
                    );
                }
            }
            Term::Timeout(path, seconds) => {
                for Ruling { finding: most, effect, policies } in policy.check_timeout(*seconds) {
                    let whom = whom(&policies.iter().collect::<Vec<_>>(), policy);
                    let message = format!("invalid value {seconds}: {whom} allows at most {most} seconds");
                    self.add(path, &message, effect, is_new);
                }
            }
        }
    }

    fn add(&mut self, path: &str, message: &str, effect: Effect, is_new: bool) {
        let violation = Violation { path: path.to_owned(), message: message.to_owned() };
        match effect {
            // What stands outside of a script has no digest that somebody could approve.
            Effect::Deny | Effect::NeedApproval if is_new => self.refused.push(violation),
            Effect::Deny | Effect::NeedApproval => {
                self.warnings.push(format!("{violation} (was so before; the operator will not run it)"));
            }
            Effect::Warn => self.warnings.push(violation.to_string()),
            Effect::Record => self.recorded.push(violation.to_string()),
        }
    }

    /// Adds to what the audit log says.
    pub(super) fn audit(&self, policy: &EffectivePolicy, audit: &mut BTreeMap<&'static str, String>) {
        if self.refused.is_empty() && self.recorded.is_empty() && self.rules.is_empty() {
            return;
        }
        audit.entry("policy").or_insert_with(|| policy.names());
        audit.entry("policy-mode").or_insert_with(|| format!("{:?}", policy.mode()));
        let mut rules: BTreeSet<String> = audit
            .get("policy-rules")
            .into_iter()
            .flat_map(|rules| rules.split(','))
            .map(str::to_owned)
            .collect();
        rules.extend(self.rules.iter().cloned());
        if !rules.is_empty() {
            audit.insert("policy-rules", rules.into_iter().collect::<Vec<_>>().join(","));
        }
        if !self.recorded.is_empty() {
            let recorded =
                audit.get("policy-recorded").cloned().into_iter().chain(self.recorded.iter().cloned());
            let recorded = recorded.collect::<Vec<_>>().join(", ");
            audit.insert("policy-recorded", crate::text::one_line(&recorded, 2000));
        }
    }
}
