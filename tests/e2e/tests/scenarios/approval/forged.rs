//! Approvals that somebody tries to forge; the API server refuses each, and says what to do instead.

use super::{JANE, JOE, POST, PRE, approval, approve, digest};
use crate::policies::{object, user_with};
use hookgate_api::approval::{HookApproval, HookSubmission};
use hookgate_e2e::{Problem, Scenario, client::client_with_token, manifest::script};
use k8s_openapi::api::{
    authentication::v1::{SelfSubjectReview, TokenRequest},
    core::v1::{Namespace, ServiceAccount},
    rbac::v1::RoleBinding,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

fn refused(what: &str, answer: Result<(), Problem>, words: &[&str]) {
    let problem = answer.expect_err(what);
    let message = problem.refusal().unwrap_or_else(|| panic!("{what}: {problem}"));
    for word in words {
        assert!(message.contains(word), "{what}: {word} is not in: {message}");
    }
}

/// Nobody approves in somebody else's name, and nobody who is no person.
pub(super) async fn approvals_are_refused(scenario: &Scenario, joe: &Client) -> Result<(), Problem> {
    let not_oneself = ["has to be who makes the approval", "`kubectl hookgate approve` fills it in"];
    for other in ["kubernetes-admin", JANE, "system:admin", " hookgate-e2e-approver"] {
        let answer = approve(scenario, joe, &approval("forged", other, &json!({}))).await;
        refused(other, answer, &not_oneself);
    }
    // The cluster's admin neither.
    let answer = approve(scenario, &scenario.client, &approval("by-admin-for-joe", JOE, &json!({}))).await;
    refused("the admin for somebody else", answer, &not_oneself);
    let answer = apply(scenario, joe, &approval("applied", JANE, &json!({}))).await;
    refused("server-side apply", answer, &not_oneself);

    let account = format!("system:serviceaccount:{}:default", scenario.namespace);
    let rules = json!([{"apiGroups": ["hookgate.dev"], "resources": ["hookapprovals"], "verbs": ["*"]}]);
    let as_account = user_with(scenario, &account, &rules).await?;
    let no_person = ["only people can approve", "`kubectl hookgate approve`"];
    let answer = approve(scenario, &as_account, &approval("by-account", &account, &json!({}))).await;
    refused("a service account's name", answer, &no_person);

    let token = token(scenario).await?;
    let pod = client_with_token(&token, None).await?;
    let answer = approve(scenario, &pod, &approval("by-pod", &account, &json!({}))).await;
    refused("a pod", answer, &no_person);
    let pretender = client_with_token(&token, Some(JOE)).await?;
    let answer = approve(scenario, &pretender, &approval("by-pretender", JOE, &json!({}))).await;
    refused("impersonation without the right", answer, &["cannot impersonate resource", JOE]);
    let approvals: Api<HookApproval> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let stored =
        approvals.list(&kube::api::ListParams::default()).await.map_err(Problem::api("approvals"))?;
    assert!(stored.items.is_empty(), "none of them is stored");
    Ok(())
}

async fn apply(scenario: &Scenario, client: &Client, approval: &Value) -> Result<(), Problem> {
    let api: Api<HookApproval> = Api::namespaced(client.clone(), &scenario.namespace);
    let name = approval["metadata"]["name"].as_str().unwrap_or_default();
    let applied = api.patch(name, &PatchParams::apply("forger").force(), &Patch::Apply(approval)).await;
    applied.map(|_| ()).map_err(Problem::api("applying an approval"))
}

/// A token of the namespace's own service account, as its pods have it, bound to what approvers may do.
async fn token(scenario: &Scenario) -> Result<String, Problem> {
    let bindings: Api<RoleBinding> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let binding = object(&json!({
        "metadata": {"name": "pods-approve"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "hookgate-hook-approver"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": scenario.namespace}],
    }))?;
    bindings
        .create(&PostParams::default(), &binding)
        .await
        .map_err(Problem::api("creating a RoleBinding"))?;
    let accounts: Api<ServiceAccount> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let request: TokenRequest = object(&json!({"spec": {"audiences": [], "expirationSeconds": 3600}}))?;
    let answer = accounts.create_token_request("default", &PostParams::default(), &request).await;
    let answer = answer.map_err(Problem::api("asking for a token"))?;
    Ok(answer.status.map(|status| status.token).unwrap_or_default())
}

/// What was approved isn't changed into an approval of something else.
pub(super) async fn approved_ones_stay_as_they_are(scenario: &Scenario, joe: &Client) -> Result<(), Problem> {
    let harmless = approval("harmless", JOE, &json!({"digest": "a".repeat(64)}));
    approve(scenario, joe, &harmless).await?;
    let api: Api<HookApproval> = Api::namespaced(joe.clone(), &scenario.namespace);
    let words = ["can't be changed", "make another approval"];
    for change in [
        json!({"digest": digest(&script(PRE, POST))}),
        json!({"approvedBy": JANE}),
        json!({"cluster": "other"}),
        json!({"functions": ["pre_upgrade"]}),
        json!({"expiresAt": "2099-01-01T00:00:00Z"}),
        json!({"reason": "another"}),
    ] {
        let patch = Patch::Merge(json!({"spec": change}));
        let answer = api.patch("harmless", &PatchParams::default(), &patch).await;
        refused(&change.to_string(), answer.map(|_| ()).map_err(Problem::api("patching")), &words);
        let mut whole = harmless.clone();
        json_patch::merge(&mut whole["spec"], &change);
        refused(&format!("applying {change}"), apply(scenario, joe, &whole).await, &words);
    }
    Ok(())
}

/// Who has submitted a script isn't written by anybody but the webhook, not even by the cluster's admin.
pub(super) async fn submitters_stay_written_down(scenario: &Scenario, digest: &str) -> Result<(), Problem> {
    let api: Api<HookSubmission> = Api::all(scenario.client.clone());
    let words = ["is written by Hookgate's webhook", "delete the ValidatingAdmissionPolicyBinding"];
    let forget = Patch::Merge(json!({"spec": {"submitters": {JANE: null}}}));
    let answer = api.patch(digest, &PatchParams::default(), &forget).await;
    refused("forgetting a submitter", answer.map(|_| ()).map_err(Problem::api("patching")), &words);
    let answer = api.delete(digest, &DeleteParams::default()).await;
    refused("deleting the record", answer.map(|_| ()).map_err(Problem::api("deleting")), &words);
    let answer = api.delete_collection(&DeleteParams::default(), &kube::api::ListParams::default()).await;
    refused("deleting all records", answer.map(|_| ()).map_err(Problem::api("deleting")), &words);
    let made: HookSubmission = object(&json!({
        "apiVersion": "hookgate.dev/v1alpha1", "kind": "HookSubmission", "metadata": {"name": "f".repeat(64)},
        "spec": {"submitters": {JANE: {"at": "2026-01-01T00:00:00Z", "namespace": scenario.namespace}}},
    }))?;
    let answer = api.create(&PostParams::default(), &made).await;
    refused("making a record", answer.map(|_| ()).map_err(Problem::api("creating")), &words);
    let kept = api.get(digest).await.map_err(Problem::api("reading the record"))?;
    assert!(kept.spec.submitters.contains_key(JANE));
    Ok(())
}

/// A namespace in which the cluster's admin approves the same bytes, as themselves.
pub(super) async fn in_another_namespace(scenario: &Scenario, approval: &Value) -> Result<String, Problem> {
    let labels = json!({hookgate_e2e::scenario::LABEL: "approval"});
    let namespace =
        object(&json!({"metadata": {"generateName": "hookgate-e2e-approval-other-", "labels": labels}}))?;
    let namespaces: Api<Namespace> = Api::all(scenario.client.clone());
    let made = namespaces.create(&PostParams::default(), &namespace).await;
    let name = made.map_err(Problem::api("creating a namespace"))?.name_any();
    let reviews: Api<SelfSubjectReview> = Api::all(scenario.client.clone());
    let review = reviews.create(&PostParams::default(), &SelfSubjectReview::default()).await;
    let status = review.map_err(Problem::api("asking who I am"))?.status;
    let me = status.and_then(|status| status.user_info).and_then(|user| user.username).unwrap_or_default();
    let mut own = approval.clone();
    json_patch::merge(&mut own["spec"], &json!({"approvedBy": me}));
    let approvals: Api<HookApproval> = Api::namespaced(scenario.client.clone(), &name);
    approvals
        .create(&PostParams::default(), &object(&own)?)
        .await
        .map_err(Problem::api("approving elsewhere"))?;
    Ok(name)
}

/// Removes that namespace.
pub(super) async fn remove(scenario: &Scenario, namespace: &str) -> Result<(), Problem> {
    let namespaces: Api<Namespace> = Api::all(scenario.client.clone());
    let removed = namespaces.delete(namespace, &DeleteParams::default()).await;
    removed.map(|_| ()).map_err(Problem::api("removing a namespace"))
}
