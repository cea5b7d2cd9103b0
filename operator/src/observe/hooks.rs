//! Custom scripts, judged by the policy, and the Jobs that run them.

use super::{ObserveError, Observer, namespace};
use crate::observation::{ObservedJob, ObservedScript};
use hookgate_api::{Component, StarRocksCluster, names};
use k8s_openapi::{
    ByteString,
    api::{
        batch::v1::Job,
        core::v1::{ConfigMap, Pod},
    },
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::collections::BTreeMap;

/// The scripts that the cluster refers to. The policy is asked here, so that what is judged is what was read; the
/// judgement itself is `hookgate-policy`'s, the same as at admission.
pub(super) async fn scripts(
    observer: &Observer,
    cluster: &StarRocksCluster,
) -> Result<BTreeMap<Component, ObservedScript>, ObserveError> {
    let config_maps: Api<ConfigMap> = Api::namespaced(observer.client.clone(), &namespace(cluster));
    let mut scripts = BTreeMap::new();
    for (component, name, key) in cluster.custom_hooks() {
        let script = match config_maps.get_opt(name).await? {
            None => {
                ObservedScript::Missing(format!("failed to get ConfigMap: configmaps {name:?} not found"))
            }
            Some(config_map) => judge(observer, &config_map, name, key),
        };
        scripts.insert(component, script);
    }
    Ok(scripts)
}

fn judge(observer: &Observer, config_map: &ConfigMap, name: &str, key: &str) -> ObservedScript {
    let text = config_map.data.as_ref().and_then(|data| data.get(key)).map(String::as_bytes);
    let bytes = config_map
        .binary_data
        .as_ref()
        .and_then(|data| data.get(key))
        .map(|ByteString(bytes)| bytes.as_slice());
    let Some(script) = text.or(bytes) else {
        return ObservedScript::Missing(format!("ConfigMap {name:?} has no key {key:?}"));
    };
    let report = hookgate_policy::check(script, &observer.policy);
    let sha256 = report.sha256().to_owned();
    if report.is_denied() {
        let findings: Vec<_> = report.findings().iter().map(ToString::to_string).collect();
        return ObservedScript::Refused { sha256, findings: findings.join("; ") };
    }
    ObservedScript::Accepted { sha256 }
}

/// The Jobs of the cluster's hooks.
pub(super) async fn jobs(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<BTreeMap<String, ObservedJob>, ObserveError> {
    let namespace = namespace(cluster);
    let jobs: Api<Job> = Api::namespaced(client.clone(), &namespace);
    let selector = format!("{}={},hookgate.dev/wave", names::OWNER_LABEL, cluster.name_any());
    let mut observed = BTreeMap::new();
    for job in jobs.list(&ListParams::default().labels(&selector)).await? {
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
