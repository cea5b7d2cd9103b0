//! What policies want to be approved.

use super::{Effect, EffectivePolicy, PolicyId, Terms};
use hookgate_policy::{RuleId, Severity};
use std::collections::BTreeSet;

/// What an approval has to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovalTerms {
    /// Whether somebody who has submitted the script may approve it.
    pub self_approval: bool,
}

/// A policy under which a script runs only when it is approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalDemand {
    /// The policy.
    pub policy: PolicyId,
    /// What becomes of a script that isn't.
    pub effect: Effect,
}

impl EffectivePolicy {
    /// The policies under which every script has to be approved before it runs.
    pub fn approval_demands(&self) -> impl Iterator<Item = ApprovalDemand> {
        self.terms().filter(|(_, terms)| terms.requires_approval).map(|(id, terms)| {
            let effect = match Effect::of(terms.mode, Severity::Error) {
                Effect::Deny => Effect::NeedApproval,
                effect => effect,
            };
            ApprovalDemand { policy: id.clone(), effect }
        })
    }

    /// What an approval has to be like, by the strictest policy that asks for any; `None` when none does, and so nobody
    /// looks at approvals.
    #[must_use]
    pub fn approval_terms(&self) -> Option<ApprovalTerms> {
        let asks = |terms: &&Terms| terms.requires_approval || !terms.overridable.is_empty();
        let allows =
            self.terms().map(|(_, terms)| terms).filter(asks).map(|terms| terms.allows_self_approval);
        allows.reduce(|one, other| one && other).map(|self_approval| ApprovalTerms { self_approval })
    }

    /// The policies for a script whose findings of these rules somebody has approved: in each that lists a rule as
    /// overridable, what it finds is a warning. The others stay as they are.
    #[must_use]
    pub fn lifting(mut self, rules: &BTreeSet<RuleId>) -> Self {
        for terms in self.terms_mut() {
            for rule in rules.intersection(&terms.overridable) {
                terms.policy.severities.insert(*rule, Some(Severity::Warning));
            }
        }
        self
    }

    /// Whether it has to be remembered who submits a script, so that somebody else approves it.
    #[must_use]
    pub fn remembers_submitters(&self) -> bool {
        self.approval_terms().is_some_and(|terms| !terms.self_approval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::LoadedPolicy;
    use serde_json::{Value, json};

    fn of(specs: &[Value]) -> EffectivePolicy {
        let loaded =
            specs.iter().enumerate().map(|(number, spec)| LoadedPolicy::read(&format!("p{number}"), 1, spec));
        loaded.map(|policy| EffectivePolicy::from(&policy)).reduce(EffectivePolicy::strictest).unwrap()
    }

    #[test]
    fn nobody_looks_at_approvals_where_none_is_asked_for() {
        let policy = of(&[json!({}), json!({"allowSelfApproval": true})]);
        assert_eq!((policy.approval_terms(), policy.approval_demands().next()), (None, None));
        assert!(!policy.remembers_submitters());
    }

    #[test]
    fn the_strictest_decides_who_may_approve() {
        let lenient = json!({"requireApproval": true, "allowSelfApproval": true});
        assert!(!of(&[lenient.clone(), json!({})]).remembers_submitters());
        assert!(of(&[lenient.clone(), json!({"requireApproval": true})]).remembers_submitters());
        assert!(of(&[lenient, json!({"overridableRules": ["HG403"]})]).remembers_submitters());
    }

    #[test]
    fn a_demand_has_the_effect_of_its_policys_mode() {
        let demands = of(&[
            json!({"requireApproval": true}),
            json!({"requireApproval": true, "mode": "Warn"}),
            json!({"requireApproval": true, "mode": "Audit"}),
        ]);
        let effects: Vec<Effect> = demands.approval_demands().map(|demand| demand.effect).collect();
        assert_eq!(effects, [Effect::NeedApproval, Effect::Warn, Effect::Record]);
    }

    #[test]
    fn what_is_lifted_is_a_warning_where_the_policy_lists_it_and_nothing_else_is() {
        let drop = "DROP TABLE a";
        let rules = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
        let found = |policy: EffectivePolicy, sql: &str| -> Vec<(String, Severity)> {
            let rulings = policy.check_sql(sql).into_iter();
            rulings.map(|ruling| (ruling.finding.rule.to_string(), ruling.effect.severity())).collect()
        };
        let lists = of(&[json!({"overridableRules": ["HG403"]})]);
        let one = |rule: &str, severity| vec![(rule.to_owned(), severity)];
        assert_eq!(found(lists.clone(), drop), one("HG403", Severity::Error));
        assert_eq!(found(lists.clone().lifting(&rules(&["HG403"])), drop), one("HG403", Severity::Warning));
        // What the script was not found to break, what the policy doesn't list, and what another policy doesn't.
        assert_eq!(found(lists.clone().lifting(&rules(&[])), drop), one("HG403", Severity::Error));
        let text = "SELECT 1 # comment";
        assert_eq!(found(lists.lifting(&rules(&["HG403", "HG404"])), text), one("HG404", Severity::Error));
        let both = of(&[json!({"overridableRules": ["HG403"]}), json!({})]).lifting(&rules(&["HG403"]));
        assert_eq!(found(both, drop), one("HG403", Severity::Error));
    }

    #[test]
    fn a_finding_of_an_overridable_rule_needs_an_approval_and_another_denies() {
        let script = b"pre_upgrade() {\n    sync\n}\npost_upgrade() { :; }\n";
        let effects = |specs: &[Value]| -> Vec<Effect> {
            of(specs).check(script).rulings.iter().map(|ruling| ruling.effect).collect()
        };
        let overridable = json!({"overridableRules": ["HG202"]});
        assert_eq!(effects(std::slice::from_ref(&overridable)), [Effect::NeedApproval]);
        assert!(!of(std::slice::from_ref(&overridable)).check(script).is_denied());
        assert_eq!(effects(&[overridable.clone(), json!({})]), [Effect::Deny]);
        assert_eq!(effects(&[overridable, json!({"mode": "Warn"})]), [Effect::NeedApproval]);
        // SQL outside of a script has no digest that could be approved.
        let sql = of(&[json!({"overridableRules": ["HG403"]})]).check_sql("DROP TABLE a");
        assert_eq!(sql[0].effect, Effect::Deny);
    }
}
