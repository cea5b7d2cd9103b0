//! A script of the user's own runs as a Job that satisfies the Pod Security Standard `restricted`, in a cluster whose
//! root has a password.

use crate::run::{run_in, upgrade_state};
use hookgate_api::{
    Component,
    hooks::HookPhase,
    status::{HookResult, HookRun},
};
use hookgate_e2e::{
    Manifest, Place, Problem,
    manifest::{hook, script},
    proofs::{rolled_in_order, script_ran_around_the_roll},
    scenario::LABEL,
    timeline::JobState,
};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, PostParams},
};
use serde_json::json;

const PRE: &str = "SELECT \"pre_upgrade of the script\"";
const POST: &str = "SELECT \"post_upgrade of the script\"";

#[test]
fn runs_before_and_after_its_component() {
    // The servers' pods satisfy baseline and not restricted: they are what upstream's operator makes.
    let labels = vec![
        ("pod-security.kubernetes.io/enforce", "baseline"),
        ("pod-security.kubernetes.io/warn", "restricted"),
    ];
    let place = Place { labels, ..Place::default() };
    run_in("custom-script", &place, async |scenario| {
        let password = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "root"},
            "stringData": {"password": "s3cret word"}});
        scenario.create(&password).await?;
        scenario.create(&hook("be-hooks", &script(PRE, POST))).await?;
        let hooks = json!({"custom": {"configMapName": "be-hooks"}});
        let manifest = Manifest::new("3.2.1", 1, 2, 0)
            .with_password("root", "password")
            .with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let cluster = scenario.upgraded().await?;
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
        script_ran_around_the_roll(&timeline, from, Component::Be, PRE, POST)?;
        let runs = &upgrade_state(&cluster, Component::Be).hooks;
        let ran = |phase: HookPhase| {
            let is_it = |run: &&HookRun| run.name == "custom" && run.phase == phase;
            let run = runs.iter().find(is_it).expect("the run is recorded");
            (run.result, run.attempt, run.script_sha256.as_ref().map(String::len))
        };
        assert_eq!(ran(HookPhase::Pre), (HookResult::Succeeded, 1, Some(64)));
        assert_eq!(ran(HookPhase::Post), (HookResult::Succeeded, 1, Some(64)));
        let mut jobs: Vec<&JobState> = timeline.jobs.iter().map(|seen| &seen.state).collect();
        jobs.dedup_by_key(|job| job.name.clone());
        let phases: std::collections::BTreeSet<_> = jobs.iter().map(|job| job.phase.as_str()).collect();
        assert_eq!(phases.into_iter().collect::<Vec<_>>(), ["post-upgrade", "pre-upgrade"]);
        satisfies_restricted(&scenario.client, jobs[0]).await
    });
}

/// Kubernetes itself judges the hook's pod: a dry run in a namespace that enforces `restricted`.
async fn satisfies_restricted(client: &Client, job: &JobState) -> Result<(), Problem> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let labels = json!({LABEL: "custom-script", "pod-security.kubernetes.io/enforce": "restricted"});
    let metadata = json!({"generateName": "hookgate-e2e-restricted-", "labels": labels});
    let namespace: Namespace = serde_json::from_value(json!({"metadata": metadata})).unwrap();
    let namespace =
        namespaces.create(&PostParams::default(), &namespace).await.map_err(Problem::api("a namespace"))?;
    let name = namespace.name_any();
    let spec = job.template.spec.clone().expect("a pod");
    assert_eq!(spec.automount_service_account_token, Some(false));
    let pod = Pod { spec: Some(spec), ..Pod::default() };
    let mut as_root = pod.clone();
    as_root.metadata.name = Some("hook".to_owned());
    let good = as_root.clone();
    as_root.spec.as_mut().and_then(|spec| spec.security_context.take());
    let pods: Api<Pod> = Api::namespaced(client.clone(), &name);
    let dry_run = PostParams { dry_run: true, ..PostParams::default() };
    let refused = pods.create(&dry_run, &as_root).await;
    let accepted = pods.create(&dry_run, &good).await;
    namespaces.delete(&name, &DeleteParams::default()).await.map_err(Problem::api("deleting a namespace"))?;
    assert!(refused.unwrap_err().to_string().contains("violates PodSecurity"), "the namespace judges");
    accepted.map(|_| ()).map_err(Problem::api("the hook's pod in a restricted namespace"))
}
