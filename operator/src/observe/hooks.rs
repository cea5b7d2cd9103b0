//! Custom scripts, judged by the policy, and the Jobs that run them.

use super::{
    ObserveError, Observer, approval, namespace,
    policy::{self, names},
};
use crate::{
    observation::{Judgement, ObservedApproval, ObservedJob, ObservedPolicy, ObservedScript, Touched},
    watched::{Key, Watched},
};
use hookgate_api::{
    Component, StarRocksCluster,
    hooks::{HookPhase, UpgradeHooks},
    names::OWNER_LABEL,
    policy::{ApprovalDemand, Effect, EffectivePolicy, Ruling},
};
use jiff::Timestamp;
use k8s_openapi::{
    ByteString,
    api::{
        batch::v1::Job,
        core::v1::{ConfigMap, Pod},
    },
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::{collections::BTreeMap, sync::Arc};

/// The label of a hook's Job that names its wave.
const WAVE_LABEL: &str = "hookgate.dev/wave";

/// What policies say of scripts that they don't refuse.
#[derive(Default)]
struct Remarks {
    warnings: Vec<String>,
    records: Vec<String>,
    /// The FE settings that each script may change.
    settings: BTreeMap<Component, Touched>,
}

/// The scripts that the cluster refers to, and what the policies say of its other hooks.
pub(super) type JudgedHooks = (BTreeMap<Component, ObservedScript>, ObservedPolicy);

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
    Ok((scripts, observed))
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
                    with_approval(observer, cluster, policy, judged, &what, &mut remarks).await?
                }
            },
        };
        scripts.insert(component, script);
    }
    Ok((scripts, remarks))
}

fn content<'a>(config_map: &'a ConfigMap, key: &str) -> Option<&'a [u8]> {
    let text = config_map.data.as_ref().and_then(|data| data.get(key)).map(String::as_bytes);
    let bytes = || config_map.binary_data.as_ref().and_then(|data| data.get(key));
    text.or_else(|| bytes().map(|ByteString(bytes)| bytes.as_slice()))
}

/// What the policies say of a script, and of the time that it is given.
fn judge(policy: &EffectivePolicy, script: &[u8], seconds: i64, what: &str, remarks: &mut Remarks) -> Judged {
    let verdict = policy.check(script);
    let found = verdict
        .rulings
        .iter()
        .filter(|ruling| ruling.effect != Effect::Deny)
        .map(|ruling| format!("{} {}", ruling.finding.rule, ruling.finding.severity))
        .collect();
    let mut refusals: Vec<String> = verdict.invalid.iter().map(ToString::to_string).collect();
    let timeouts =
        policy.check_timeout(seconds).into_iter().map(|Ruling { finding: most, effect, policies }| {
            let message = format!("timeoutSeconds is {seconds}, and at most {most} are allowed");
            (effect, message, policies)
        });
    let findings = verdict
        .rulings
        .into_iter()
        .map(|Ruling { finding, effect, policies }| (effect, finding.to_string(), policies));
    let mut lifted = Vec::new();
    for (effect, message, policies) in timeouts.chain(findings) {
        let message = format!("{message} ({})", names(&policies));
        match effect {
            Effect::Deny => refusals.push(message),
            Effect::NeedApproval => lifted.push(message),
            Effect::Warn => remarks.warnings.push(format!("{what}: {message}")),
            Effect::Record => remarks.records.push(format!("{what}: {message}")),
        }
    }
    let sha256 = verdict.sha256;
    if !refusals.is_empty() {
        return Judged::Refused { sha256, findings: refusals.join("; ") };
    }
    Judged::Passed { sha256, findings: found, lifted }
}

/// What the policies say of a script, before anybody has looked for an approval.
enum Judged {
    Refused { sha256: String, findings: String },
    Passed { sha256: String, findings: Vec<String>, lifted: Vec<String> },
}

/// Adds whether a script is approved, where a policy wants that.
async fn with_approval(
    observer: &Observer,
    cluster: &StarRocksCluster,
    policy: &EffectivePolicy,
    judged: Judged,
    what: &str,
    remarks: &mut Remarks,
) -> Result<ObservedScript, ObserveError> {
    let (sha256, findings, lifted) = match judged {
        Judged::Refused { sha256, findings } => return Ok(ObservedScript::Refused { sha256, findings }),
        Judged::Passed { sha256, findings, lifted } => (sha256, findings, lifted),
    };
    let demands: Vec<ApprovalDemand> = policy.approval_demands().collect();
    let approval = match policy.approval_terms() {
        Some(terms) if !(demands.is_empty() && lifted.is_empty()) => {
            let namespace = namespace(cluster);
            let evidence = approval::evidence(observer, &namespace, &sha256).await?;
            let now = Timestamp::now();
            let observed = approval::judge(&sha256, &namespace, &cluster.name_any(), terms, &evidence, now);
            demanded(observed, &demands, &lifted, what, remarks)
        }
        _ => ObservedApproval::NotNeeded,
    };
    let judgement = Judgement { policies: policy.names(), findings, approval };
    Ok(ObservedScript::Accepted { sha256, judgement })
}

/// What follows from whether a script is approved, by the modes of the policies that want it.
fn demanded(
    observed: ObservedApproval,
    demands: &[ApprovalDemand],
    lifted: &[String],
    what: &str,
    remarks: &mut Remarks,
) -> ObservedApproval {
    let missing = [HookPhase::Pre, HookPhase::Post].into_iter().find_map(|phase| observed.of(phase).err());
    if let Some(missing) = missing {
        for ApprovalDemand { policy, effect } in demands {
            match effect {
                Effect::Warn => remarks.warnings.push(format!("{what}: HookPolicy {policy}: {missing}")),
                Effect::Record => remarks.records.push(format!("{what}: HookPolicy {policy}: {missing}")),
                Effect::NeedApproval | Effect::Deny => {}
            }
        }
    }
    let is_needed = !lifted.is_empty() || demands.iter().any(|demand| demand.effect >= Effect::NeedApproval);
    match observed {
        _ if !is_needed => ObservedApproval::NotNeeded,
        ObservedApproval::Needed { pre, post } if !lifted.is_empty() => {
            let with_findings =
                |unapproved: String| format!("{unapproved}; it would lift: {}", lifted.join("; "));
            ObservedApproval::Needed { pre: pre.map_err(with_findings), post: post.map_err(with_findings) }
        }
        observed => observed,
    }
}

/// The Jobs of the cluster's hooks: as the watches have them, where they are given.
pub(super) async fn jobs(
    client: &Client,
    cluster: &StarRocksCluster,
    known: Option<&Watched>,
) -> Result<BTreeMap<String, ObservedJob>, ObserveError> {
    let namespace = namespace(cluster);
    let found = match known {
        Some(known) => known.jobs.of(&Key::new(&*namespace, cluster.name_any())),
        None => {
            let jobs: Api<Job> = Api::namespaced(client.clone(), &namespace);
            let selector = format!("{}={},{WAVE_LABEL}", OWNER_LABEL, cluster.name_any());
            let found = jobs.list(&ListParams::default().labels(&selector)).await?;
            found.items.into_iter().map(Arc::new).collect()
        }
    };
    let mut observed = BTreeMap::new();
    for job in found.into_iter().filter(|job| job.labels().contains_key(WAVE_LABEL)) {
        let state = observed_job(client, &namespace, cluster, &job).await?;
        observed.insert(job.name_any(), state);
    }
    Ok(observed)
}

async fn observed_job(
    client: &Client,
    namespace: &str,
    cluster: &StarRocksCluster,
    job: &Job,
) -> Result<ObservedJob, ObserveError> {
    let uid = cluster.uid().unwrap_or_default();
    if !job.owner_references().iter().any(|owner| owner.uid == uid) {
        return Ok(ObservedJob::Foreign);
    }
    let conditions = job.status.as_ref().and_then(|status| status.conditions.as_ref());
    let holds = |type_: &str| {
        conditions
            .and_then(|conditions| conditions.iter().find(|one| one.type_ == type_ && one.status == "True"))
    };
    if holds("Complete").is_some() {
        return Ok(ObservedJob::Succeeded);
    }
    let Some(failed) = holds("Failed") else { return Ok(ObservedJob::Running) };
    let deadline_exceeded = failed.reason.as_deref() == Some("DeadlineExceeded");
    let message = match end_of_output(client, namespace, &job.name_any()).await? {
        Some(message) => message,
        None => failed.message.clone().unwrap_or_default(),
    };
    Ok(ObservedJob::Failed { deadline_exceeded, message })
}

/// The exit code and the end of what the run printed, from its pod.
async fn end_of_output(client: &Client, namespace: &str, job: &str) -> Result<Option<String>, ObserveError> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let pods =
        pods.list(&ListParams::default().labels(&format!("batch.kubernetes.io/job-name={job}"))).await?;
    let ended = pods.iter().find_map(|pod| {
        let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
        containers.first()?.state.as_ref()?.terminated.clone()
    });
    Ok(ended.map(|ended| {
        let output = ended.message.unwrap_or_default();
        let output: String = output.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let skipped = output.chars().count().saturating_sub(MESSAGE_CHARACTERS);
        let tail: String = output.trim().chars().skip(skipped).collect();
        format!("exit code {}: {}", ended.exit_code, tail.replace('\n', " | "))
    }))
}

/// How much of a run's output a status keeps.
const MESSAGE_CHARACTERS: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_api::policy::LoadedPolicy;
    use serde_json::{Value, json};

    const SYNC: &[u8] = b"pre_upgrade() { sync; }\npost_upgrade() { :; }\n";

    fn judged(spec: &Value, seconds: i64) -> (Judged, Remarks) {
        let policy = EffectivePolicy::from(&LoadedPolicy::read("platform", 3, spec));
        let mut remarks = Remarks::default();
        (judge(&policy, SYNC, seconds, "hook script hooks/hooks.sh of BE", &mut remarks), remarks)
    }

    #[test]
    fn the_mode_decides_what_becomes_of_a_script_that_is_not_allowed() {
        let (script, _) = judged(&json!({}), 300);
        let Judged::Refused { findings, .. } = script else { panic!("it is not refused") };
        assert!(findings.contains("HG202 error at line 1"), "{findings}");
        assert!(findings.ends_with("(HookPolicy platform@3)"), "{findings}");
        let (script, remarks) = judged(&json!({"mode": "Warn"}), 300);
        assert!(matches!(script, Judged::Passed { .. }));
        assert!(remarks.warnings[0].starts_with("hook script hooks/hooks.sh of BE: HG202"));
        let (script, remarks) = judged(&json!({"mode": "Audit"}), 300);
        assert!(matches!(script, Judged::Passed { .. }));
        assert_eq!((remarks.warnings.len(), remarks.records.len()), (0, 1));
    }

    #[test]
    fn a_script_that_is_given_more_time_than_allowed_is_refused() {
        let spec = json!({"programs": [{"name": "sync"}], "maxTimeoutSeconds": 60});
        assert!(matches!(judged(&spec, 60).0, Judged::Passed { .. }));
        let (script, _) = judged(&spec, 61);
        let Judged::Refused { findings, .. } = script else { panic!("it is not refused") };
        assert_eq!(findings, "timeoutSeconds is 61, and at most 60 are allowed (HookPolicy platform@3)");
    }

    fn demand(effect: Effect) -> ApprovalDemand {
        ApprovalDemand { policy: hookgate_api::policy::PolicyId::default(), effect }
    }

    fn unapproved() -> ObservedApproval {
        ObservedApproval::Needed { pre: Err("nobody has".to_owned()), post: Err("nobody has".to_owned()) }
    }

    #[test]
    fn without_an_approval_the_mode_decides() {
        let mut remarks = Remarks::default();
        let observed = demanded(unapproved(), &[demand(Effect::NeedApproval)], &[], "s", &mut remarks);
        assert_eq!(observed.of(HookPhase::Pre), Err("nobody has"));
        assert_eq!((remarks.warnings.len(), remarks.records.len()), (0, 0));
        let lenient = [demand(Effect::Warn), demand(Effect::Record)];
        assert_eq!(demanded(unapproved(), &lenient, &[], "s", &mut remarks), ObservedApproval::NotNeeded);
        assert_eq!(remarks.warnings, ["s: HookPolicy default: nobody has"]);
        assert_eq!(remarks.records, ["s: HookPolicy default: nobody has"]);
    }

    #[test]
    fn a_finding_that_an_approval_lifts_needs_one_and_is_named() {
        let (script, _) = judged(&json!({"overridableRules": ["HG202"]}), 300);
        let Judged::Passed { findings, lifted, .. } = script else { panic!("it is refused") };
        assert_eq!(findings, ["HG202 error"]);
        let observed = demanded(unapproved(), &[], &lifted, "s", &mut Remarks::default());
        let message = observed.of(HookPhase::Pre).unwrap_err();
        assert!(message.starts_with("nobody has; it would lift: HG202"), "{message}");
    }
}
