//! A cluster that is deleted while an upgrade holds settings: they are given back first, and the deletion goes through.

use crate::run::run;
use hookgate_api::{Component, StarRocksCluster, status::UpgradePhase};
use hookgate_e2e::{
    Manifest, ensure,
    proofs::{restored, was_set},
    settings::Originals,
    wait,
};
use jiff::Timestamp;

const HELD: &str = "tablet_sched_max_scheduling_tablets";

#[test]
fn gives_back_before_it_goes() {
    run("deleted-while-held", async |scenario| {
        let manifest =
            Manifest::new("3.2.1", 1, 2, 0).with_originals(Originals::default().with(HELD, "4321"));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let is_held = |cluster: &StarRocksCluster| {
            !wait::holds_nothing(cluster)
                && wait::phase_of(cluster, Component::Be) == Some(UpgradePhase::Rolling)
        };
        let cluster = scenario.until("BE to roll while the settings are held", is_held).await?;
        let finalizers = cluster.metadata.finalizers.as_deref().unwrap_or_default();
        ensure(finalizers.iter().any(|one| one == "hookgate.dev/held-settings"), || {
            format!("no finalizer among {finalizers:?}: {}", wait::tell(&cluster))
        })?;
        // The servers stay, so that what they have afterwards can be seen.
        Box::pin(scenario.delete_and_orphan()).await?;
        let timeline = scenario.timeline().await?;
        ensure(was_set(&timeline, from, HELD, "0"), || "the setting was never held".to_owned())?;
        restored(&timeline, Timestamp::now(), &manifest.originals, 1)?;
        Ok(())
    });
}
