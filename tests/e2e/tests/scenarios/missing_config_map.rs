//! A ConfigMap that is missing is waited for.

use crate::run::{assert_completed, run};
use hookgate_api::{Component, status::ConditionType};
use hookgate_e2e::{
    Manifest,
    manifest::{hook, script},
    proofs::{no_setting_touched, rolled_in_order, script_ran_around_the_roll, untouched},
    wait,
};
use jiff::Timestamp;
use serde_json::json;

const PRE: &str = "SELECT \"pre_upgrade of the late one\"";
const POST: &str = "SELECT \"post_upgrade of the late one\"";
const MESSAGE: &str = "failed to get ConfigMap: configmaps \"late\" not found";

#[test]
fn is_waited_for_and_the_upgrade_goes_on_when_it_appears() {
    run("missing-config-map", async |scenario| {
        let hooks = json!({"custom": {"configMapName": "late"}});
        let manifest = Manifest::new("3.2.1", 1, 1, 1)
            .with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let says_so = |cluster: &hookgate_api::StarRocksCluster| {
            let stalled = wait::message_of(cluster, ConditionType::Stalled, "HookScriptMissing");
            let waiting =
                cluster.status.as_ref().and_then(|status| status.wave.as_ref()?.waiting_for.as_ref());
            stalled == Some(MESSAGE) && waiting.is_some_and(|waiting| waiting.message == MESSAGE)
        };
        scenario.until("the status to name the ConfigMap", says_so).await?;
        let timeline = scenario.timeline().await?;
        untouched(&timeline, from, Timestamp::now())?;
        no_setting_touched(&timeline, from)?;

        scenario.create(&hook("late", &script(PRE, POST))).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
        script_ran_around_the_roll(&timeline, from, Component::Be, PRE, POST)?;
        Ok(())
    });
}
