//! Images that a hook can't run in: one that can't be pulled, and one without bash.
//!
//! FE's own image runs FE and is on the node, so the pods of the runs are given another one as soon as they are made: an image
//! is one of the few things of a pod that may be changed. The container that brings the runner begins before.

use super::{
    disturbed::{job_of, warnings},
    run_of,
};
use crate::run::{assert_completed, run_in};
use hookgate_api::{Component, hooks::HookPhase, status::HookResult};
use hookgate_e2e::{
    Manifest, Place, Problem, Scenario,
    manifest::{hook, script},
    proofs::{rolled_in_order, statements},
    wait::answered,
};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::json;
use std::time::Duration;

/// How long the pod of a try may take to be there: the time of the try before is in it.
const POD: Duration = Duration::from_secs(150);
/// Nobody has it.
const MISSING: &str = "hookgate.dev/no-such-image:1";
const DEADLINE: &str = "Hook execution failed: context deadline exceeded: the image hookgate.dev/no-such-image:1 can't be \
                        pulled: ";

#[test]
fn an_image_that_can_not_be_pulled_and_one_without_bash_are_told_and_tried_again() {
    run_in("images", &Place::default(), async |scenario| Box::pin(images(scenario)).await);
}

async fn images(scenario: &Scenario) -> Result<(), Problem> {
    scenario.create(&hook("be", &script("SELECT \"before BE\"", "SELECT \"after BE\""))).await?;
    let hooks = json!({"upgradeHooks": {"custom": {"configMapName": "be"}, "timeoutSeconds": 20}});
    let manifest = Manifest::new("3.2.1", 1, 1, 1).with(&json!({"spec": {"starRocksBeSpec": hooks}}));
    scenario.deploy(&manifest).await?;

    let from = scenario.change(&manifest.images("3.2.2")).await?;
    give_image(scenario, 1, |_| MISSING.to_owned()).await?;
    // Hookgate's own image has no bash, and is on the node.
    give_image(scenario, 2, |pod| {
        let containers = pod.spec.as_ref().and_then(|spec| spec.init_containers.as_ref());
        containers.and_then(|all| all.first()?.image.clone()).unwrap_or_default()
    })
    .await?;
    let cluster = scenario.upgraded().await?;
    assert_completed(&cluster, &manifest, "3.2.2");
    let timeline = scenario.timeline().await?;
    rolled_in_order(&timeline, from, &manifest.upgrade_order())?;

    let run = run_of(&cluster, Component::Be, HookPhase::Pre);
    assert_eq!((run.result, run.attempt), (HookResult::Succeeded, 3), "{run:?}");
    let before = statements(&timeline, from).filter(|(_, _, sent)| *sent == "SELECT \"before BE\"");
    assert_eq!(before.count(), 1, "only the third try ran");
    let told = warnings(scenario).await?;
    for words in [DEADLINE, "the image has no bash in "] {
        assert!(told.iter().any(|note| note.contains(words)), "nothing tells {words:?}: {told:#?}");
    }
    Ok(())
}

/// Gives the container of the script another image, once the pod of BE's try is there.
async fn give_image(
    scenario: &Scenario,
    attempt: u32,
    image: impl Fn(&Pod) -> String,
) -> Result<(), Problem> {
    let pods: Api<Pod> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let what = format!("the pod of try {attempt} of BE's hook to be made");
    let pod = answered(&what, POD, Duration::from_millis(20), "there is none", async || {
        let job = job_of(scenario, Component::Be, attempt).await?;
        let of_job = ListParams::default().labels(&format!("batch.kubernetes.io/job-name={job}"));
        let found = pods.list(&of_job).await.map_err(Problem::api("listing pods"))?;
        Ok(found.items.into_iter().next())
    })
    .await?;
    let containers = json!([{"name": "hook", "image": image(&pod)}]);
    let patch = Patch::Strategic(json!({"spec": {"containers": containers}}));
    let patched = pods.patch(&pod.name_any(), &PatchParams::default(), &patch).await;
    patched.map(|_| ()).map_err(Problem::api("giving a pod another image"))
}
