//! Verdicts in words: for kubectl, for the audit log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use hookgate_api::policy::{ApprovalDemand, Effect, EffectivePolicy, PolicyId, Ruling};
use hookgate_policy::Finding;

use super::scripts::Judged;
use crate::text::one_line;

/// More findings than these aren't listed one by one.
const MAX_LISTED: usize = 20;

/// The longest audit annotation, in characters.
const MAX_AUDIT: usize = 2000;

/// The refusal of scripts: each error with its rule, place, message and help.
pub(super) fn refusal(namespace: &str, judged: &[&Judged], policy: &EffectivePolicy) -> String {
    let mut text = String::new();
    for script in judged.iter().filter(|script| script.verdict.is_denied()) {
        let errors = script.verdict.with(Effect::Deny).count();
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a String doesn't fail.
        let _ = write!(
            text,
            "ConfigMap {namespace}/{map}, key {key}: the hook script is refused by {whom} ({errors} error{s}):",
            map = one_line(&script.config_map, 253),
            key = one_line(&script.key, 253),
            whom = whom(&script.verdict.refused_by(), policy),
            s = if errors == 1 { "" } else { "s" },
        );
        for invalid in &script.verdict.invalid {
            let _ = write!(text, "\n  {}", one_line(&invalid.to_string(), 1000));
        }
        for ruling in script.verdict.with(Effect::Deny).take(MAX_LISTED) {
            let _ = write!(text, "\n  {}", place(&script.key, &ruling.finding));
            let _ = write!(text, "\n    help: {}", one_line(&ruling.finding.help, 500));
        }
        if errors > MAX_LISTED {
            let _ = write!(text, "\n  and {} more; `hookgate lint` shows all", errors - MAX_LISTED);
        }
    }
    text
}

/// `HookPolicy platform@3`, or `profile restricted` where no policy selects the namespace.
pub(super) fn whom(ids: &[&PolicyId], policy: &EffectivePolicy) -> String {
    let names: Vec<String> = ids.iter().filter(|id| id.name.is_some()).map(|id| id.to_string()).collect();
    match (names.as_slice(), policy.profile()) {
        ([], Some(profile)) => format!("profile {profile}"),
        _ => format!("HookPolicy {}", names.join(", ")),
    }
}

/// `hooks.sh:4:5: HG201: …`, as compilers write it.
fn place(key: &str, finding: &Finding) -> String {
    let Finding { rule, message, line, column, .. } = finding;
    format!("{}:{line}:{column}: {rule}: {}", one_line(key, 253), one_line(message, 500))
}

/// What users are warned of, one finding each.
pub(super) fn warnings(judged: &[&Judged], policy: &EffectivePolicy) -> Vec<String> {
    let mut warnings = Vec::new();
    for script in judged {
        let name = one_line(&script.config_map, 80);
        for Ruling { finding, .. } in script.verdict.with(Effect::Warn) {
            warnings.push(format!("{name}/{} ({})", place(&script.key, finding), finding.help));
        }
        for Ruling { finding, policies, .. } in script.verdict.with(Effect::NeedApproval) {
            let whom = whom(&policies.iter().collect::<Vec<_>>(), policy);
            warnings
                .push(format!("{name}/{} (runs only when approved: {whom})", place(&script.key, finding)));
        }
        for ApprovalDemand { policy, effect } in policy.approval_demands() {
            if matches!(effect, Effect::Warn | Effect::NeedApproval) {
                warnings.push(format!(
                    "{name}/{}: HookPolicy {policy} lets it run only when somebody has approved it: `kubectl hookgate \
                     approve CLUSTER`",
                    one_line(&script.key, 80)
                ));
            }
        }
    }
    warnings
}

/// Policies, digest of each script and rules, for the audit log.
pub(super) fn audit(judged: &[&Judged], policy: &EffectivePolicy) -> BTreeMap<&'static str, String> {
    if judged.is_empty() {
        return BTreeMap::new();
    }
    let digests: Vec<String> =
        judged.iter().map(|one| format!("{}/{}={}", one.config_map, one.key, one.verdict.sha256)).collect();
    let rulings =
        || judged.iter().flat_map(|one| one.verdict.rulings.iter().map(move |ruling| (one, ruling)));
    let rules: BTreeSet<String> = rulings().map(|(_, ruling)| ruling.finding.rule.to_string()).collect();
    let mut audit = BTreeMap::from([
        ("policy", one_line(&policy.names(), MAX_AUDIT)),
        ("policy-mode", format!("{:?}", policy.mode())),
        (
            "policy-profile",
            policy.profile().map_or_else(|| "invalid".to_owned(), |profile| profile.to_string()),
        ),
        ("script-sha256", one_line(&digests.join(","), MAX_AUDIT)),
    ]);
    if !rules.is_empty() {
        audit.insert("policy-rules", rules.into_iter().collect::<Vec<_>>().join(","));
    }
    // What nobody is told otherwise.
    let recorded: Vec<String> = rulings()
        .filter(|(_, ruling)| ruling.effect == Effect::Record)
        .map(|(script, ruling)| {
            let Finding { rule, line, column, .. } = &ruling.finding;
            format!("{}/{}:{line}:{column}: {rule}", script.config_map, script.key)
        })
        .collect();
    if !recorded.is_empty() {
        audit.insert("policy-recorded", one_line(&recorded.join(", "), MAX_AUDIT));
    }
    audit
}
