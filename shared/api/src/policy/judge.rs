//! What the policies of a namespace say together of a script, of SQL and of a timeout.

use super::{Effect, EffectivePolicy, PolicyId, Ruling, ScriptVerdict};
use hookgate_policy::{Finding, Policy, Report, Severity, SqlFinding, check, check_sql};

impl EffectivePolicy {
    /// Judges a script.
    #[must_use]
    pub fn check(&self, script: &[u8]) -> ScriptVerdict {
        let mut reports: Vec<(&Policy, Report)> = Vec::new();
        let mut rulings: Vec<Ruling<Finding>> = Vec::new();
        for (id, terms) in self.terms() {
            let known = reports.iter().position(|(policy, _)| *policy == &terms.policy);
            let index = known.unwrap_or_else(|| {
                reports.push((&terms.policy, check(script, &terms.policy)));
                reports.len() - 1
            });
            for finding in reports[index].1.findings() {
                let same = |other: &Finding| {
                    (other.rule, &other.span, &other.message)
                        == (finding.rule, &finding.span, &finding.message)
                };
                let effect = match Effect::of(terms.mode, finding.severity) {
                    Effect::Deny if terms.overridable.contains(&finding.rule) => Effect::NeedApproval,
                    effect => effect,
                };
                add(&mut rulings, finding, same, effect, id);
            }
        }
        rulings
            .sort_by_key(|ruling| (ruling.finding.span.start, ruling.finding.rule, ruling.finding.span.end));
        let report = reports.pop().map_or_else(|| check(script, &Policy::default()), |(_, report)| report);
        ScriptVerdict {
            sha256: report.sha256().to_owned(),
            functions: report.functions().to_owned(),
            rulings,
            invalid: self.invalid(),
        }
    }

    /// Judges SQL outside of a script, such as a command of `spec.upgradePreparation`. A policy that can't be used is
    /// in [`invalid`](Self::invalid).
    #[must_use]
    pub fn check_sql(&self, text: &str) -> Vec<Ruling<SqlFinding>> {
        let mut rulings = Vec::new();
        for (id, terms) in self.terms() {
            if let Some(finding) = check_sql(text, &terms.policy) {
                let same =
                    |other: &SqlFinding| (other.rule, &other.message) == (finding.rule, &finding.message);
                add(&mut rulings, &finding, same, Effect::of(terms.mode, finding.severity), id);
            }
        }
        rulings
    }

    /// Judges the bound of a hook's run, in seconds: the policies that allow less, each with what it allows.
    #[must_use]
    pub fn check_timeout(&self, seconds: i64) -> Vec<Ruling<i64>> {
        let mut rulings = Vec::new();
        for (id, terms) in self.terms().filter(|(_, terms)| seconds > terms.max_timeout_seconds) {
            let most = terms.max_timeout_seconds;
            add(&mut rulings, &most, |other| *other == most, Effect::of(terms.mode, Severity::Error), id);
        }
        rulings
    }
}

/// Adds what one policy says to what the others say.
fn add<T: Clone>(
    rulings: &mut Vec<Ruling<T>>,
    finding: &T,
    same: impl Fn(&T) -> bool,
    effect: Effect,
    id: &PolicyId,
) {
    match rulings.iter_mut().find(|ruling| same(&ruling.finding)) {
        None => rulings.push(Ruling { finding: finding.clone(), effect, policies: vec![id.clone()] }),
        Some(ruling) if ruling.effect == effect => {
            if ruling.policies.last() != Some(id) {
                ruling.policies.push(id.clone());
            }
        }
        Some(ruling) if ruling.effect < effect => {
            *ruling = Ruling { finding: finding.clone(), effect, policies: vec![id.clone()] };
        }
        Some(_) => {}
    }
}
