//! A post-hook that fails is recorded and told, and blocks nothing.

use crate::run::{assert_completed, run, upgrade_state};
use hookgate_api::{Component, hooks::HookPhase, status::HookResult};
use hookgate_e2e::{
    Manifest, Problem, Scenario,
    manifest::hook,
    proofs::{restored, rolled_in_order},
};
use jiff::Timestamp;
use k8s_openapi::api::events::v1::Event;
use kube::{Api, api::ListParams};
use serde_json::json;

const SCRIPT: &str = "#!/bin/bash\n\
    pre_upgrade() {\n    return 0\n}\n\
    post_upgrade() {\n    echo 'ERROR: nobody listens'\n    return 7\n}\n";

#[test]
fn is_recorded_and_the_upgrade_completes() {
    run("failing-post-hook", async |scenario| {
        scenario.create(&hook("be-hooks", SCRIPT)).await?;
        let hooks = json!({"custom": {"configMapName": "be-hooks"}});
        let manifest = Manifest::new("3.2.1", 1, 1, 1)
            .with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
        restored(&timeline, Timestamp::now(), &manifest.originals, 1)?;
        let state = upgrade_state(&cluster, Component::Be);
        let run = state.hooks.iter().find(|run| run.phase == HookPhase::Post).expect("the run is recorded");
        assert_eq!((run.name.as_str(), run.result, run.attempt), ("custom", HookResult::Failed, 1));
        assert!(run.message.contains("exit code 7") && run.message.contains("nobody listens"), "{run:?}");
        let told = warnings(scenario).await?;
        assert!(
            told.iter().any(|note| note.contains("post_upgrade") && note.contains("nobody listens")),
            "{told:?}"
        );
        Ok(())
    });
}

/// The notes of the Warning Events about failed hooks.
async fn warnings(scenario: &Scenario) -> Result<Vec<String>, Problem> {
    let api: Api<Event> = Api::namespaced(scenario.client.clone(), &scenario.namespace);
    let events = api.list(&ListParams::default()).await.map_err(Problem::api("listing Events"))?;
    let warnings = events.items.into_iter().filter(|event| {
        event.type_.as_deref() == Some("Warning") && event.reason.as_deref() == Some("HookFailed")
    });
    Ok(warnings.filter_map(|event| event.note).collect())
}
