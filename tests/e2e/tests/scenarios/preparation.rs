//! The SQL hooks of `upgradePreparation` run once before anything is touched; a field that isn't served is named.

use crate::run::{assert_completed, run};
use hookgate_api::status::{ConditionType, HookResult, PreparationPhase};
use hookgate_e2e::{
    Manifest, ensure,
    proofs::{restored, rolled_in_order, statement_before_patches},
    wait,
};
use jiff::Timestamp;
use serde_json::json;

/// A statement that nobody else sends.
const STATEMENT: &str = "SELECT \"before the upgrade\"";

#[test]
fn runs_once_and_unserved_fields_are_named() {
    run("preparation", async |scenario| {
        let preparation = json!({"enabled": true, "hooks": [
            {"name": "marker", "command": STATEMENT, "critical": true},
            {"name": "not-known-here", "command": "ADMIN SET FRONTEND CONFIG (\"tablet_sched_disable_colocate_overall_balance\" = \"true\")"},
            {"name": "disable-balancer"},
        ]});
        let manifest = Manifest::new("3.2.1", 1, 1, 0)
            .with(&json!({"spec": {"upgradePreparation": preparation, "disasterRecovery": {"enabled": true, "generation": 1}}}));
        let cluster = scenario.deploy(&manifest).await?;
        let unserved = wait::message_of(&cluster, ConditionType::UnservedFields, "NotServed");
        ensure(unserved.is_some_and(|message| message.contains("spec.disasterRecovery")), || {
            wait::tell(&cluster)
        })?;

        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
        statement_before_patches(&timeline, from, STATEMENT)?;
        restored(&timeline, Timestamp::now(), &manifest.originals, 1)?;
        let status = cluster.status.as_ref().and_then(|status| status.upgrade_preparation_status.as_ref());
        let status = status.expect("the preparation's status");
        assert_eq!(status.phase, PreparationPhase::Completed, "{status:?}");
        let results: Vec<_> = status.hooks.iter().map(|run| (run.name.as_str(), run.result)).collect();
        assert_eq!(
            results,
            [
                ("marker", HookResult::Succeeded),
                ("not-known-here", HookResult::Failed),
                ("disable-balancer", HookResult::Succeeded)
            ]
        );
        assert!(status.hooks[1].message.contains("does not exist or is not mutable"), "{status:?}");
        Ok(())
    });
}
