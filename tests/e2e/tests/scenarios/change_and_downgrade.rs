//! What is no upgrade runs no hook: a change of memory alone goes in an upgrade's order, a downgrade FE first.

use crate::run::{run, upgrade_state};
use hookgate_api::{Component, status::Direction};
use hookgate_e2e::{
    Manifest,
    proofs::{no_setting_touched, one_pod_at_a_time, rolled_in_order},
};
use serde_json::json;

#[test]
fn run_no_hook_and_keep_their_order() {
    run("change-and-downgrade", async |scenario| {
        let manifest = Manifest::new("3.2.2", 1, 2, 1);
        scenario.deploy(&manifest).await?;
        let memory = json!({"limits": {"memory": "300Mi"}});
        let change = json!({"spec": {"starRocksFeSpec": memory, "starRocksBeSpec": memory, "starRocksCnSpec": memory}});
        let from = scenario.change(&change).await?;
        let cluster = scenario.upgraded().await?;
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
        one_pod_at_a_time(&timeline, from)?;
        no_setting_touched(&timeline, from)?;
        assert_eq!(upgrade_state(&cluster, Component::Fe).direction, Direction::Change);

        let from = scenario.change(&manifest.images("3.2.1")).await?;
        let cluster = scenario.upgraded().await?;
        let timeline = scenario.timeline().await?;
        rolled_in_order(&timeline, from, &manifest.downgrade_order())?;
        one_pod_at_a_time(&timeline, from)?;
        no_setting_touched(&timeline, from)?;
        let state = upgrade_state(&cluster, Component::Be);
        assert_eq!((state.direction, state.hooks.as_slice()), (Direction::Downgrade, &[][..]));
        Ok(())
    });
}
