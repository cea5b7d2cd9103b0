//! TKEStack's Clusters and Machines that are created or changed: hooks have to be ones that could run, on machines that
//! could be reached, and scripts in the hooks folder have to pass the policy.
//!
//! What was stored before isn't judged anew: an unchanged spec is allowed, and a problem that the stored spec has as well
//! becomes a warning.

use std::collections::BTreeSet;

use hookgate_api::platform::check::{FolderQuestions, Problem, check_cluster, check_machine};
use hookgate_policy::Severity;

use crate::decision::{Cause, Decision, Denial, DenialKind, ObjectName};
use crate::facts::{Change, Facts, MachineFacts, PlatformClusterFacts, PlatformFacts};
use crate::lookup::{Answers, MachineHooks};
use crate::text::one_line;

/// More problems than these aren't listed one by one.
const MAX_LISTED: usize = 20;

/// What has to be looked at in the hooks folder; `None` when the change isn't judged.
pub(super) fn questions(change: &Change<PlatformClusterFacts>) -> Option<FolderQuestions> {
    (!is_unchanged(change)).then(|| {
        let mut questions = FolderQuestions::of(&change.new.spec);
        if let Some(old) = &change.old {
            let before = FolderQuestions::of(&old.spec);
            questions.places.extend(before.places);
            questions.scripts.extend(before.scripts);
        }
        questions
    })
}

pub(super) fn decide_cluster(
    facts: &Facts,
    change: &Change<PlatformClusterFacts>,
    answers: &Answers,
) -> Decision {
    if is_unchanged(change) {
        return Decision::allow();
    }
    let unknown = MachineHooks::default();
    let hooks = answers.machine_hooks.as_ref().unwrap_or(&unknown);
    let check = |one: &PlatformClusterFacts| check_cluster(&one.spec, hooks.folder.as_ref(), &hooks.policy);
    let mut decision = decide(facts, "Cluster", check(&change.new), change.old.as_ref().map(check));
    if hooks.folder.is_none() && !FolderQuestions::of(&change.new.spec).is_empty() {
        decision.warnings.push(
            "the files and scripts of the hooks were not looked at, for this webhook has no hooks folder: they are \
             checked before they are copied and run"
                .to_owned(),
        );
    }
    decision
}

pub(super) fn decide_machine(facts: &Facts, change: &Change<MachineFacts>) -> Decision {
    if is_unchanged(change) {
        return Decision::allow();
    }
    let check = |one: &MachineFacts| check_machine(&one.spec);
    decide(facts, "Machine", check(&change.new), change.old.as_ref().map(check))
}

fn is_unchanged<S: PartialEq>(change: &Change<PlatformFacts<S>>) -> bool {
    change.new.is_deleted() || change.old.as_ref().is_some_and(|old| old.spec == change.new.spec)
}

fn decide(facts: &Facts, kind: &'static str, now: Vec<Problem>, before: Option<Vec<Problem>>) -> Decision {
    let before = before.unwrap_or_default();
    let mut decision = Decision::allow();
    let rules: BTreeSet<String> = now.iter().map(|problem| problem.rule.to_string()).collect();
    if !rules.is_empty() {
        decision.audit.insert("policy-rules", rules.into_iter().collect::<Vec<_>>().join(","));
    }
    let mut refused = Vec::new();
    for problem in now {
        let text = one_line(&problem.to_string(), 500);
        match problem.severity {
            Severity::Warning => decision.warnings.push(format!("{text} ({})", problem.help)),
            Severity::Error if before.contains(&problem) => {
                decision.warnings.push(format!("was so before: {text}"));
            }
            Severity::Error => refused.push(problem),
        }
    }
    if !refused.is_empty() {
        decision.denial = Some(denial(facts, kind, &refused));
    }
    decision
}

fn denial(facts: &Facts, kind: &'static str, refused: &[Problem]) -> Denial {
    let mut lines = Vec::new();
    let mut causes = Vec::new();
    for problem in refused.iter().take(MAX_LISTED) {
        let help = one_line(&problem.help, 500);
        lines.push(format!("  {}\n    help: {help}", one_line(&problem.to_string(), 500)));
        let message = format!("{}: {} ({help})", problem.rule, one_line(&problem.message, 500));
        causes.push(Cause { field: one_line(&problem.path, 253), message });
    }
    if refused.len() > MAX_LISTED {
        let more = format!("and {} more; `hookgate lint` shows all", refused.len() - MAX_LISTED);
        lines.push(format!("  {more}"));
        causes.push(Cause { field: "spec".to_owned(), message: more });
    }
    let message = format!("{kind} {}:\n{}", facts.name, lines.join("\n"));
    let object = Some(ObjectName { kind, name: facts.name.clone() });
    Denial { object, causes, ..Denial::new(DenialKind::Spec, message) }
}
