//! What RBAC grants to a service account, as the API server has it.

use super::Grant;
use crate::Problem;
use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject,
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::collections::BTreeSet;

/// The rights of a service account, in all namespaces and in its own. What every account has (discovery) isn't in here.
///
/// # Errors
/// When the API server can't be asked, or nothing is granted at all.
pub async fn granted(client: &Client, namespace: &str, account: &str) -> Result<BTreeSet<Grant>, Problem> {
    let is_it = |subjects: &Option<Vec<Subject>>| {
        subjects.iter().flatten().any(|subject| {
            subject.kind == "ServiceAccount"
                && subject.name == account
                && subject.namespace.as_deref() == Some(namespace)
        })
    };
    let mut grants = BTreeSet::new();
    let bindings: Api<ClusterRoleBinding> = Api::all(client.clone());
    for binding in bindings.list(&ListParams::default()).await.map_err(Problem::api("ClusterRoleBindings"))? {
        if is_it(&binding.subjects) {
            grants.extend(flatten(&rules(client, "", &binding.role_ref).await?, None));
        }
    }
    let bindings: Api<RoleBinding> = Api::all(client.clone());
    for binding in bindings.list(&ListParams::default()).await.map_err(Problem::api("RoleBindings"))? {
        if is_it(&binding.subjects) {
            let place = binding.namespace().unwrap_or_default();
            grants.extend(flatten(&rules(client, &place, &binding.role_ref).await?, Some(&place)));
        }
    }
    if grants.is_empty() {
        let message = format!("nothing is granted to {namespace}/{account}: is Hookgate installed there?");
        return Err(Problem::Unexpected(message));
    }
    Ok(grants)
}

async fn rules(client: &Client, namespace: &str, role: &RoleRef) -> Result<Vec<PolicyRule>, Problem> {
    let what = || format!("the {} {}", role.kind, role.name);
    let rules = if role.kind == "ClusterRole" {
        let roles: Api<ClusterRole> = Api::all(client.clone());
        roles.get(&role.name).await.map_err(Problem::api(what()))?.rules
    } else {
        let roles: Api<Role> = Api::namespaced(client.clone(), namespace);
        roles.get(&role.name).await.map_err(Problem::api(what()))?.rules
    };
    Ok(rules.unwrap_or_default())
}

/// One by one.
fn flatten(rules: &[PolicyRule], namespace: Option<&str>) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for rule in rules {
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                for verb in &rule.verbs {
                    grants.insert(Grant {
                        group: group.clone(),
                        resource: resource.clone(),
                        verb: verb.clone(),
                        names: rule.resource_names.iter().flatten().cloned().collect(),
                        namespace: namespace.map(str::to_owned),
                    });
                }
            }
        }
    }
    grants
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_are_taken_apart() {
        let rules: Vec<PolicyRule> = serde_json::from_value(json!([
            {"apiGroups": ["", "apps"], "resources": ["pods", "secrets"], "verbs": ["get"]},
            {"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get", "list"]},
        ]))
        .unwrap();
        let texts: Vec<String> = flatten(&rules, None).iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            ["get pods", "get pods (a)", "list pods (a)", "get secrets", "get pods.apps", "get secrets.apps"]
        );
        assert!(flatten(&rules, Some("n")).iter().all(|grant| grant.to_string().ends_with(" in n")));
    }
}
