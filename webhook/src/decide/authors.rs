//! Who may write hook scripts.

use std::fmt::Write as _;

use hookgate_api::policy::{Effect, EffectivePolicy};

use super::config_map::scripts;
use crate::decision::{Decision, Denial, DenialKind};
use crate::facts::{Change, ConfigMapFacts, Facts, Requester};
use crate::lookup::{Answers, LookupError};
use crate::text::one_line;

/// The policies that restrict who may write the scripts which a change brings; none when it brings none.
pub(super) fn policies(change: &Change<ConfigMapFacts>, answers: &Answers) -> Vec<String> {
    let Ok(policy) = answers.policy() else { return Vec::new() };
    if scripts(change, answers.references().unwrap_or_default()).0.is_empty() {
        return Vec::new();
    }
    policy.restricted_authors().map(|one| one.policy).collect()
}

/// Adds to the decision about scripts what follows from who wrote them.
pub(super) fn judge(
    facts: &Facts,
    policy: &EffectivePolicy,
    answers: &Answers,
    mut decision: Decision,
) -> Decision {
    let user = one_line(&facts.requester.username, 253);
    for restricted in policy.restricted_authors() {
        let not_asked = Err(LookupError::PoliciesNotSynced);
        let (message, kind) = match answers.authors.get(&restricted.policy).unwrap_or(&not_asked) {
            Ok(true) => continue,
            Ok(false) => (not_an_author(facts, &restricted.policy), DenialKind::Policy),
            Err(cause) => (not_known(facts, &restricted.policy, cause), DenialKind::LookupFailed),
        };
        match restricted.effect {
            Effect::Deny | Effect::NeedApproval => refuse(&mut decision, kind, &message),
            Effect::Warn => decision.warnings.push(message.lines().next().unwrap_or_default().to_owned()),
            Effect::Record => {}
        }
        let note = decision.audit.entry("policy-author").or_default();
        let separator = if note.is_empty() { "" } else { ", " };
        // Writing to a String doesn't fail.
        let _ = write!(note, "{separator}{user} is not known as an author by {}", restricted.policy);
    }
    decision
}

/// Who writes a script that isn't allowed either hears both.
fn refuse(decision: &mut Decision, kind: DenialKind, message: &str) {
    match &mut decision.denial {
        None => decision.denial = Some(Denial::new(kind, message)),
        Some(denial) => denial.message = format!("{message}\n{}", denial.message),
    }
}

fn not_an_author(facts: &Facts, policy: &str) -> String {
    let Requester { username, .. } = &facts.requester;
    let user = one_line(username, 253);
    let namespace = &facts.namespace;
    let (flag, name) = match username.strip_prefix("system:serviceaccount:") {
        Some(account) => ("serviceaccount", one_line(account, 253)),
        None => ("user", user.clone()),
    };
    let lines = [
        format!(
            "ConfigMap {}: {user:?} may not write hook scripts here, for HookPolicy {policy} has authors: Authorized",
            facts.title()
        ),
        format!(
            "  The way out: have an author write it, or let a cluster admin make {user:?} one, for this namespace by"
        ),
        format!(
            "    kubectl create rolebinding -n {namespace} hookgate-hook-author --clusterrole=hookgate-hook-author \
             --{flag}={}",
            quoted(&name)
        ),
        "  or by any other binding of the RBAC rule".to_owned(),
        format!(
            "    {{apiGroups: [hookgate.dev], resources: [hookpolicies], resourceNames: [{policy}], verbs: [author]}}"
        ),
    ];
    lines.join("\n")
}

/// As one word of a shell.
fn quoted(name: &str) -> String {
    let is_plain = |one: char| one.is_ascii_alphanumeric() || "-_.:@/+=,".contains(one);
    if !name.is_empty() && name.chars().all(is_plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

fn not_known(facts: &Facts, policy: &str, cause: &LookupError) -> String {
    format!(
        "ConfigMap {}: it can't be found out whether {:?} may write hook scripts by HookPolicy {policy} ({cause}), and \
         so it is refused; try again in a moment",
        facts.title(),
        one_line(&facts.requester.username, 253),
    )
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_is_one_word_of_the_command_that_is_shown() {
        assert_eq!(quoted("jane@example.com"), "jane@example.com");
        assert_eq!(quoted("a;reboot"), "'a;reboot'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
