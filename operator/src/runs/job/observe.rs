//! The Jobs that run scripts.

use super::{
    beginning::beginning,
    ending::{End, failure, result_of},
    failed,
};
use crate::{
    observation::{ObservedJob, ObservedRun},
    plan::{ScriptRun, script_runs},
    render::NONCE_ANNOTATION,
    runs::{RunError, Runs},
    watched::{Key, Watched},
};
use hookgate_api::{StarRocksCluster, names::OWNER_LABEL};
use k8s_openapi::api::{
    batch::v1::{Job, JobCondition},
    core::v1::Pod,
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::sync::Arc;

/// The label of a hook's Job that names its wave.
const WAVE_LABEL: &str = "hookgate.dev/wave";

/// The Jobs of the cluster's hooks: as the watches have them, where they are given.
pub(super) async fn runs(
    client: &Client,
    cluster: &StarRocksCluster,
    known: Option<&Watched>,
) -> Result<Runs, RunError> {
    let namespace = cluster.namespace().unwrap_or_default();
    let found = match known {
        Some(known) => known.jobs.of(&Key::new(&*namespace, cluster.name_any())),
        None => {
            let jobs: Api<Job> = Api::namespaced(client.clone(), &namespace);
            let selector = format!("{}={},{WAVE_LABEL}", OWNER_LABEL, cluster.name_any());
            let found = jobs.list(&ListParams::default().labels(&selector)).await;
            let found = found.map_err(|cause| failed::<Job>(&selector, cause))?;
            found.items.into_iter().map(Arc::new).collect()
        }
    };
    let mut observed = Runs::default();
    for job in found.into_iter().filter(|job| job.labels().contains_key(WAVE_LABEL)) {
        let name = job.name_any();
        if !is_ours(cluster, &job) {
            observed.jobs.insert(name, ObservedJob::Foreign);
            continue;
        }
        let pods = match needs_pods(&job) {
            true => pods(client, &namespace, &name).await?,
            false => Vec::new(),
        };
        observed.runs.extend(run(&job, &pods).map(|run| (name.clone(), run)));
        observed.jobs.insert(name, state(&job, &pods));
    }
    Ok(observed)
}

/// The pods of a Job.
async fn pods(client: &Client, namespace: &str, job: &str) -> Result<Vec<Pod>, RunError> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
    let of_job = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={job}"));
    let found = pods.list(&of_job).await.map_err(|cause| failed::<Pod>(&format!("of Job {job}"), cause))?;
    Ok(found.items)
}

/// Whether a Job is the cluster's. One that has the name of a run has its nonce as well, and, once it is known which Job
/// that is, its uid.
fn is_ours(cluster: &StarRocksCluster, job: &Job) -> bool {
    let uid = cluster.uid().unwrap_or_default();
    if !job.owner_references().iter().any(|owner| owner.uid == uid) {
        return false;
    }
    let name = job.name_any();
    let runs = cluster.status.iter().flat_map(|status| script_runs(cluster, status));
    runs.filter(|one| one.job == name).all(|ScriptRun { run, .. }| {
        let nonce = job.annotations().get(NONCE_ANNOTATION).map_or("", String::as_str);
        nonce == run.nonce && run.job_uid.as_ref().is_none_or(|known| job.uid().as_ref() == Some(known))
    })
}

/// A condition of a Job that holds.
fn condition<'a>(job: &'a Job, type_: &str) -> Option<&'a JobCondition> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    conditions.iter().find(|condition| condition.type_ == type_ && condition.status == "True")
}

fn has_ended(job: &Job) -> bool {
    condition(job, "Complete").is_some() || condition(job, "Failed").is_some()
}

/// Whether the pods say more than the Job: of an end, and of a pod that isn't ready. One that runs is ready, for it has no
/// probe.
fn needs_pods(job: &Job) -> bool {
    let status = job.status.as_ref();
    let is_active = status.and_then(|status| status.active).is_some_and(|active| active > 0);
    has_ended(job) || (is_active && !is_ready(job))
}

fn is_ready(job: &Job) -> bool {
    job.status.as_ref().and_then(|status| status.ready).is_some_and(|ready| ready > 0)
}

/// How a Job of ours stands.
fn state(job: &Job, pods: &[Pod]) -> ObservedJob {
    if condition(job, "Complete").is_some() {
        return ObservedJob::Succeeded;
    }
    let Some(failed) = condition(job, "Failed") else { return ObservedJob::Running };
    let overdue = failed.reason.as_deref() == Some("DeadlineExceeded");
    let said = failed.message.clone().unwrap_or_default();
    match End::of(pods) {
        End::Known(end) => failure(&job.name_any(), &end),
        End::PodGone if !overdue => ObservedJob::Failed {
            deadline_exceeded: false,
            message: format!("its pod is gone, evicted or deleted before the run had ended: {said}"),
        },
        End::PodGone | End::Unknown => ObservedJob::Failed { deadline_exceeded: overdue, message: said },
    }
}

/// What its pods say besides.
fn run(job: &Job, pods: &[Pod]) -> Option<ObservedRun> {
    if has_ended(job) {
        return result_of(&job.name_any(), pods).map(Box::new).map(ObservedRun::Ended);
    }
    if is_ready(job) { Some(ObservedRun::Started) } else { pods.iter().find_map(beginning) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::names::hook_job;
    use hookgate_api::Component;
    use serde_json::json;

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
    fn pods_are_asked_for_where_they_say_more_than_their_job() {
        let job = |status: &serde_json::Value| -> Job {
            serde_json::from_value(json!({"metadata": {"name": "r1"}, "status": status})).unwrap()
        };
        let ended = |type_: &str, reason: &str| {
            let condition = json!({"type": type_, "status": "True", "reason": reason, "message": "said"});
            job(&json!({"active": 0, "conditions": [condition]}))
        };
        assert!(!needs_pods(&job(&json!({}))), "there is none yet");
        assert!(needs_pods(&job(&json!({"active": 1, "ready": 0}))));
        let ready = job(&json!({"active": 1, "ready": 1}));
        assert!(!needs_pods(&ready));
        assert_eq!(
            (state(&ready, &[]), run(&ready, &[])),
            (ObservedJob::Running, Some(ObservedRun::Started))
        );
        let complete = ended("Complete", "");
        assert!(needs_pods(&complete));
        assert_eq!((state(&complete, &[]), run(&complete, &[])), (ObservedJob::Succeeded, None));
        let overdue = ended("Failed", "DeadlineExceeded");
        assert!(needs_pods(&overdue));
        let failed = |deadline_exceeded, message: &str| ObservedJob::Failed {
            deadline_exceeded,
            message: message.to_owned(),
        };
        assert_eq!((state(&overdue, &[]), run(&overdue, &[])), (failed(true, "said"), None));
        let gone = "its pod is gone, evicted or deleted before the run had ended: said";
        assert_eq!(state(&ended("Failed", "BackoffLimitExceeded"), &[]), failed(false, gone));
    }
}
