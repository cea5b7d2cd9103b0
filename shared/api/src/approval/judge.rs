//! Whether an approval lets a script run.

use super::{HookApproval, HookFunction};
use crate::policy::ApprovalTerms;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use std::collections::BTreeSet;

/// The name of the ValidatingAdmissionPolicy, and of its binding, that lets nobody approve in somebody else's name.
pub const GUARD: &str = "hookgate-approvals";
/// The API server enforces a ValidatingAdmissionPolicy some time after it was made; what is approved within so long
/// doesn't count.
const GUARD_SETTLES: SignedDuration = SignedDuration::from_secs(10);

/// What is known of the [`GUARD`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// It, or its binding, isn't there: anybody could have written anything into an approval.
    Missing,
    /// Both are, since this time. What was approved before may be forged.
    Since(Time),
}

/// What is to run.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The script's digest.
    pub digest: &'a str,
    /// The namespace.
    pub namespace: &'a str,
    /// The cluster.
    pub cluster: &'a str,
    /// The function that is called.
    pub function: HookFunction,
}

/// What there is to judge by.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The approvals of the namespace.
    pub approvals: Vec<HookApproval>,
    /// Who has submitted the script; nobody when there is no record of it.
    pub submitters: BTreeSet<String>,
    /// What keeps approvals from being forged.
    pub guard: Guard,
}

/// An approval that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// The HookApproval's name.
    pub approval: String,
    /// Who approved.
    pub user: String,
}

/// Why none does, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unapproved(String);

/// Looks for an approval that counts: of this script, for this cluster and function, unexpired, not forged, and, where
/// the policies want that, by somebody who never submitted the script.
///
/// # Errors
/// When there is none: why, and the way out.
pub fn judge(
    question: &Question<'_>,
    terms: ApprovalTerms,
    evidence: &Evidence,
    now: Timestamp,
) -> Result<Approver, Unapproved> {
    let Question { digest, namespace, cluster, .. } = question;
    let way_out = format!("`kubectl hookgate approve {cluster} -n {namespace}` shows it and asks");
    let Guard::Since(guarded) = &evidence.guard else {
        return Err(Unapproved(format!(
            "approvals don't count while the ValidatingAdmissionPolicy {GUARD} or its binding is missing, for anybody \
             could write them; install Hookgate's chart again, then approve: {way_out}"
        )));
    };
    if !terms.self_approval && evidence.submitters.is_empty() {
        return Err(Unapproved(format!(
            "nobody knows who submitted the script (SHA-256 {digest}), for it was stored before the policy or past the \
             webhook, and so nobody can approve it; delete its ConfigMap and create it again while the webhook is there"
        )));
    }
    let mut reasons = Vec::new();
    for approval in &evidence.approvals {
        if approval.spec.digest != *digest || approval.spec.cluster != *cluster {
            continue;
        }
        match fault(approval, question, terms, &evidence.submitters, guarded, now) {
            None => {
                return Ok(Approver {
                    approval: approval.name_any(),
                    user: approval.spec.approved_by.clone(),
                });
            }
            Some(fault) => reasons.push(format!("{} {fault}", approval.name_any())),
        }
    }
    let reasons = if reasons.is_empty() {
        "nobody has approved it".to_owned()
    } else {
        format!("no approval counts: {}", reasons.join("; "))
    };
    Err(Unapproved(format!(
        "the script (SHA-256 {digest}) runs only when it is approved, and {reasons}; {way_out}"
    )))
}

/// Why an approval of this script for this cluster doesn't count.
fn fault(
    approval: &HookApproval,
    question: &Question<'_>,
    terms: ApprovalTerms,
    submitters: &BTreeSet<String>,
    guarded: &Time,
    now: Timestamp,
) -> Option<String> {
    let spec = &approval.spec;
    let made = approval.metadata.creation_timestamp.as_ref();
    if made.is_none_or(|made| made.0 < guarded.0 + GUARD_SETTLES) {
        return Some(format!("is older than the ValidatingAdmissionPolicy {GUARD} and may be forged"));
    }
    if spec.expires_at.0 <= now {
        return Some(format!("has expired at {}", spec.expires_at.0));
    }
    if !spec.functions.contains(&question.function) {
        return Some("is for another function".to_owned());
    }
    if spec.approved_by.starts_with("system:serviceaccount:") {
        return Some("is by a service account".to_owned());
    }
    if !terms.self_approval && submitters.contains(&spec.approved_by) {
        return Some(format!("is by {}, who submitted the script", spec.approved_by));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const DIGEST: &str = "aa";
    const NOW: &str = "2026-01-02T00:00:00Z";

    fn approval(change: &Value) -> HookApproval {
        let mut object = json!({
            "apiVersion": "hookgate.dev/v1alpha1", "kind": "HookApproval",
            "metadata": {"name": "ok", "creationTimestamp": "2026-01-01T12:00:00Z"},
            "spec": {"digest": DIGEST, "cluster": "sr", "functions": ["pre_upgrade", "post_upgrade"],
                "reason": "r", "expiresAt": "2026-01-03T00:00:00Z", "approvedBy": "joe"},
        });
        for (key, value) in change.as_object().unwrap() {
            let place =
                if key == "creationTimestamp" { &mut object["metadata"] } else { &mut object["spec"] };
            place[key] = value.clone();
        }
        serde_json::from_value(object).unwrap()
    }

    fn evidence(approvals: Vec<HookApproval>) -> Evidence {
        Evidence {
            approvals,
            submitters: ["jane".to_owned()].into(),
            guard: Guard::Since(Time("2026-01-01T00:00:00Z".parse().unwrap())),
        }
    }

    fn asked(evidence: &Evidence, self_approval: bool) -> Result<Approver, String> {
        let question =
            Question { digest: DIGEST, namespace: "db", cluster: "sr", function: HookFunction::PreUpgrade };
        judge(&question, ApprovalTerms { self_approval }, evidence, NOW.parse().unwrap())
            .map_err(|unapproved| unapproved.to_string())
    }

    #[test]
    fn an_approval_by_somebody_else_counts() {
        let granted = asked(&evidence(vec![approval(&json!({}))]), false).unwrap();
        assert_eq!((granted.approval.as_str(), granted.user.as_str()), ("ok", "joe"));
    }

    #[test]
    fn what_does_not_count_says_why() {
        for (change, reason) in [
            (json!({"digest": "bb"}), "nobody has approved it"),
            (json!({"cluster": "other"}), "nobody has approved it"),
            (json!({"functions": ["post_upgrade"]}), "ok is for another function"),
            (json!({"expiresAt": NOW}), "ok has expired at 2026-01-02T00:00:00Z"),
            (json!({"approvedBy": "jane"}), "ok is by jane, who submitted the script"),
            (json!({"approvedBy": "system:serviceaccount:a:b"}), "ok is by a service account"),
            (json!({"creationTimestamp": "2026-01-01T00:00:09Z"}), "may be forged"),
        ] {
            let message = asked(&evidence(vec![approval(&change)]), false).unwrap_err();
            assert!(message.contains(reason), "{change}: {message}");
            assert!(message.contains("kubectl hookgate approve sr -n db"), "{message}");
            let both = evidence(vec![approval(&change), approval(&json!({}))]);
            assert!(asked(&both, false).is_ok(), "another one counts all the same: {change}");
        }
    }

    #[test]
    fn whoever_submitted_it_may_approve_where_the_policy_allows() {
        assert!(asked(&evidence(vec![approval(&json!({"approvedBy": "jane"}))]), true).is_ok());
        let unknown = Evidence { submitters: BTreeSet::new(), ..evidence(vec![approval(&json!({}))]) };
        assert!(asked(&unknown, true).is_ok());
        let message = asked(&unknown, false).unwrap_err();
        assert!(
            message.contains("nobody knows who submitted") && message.contains("create it again"),
            "{message}"
        );
    }

    #[test]
    fn nothing_counts_without_the_guard() {
        let unguarded = Evidence { guard: Guard::Missing, ..evidence(vec![approval(&json!({}))]) };
        assert!(asked(&unguarded, true).unwrap_err().contains("hookgate-approvals"));
    }
}
