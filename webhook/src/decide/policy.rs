//! A HookPolicy that's created or changed: it has to make sense, for one that doesn't refuses every hook that it
//! selects.

use crate::decision::{Cause, Decision, Denial, DenialKind, ObjectName};
use crate::facts::{Change, Facts, PolicyFacts};

pub(super) fn decide(facts: &Facts, change: &Change<PolicyFacts>) -> Decision {
    if change.new.is_deleted() || change.old.as_ref().is_some_and(|old| old.spec == change.new.spec) {
        return Decision::allow();
    }
    let policy = change.new.loaded(&facts.name);
    if policy.violations().is_empty() {
        return Decision { warnings: policy.remarks().to_vec(), ..Decision::allow() };
    }
    let causes: Vec<Cause> = policy
        .violations()
        .iter()
        .map(|one| Cause { field: one.path.clone(), message: one.message.clone() })
        .collect();
    let lines: Vec<String> = policy.violations().iter().map(ToString::to_string).collect();
    let message = format!("HookPolicy {}:\n{}", facts.name, lines.join("\n"));
    let object = Some(ObjectName { kind: "HookPolicy", name: facts.name.clone() });
    Decision::deny(Denial { object, causes, ..Denial::new(DenialKind::Spec, message) })
}
