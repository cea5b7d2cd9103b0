//! Approvals of a script, who has submitted it, and whether approvals can be trusted: read live before a hook runs.

use super::{ObserveError, Observer};
use crate::observation::ObservedApproval;
use hookgate_api::{
    approval::{self, Evidence, GUARD, Guard, HookApproval, HookSubmission, Question},
    hooks::HookPhase,
    policy::ApprovalTerms,
};
use jiff::Timestamp;
use k8s_openapi::{
    api::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding},
    apimachinery::pkg::apis::meta::v1::Time,
};
use kube::{Api, Resource, api::ListParams};

/// Whether somebody has approved a script.
pub(super) fn judge(
    digest: &str,
    namespace: &str,
    cluster: &str,
    terms: ApprovalTerms,
    evidence: &Evidence,
    now: Timestamp,
) -> ObservedApproval {
    let of = |phase: HookPhase| {
        let question = Question { digest, namespace, cluster, function: phase.into() };
        approval::judge(&question, terms, evidence, now).map_err(|unapproved| unapproved.to_string())
    };
    ObservedApproval::Needed { pre: of(HookPhase::Pre), post: of(HookPhase::Post) }
}

/// What there is to judge by.
pub(super) async fn evidence(
    observer: &Observer,
    namespace: &str,
    digest: &str,
) -> Result<Evidence, ObserveError> {
    let approvals: Api<HookApproval> = Api::namespaced(observer.client.clone(), namespace);
    let approvals = match approvals.list(&ListParams::default()).await {
        Ok(list) => list.items,
        // A cluster that doesn't know the kind has none of them.
        Err(kube::Error::Api(status)) if status.code == 404 => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let submissions: Api<HookSubmission> = Api::all(observer.client.clone());
    let submission = submissions.get_opt(digest).await?;
    let submitters = submission.into_iter().flat_map(|found| found.spec.submitters.into_keys()).collect();
    let policies: Api<ValidatingAdmissionPolicy> = Api::all(observer.client.clone());
    let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(observer.client.clone());
    let guard = guard(policies.get_opt(GUARD).await?.as_ref(), bindings.get_opt(GUARD).await?.as_ref());
    Ok(Evidence { approvals, submitters, guard })
}

/// Since when the API server has admitted no forged approval.
fn guard(
    policy: Option<&ValidatingAdmissionPolicy>,
    binding: Option<&ValidatingAdmissionPolicyBinding>,
) -> Guard {
    let denies = |binding: &&ValidatingAdmissionPolicyBinding| {
        let actions = binding.spec.as_ref().and_then(|spec| spec.validation_actions.as_ref());
        actions.is_some_and(|actions| actions.iter().any(|action| action == "Deny"))
    };
    let (Some(policy), Some(binding)) = (policy, binding.filter(denies)) else { return Guard::Missing };
    match (made(policy), made(binding)) {
        (Some(policy), Some(binding)) if policy.0 > binding.0 => Guard::Since(policy),
        (Some(_), Some(binding)) => Guard::Since(binding),
        _ => Guard::Missing,
    }
}

fn made(object: &impl Resource) -> Option<Time> {
    object.meta().creation_timestamp.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn approvals_are_guarded_since_both_objects_are_there() {
        let policy = |made: &str| -> ValidatingAdmissionPolicy {
            serde_json::from_value(json!({"metadata": {"name": GUARD, "creationTimestamp": made}})).unwrap()
        };
        let binding = |made: &str, action: &str| -> ValidatingAdmissionPolicyBinding {
            serde_json::from_value(json!({"metadata": {"name": GUARD, "creationTimestamp": made},
                "spec": {"policyName": GUARD, "validationActions": [action]}}))
            .unwrap()
        };
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z");
        let since = Guard::Since(Time(late.parse().unwrap()));
        assert_eq!(guard(Some(&policy(early)), Some(&binding(late, "Deny"))), since);
        assert_eq!(guard(Some(&policy(late)), Some(&binding(early, "Deny"))), since);
        assert_eq!(guard(Some(&policy(late)), Some(&binding(early, "Audit"))), Guard::Missing);
        assert_eq!(guard(None, Some(&binding(early, "Deny"))), Guard::Missing);
        assert_eq!(guard(Some(&policy(early)), None), Guard::Missing);
    }
}
