//! Verdicts in words: for kubectl, for the audit log.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use hookgate_policy::{Finding, Policy, Severity};

use super::scripts::Judged;
use crate::text::one_line;

/// More findings than these aren't listed one by one.
const MAX_LISTED: usize = 20;

/// The refusal of scripts: each error with its rule, place, message and help.
pub(super) fn refusal(namespace: &str, judged: &[&Judged], policy: &Policy) -> String {
    let mut text = String::new();
    for script in judged.iter().filter(|script| script.report.is_denied()) {
        let errors = script.count(Severity::Error);
        if !text.is_empty() {
            text.push('\n');
        }
        // Writing to a String doesn't fail.
        let _ = write!(
            text,
            "ConfigMap {namespace}/{map}, key {key}: the hook script is refused by profile {profile} ({errors} \
             error{s}):",
            map = one_line(&script.config_map, 253),
            key = one_line(&script.key, 253),
            profile = policy.profile,
            s = if errors == 1 { "" } else { "s" },
        );
        let findings = script.report.findings().iter().filter(|finding| finding.severity == Severity::Error);
        for finding in findings.take(MAX_LISTED) {
            let _ = write!(text, "\n  {}", place(&script.key, finding));
            let _ = write!(text, "\n    help: {}", one_line(&finding.help, 500));
        }
        if errors > MAX_LISTED {
            let _ = write!(text, "\n  and {} more; `hookgate lint` shows all", errors - MAX_LISTED);
        }
    }
    text
}

/// `hooks.sh:4:5: HG201: …`, as compilers write it.
fn place(key: &str, finding: &Finding) -> String {
    let Finding { rule, message, line, column, .. } = finding;
    format!("{}:{line}:{column}: {rule}: {}", one_line(key, 253), one_line(message, 500))
}

/// Findings of the given severity as warnings, one each.
pub(super) fn warnings(judged: &[&Judged], severity: Severity) -> Vec<String> {
    judged
        .iter()
        .flat_map(|script| script.report.findings().iter().map(move |finding| (script, finding)))
        .filter(|(_, finding)| finding.severity == severity)
        .map(|(script, finding)| {
            format!("{}/{} ({})", one_line(&script.config_map, 80), place(&script.key, finding), finding.help)
        })
        .collect()
}

/// Digest of each script, profile and rules, for the audit log.
pub(super) fn audit(judged: &[&Judged], policy: &Policy) -> BTreeMap<&'static str, String> {
    if judged.is_empty() {
        return BTreeMap::new();
    }
    let digests: Vec<String> =
        judged.iter().map(|one| format!("{}/{}={}", one.config_map, one.key, one.report.sha256())).collect();
    let rules: BTreeSet<String> =
        judged.iter().flat_map(|one| one.report.findings()).map(|finding| finding.rule.to_string()).collect();
    let mut audit = BTreeMap::from([
        ("policy-profile", policy.profile.to_string()),
        ("script-sha256", one_line(&digests.join(","), 2000)),
    ]);
    if !rules.is_empty() {
        audit.insert("policy-rules", rules.into_iter().collect::<Vec<_>>().join(","));
    }
    audit
}
