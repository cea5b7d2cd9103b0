//! The main job: FE 3, BE 3, CN 1 from 3.2.1 to 3.2.2 in one patch, with the hooks that run where none are configured.

use crate::run::{assert_completed, run};
use hookgate_api::Component;
use hookgate_e2e::{
    Manifest, Problem, Scenario,
    proofs::{fe_first, safe_upgrade},
    settings::Originals,
    timeline::{Timeline, leader_at},
    wait,
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
        let timeline = scenario.timeline().await?;
        fe_first(&timeline, 3)?;
        // The first FE begins as the leader, and would be the last to go by its ordinal alone.
        let another = move_leadership(scenario, &timeline).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let evidence = safe_upgrade(&scenario.timeline().await?, from, Timestamp::now(), &manifest)?;
        assert_eq!(evidence.checks.len(), 7, "every pod's going is judged");
        assert!(evidence.checks.iter().all(|check| check.frontends.len() == 3), "{evidence:#?}");
        let last = evidence.checks.last().expect("a check");
        assert_eq!(last.pod, another, "the leader is the last to go");
        for (component, turn) in evidence.turns {
            assert!(
                turn.replacements.iter().all(|one| one.image.ends_with(":3.2.2")),
                "{component}: {turn:?}"
            );
        }
        Ok(())
    });
}

/// Deletes the pod of the FE that leads; gives the FE that leads once all are back.
async fn move_leadership(scenario: &Scenario, timeline: &Timeline) -> Result<String, Problem> {
    let before = leader_at(timeline, Timestamp::now()).expect("a leader").to_owned();
    assert_eq!(before, "sr-fe-0");
    scenario.delete_pod(Component::Fe, 0).await?;
    scenario.until("the loss of the pod to be seen", |cluster| !wait::is_settled(cluster)).await?;
    scenario.until("the FE to be back", wait::is_settled).await?;
    let after = leader_at(&scenario.timeline().await?, Timestamp::now()).expect("a leader").to_owned();
    assert_ne!(after, before);
    Ok(after)
}
