//! Upgrades of one cluster of stand-ins: how soon the next pod goes, and how many requests it takes.

use crate::{
    gaps::{Gap, gaps},
    requests::{Counts, count},
};
use hookgate_chaos::audit::AuditLog;
use hookgate_e2e::{Manifest, Place, Problem, Scenario, client::standin_image, proofs::safe_upgrade};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, ResourceExt, api::ListParams};
use serde::Serialize;
use std::time::{Duration, Instant};

/// The cluster is deployed with the first and upgraded to the others in turn, and from the last to the first again is
/// no upgrade: more upgrades take further clusters.
pub const VERSIONS: [&str; 4] = ["3.1.9", "3.2.1", "3.2.2", "3.3.0"];
/// FE, BE, CN, as the upstream operator was measured with.
pub const PODS: [usize; 3] = [3, 3, 2];
/// How long the audit log, the recorder and an operator's last words may take after the last pod is back.
const SETTLE: Duration = Duration::from_secs(2);
/// How long a cluster of the upstream operator may take for anything.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at the pods of a cluster whose operator doesn't say when it's done.
const LOOK: Duration = Duration::from_millis(250);

/// An upgrade as it was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Upgrade {
    /// The version.
    pub to: String,
    /// From the change to the end, in seconds.
    pub seconds: f64,
    /// The time between pods.
    pub gaps: Vec<Gap>,
    /// The requests by verb and resource.
    pub requests: Counts,
}

/// Upgrades of our operator, which runs; each is proven safe, so that no speed is measured of what is wrong.
///
/// # Errors
/// When an upgrade isn't complete in time, or isn't safe.
pub async fn ours(upgrades: u32, audit: &mut AuditLog) -> Result<Vec<Upgrade>, Problem> {
    let mut measured = Vec::new();
    while measured.len() < usize::try_from(upgrades).unwrap_or(usize::MAX) {
        let scenario = Scenario::begin("bench", &Place::default()).await?;
        let wanted = usize::try_from(upgrades).unwrap_or(usize::MAX) - measured.len();
        let result = turn(&scenario, wanted, audit, &mut measured).await;
        if let Err(problem) = &result {
            scenario.explain(problem).await;
        }
        scenario.end().await?;
        result?;
    }
    Ok(measured)
}

async fn turn(
    scenario: &Scenario,
    wanted: usize,
    audit: &mut AuditLog,
    measured: &mut Vec<Upgrade>,
) -> Result<(), Problem> {
    let mut manifest = manifest();
    scenario.deploy(&manifest).await?;
    for version in VERSIONS.into_iter().skip(1).take(wanted) {
        settle().await;
        audit.requests().map_err(Problem::io("the audit log"))?;
        let begun = Instant::now();
        let from = scenario.change(&manifest.images(version)).await?;
        scenario.upgraded().await?;
        let seconds = begun.elapsed().as_secs_f64();
        settle().await;
        let requests = count(&audit.requests().map_err(Problem::io("the audit log"))?);
        let timeline = scenario.timeline().await?;
        safe_upgrade(&timeline, from, Timestamp::now(), &manifest)?;
        let gaps = gaps(&timeline.replacements(from));
        eprintln!("operator-bench: upgraded to {version} in {seconds:.0} s");
        measured.push(Upgrade { to: version.to_owned(), seconds, gaps, requests });
        manifest = manifest.clone().with(&manifest.images(version));
    }
    Ok(())
}

/// One upgrade of the upstream operator, which runs. It knows no order and no hooks, so only requests are compared.
///
/// # Errors
/// When it isn't complete in time.
pub async fn upstream(audit: &mut AuditLog) -> Result<Upgrade, Problem> {
    let scenario = Scenario::begin("upstream", &Place::default()).await?;
    let manifest = manifest();
    let result = async {
        let [first, second, ..] = VERSIONS;
        scenario.create(&manifest.object).await?;
        all_pods(&scenario, first).await?;
        settle().await;
        audit.requests().map_err(Problem::io("the audit log"))?;
        let begun = Instant::now();
        scenario.change(&manifest.images(second)).await?;
        all_pods(&scenario, second).await?;
        let seconds = begun.elapsed().as_secs_f64();
        settle().await;
        let requests = count(&audit.requests().map_err(Problem::io("the audit log"))?);
        Ok(Upgrade { to: second.to_owned(), seconds, gaps: Vec::new(), requests })
    }
    .await;
    if let Err(problem) = &result {
        scenario.explain(problem).await;
    }
    scenario.end().await?;
    result
}

fn manifest() -> Manifest {
    let [frontends, backends, compute_nodes] = PODS;
    Manifest::new(VERSIONS[0], frontends, backends, compute_nodes)
}

async fn settle() {
    tokio::time::sleep(SETTLE).await;
}

/// Waits until all pods are ready at a version.
async fn all_pods(scenario: &Scenario, version: &str) -> Result<(), Problem> {
    let pods: Api<Pod> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let selector = ListParams::default().labels(hookgate_api::names::COMPONENT_LABEL);
    let begun = Instant::now();
    loop {
        let found = pods.list(&selector).await.map_err(Problem::api("the pods"))?.items;
        let up = found.iter().filter(|pod| is_up(pod, version)).count();
        if up == PODS.into_iter().sum::<usize>() && found.len() == up {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            let what = format!("all pods to be ready at {version}");
            return Err(Problem::Timeout {
                what,
                waited: PATIENCE,
                last: format!("{up} of {} are", found.len()),
            });
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn is_up(pod: &Pod, version: &str) -> bool {
    let component = pod.labels().get(hookgate_api::names::COMPONENT_LABEL).map_or("", String::as_str);
    let image = standin_image(component, version);
    let runs =
        pod.spec.iter().flat_map(|spec| &spec.containers).any(|one| one.image.as_ref() == Some(&image));
    let conditions = pod.status.iter().flat_map(|status| status.conditions.iter().flatten());
    let is_ready = conditions.into_iter().any(|one| one.type_ == "Ready" && one.status == "True");
    runs && is_ready && pod.metadata.deletion_timestamp.is_none()
}
