//! A pre-hook that fails blocks its component: nothing is touched, the settings are given back, and a script that was
//! put right starts it anew.

use crate::run::{assert_completed, run, upgrade_state};
use hookgate_api::{
    Component,
    status::{ConditionType, UpgradePhase},
};
use hookgate_e2e::{
    Manifest, ensure,
    manifest::{hook, script},
    proofs::{restored, safe_upgrade, script_ran_around_the_roll, untouched},
    settings::{HELD, Originals},
    wait,
};
use hookgate_standin::event::Occurrence;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeSet;

const FAILING: &str = "#!/bin/bash\n\
    pre_upgrade() {\n    echo 'ERROR: a backup is running'\n    return 1\n}\n\
    post_upgrade() {\n    return 0\n}\n";
const PRE: &str = "SELECT \"pre_upgrade at last\"";
const POST: &str = "SELECT \"post_upgrade at last\"";
/// As the script `tests/e2e/scenarios` configures it.
const TRIES: usize = 3;

#[test]
fn leaves_everything_untouched_until_it_is_put_right() {
    run("failing-pre-hook", async |scenario| {
        scenario.create(&hook("be-hooks", FAILING)).await?;
        let hooks = json!({
            "predefined": ["disable-tablet-clone", "disable-balancer"],
            "custom": {"configMapName": "be-hooks"},
        });
        let manifest = Manifest::new("3.2.1", 1, 2, 1)
            .with_originals(Originals::default().with("tablet_sched_max_scheduling_tablets", "4321"))
            .with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
        scenario.deploy(&manifest).await?;
        let from = scenario.change(&manifest.images("3.2.2")).await?;
        let is_given_up = |cluster: &hookgate_api::StarRocksCluster| {
            wait::phase_of(cluster, Component::Be) == Some(UpgradePhase::Failed)
                && wait::holds_nothing(cluster)
        };
        let cluster =
            scenario.until("BE to have failed and the settings to be given back", is_given_up).await?;
        let timeline = scenario.timeline().await?;
        let failed = Timestamp::now();
        untouched(&timeline, from, failed)?;
        restored(&timeline, failed, &manifest.originals, 1)?;
        let held: BTreeSet<_> = timeline
            .database
            .iter()
            .filter_map(|recorded| match &recorded.event.what {
                Occurrence::ConfigChanged { key, new, .. } => Some((key.as_str(), new.as_str())),
                _ => None,
            })
            .collect();
        assert!(
            HELD.iter().all(|one| held.contains(&(one.name, one.value))),
            "they were held before: {held:?}"
        );
        let tries: BTreeSet<_> = timeline.jobs.iter().map(|seen| &seen.state.name).collect();
        assert_eq!(tries.len(), TRIES, "{tries:?}");
        let state = upgrade_state(&cluster, Component::Be);
        assert!(
            state.message.contains("failed 3 times") && state.message.contains("a backup is running"),
            "{state:?}"
        );
        let stalled = wait::message_of(&cluster, ConditionType::Stalled, "HookFailed");
        ensure(stalled.is_some_and(|message| message.contains("exit code 1")), || wait::tell(&cluster))?;

        scenario.replace_script("be-hooks", &script(PRE, POST)).await?;
        let cluster = scenario.upgraded().await?;
        assert_completed(&cluster, &manifest, "3.2.2");
        let timeline = scenario.timeline().await?;
        safe_upgrade(&timeline, failed, Timestamp::now(), &manifest)?;
        script_ran_around_the_roll(&timeline, failed, Component::Be, PRE, POST)?;
        Ok(())
    });
}
