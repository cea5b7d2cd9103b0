//! Custom scripts, judged by the policy.

mod judgement;

use super::{ObserveError, Observer, namespace, policy};
use crate::{
    observation::{ObservedPolicy, ObservedRunner, ObservedScript, Touched},
    run::Runner,
};
use hookgate_api::{Component, StarRocksCluster, hooks::UpgradeHooks, policy::EffectivePolicy};
use judgement::{judge, with_approval};
use k8s_openapi::{ByteString, api::core::v1::ConfigMap};
use kube::Api;
use std::collections::BTreeMap;

/// What policies say of scripts that they don't refuse.
#[derive(Default)]
struct Remarks {
    warnings: Vec<String>,
    records: Vec<String>,
    /// The FE settings that each script may change.
    settings: BTreeMap<Component, Touched>,
}

/// The hooks of a cluster, as the policies judge them.
#[derive(Clone)]
pub(super) struct JudgedHooks {
    /// The scripts that the cluster refers to.
    pub scripts: BTreeMap<Component, ObservedScript>,
    /// What the policies say of its other hooks.
    pub policy: ObservedPolicy,
    /// What the runs of its scripts are told.
    pub runner: ObservedRunner,
}

/// Reads the policies and the scripts, and judges.
pub(super) async fn judged(
    observer: &Observer,
    cluster: &StarRocksCluster,
) -> Result<JudgedHooks, ObserveError> {
    let policy = policy::effective(observer, cluster).await?;
    let mut observed = policy::judge_statements(cluster, &policy);
    let (scripts, remarks) = scripts(observer, cluster, &policy).await?;
    observed.warnings.extend(remarks.warnings);
    observed.records.extend(remarks.records);
    observed.script_settings = remarks.settings;
    let runner = runner(observer.runner.kind(), &policy);
    Ok(JudgedHooks { scripts, policy: observed, runner })
}

/// The scripts that the cluster refers to. The policy is asked here, so that what is judged is what was read; the
/// judgement itself is the same as at admission.
async fn scripts(
    observer: &Observer,
    cluster: &StarRocksCluster,
    policy: &EffectivePolicy,
) -> Result<(BTreeMap<Component, ObservedScript>, Remarks), ObserveError> {
    let config_maps: Api<ConfigMap> = Api::namespaced(observer.client.clone(), &namespace(cluster));
    let (mut scripts, mut remarks) = (BTreeMap::new(), Remarks::default());
    for (component, name, key) in cluster.custom_hooks() {
        let script = match config_maps.get_opt(name).await? {
            None => {
                ObservedScript::Missing(format!("failed to get ConfigMap: configmaps {name:?} not found"))
            }
            Some(config_map) => match content(&config_map, key) {
                None => ObservedScript::Missing(format!("ConfigMap {name:?} has no key {key:?}")),
                Some(script) => {
                    remarks
                        .settings
                        .insert(component, hookgate_policy::settings_set_by_script(script).into());
                    let seconds =
                        cluster.spec.upgrade_hooks(component).map_or(0, UpgradeHooks::timeout_seconds);
                    let what = format!("hook script {name}/{key} of {component}");
                    let judged = judge(policy, script, seconds, &what, &mut remarks);
                    with_approval(observer, cluster, policy, judged, script, &what, &mut remarks).await?
                }
            },
        };
        scripts.insert(component, script);
    }
    Ok((scripts, remarks))
}

/// What the runs of scripts are told of the policies.
fn runner(kind: Runner, policy: &EffectivePolicy) -> ObservedRunner {
    ObservedRunner { kind, requires_sandbox: policy.requires_sandbox(), programs: policy.programs() }
}

fn content<'a>(config_map: &'a ConfigMap, key: &str) -> Option<&'a [u8]> {
    let text = config_map.data.as_ref().and_then(|data| data.get(key)).map(String::as_bytes);
    let bytes = || config_map.binary_data.as_ref().and_then(|data| data.get(key));
    text.or_else(|| bytes().map(|ByteString(bytes)| bytes.as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_api::policy::LoadedPolicy;
    use judgement::sql_policies;
    use serde_json::{Value, json};

    #[test]
    fn runs_are_told_what_the_policies_say() {
        let policy = |spec: &Value| EffectivePolicy::from(&LoadedPolicy::read("platform", 3, spec));
        let refused = |policy: &EffectivePolicy, sql: &str| {
            let judge = hookgate_runner::gate::Judge::read(&sql_policies(policy).unwrap()).unwrap();
            judge.judge(sql).err().map(|refusal| (refusal.rule, refusal.policy))
        };
        let refusal = |rule: &str| Some((rule.to_owned(), "platform@3".to_owned()));
        let strict = policy(&json!({"programs": [{"name": "sync"}], "overridableRules": ["HG403"]}));
        assert!(runner(Runner::Job, &strict).programs.is_some_and(|programs| programs.contains("sync")));
        assert_eq!(refused(&strict, "DROP TABLE a"), refusal("HG403"));
        let lifting = strict.lifting(&["HG403".parse().unwrap()].into());
        assert_eq!(refused(&lifting, "DROP TABLE a"), None);
        assert_eq!(refused(&lifting, "SELECT 1 # comment"), refusal("HG404"));
        let programs = runner(Runner::Job, &lifting).programs.unwrap();
        assert!(!programs.contains("tar"), "the sandbox stays as it is");
        let lenient = policy(&json!({"profile": "baseline"}));
        assert_eq!((runner(Runner::Job, &lenient).programs, refused(&lenient, "DROP TABLE a")), (None, None));
    }
}
