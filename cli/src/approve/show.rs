//! What is shown before something is approved, and what stands against it: pure functions.

use super::read::Script;
use crate::text::visible;
use hookgate_api::policy::{Effect, EffectivePolicy, ScriptVerdict};
use std::fmt::Write;

/// A script with everything that is known of it.
pub(super) struct Shown<'a> {
    pub(super) script: &'a Script,
    pub(super) verdict: &'a ScriptVerdict,
    pub(super) policy: &'a EffectivePolicy,
    pub(super) submitters: &'a [String],
}

/// Whether it runs only when somebody approves it.
pub(super) fn needs_approval(shown: &Shown<'_>) -> bool {
    let demanded = shown.policy.approval_demands().any(|demand| demand.effect == Effect::NeedApproval);
    demanded || shown.verdict.with(Effect::NeedApproval).next().is_some()
}

/// Why an approval by this user wouldn't count.
pub(super) fn obstacle(shown: &Shown<'_>, user: &str) -> Option<String> {
    let Shown { verdict, policy, submitters, .. } = shown;
    if verdict.is_denied() {
        return Some("the policies refuse it, whoever approves it; see the errors above".to_owned());
    }
    if !needs_approval(shown) || !policy.remembers_submitters() {
        return None;
    }
    if submitters.is_empty() {
        return Some(
            "nobody knows who submitted it; delete its ConfigMap and create it again while the webhook is there"
                .to_owned(),
        );
    }
    let own = submitters.iter().any(|submitter| submitter == user);
    own.then(|| format!("{user} has submitted it, and the policy wants somebody else to approve it"))
}

/// The script with numbered lines, and what the policies say of it. Nothing in it moves the cursor.
pub(super) fn render(shown: &Shown<'_>) -> String {
    let Shown { script, verdict, policy, submitters } = shown;
    let mut text = String::new();
    // Writing to a String doesn't fail.
    let _ = writeln!(text, "{} of {}: SHA-256 {}", line(&script.place), script.component, verdict.sha256);
    let content = String::from_utf8_lossy(&script.bytes);
    for (index, content) in content.lines().enumerate() {
        let _ = writeln!(text, "{:>5} | {}", index + 1, line(content));
    }
    let _ = writeln!(text, "policies: {}", line(&policy.names()));
    let by = submitters.iter().map(|user| line(user)).collect::<Vec<_>>().join(", ");
    let _ = writeln!(text, "submitted by: {}", if by.is_empty() { "not known" } else { &by });
    for invalid in &verdict.invalid {
        let _ = writeln!(text, "  error: {}", line(&invalid.to_string()));
    }
    for ruling in &verdict.rulings {
        let word = match ruling.effect {
            Effect::Deny => "error",
            Effect::NeedApproval => "lifted by your approval",
            Effect::Warn => "warning",
            Effect::Record => "recorded",
        };
        let _ = writeln!(text, "  {word}: {}", line(&ruling.finding.to_string()));
    }
    if verdict.rulings.is_empty() && verdict.invalid.is_empty() {
        text.push_str("  nothing found\n");
    }
    text
}

fn line(text: &str) -> String {
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_api::{Component, policy::LoadedPolicy};
    use serde_json::{Value, json};

    const SYNC: &str = "pre_upgrade() {\n    sync # \u{1b}[2K\n}\npost_upgrade() { :; }\n";

    fn with<T>(spec: &Value, submitters: &[&str], of: impl FnOnce(&Shown<'_>) -> T) -> T {
        let policy = EffectivePolicy::from(&LoadedPolicy::read("platform", 3, spec));
        let place = "ConfigMap hooks, key hooks.sh".to_owned();
        let script =
            Script { component: Component::Be, place, bytes: SYNC.replace('\u{1b}', "").into_bytes() };
        let verdict = policy.check(&script.bytes);
        let submitters: Vec<String> = submitters.iter().map(ToString::to_string).collect();
        of(&Shown { script: &script, verdict: &verdict, policy: &policy, submitters: &submitters })
    }

    #[test]
    fn script_findings_and_submitters_are_shown() {
        let text = with(&json!({"overridableRules": ["HG202"]}), &["jane", "ci\u{1b}[2J"], render);
        for expected in [
            "ConfigMap hooks, key hooks.sh of BE: SHA-256 ",
            "    2 |     sync # [2K\n",
            "policies: platform@3\n",
            "submitted by: jane, ci",
            "  lifted by your approval: HG202",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in:\n{text}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn what_would_not_count_is_not_approved() {
        let sync = json!([{"name": "sync"}]);
        let asks = json!({"requireApproval": true, "programs": sync});
        let obstacle =
            |spec: &Value, submitters: &[&str]| with(spec, submitters, |shown| obstacle(shown, "joe"));
        assert_eq!(obstacle(&asks, &["jane"]), None);
        assert!(obstacle(&asks, &["jane", "joe"]).unwrap().contains("joe has submitted it"));
        assert!(obstacle(&asks, &[]).unwrap().contains("nobody knows who submitted it"));
        assert!(obstacle(&json!({"requireApproval": true}), &["jane"]).unwrap().contains("refuse it"));
        let own = json!({"requireApproval": true, "allowSelfApproval": true, "programs": sync});
        assert_eq!(obstacle(&own, &["joe"]), None);
        assert_eq!(obstacle(&json!({"programs": sync}), &["joe"]), None);
    }

    #[test]
    fn what_needs_no_approval_is_known() {
        let sync = json!([{"name": "sync"}]);
        assert!(with(&json!({"requireApproval": true, "programs": sync}), &[], needs_approval));
        assert!(with(&json!({"overridableRules": ["HG202"]}), &[], needs_approval));
        assert!(!with(&json!({"programs": sync}), &[], needs_approval));
        assert!(!with(&json!({"requireApproval": true, "mode": "Warn"}), &[], needs_approval));
    }
}
