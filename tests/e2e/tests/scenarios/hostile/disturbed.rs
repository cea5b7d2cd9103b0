//! What happens around a run: a Job made beforehand under its name, its Job deleted, its pod evicted, its ConfigMap
//! changed while it runs, and a statement that only shows when it is sent.

use crate::{
    policies::{Policy, object},
    run::{assert_completed, run_in, upgrade_state},
};
use hookgate_api::{
    Component,
    hooks::HookPhase,
    status::{HookResult, HookRun},
};
use hookgate_e2e::{
    Manifest, Place, Problem, Scenario, ensure,
    manifest::{CLUSTER, hook},
    proofs::{rolled_in_order, statements},
    wait::answered,
};
use jiff::Timestamp;
use k8s_openapi::api::{batch::v1::Job, core::v1::Pod, events::v1::Event};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, EvictParams, ListParams, PostParams},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

const POLICY: Policy = Policy { name: "hookgate-e2e-disturbed", label: "e2e-disturbed" };
/// How long one state of a run may take to be reached.
const STEP: Duration = Duration::from_secs(60);

/// A script that says when it begins and ends, takes its time between, and builds a statement that nobody sees before
/// it is sent.
fn script(name: &str) -> String {
    let call = "mysql -h\"${SR_FE_HOST}\" -P\"${SR_FE_PORT}\" -u\"${SR_FE_USER}\"";
    format!(
        "pre_upgrade() {{\n    {call} -e 'SELECT \"{name} begins\"' || return 1\n    sleep 15\n    \
             {call} -e 'SELECT \"{name} ends\"' || return 1\n}}\n\
         post_upgrade() {{\n    local statement='SELECT \"{name} is after\"'\n    {call} -e \"$statement\" || return 1\n    \
             statement=\"DROP TABLE orders\"\n    {call} -e \"$statement\" || return 3\n}}\n"
    )
}

#[test]
fn a_disturbed_run_is_told_and_tried_again_and_a_forged_one_is_refused() {
    let place = Place { labels: vec![(POLICY.label, "")], ..Place::default() };
    run_in("disturbed", &place, async |scenario| {
        POLICY.delete(&scenario.client).await?;
        let result = Box::pin(disturbed(scenario)).await;
        POLICY.delete(&scenario.client).await?;
        result
    });
}

async fn disturbed(scenario: &Scenario) -> Result<(), Problem> {
    // Statements that are built are let through by admission, and so it's the gate that sees them first.
    POLICY.apply(&scenario.client, &json!({"severities": {"HG401": "warning"}})).await?;
    super::hook_is_admitted(scenario, "be", &script("B")).await?;
    scenario.create(&hook("cn", &script("C"))).await?;
    let hooks =
        |name: &str| json!({"upgradeHooks": {"custom": {"configMapName": name}, "timeoutSeconds": 60}});
    let spec = json!({"starRocksBeSpec": hooks("be"), "starRocksCnSpec": hooks("cn")});
    let manifest = Manifest::new("3.2.1", 1, 1, 1).with(&json!({"spec": spec}));
    scenario.deploy(&manifest).await?;
    let from = scenario.change(&manifest.images("3.2.2")).await?;

    said(scenario, from, "B begins", 1).await?;
    let forged = forge(scenario, Component::Be, 2).await?;
    let jobs: Api<Job> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let first = job_of(scenario, Component::Be, 1).await?;
    let deleted = jobs.delete(&first, &DeleteParams::background()).await;
    deleted.map_err(Problem::api("deleting the Job of the run"))?;
    // The second try meets the forged Job, and the third is the run.
    said(scenario, from, "B begins", 2).await?;
    let still = jobs.get_opt(&forged).await.map_err(Problem::api("the forged Job"))?;
    ensure(still.is_some(), || "what somebody else has made is not Hookgate's to delete".to_owned())?;
    said(scenario, from, "B ends", 1).await?;

    said(scenario, from, "C begins", 1).await?;
    evict(scenario, &job_of(scenario, Component::Cn, 1).await?).await?;
    said(scenario, from, "C begins", 2).await?;
    scenario.replace_script("cn", &script("D")).await?;

    let cluster = scenario.upgraded().await?;
    assert_completed(&cluster, &manifest, "3.2.2");
    let timeline = scenario.timeline().await?;
    rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
    let count = |text: &str| {
        let expected = format!("SELECT \"{text}\"");
        statements(&timeline, from).filter(|(_, _, sent)| *sent == expected).count()
    };
    assert_eq!((count("B begins"), count("B ends"), count("B is after")), (2, 1, 1));
    // What was begun is ended as it was; what begins after the change is the changed one.
    assert_eq!((count("C begins"), count("C ends"), count("C is after")), (2, 1, 0));
    assert_eq!((count("D begins"), count("D ends"), count("D is after")), (0, 0, 1));
    let asked = timeline.database.iter().any(|one| format!("{one:?}").contains("DROP TABLE"));
    assert!(!asked, "what the policy refuses was sent");

    let run = |component, phase| -> &HookRun {
        let is_it = |run: &&HookRun| run.name == "custom" && run.phase == phase;
        upgrade_state(&cluster, component).hooks.iter().find(is_it).expect("the run is recorded")
    };
    let (be, cn) = (run(Component::Be, HookPhase::Pre), run(Component::Cn, HookPhase::Pre));
    assert_eq!((be.result, be.attempt), (HookResult::Succeeded, 3), "{be:?}");
    assert_eq!((cn.result, cn.attempt), (HookResult::Succeeded, 2), "{cn:?}");
    assert_ne!(cn.script_sha256, run(Component::Cn, HookPhase::Post).script_sha256);
    let refused = run(Component::Be, HookPhase::Post);
    assert_eq!(refused.result, HookResult::Failed);
    assert!(refused.message.contains("exit code 3") && refused.message.contains("HG403"), "{refused:?}");
    let told = warnings(scenario).await?;
    // The pod of an evicted run may be gone before anybody has read what the run said.
    for words in
        [&["somebody has deleted it"][..], &["is not this operator's"], &["its pod is gone", "told to end"]]
    {
        let tells = |note: &String| words.iter().any(|words| note.contains(words));
        assert!(told.iter().any(tells), "nothing tells {words:?}: {told:#?}");
    }
    Ok(())
}

/// Waits until the database has seen a statement that often.
async fn said(scenario: &Scenario, from: Timestamp, text: &str, times: usize) -> Result<(), Problem> {
    let expected = format!("SELECT \"{text}\"");
    let (what, pause) = (format!("{expected} to be sent {times} times"), Duration::from_millis(300));
    answered(&what, STEP, pause, "it was not", async || {
        let timeline = scenario.timeline().await?;
        let sent = statements(&timeline, from).filter(|(_, _, sent)| *sent == expected).count();
        Ok((sent >= times).then_some(()))
    })
    .await
}

/// The name of a run's Job, as anybody can work it out who may read the cluster.
pub(super) async fn job_of(
    scenario: &Scenario,
    component: Component,
    attempt: u32,
) -> Result<String, Problem> {
    let cluster = scenario.clusters().get(CLUSTER).await.map_err(Problem::api("the cluster"))?;
    let uid = cluster.uid().unwrap_or_default();
    let wave = cluster.status.and_then(|status| status.wave).map(|wave| wave.id).unwrap_or_default();
    let component = component.as_str();
    let digest = Sha256::digest(format!("{uid}/{wave}/{component}/pre/{attempt}"));
    let digits: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{CLUSTER}-{component}-pre-{digits}"))
}

/// Makes a Job that succeeds at once, under the name of a run that is to come.
async fn forge(scenario: &Scenario, component: Component, attempt: u32) -> Result<String, Problem> {
    let name = job_of(scenario, component, attempt).await?;
    let container = json!({"name": "hook", "image": hookgate_e2e::client::standin_image("fe", "3.2.1"),
        "command": ["true"]});
    let job: Job = object(&json!({"metadata": {"name": name},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}}))?;
    let jobs: Api<Job> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    jobs.create(&PostParams::default(), &job).await.map_err(Problem::api("forging a Job"))?;
    Ok(name)
}

/// Evicts the pod of a Job, as a node that is drained does.
async fn evict(scenario: &Scenario, job: &str) -> Result<(), Problem> {
    let pods: Api<Pod> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let of_job = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={job}"));
    let found = pods.list(&of_job).await.map_err(Problem::api("listing pods"))?;
    let name = found.iter().map(ResourceExt::name_any).next();
    let name = name.ok_or_else(|| Problem::Unexpected(format!("the Job {job} has no pod")))?;
    let evicted = pods.evict(&name, &EvictParams::default()).await;
    evicted.map(|_| ()).map_err(Problem::api("evicting the pod"))
}

/// The notes of the Warning Events about failed hooks.
pub(super) async fn warnings(scenario: &Scenario) -> Result<Vec<String>, Problem> {
    let api: Api<Event> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let events = api.list(&ListParams::default()).await.map_err(Problem::api("listing Events"))?;
    let warnings = events.items.into_iter().filter(|event| {
        event.type_.as_deref() == Some("Warning") && event.reason.as_deref() == Some("HookFailed")
    });
    Ok(warnings.filter_map(|event| event.note).collect())
}
