//! The Jobs that run scripts.

use super::{
    super::{ObserveError, namespace},
    ending::{End, failure},
};
use crate::{
    observation::ObservedJob,
    plan::{CUSTOM, names::hook_job},
    render::NONCE_ANNOTATION,
    watched::{Key, Watched},
};
use hookgate_api::{StarRocksCluster, names::OWNER_LABEL};
use k8s_openapi::api::{batch::v1::Job, core::v1::Pod};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::{collections::BTreeMap, sync::Arc};

/// The label of a hook's Job that names its wave.
const WAVE_LABEL: &str = "hookgate.dev/wave";

/// The Jobs of the cluster's hooks: as the watches have them, where they are given.
pub(in crate::observe) async fn jobs(
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

#[cfg(test)]
mod tests {
    use super::*;
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
}
