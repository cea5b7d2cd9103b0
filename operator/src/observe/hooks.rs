//! Custom scripts, judged by the policy, and the Jobs that run them.

use super::{
    ObserveError, Observer, RunnerImage, approval, namespace,
    policy::{self, names},
};
use crate::{
    observation::{
        Judgement, ObservedApproval, ObservedJob, ObservedPolicy, ObservedRunner, ObservedScript, Touched,
    },
    plan::{CUSTOM, names::hook_job},
    render::NONCE_ANNOTATION,
    watched::{Key, Watched},
};
use hookgate_api::{
    Component, StarRocksCluster,
    hooks::{HookPhase, UpgradeHooks},
    names::OWNER_LABEL,
    policy::{ApprovalDemand, Effect, EffectivePolicy, Ruling},
};
use hookgate_policy::RuleId;
use hookgate_runner::{
    gate::NamedRules,
    supervise::{Outcome, RunResult},
};
use jiff::Timestamp;
use k8s_openapi::{
    ByteString,
    api::{
        batch::v1::Job,
        core::v1::{ConfigMap, ContainerStateTerminated, Pod},
    },
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

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
    let runner = runner(&observer.runner, &policy);
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
                    with_approval(observer, cluster, policy, judged, &what, &mut remarks).await?
                }
            },
        };
        scripts.insert(component, script);
    }
    Ok((scripts, remarks))
}

/// What the runs of scripts are told of the policies.
fn runner(image: &RunnerImage, policy: &EffectivePolicy) -> ObservedRunner {
    let RunnerImage { image, pull_secrets } = image.clone();
    let (requires_sandbox, programs) = (policy.requires_sandbox(), policy.programs());
    ObservedRunner { image, pull_secrets, requires_sandbox, programs }
}

/// What the policies say of SQL, as the runner reads it.
fn sql_policies(policy: &EffectivePolicy) -> Result<String, serde_json::Error> {
    let rules =
        policy.sql_rules().map(|(id, enforced, rules)| NamedRules { name: id.to_string(), enforced, rules });
    serde_json::to_string(&rules.collect::<Vec<_>>())
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
    let overridden = verdict.with(Effect::NeedApproval).map(|ruling| ruling.finding.rule).collect();
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
    let (sha256, functions) = (verdict.sha256, verdict.functions);
    if !refusals.is_empty() {
        return Judged::Refused { sha256, findings: refusals.join("; ") };
    }
    Judged::Passed { sha256, functions, findings: found, lifted, overridden }
}

/// What the policies say of a script, before anybody has looked for an approval.
enum Judged {
    Refused {
        sha256: String,
        findings: String,
    },
    Passed {
        sha256: String,
        functions: Vec<String>,
        findings: Vec<String>,
        lifted: Vec<String>,
        /// The rules whose findings an approval lifts.
        overridden: BTreeSet<RuleId>,
    },
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
    let (sha256, functions, findings, lifted, overridden) = match judged {
        Judged::Refused { sha256, findings } => return Ok(ObservedScript::Refused { sha256, findings }),
        Judged::Passed { sha256, functions, findings, lifted, overridden } => {
            (sha256, functions, findings, lifted, overridden)
        }
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
    let sql_policies = sql_policies(&policy.clone().lifting(&overridden))?;
    let judgement = Judgement { policies: policy.names(), functions, findings, approval, sql_policies };
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

/// Whether a Job is the cluster's. One that has the name of a run has its nonce as well, and, once it is known which Job
/// that is, its uid.
fn is_ours(cluster: &StarRocksCluster, job: &Job) -> bool {
    let uid = cluster.uid().unwrap_or_default();
    if !job.owner_references().iter().any(|owner| owner.uid == uid) {
        return false;
    }
    let wave = cluster.status.as_ref().and_then(|status| status.wave.as_ref());
    let steps = wave.into_iter().flat_map(|wave| wave.components.iter().map(move |step| (&wave.id, step)));
    let runs = steps.flat_map(|(wave, step)| step.hooks.iter().map(move |run| (wave, step.component, run)));
    // The predefined hooks have no Jobs.
    let mut named = runs.filter(|(wave, component, run)| {
        run.name == CUSTOM
            && job.name_any() == hook_job(&cluster.name_any(), &uid, wave, *component, run.phase, run.attempt)
    });
    named.all(|(_, _, run)| {
        let nonce = job.annotations().get(NONCE_ANNOTATION).map_or("", String::as_str);
        nonce == run.nonce && run.job_uid.as_ref().is_none_or(|known| job.uid().as_ref() == Some(known))
    })
}

async fn observed_job(
    client: &Client,
    namespace: &str,
    cluster: &StarRocksCluster,
    job: &Job,
) -> Result<ObservedJob, ObserveError> {
    if !is_ours(cluster, job) {
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
    let overdue = failed.reason.as_deref() == Some("DeadlineExceeded");
    let said = failed.message.clone().unwrap_or_default();
    Ok(match end(client, namespace, &job.name_any()).await? {
        End::Known(end) => failure(&job.name_any(), &end),
        End::PodGone if !overdue => ObservedJob::Failed {
            deadline_exceeded: false,
            message: format!("its pod is gone, evicted or deleted before the run had ended: {said}"),
        },
        End::PodGone | End::Unknown => ObservedJob::Failed { deadline_exceeded: overdue, message: said },
    })
}

/// What is known of how a run has ended.
enum End {
    /// This container of its pod.
    Known(ContainerStateTerminated),
    /// There is no pod.
    PodGone,
    /// There is one, and none of its containers has failed.
    Unknown,
}

/// How the container of a run has ended: the runner's, or that which should have brought the runner.
async fn end(client: &Client, namespace: &str, job: &str) -> Result<End, ObserveError> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let pods =
        pods.list(&ListParams::default().labels(&format!("batch.kubernetes.io/job-name={job}"))).await?;
    let failed = pods.iter().find_map(|pod| {
        let status = pod.status.as_ref()?;
        let containers = status.container_statuses.iter().chain(&status.init_container_statuses).flatten();
        containers
            .filter_map(|container| container.state.as_ref()?.terminated.clone())
            .find(|end| end.exit_code != 0)
    });
    Ok(match failed {
        Some(end) => End::Known(end),
        None if pods.items.is_empty() => End::PodGone,
        None => End::Unknown,
    })
}

/// What the end of a container says of a run that failed. The runner's own words, where there are any, and they are about
/// this run; otherwise what Kubernetes says.
fn failure(run: &str, end: &ContainerStateTerminated) -> ObservedJob {
    let message = end.message.as_deref().unwrap_or_default();
    let result = serde_json::from_str::<RunResult>(message).ok().filter(|result| result.run == run);
    let Some(result) = result else {
        let reason = end.reason.as_deref().unwrap_or("it ended");
        let said = if message.is_empty() { String::new() } else { format!(": {}", last(message)) };
        let message = format!("{reason} (exit code {}){said}", end.exit_code);
        return ObservedJob::Failed { deadline_exceeded: false, message };
    };
    let output = last(&result.output);
    let message = if output.is_empty() { result.message } else { format!("{}: {output}", result.message) };
    ObservedJob::Failed { deadline_exceeded: result.outcome == Outcome::DeadlineExceeded, message }
}

/// The end of a text, on one line.
fn last(text: &str) -> String {
    let text: String = text.trim().replace('\n', " | ").chars().filter(|c| !c.is_control()).collect();
    let skipped = text.chars().count().saturating_sub(MESSAGE_CHARACTERS);
    text.chars().skip(skipped).collect()
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
    fn a_run_that_failed_is_told_in_the_words_of_the_runner() {
        let ended = |message: &str| ContainerStateTerminated {
            exit_code: 1,
            reason: Some("Error".to_owned()),
            message: Some(message.to_owned()),
            ..ContainerStateTerminated::default()
        };
        let result = |outcome: &str, run: &str| {
            json!({"run": run, "outcome": outcome, "message": "exit code 3", "output": "a\nERROR: \u{7}b",
                "statements": {"sent": 1, "refused": 0}, "durationMilliseconds": 5})
            .to_string()
        };
        let told = |message: &str| match failure("r1", &ended(message)) {
            ObservedJob::Failed { deadline_exceeded, message } => (deadline_exceeded, message),
            other => panic!("{other:?}"),
        };
        assert_eq!(told(&result("Failed", "r1")), (false, "exit code 3: a | ERROR: b".to_owned()));
        assert!(told(&result("DeadlineExceeded", "r1")).0);
        // What isn't the runner's word on this run is repeated, and never believed.
        assert!(!told(&result("DeadlineExceeded", "r2")).0);
        assert_eq!(told("no\nbash"), (false, "Error (exit code 1): no | bash".to_owned()));
        assert_eq!(told(""), (false, "Error (exit code 1)".to_owned()));
    }

    #[test]
    fn a_job_is_ours_with_the_owner_and_the_nonce_and_the_uid_that_are_written_down() {
        let run = |job_uid: Option<&str>| {
            json!({"name": "custom", "phase": "Pre", "result": "Running", "attempt": 1, "nonce": "n1",
                "startedAt": "2026-01-01T00:00:00Z", "jobUid": job_uid})
        };
        let cluster = |job_uid: Option<&str>| -> StarRocksCluster {
            let predefined = json!({"name": "disable-balancer", "phase": "Pre", "result": "Succeeded", "attempt": 1,
                "startedAt": "2026-01-01T00:00:00Z"});
            let component = json!({"component": "be", "phase": "Preparing", "fromImage": "a", "toImage": "b", "target": "t",
                "hooks": [predefined, run(job_uid)]});
            let wave = json!({"id": "w1", "direction": "Upgrade", "startedAt": "2026-01-01T00:00:00Z",
                "components": [component]});
            serde_json::from_value(json!({"apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
                "metadata": {"name": "sr", "uid": "u"}, "spec": {}, "status": {"wave": wave}}))
            .unwrap()
        };
        let name = hook_job("sr", "u", "w1", Component::Be, hookgate_api::hooks::HookPhase::Pre, 1);
        let job = |owner: &str, nonce: &str, uid: &str| -> Job {
            let owner = json!({"apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster", "name": "sr", "uid": owner});
            serde_json::from_value(json!({"metadata": {"name": name, "uid": uid, "ownerReferences": [owner],
                "annotations": {NONCE_ANNOTATION: nonce}}}))
            .unwrap()
        };
        assert!(is_ours(&cluster(None), &job("u", "n1", "j1")));
        assert!(is_ours(&cluster(Some("j1")), &job("u", "n1", "j1")));
        assert!(!is_ours(&cluster(Some("j1")), &job("u", "n1", "j2")), "another under the same name");
        assert!(!is_ours(&cluster(None), &job("u", "n0", "j1")), "of another run");
        assert!(!is_ours(&cluster(None), &job("v", "n1", "j1")), "of another cluster");
        // Of a run that nobody waits for any more: there's nothing to compare it with.
        let mut old = job("u", "n0", "j0");
        old.metadata.name = Some("sr-be-pre-old".to_owned());
        assert!(is_ours(&cluster(None), &old));
    }

    #[test]
    fn runs_are_told_what_the_policies_say() {
        let policy = |spec: &Value| EffectivePolicy::from(&LoadedPolicy::read("platform", 3, spec));
        let image = RunnerImage { image: "hookgate:1".to_owned(), ..RunnerImage::default() };
        let refused = |policy: &EffectivePolicy, sql: &str| {
            let judge = hookgate_runner::gate::Judge::read(&sql_policies(policy).unwrap()).unwrap();
            judge.judge(sql).err().map(|refusal| (refusal.rule, refusal.policy))
        };
        let refusal = |rule: &str| Some((rule.to_owned(), "platform@3".to_owned()));
        let strict = policy(&json!({"programs": [{"name": "sync"}], "overridableRules": ["HG403"]}));
        assert!(runner(&image, &strict).programs.is_some_and(|programs| programs.contains("sync")));
        assert_eq!(refused(&strict, "DROP TABLE a"), refusal("HG403"));
        let lifting = strict.lifting(&["HG403".parse().unwrap()].into());
        assert_eq!(refused(&lifting, "DROP TABLE a"), None);
        assert_eq!(refused(&lifting, "SELECT 1 # comment"), refusal("HG404"));
        let programs = runner(&image, &lifting).programs.unwrap();
        assert!(!programs.contains("tar"), "the sandbox stays as it is");
        let lenient = policy(&json!({"profile": "baseline"}));
        assert_eq!((runner(&image, &lenient).programs, refused(&lenient, "DROP TABLE a")), (None, None));
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
