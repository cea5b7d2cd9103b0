//! The main job: FE 3, BE 3, CN 1 from 3.2.1 to 3.2.2 in one patch, with the hooks that run where none are configured.

use crate::run::{assert_completed, run};
use hookgate_api::Component;
use hookgate_e2e::{
    Manifest,
    proofs::{fe_first, safe_upgrade},
    settings::Originals,
};
use jiff::Timestamp;

#[test]
fn all_components_in_one_patch() {
    run("upgrade", async |scenario| {
        let originals = Originals::default()
            .with("tablet_sched_max_scheduling_tablets", "4321")
            .with("tablet_sched_max_balancing_tablets", "77");
        let manifest = Manifest::new("3.2.1", 3, 3, 1).with_originals(originals);
        scenario.deploy(&manifest).await?;
        fe_first(&scenario.timeline().await?, 3)?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let evidence = safe_upgrade(&scenario.timeline().await?, from, Timestamp::now(), &manifest)?;
        assert_eq!(evidence.checks.len(), 7, "every pod's going is judged");
        assert!(evidence.checks.iter().all(|check| check.frontends.len() == 3), "{evidence:#?}");
        for (component, turn) in evidence.turns {
            assert!(turn.replacements.iter().all(|one| one.image.ends_with(":3.2.2")), "{component}: {turn:?}");
            assert!(component != Component::Fe || turn.replacements.len() == 3, "{turn:?}");
        }
        Ok(())
    });
}
