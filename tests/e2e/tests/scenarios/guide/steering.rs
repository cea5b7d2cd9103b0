//! Looking, pausing, going on, going back, and trying again.

use super::waits_for;
use crate::run::{assert_completed, run};
use hookgate_api::{
    Component,
    status::{ConditionType, UpgradePhase},
};
use hookgate_e2e::{Manifest, client::standin_image, ensure, guide, wait};

pub const RUNS: &[&str] = &["plan", "look", "wait", "pause", "resume", "abort", "retry"];

#[test]
fn the_guide_says_how_to_look_pause_go_back_and_try_again() {
    run("guide-steering", async |scenario| {
        let manifest = Manifest::new("3.2.1", 1, 2, 0);
        scenario.deploy(&manifest).await?;
        let versions = [("OLD-VERSION", "3.2.1"), ("NEW-VERSION", "3.2.2")];
        let plan = guide::run(scenario, "plan", &versions).await?;
        ensure(plan.contains(&standin_image("be", "3.2.2")), || plan.clone())?;
        let quiet = |cluster: &_| wait::is_settled(cluster);
        scenario.until("nothing to have come of the plan", quiet).await?;

        scenario.change(&manifest.images("3.2.2")).await?;
        let rolls = |cluster: &_| wait::phase_of(cluster, Component::Be) == Some(UpgradePhase::Rolling);
        scenario.until("BE to be rolled", rolls).await?;
        guide::run(scenario, "pause", &[]).await?;
        let rests = |cluster: &_| waits_for(cluster, "Paused") && wait::holds_nothing(cluster);
        scenario.until("the wave to be paused with nothing held", rests).await?;
        let said = guide::run(scenario, "look", &[]).await?;
        ensure(said.contains("Paused") && said.contains("hookgate.dev/paused-"), || said.clone())?;
        guide::run(scenario, "resume", &[]).await?;
        scenario.until("the wave to go on", |cluster| !waits_for(cluster, "Paused")).await?;

        guide::run(scenario, "abort", &[]).await?;
        let is_back = |cluster: &_| {
            wait::message_of(cluster, ConditionType::Stalled, "Aborted").is_some()
                && wait::holds_nothing(cluster)
        };
        scenario.until("the wave to have gone back", is_back).await?;
        for set in scenario.timeline().await?.sets.iter().rev().take(1) {
            assert!(set.state.image().ends_with(":3.2.1"), "{set:?}");
        }
        guide::run(scenario, "retry", &[]).await?;
        scenario.until("the wave to be tried again", |cluster| super::wave(cluster).is_some()).await?;
        guide::run(scenario, "wait", &[]).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        Ok(())
    });
}
