//! Past a hook that has failed, on after a canary, and pods that are the user's to delete.

use super::waits_for;
use crate::run::{run, upgrade_state};
use hookgate_api::{Component, status::UpgradePhase};
use hookgate_e2e::{Manifest, guide, manifest::hook, proofs::one_pod_at_a_time};
use serde_json::json;

pub const RUNS: &[&str] = &["skip-gate", "continue", "delete-pod"];

const FAILING: &str = "pre_upgrade() {\n    return 1\n}\npost_upgrade() {\n    return 0\n}\n";

#[test]
fn the_guide_says_how_to_pass_a_gate_go_on_after_a_canary_and_delete_a_pod() {
    run("guide-gates", async |scenario| {
        scenario.create(&hook("be-hooks", FAILING)).await?;
        let manifest = Manifest::new("3.2.1", 1, 2, 1).with(&json!({"spec": {
            "starRocksBeSpec": {
                "upgradeHooks": {"custom": {"configMapName": "be-hooks"}},
                "rolloutGate": {"canary": true},
            },
            "starRocksCnSpec": {"updateStrategy": {"type": "OnDelete"}},
        }}));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        scenario.until("the hook to have failed", |cluster| waits_for(cluster, "HookFailed")).await?;
        guide::run(scenario, "skip-gate", &[]).await?;
        scenario.until("the canary to be back", |cluster| waits_for(cluster, "Canary")).await?;
        one_pod_at_a_time(&scenario.timeline().await?, from)?;
        guide::run(scenario, "continue", &[]).await?;
        scenario.until("CN to wait for its user", |cluster| waits_for(cluster, "WaitingForUser")).await?;
        guide::run(scenario, "delete-pod", &[("POD", "sr-cn-0")]).await?;
        let cluster = scenario.upgraded().await?;
        for component in [Component::Be, Component::Cn, Component::Fe] {
            let state = upgrade_state(&cluster, component);
            assert_eq!(state.phase, UpgradePhase::Completed, "{component}: {state:?}");
        }
        one_pod_at_a_time(&scenario.timeline().await?, from)?;
        Ok(())
    });
}
