//! The guide's script sets a setting before the upgrade, and a literal of its own after it, on the FE that it asks. What
//! every FE has in the end is what it had before.

use crate::run::{assert_completed, run};
use hookgate_e2e::{
    Manifest, ensure,
    manifest::{hook, script},
    proofs::{restored, rolled_in_order, was_set},
    settings::Originals,
    wait,
};
use jiff::Timestamp;
use serde_json::json;

const SETTING: &str = "tablet_sched_max_scheduling_tablets";
const PRE: &str = "ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"0\")";
const POST: &str = "ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"2000\")";

#[test]
fn every_fe_ends_with_what_it_had() {
    run("script-settings", async |scenario| {
        scenario.create(&hook("be-hooks", &script(PRE, POST))).await?;
        let hooks = json!({"custom": {"configMapName": "be-hooks"}});
        let manifest = Manifest::new("3.2.1", 3, 2, 0)
            .with_originals(Originals::default().with(SETTING, "4321"))
            .with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
        let was = |value| was_set(&timeline, from, SETTING, value);
        ensure(was("0") && was("2000"), || "the script didn't set it to its own values".to_owned())?;
        ensure(wait::holds_nothing(&cluster), || wait::tell(&cluster))?;
        restored(&timeline, Timestamp::now(), &manifest.originals, 3)?;
        Ok(())
    });
}
