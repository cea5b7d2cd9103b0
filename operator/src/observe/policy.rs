//! What hooks may do in a cluster's namespace, at this moment, and what it says of this cluster's hooks.

use super::{ObserveError, Observer, namespace};
use crate::observation::ObservedPolicy;
use hookgate_api::{
    HookPolicy, StarRocksCluster,
    policy::{Effect, EffectivePolicy, LoadedPolicy, NamespaceLabels, PolicyId, Ruling},
};
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api,
    api::{ApiResource, DynamicObject, ListParams},
};

/// Whether a cluster has hooks that a policy judges.
pub(super) fn is_needed(cluster: &StarRocksCluster) -> bool {
    cluster.custom_hooks().next().is_some() || commands(cluster).next().is_some()
}

/// The policies that hold in the cluster's namespace, read live: what is admitted in one moment may be refused in the
/// next, and what runs must be allowed when it runs.
pub(super) async fn effective(
    observer: &Observer,
    cluster: &StarRocksCluster,
) -> Result<EffectivePolicy, ObserveError> {
    let resource = ApiResource::erase::<HookPolicy>(&());
    let policies = Api::<DynamicObject>::all_with(observer.client.clone(), &resource);
    let stored = match policies.list(&ListParams::default()).await {
        Ok(list) => list.items,
        // A cluster that doesn't know the kind has none of them.
        Err(kube::Error::Api(status)) if status.code == 404 => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if stored.is_empty() {
        return Ok(EffectivePolicy::default_of(observer.default_profile));
    }
    let loaded: Vec<LoadedPolicy> = stored
        .iter()
        .map(|object| {
            let name = object.metadata.name.as_deref().unwrap_or_default();
            let spec = object.data.get("spec").cloned().unwrap_or_default();
            LoadedPolicy::read(name, object.metadata.generation.unwrap_or_default(), &spec)
        })
        .collect();
    let namespace = namespace(cluster);
    let found = Api::<Namespace>::all(observer.client.clone()).get_metadata(&namespace).await?;
    let labels = NamespaceLabels::of(&namespace, found.metadata.labels.unwrap_or_default());
    Ok(EffectivePolicy::of(&loaded, &labels, observer.default_profile))
}

/// What the policies say of the statements of `upgradePreparation`.
pub(super) fn judge_statements(cluster: &StarRocksCluster, policy: &EffectivePolicy) -> ObservedPolicy {
    let mut observed = ObservedPolicy { names: policy.names(), ..ObservedPolicy::default() };
    for (index, name, command) in commands(cluster) {
        observed.statement_settings.insert(index, hookgate_policy::settings_set_by_sql(command).into());
        let mut refusals: Vec<String> = policy.invalid().iter().map(ToString::to_string).collect();
        for Ruling { finding, effect, policies } in policy.check_sql(command) {
            let message = format!("{} ({}, {})", finding.message, finding.rule, names(&policies));
            match effect {
                Effect::Deny | Effect::NeedApproval => refusals.push(message),
                Effect::Warn => observed.warnings.push(format!("preparation hook {name}: {message}")),
                Effect::Record => observed.records.push(format!("preparation hook {name}: {message}")),
            }
        }
        if !refusals.is_empty() {
            observed.refused_statements.insert(index, refusals.join("; "));
        }
    }
    observed
}

/// The statements of `upgradePreparation` with their places and names; hooks without one are predefined.
fn commands(cluster: &StarRocksCluster) -> impl Iterator<Item = (usize, &str, &str)> {
    let hooks = cluster.spec.upgrade_preparation.iter().filter(|preparation| preparation.enabled);
    let hooks = hooks.flat_map(|preparation| &preparation.hooks).enumerate();
    hooks
        .filter(|(_, hook)| !hook.command.trim().is_empty())
        .map(|(index, hook)| (index, hook.name.as_str(), hook.command.as_str()))
}

/// The policies in words.
pub(super) fn names(policies: &[PolicyId]) -> String {
    let named: Vec<String> = policies.iter().map(|id| format!("HookPolicy {id}")).collect();
    if policies.iter().all(|id| id.name.is_none()) {
        "the default policy".to_owned()
    } else {
        named.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cluster() -> StarRocksCluster {
        serde_json::from_value(json!({
            "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster", "metadata": {"name": "sr"},
            "spec": {"upgradePreparation": {"enabled": true, "hooks": [
                {"name": "disable-balancer"},
                {"name": "image", "command": "ALTER SYSTEM CREATE IMAGE"},
                {"name": "drop", "command": "DROP TABLE a"},
            ]}},
        }))
        .unwrap()
    }

    fn policy(spec: &serde_json::Value) -> EffectivePolicy {
        EffectivePolicy::from(&LoadedPolicy::read("platform", 3, spec))
    }

    #[test]
    fn a_statement_is_refused_warned_of_or_recorded_by_the_mode() {
        let refused = judge_statements(&cluster(), &policy(&json!({})));
        assert_eq!(refused.names, "platform@3");
        assert_eq!(refused.refused_statements.keys().collect::<Vec<_>>(), [&2]);
        assert!(refused.refused_statements[&2].contains("HG403, HookPolicy platform@3"), "{refused:?}");
        let warned = judge_statements(&cluster(), &policy(&json!({"mode": "Warn"})));
        assert!(warned.refused_statements.is_empty() && warned.warnings[0].contains("preparation hook drop"));
        let recorded = judge_statements(&cluster(), &policy(&json!({"mode": "Audit"})));
        assert!(recorded.refused_statements.is_empty() && recorded.records.len() == 1);
        let allowed =
            judge_statements(&cluster(), &policy(&json!({"sqlStatements": ["DROP TABLE <table>"]})));
        assert!(allowed.refused_statements.is_empty() && allowed.warnings.is_empty());
    }

    #[test]
    fn an_invalid_policy_refuses_every_statement() {
        let refused = judge_statements(&cluster(), &policy(&json!({"maxTimeoutSeconds": 0})));
        assert_eq!(refused.refused_statements.keys().collect::<Vec<_>>(), [&1, &2]);
    }
}
