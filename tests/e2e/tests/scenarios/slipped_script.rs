//! A script that never met the webhook: the operator judges it again, just before it would run.

use crate::run::{assert_completed, run_in};
use hookgate_api::{Component, StarRocksCluster, status::ConditionType};
use hookgate_e2e::{
    Manifest, Place,
    manifest::{hook, script},
    proofs::{no_setting_touched, script_ran_around_the_roll, untouched},
    wait,
};
use jiff::Timestamp;
use serde_json::json;

const UNSAFE: &str = "#!/bin/bash\n\
    pre_upgrade() {\n    kubectl delete pod sr-be-0\n}\n\
    post_upgrade() {\n    return 0\n}\n";
const PRE: &str = "SELECT \"pre_upgrade of the safe one\"";
const POST: &str = "SELECT \"post_upgrade of the safe one\"";

#[test]
fn is_refused_before_it_runs() {
    let place = Place { namespace: Some("hookgate-unguarded-script"), ..Place::default() };
    run_in("slipped-script", &place, async |scenario| {
        scenario.create(&hook("be-hooks", UNSAFE)).await?;
        let hooks = json!({"custom": {"configMapName": "be-hooks"}});
        let manifest = Manifest::new("3.2.1", 1, 1, 0)
            .with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let says_so = |cluster: &StarRocksCluster| {
            let message = wait::message_of(cluster, ConditionType::Stalled, "HookScriptRefused");
            message.is_some_and(|message| message.contains("HG201") && message.contains("line 3"))
        };
        scenario.until("the operator to refuse the script", says_so).await?;
        let timeline = scenario.timeline().await?;
        untouched(&timeline, from, Timestamp::now())?;
        no_setting_touched(&timeline, from)?;
        assert_eq!(timeline.jobs, [], "no Job was made");

        scenario.replace_script("be-hooks", &script(PRE, POST)).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        script_ran_around_the_roll(&scenario.timeline().await?, from, Component::Be, PRE, POST)?;
        Ok(())
    });
}
