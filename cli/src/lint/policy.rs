//! HookPolicies of the input: whether the webhook and the operator could use them.

use super::locate::{locate, locate_key};
use super::{Diagnostic, Manifest, Outcome, Place};
use crate::manifest::{Kind, Object};
use hookgate_api::policy::read_object;
use hookgate_api::validate::Violation;
use hookgate_policy::{Severity, policy_rules};

/// Checks the policies. What they allow plays no part here: the scripts of the input are judged by `--policy`.
pub(super) fn check(manifests: &[Manifest<'_>], outcome: &mut Outcome) {
    for manifest in manifests {
        for object in &manifest.objects {
            let Kind::Policy { kind, version } = &object.kind else { continue };
            outcome.policies += 1;
            for (severity, Violation { path, message }) in problems(object, kind, version) {
                let is_unknown = message.starts_with("unknown field");
                let place = if is_unknown { locate_key } else { locate }(&object.node, &path);
                outcome.diagnostics.push(Diagnostic {
                    path: manifest.name.to_owned(),
                    object: format!("HookPolicy {}", object.meta.title()).trim_end().to_owned(),
                    template: object.template.clone(),
                    rule: policy_rules::DOCUMENT,
                    severity,
                    message: if path.is_empty() { message } else { format!("{path}: {message}") },
                    help: HELP.to_owned(),
                    place: Place::new(&manifest.lines, &place),
                });
            }
        }
    }
}

/// What is wrong with a policy, and what is hardly meant, each with its field.
fn problems(object: &Object, kind: &str, version: &str) -> Vec<(Severity, Violation)> {
    let Some(json) = object.node.to_json() else {
        let message = "its aliases make it too large: write it out".to_owned();
        return vec![(Severity::Error, Violation { path: String::new(), message })];
    };
    match read_object(kind, version, &json) {
        Err(violation) => vec![(Severity::Error, violation)],
        Ok(policy) => {
            let errors = policy.violations().iter().map(|violation| (Severity::Error, violation.clone()));
            let warnings = policy.remarks().iter().map(|remark| (Severity::Warning, of_remark(remark)));
            errors.chain(warnings).collect()
        }
    }
}

/// A remark begins with its field.
fn of_remark(remark: &str) -> Violation {
    let end = remark.find([' ', ':']).unwrap_or_default();
    let (path, message) = remark.split_at(end);
    Violation { path: path.to_owned(), message: message.trim_start_matches([':', ' ']).to_owned() }
}

const HELP: &str = "compare the field with `kubectl explain hookpolicy.spec`";
