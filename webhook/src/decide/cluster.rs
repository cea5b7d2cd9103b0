//! A StarRocksCluster that's created or changed: its spec has to be valid, and the scripts that it refers to have to
//! pass the policy.
//!
//! What was stored before isn't judged anew: a violation that the stored spec has as well, and a script that it
//! already refers to, become warnings. So a cluster can always be scaled, rolled back or deleted.

use std::collections::BTreeSet;

use hookgate_api::annotations::misused;
use hookgate_api::unserved::unserved_fields;
use hookgate_api::validate::{Violation, validate};

use super::scripts::Judged;
use super::terms;
use super::{message, paths};
use crate::decision::{Cause, Decision, Denial, DenialKind, ObjectName};
use crate::facts::{Change, ClusterFacts, Facts, ScriptName};
use crate::lookup::{Answers, LookupError};

/// The ConfigMaps that have to be read: those of new references, and when an image changes, which starts an upgrade,
/// those of all references.
pub(super) fn config_maps_to_read(change: &Change<ClusterFacts>) -> Vec<String> {
    if is_unchanged(change) {
        return Vec::new();
    }
    let known = known_scripts(change);
    let upgrade = starts_upgrade(change);
    let names: BTreeSet<String> = change
        .new
        .scripts()
        .filter(|(_, script)| upgrade || !known.contains(script))
        .map(|(_, script)| script.config_map)
        .collect();
    names.into_iter().collect()
}

/// Whether the change brings hooks that the namespace's policy has to judge, besides those in ConfigMaps.
pub(super) fn needs_policy(change: &Change<ClusterFacts>) -> bool {
    !is_unchanged(change) && terms::of(&change.new).next().is_some()
}

pub(super) fn decide(facts: &Facts, change: &Change<ClusterFacts>, answers: &Answers) -> Decision {
    if is_unchanged(change) {
        return Decision::allow();
    }
    let (violations, tolerated) = violations(change);
    let mut findings = Findings {
        violations,
        scripts: Scripts::look_at(change, answers),
        terms: terms::Ruled::look_at(change, answers),
    };
    let mut decision = Decision::allow();
    decision.warnings = warnings(change, &tolerated, &mut findings, answers);
    if let Ok(policy) = answers.policy() {
        decision.audit = message::audit(&findings.scripts.all(), policy);
        findings.terms.audit(policy, &mut decision.audit);
    }
    decision.denial = denial(facts, &findings, answers);
    decision
}

/// Everything that speaks against a change.
struct Findings {
    violations: Vec<Violation>,
    scripts: Scripts,
    terms: terms::Ruled,
}

fn is_unchanged(change: &Change<ClusterFacts>) -> bool {
    change.new.is_deleted() || change.old.as_ref().is_some_and(|old| old.spec() == change.new.spec())
}

fn known_scripts(change: &Change<ClusterFacts>) -> BTreeSet<ScriptName> {
    change.old.iter().flat_map(ClusterFacts::scripts).map(|(_, script)| script).collect()
}

fn starts_upgrade(change: &Change<ClusterFacts>) -> bool {
    change.old.as_ref().is_some_and(|old| !old.images().eq(change.new.images()))
}

/// What is wrong with the spec: since this change, and since before.
fn violations(change: &Change<ClusterFacts>) -> (Vec<Violation>, Vec<Violation>) {
    let before = change.old.as_ref().map(|old| validate(old.spec())).unwrap_or_default();
    let (mut new, tolerated): (Vec<_>, Vec<_>) =
        validate(change.new.spec()).into_iter().partition(|violation| !before.contains(violation));
    new.extend(paths::judge(change).0);
    (new, tolerated)
}

/// The scripts that the cluster refers to.
#[derive(Default)]
struct Scripts {
    /// Of references that this change brings: they have to pass.
    new: Vec<Judged>,
    /// Of references that were there before.
    known: Vec<Judged>,
    /// Questions that weren't answered, about new references.
    unanswered: Vec<(String, LookupError)>,
    /// What isn't there yet, or wasn't answered about known references.
    remarks: Vec<String>,
}

impl Scripts {
    fn look_at(change: &Change<ClusterFacts>, answers: &Answers) -> Self {
        let known = known_scripts(change);
        let scripts: BTreeSet<ScriptName> = change.new.scripts().map(|(_, script)| script).collect();
        let mut found = Self::default();
        for script in scripts {
            let is_new = !known.contains(&script);
            match answers.config_maps.get(&script.config_map) {
                // Not asked: a known reference of a change that starts no upgrade.
                None if !is_new => {}
                None => found.unanswered.push((script.config_map, LookupError::NotSynced)),
                Some(Ok(None)) => found.remarks.push(format!(
                    "failed to get ConfigMap: configmaps \"{}\" not found; an upgrade waits until it exists",
                    script.config_map
                )),
                Some(Ok(Some(map))) => {
                    let policy = match answers.policy() {
                        Ok(policy) => policy,
                        Err(cause) if is_new => {
                            found.unanswered.push((script.config_map, cause.clone()));
                            continue;
                        }
                        Err(cause) => {
                            found
                                .remarks
                                .push(format!("ConfigMap {} was not checked: {cause}", script.config_map));
                            continue;
                        }
                    };
                    let judged: Vec<Judged> = map
                        .contents(&script.key)
                        .map(|content| Judged::new(&script.config_map, &script.key, content, policy))
                        .collect();
                    if judged.is_empty() {
                        found.remarks.push(format!(
                            "ConfigMap {} has no key {}; an upgrade waits until it has",
                            script.config_map, script.key
                        ));
                    }
                    if is_new { found.new.extend(judged) } else { found.known.extend(judged) }
                }
                Some(Err(cause)) if is_new => found.unanswered.push((script.config_map, cause.clone())),
                Some(Err(cause)) => {
                    found.remarks.push(format!("ConfigMap {} was not checked: {cause}", script.config_map));
                }
            }
        }
        found
    }

    fn all(&self) -> Vec<&Judged> {
        self.new.iter().chain(&self.known).collect()
    }
}

fn warnings(
    change: &Change<ClusterFacts>,
    tolerated: &[Violation],
    findings: &mut Findings,
    answers: &Answers,
) -> Vec<String> {
    let scripts = &findings.scripts;
    let mut warnings: Vec<String> = tolerated
        .iter()
        .map(|violation| format!("{violation} (was so before; nothing is upgraded until it's put right)"))
        .collect();
    warnings.extend(paths::judge(change).1);
    warnings.extend(misused(&change.new.annotations()));
    warnings.extend(scripts.remarks.iter().cloned());
    if let Ok(policy) = answers.policy() {
        warnings.extend(message::warnings(&scripts.new.iter().collect::<Vec<_>>(), policy));
    }
    for script in scripts.known.iter().filter(|script| script.verdict.is_denied()) {
        warnings.push(format!(
            "ConfigMap {}, key {} doesn't pass the policy: its hook will not run; `hookgate lint` says why",
            script.config_map, script.key
        ));
    }
    warnings.append(&mut findings.terms.warnings);
    let unserved = |cluster: &ClusterFacts| unserved_fields(cluster.spec());
    let before = change.old.as_ref().map(unserved).unwrap_or_default();
    for field in unserved(&change.new).into_iter().filter(|field| !before.contains(field)) {
        warnings.push(format!("{field} is accepted, but not served by this version of Hookgate"));
    }
    warnings
}

fn denial(facts: &Facts, findings: &Findings, answers: &Answers) -> Option<Denial> {
    let Findings { violations, scripts, terms } = findings;
    let refused: Vec<&Judged> = scripts.new.iter().filter(|script| script.verdict.is_denied()).collect();
    let mut parts: Vec<String> = violations.iter().map(ToString::to_string).collect();
    parts.extend(terms.refused.iter().map(ToString::to_string));
    if let (Ok(policy), false) = (answers.policy(), refused.is_empty()) {
        parts.push(message::refusal(&facts.namespace, &refused, policy));
    }
    for (name, cause) in &scripts.unanswered {
        parts.push(format!(
            "ConfigMap {}/{name} can't be checked ({cause}), and so the reference to it is refused; try again in a \
             moment",
            facts.namespace
        ));
    }
    if let Some(cause) = &terms.unanswered {
        parts.push(format!(
            "it can't be found out which policy the hooks have to pass ({cause}), and so they are refused; try again \
             in a moment"
        ));
    }
    let forbidden = !refused.is_empty() || !terms.refused.is_empty();
    let unanswered = !scripts.unanswered.is_empty() || terms.unanswered.is_some();
    let kind = match (violations.is_empty(), forbidden, unanswered) {
        (true, false, false) => return None,
        (true, false, true) => DenialKind::LookupFailed,
        (true, true, _) => DenialKind::Policy,
        (false, _, _) => DenialKind::Spec,
    };
    let mut denial = Denial::new(kind, format!("StarRocksCluster {}:\n{}", facts.title(), parts.join("\n")));
    if kind == DenialKind::Spec {
        denial.object = Some(ObjectName { kind: "StarRocksCluster", name: facts.name.clone() });
        // kubectl shows only the causes of an invalid object, so each part is one.
        let named =
            violations.iter().map(|one| Cause { field: one.path.clone(), message: one.message.clone() });
        let others = parts.iter().skip(violations.len());
        let others = others.map(|part| Cause { field: "spec".to_owned(), message: part.clone() });
        denial.causes = named.chain(others).collect();
    }
    Some(denial)
}
