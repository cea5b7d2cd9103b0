//! A ConfigMap that's created or changed: every script in it that isn't there already has to pass the policy.

use hookgate_policy::{Policy, Severity};

use super::message;
use super::scripts::{Judged, is_script};
use crate::decision::{Decision, Denial, DenialKind};
use crate::facts::{Change, ConfigMapFacts, Facts};
use crate::lookup::{Answers, LookupError, Reference};

/// Whether anything has to be judged: not on deletion, and not when neither content nor marking has changed.
pub(super) fn is_judged(change: &Change<ConfigMapFacts>) -> bool {
    if change.new.is_deleted() {
        return false;
    }
    let unchanged = |old: &ConfigMapFacts| {
        old.entries == change.new.entries && old.is_labelled() == change.new.is_labelled()
    };
    !change.old.as_ref().is_some_and(unchanged)
}

pub(super) fn decide(
    facts: &Facts,
    change: &Change<ConfigMapFacts>,
    answers: &Answers,
    policy: &Policy,
) -> Decision {
    if !is_judged(change) {
        return Decision::allow();
    }
    let not_asked = Err(LookupError::NotSynced);
    let (references, failure) = match answers.references.as_ref().unwrap_or(&not_asked) {
        Ok(references) => (references.as_slice(), None),
        Err(cause) => (&[][..], Some(cause)),
    };
    let (judged, open) = judge(&facts.name, change, references, policy);
    let judged: Vec<&Judged> = judged.iter().collect();
    let audit = message::audit(&judged, policy);
    if judged.iter().any(|script| script.report.is_denied()) {
        let refusal = message::refusal(&facts.namespace, &judged, policy);
        let denial = Denial::new(DenialKind::Policy, refusal);
        return Decision {
            audit,
            warnings: message::warnings(&judged, Severity::Warning),
            ..Decision::deny(denial)
        };
    }
    if let (Some(cause), true) = (failure, open) {
        let text = format!(
            "ConfigMap {}: it can't be found out whether a StarRocksCluster refers to it ({cause}), and so it is \
             refused; try again in a moment",
            facts.title()
        );
        return Decision { audit, ..Decision::deny(Denial::new(DenialKind::LookupFailed, text)) };
    }
    let mut warnings = message::warnings(&judged, Severity::Warning);
    warnings.extend(oddities(facts, change, references));
    Decision { audit, warnings, ..Decision::allow() }
}

/// Judges each script that wasn't there before. The second value: whether an entry was left out that would be a
/// script if somebody refers to it.
fn judge(
    name: &str,
    change: &Change<ConfigMapFacts>,
    references: &[Reference],
    policy: &Policy,
) -> (Vec<Judged>, bool) {
    let mut judged = Vec::new();
    let mut open = false;
    for (key, content) in &change.new.entries {
        let stored = change.old.as_ref().filter(|old| old.contents(key).any(|before| before == content));
        // Of the three marks of a script only the label can differ while the content is the same.
        if stored.is_some_and(|old| old.is_labelled() || !change.new.is_labelled()) {
            continue;
        }
        if !is_script(&change.new, references, key, content) {
            open |= stored.is_none();
        } else if !stored.is_some_and(|old| is_script(old, references, key, content)) {
            judged.push(Judged::new(name, key, content, policy));
        }
    }
    (judged, open)
}

/// What is allowed and hardly meant.
fn oddities(facts: &Facts, change: &Change<ConfigMapFacts>, references: &[Reference]) -> Vec<String> {
    let map = &change.new;
    let mut odd: Vec<String> = references
        .iter()
        .filter(|reference| map.contents(&reference.key).next().is_none())
        .map(|reference| {
            format!(
                "StarRocksCluster {} ({}) refers to key {}, which this ConfigMap lacks: its next upgrade will wait",
                reference.cluster, reference.component, reference.key
            )
        })
        .collect();
    let has_script = map.entries.iter().any(|(key, content)| is_script(map, references, key, content));
    if map.is_labelled() && !has_script {
        odd.push(format!(
            "ConfigMap {} is labelled as a hook and has no script: put one under hooks.sh",
            facts.title()
        ));
    }
    odd
}
