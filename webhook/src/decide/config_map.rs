//! A ConfigMap that's created or changed: every script in it that isn't there already has to pass the policy.

use hookgate_api::policy::EffectivePolicy;

use super::scripts::{Judged, is_script};
use super::{authors, message};
use crate::decision::{Decision, Denial, DenialKind};
use crate::facts::{Change, ConfigMapFacts, Facts};
use crate::lookup::{Answers, Reference};

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

pub(super) fn decide(facts: &Facts, change: &Change<ConfigMapFacts>, answers: &Answers) -> Decision {
    if !is_judged(change) {
        return Decision::allow();
    }
    let (references, failure) = match answers.references() {
        Ok(references) => (references, None),
        Err(cause) => (&[][..], Some(cause)),
    };
    let (scripts, open) = scripts(change, references);
    let mut decision = match answers.policy() {
        _ if scripts.is_empty() => Decision::allow(),
        Ok(policy) => authors::judge(facts, policy, answers, judge(facts, &scripts, policy)),
        Err(cause) => {
            let text = format!(
                "ConfigMap {}: it can't be found out which policy its hook script has to pass ({cause}), and so it is \
                 refused; try again in a moment",
                facts.title()
            );
            Decision::deny(Denial::new(DenialKind::LookupFailed, text))
        }
    };
    if !decision.is_allowed() {
        return decision;
    }
    if let (Some(cause), true) = (failure, open) {
        let text = format!(
            "ConfigMap {}: it can't be found out whether a StarRocksCluster refers to it ({cause}), and so it is \
             refused; try again in a moment",
            facts.title()
        );
        let audit = decision.audit;
        return Decision { audit, ..Decision::deny(Denial::new(DenialKind::LookupFailed, text)) };
    }
    decision.warnings.extend(oddities(facts, change, references));
    decision
}

fn judge(facts: &Facts, scripts: &[(&str, &[u8])], policy: &EffectivePolicy) -> Decision {
    let judged: Vec<Judged> =
        scripts.iter().map(|(key, content)| Judged::new(&facts.name, key, content, policy)).collect();
    let judged: Vec<&Judged> = judged.iter().collect();
    let denied = judged.iter().any(|script| script.verdict.is_denied());
    let denial =
        denied.then(|| Denial::new(DenialKind::Policy, message::refusal(&facts.namespace, &judged, policy)));
    Decision {
        denial,
        warnings: message::warnings(&judged, policy),
        audit: message::audit(&judged, policy),
        patch: None,
        submissions: submissions(&judged, policy),
    }
}

/// Scripts that somebody else has to approve: it has to be known who submitted them.
fn submissions(judged: &[&Judged], policy: &EffectivePolicy) -> Vec<String> {
    if !policy.remembers_submitters() {
        return Vec::new();
    }
    judged.iter().map(|script| script.verdict.sha256.clone()).collect()
}

/// Each script that wasn't there before, with its key. The second value: whether an entry was left out that would be
/// a script if somebody refers to it.
pub(super) fn scripts<'a>(
    change: &'a Change<ConfigMapFacts>,
    references: &[Reference],
) -> (Vec<(&'a str, &'a [u8])>, bool) {
    let mut scripts = Vec::new();
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
            scripts.push((key.as_str(), content.as_slice()));
        }
    }
    (scripts, open)
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
