//! A cluster is deployed FE first and upgraded in one patch.

use crate::{
    admission::{POST, PRE, SAFE},
    report,
    stage::Stage,
};
use hookgate_api::{Component, StarRocksCluster};
use hookgate_e2e::{
    Manifest, Problem, Scenario, ensure,
    kubectl::kubectl,
    manifest::CLUSTER,
    proofs::{fe_first, safe_upgrade, script_ran_around_the_roll},
    settings::Originals,
    wait,
};
use jiff::Timestamp;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

/// How long a deployment, and an upgrade, may take.
const DEADLINE: Duration = Duration::from_secs(300);

pub async fn show(stage: &Stage, scenario: &Scenario) -> Result<(), Problem> {
    let manifest = manifest();
    deploy(stage, scenario, &manifest).await?;
    let from = upgrade(stage, scenario, &manifest).await?;
    let until = Timestamp::now();
    let timeline = scenario.timeline().await?;
    stage.title("5. What the API server and the database saw");
    report::timeline(stage, &timeline, from);
    stage.title("6. The proof: what every FE held, and when it was asked, each time a pod was let go");
    let evidence = safe_upgrade(&timeline, from, until, &manifest)?;
    script_ran_around_the_roll(&timeline, from, Component::Fe, PRE, POST)?;
    report::checks(stage, &evidence.checks, from);
    stage.good("BE before CN before FE, none overlapping; one pod at a time; the leading FE last");
    stage.good("the settings were held by every FE, and verified by asking it, before each pod was let go");
    report::originals(stage, &timeline, until, &manifest.originals);
    stage.good("every FE has its original settings again, and not a document's defaults");
    stage.title("7. The cluster");
    shown(stage, scenario, &["get", "starrocksclusters"], "kubectl get src").await
}

/// FE 3, BE 3, CN 1, with settings of its own, and a script around FE's turn.
fn manifest() -> Manifest {
    let hooks = json!({
        "predefined": ["disable-tablet-clone", "disable-balancer"],
        "custom": {"configMapName": SAFE},
    });
    let originals = Originals::default()
        .with("tablet_sched_max_scheduling_tablets", "4321")
        .with("tablet_sched_max_balancing_tablets", "77");
    Manifest::new("3.2.1", 3, 3, 1)
        .with_originals(originals)
        .with(&json!({"spec": {"starRocksFeSpec": {"upgradeHooks": hooks}}}))
}

async fn deploy(stage: &Stage, scenario: &Scenario, manifest: &Manifest) -> Result<(), Problem> {
    stage.title("3. A StarRocks cluster is deployed FE first: FE 3, BE 3, CN 1 at 3.2.1");
    stage.command("kubectl apply -f cluster.yaml");
    let object = manifest.object.to_string();
    let answer = kubectl(&["-n", &scenario.namespace, "apply", "-f", "-"], Some(&object)).await?;
    stage.text(&answer.text);
    ensure(answer.success, || "the cluster was refused".to_owned())?;
    settled(stage, scenario, "the cluster to be up", running).await?;
    fe_first(&scenario.timeline().await?, manifest.pods_of(Component::Fe))?;
    stage.good("BE and CN were created only when every FE was ready");
    shown(stage, scenario, &["get", "starrocksclusters"], "kubectl get src").await
}

async fn upgrade(stage: &Stage, scenario: &Scenario, manifest: &Manifest) -> Result<Timestamp, Problem> {
    stage.title("4. All images are changed to 3.2.2 in one patch");
    let patch = manifest.images("3.2.2").to_string();
    let from = scenario.moment().await?;
    stage.command(&format!("kubectl patch src {CLUSTER} --type merge -p '{patch}'"));
    let arguments =
        ["-n", &scenario.namespace, "patch", "starrocksclusters", CLUSTER, "--type", "merge", "-p"];
    let answer = kubectl(&[&arguments[..], &[&patch]].concat(), None).await?;
    stage.text(&answer.text);
    ensure(answer.success, || "the patch was refused".to_owned())?;
    settled(stage, scenario, "the upgrade to be complete", waiting).await?;
    stage.good("the upgrade is complete");
    Ok(from)
}

/// Waits, and says what is being waited for whenever that changes.
async fn settled(
    stage: &Stage,
    scenario: &Scenario,
    what: &str,
    describe: fn(&StarRocksCluster) -> Option<String>,
) -> Result<(), Problem> {
    let mut said = None;
    let reached = |cluster: &StarRocksCluster| {
        let now = describe(cluster);
        if now.is_some() && now != said {
            stage.progress(now.as_deref().unwrap_or_default());
            said = now;
        }
        wait::is_settled(cluster)
    };
    wait::until(&scenario.clusters(), CLUSTER, what, DEADLINE, reached, wait::tell).await.map(|_| ())
}

/// How many pods of each component are there.
fn running(cluster: &StarRocksCluster) -> Option<String> {
    let status = cluster.status.as_ref()?;
    let counts: BTreeMap<_, _> = Component::ALL
        .into_iter()
        .filter_map(|component| Some((component, status.component(component)?.running_instances.len())))
        .collect();
    let counts = counts.iter().map(|(component, ready)| {
        let wanted = cluster.spec.server(*component).map_or(0, |server| server.common.replicas());
        format!("{component} {ready} of {wanted} ready")
    });
    Some(counts.collect::<Vec<_>>().join(", "))
}

/// Whose turn it is, and what the wave waits for.
fn waiting(cluster: &StarRocksCluster) -> Option<String> {
    let wave = cluster.status.as_ref()?.wave.as_ref()?;
    let waiting = wave.waiting_for.as_ref()?;
    let turn = wave.components.iter().find(|step| step.completed_at.is_none());
    let turn = turn.map_or_else(String::new, |step| format!("{} {:?}: ", step.component, step.phase));
    let message = waiting.message.replace("component not ready: ", "");
    let message = turn
        .split(' ')
        .next()
        .and_then(|name| message.strip_prefix(&format!("{name}: ")))
        .unwrap_or(&message)
        .to_owned();
    Some(format!("{turn}{message}"))
}

async fn shown(stage: &Stage, scenario: &Scenario, arguments: &[&str], command: &str) -> Result<(), Problem> {
    stage.command(command);
    let answer = kubectl(&[&["-n", scenario.namespace.as_str()], arguments].concat(), None).await?;
    stage.text(&answer.text);
    ensure(answer.success, || format!("{command} has failed"))
}
