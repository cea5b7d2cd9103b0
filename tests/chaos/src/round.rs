//! One round: some clusters are upgraded at the same time under the same faults, and each is judged.

use crate::{
    audit::{Accepted, AuditLog},
    disturbance::{Disturbance, Planned},
    gate::{Gate, Tally},
    recorded,
    strike::{Schedule, Strikes},
};
use futures::future::try_join_all;
use hookgate_api::Component;
use hookgate_e2e::{
    Manifest, Problem, Scenario, ensure,
    proofs::{
        Refuted, held_whenever_a_pod_goes, leader_not_early, one_pod_at_a_time, restored, rolled_in_order,
        safe_upgrade, set_before_the_first_patch, statements,
    },
    timeline::Timeline,
};
use jiff::Timestamp;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long the audit log and the recorder may lag behind.
const SETTLE: Duration = Duration::from_millis(1500);

/// The faults of a round.
#[derive(Debug)]
pub struct Faults {
    /// When the operator dies.
    pub strikes: Box<dyn Strikes>,
    /// What else goes wrong.
    pub disturbance: Planned,
    /// How long the upgrades may take.
    pub deadline: Duration,
}

/// How a round went.
#[derive(Debug)]
pub struct Report {
    /// What came by.
    pub tally: Tally,
    /// Kills that were drawn for a request that never came.
    pub unused: usize,
    /// From the change to the end of the last upgrade.
    pub took: Duration,
}

/// Upgrades all clusters to `version` under the faults, waits for the end, and judges each by its timeline and by what the
/// audit log has of it.
///
/// # Errors
/// When an upgrade isn't complete in time, or with what isn't as it should be.
pub async fn upgrade(
    scenarios: &[Scenario],
    manifest: &Manifest,
    version: &str,
    faults: Faults,
    gate: &Gate,
    cut: &watch::Sender<u64>,
    audit: &mut AuditLog,
) -> Result<Report, Problem> {
    let disturbance = faults.disturbance.what;
    audit.accepted().map_err(Problem::io("the audit log"))?;
    let (report, from) = completed(scenarios, manifest, version, faults, gate, cut).await?;
    let accepted = audit.accepted().map_err(Problem::io("the audit log"))?;
    for (scenario, from) in scenarios.iter().zip(from) {
        let own: Vec<_> =
            accepted.iter().filter(|one| one.namespace == scenario.namespace).cloned().collect();
        judge(&scenario.timeline().await?, &own, from, manifest, disturbance)?;
    }
    Ok(report)
}

async fn completed(
    scenarios: &[Scenario],
    manifest: &Manifest,
    version: &str,
    faults: Faults,
    gate: &Gate,
    cut: &watch::Sender<u64>,
) -> Result<(Report, Vec<Timestamp>), Problem> {
    let begun = Instant::now();
    let images = manifest.images(version);
    gate.begin(faults.strikes);
    let from = try_join_all(scenarios.iter().map(|scenario| scenario.change(&images))).await?;
    let upgraded = try_join_all(scenarios.iter().map(|scenario| scenario.upgraded_within(faults.deadline)));
    let (upgraded, ()) = tokio::try_join!(upgraded, faults.disturbance.happen(scenarios, cut))?;
    for cluster in &upgraded {
        ensure(cluster.status.as_ref().is_some_and(|status| status.wave.is_none()), || {
            "a wave is in flight after the upgrade".to_owned()
        })?;
    }
    let took = begun.elapsed();
    let unused = gate.left();
    let tally = gate.begin(Box::new(Schedule::none()));
    tokio::time::sleep(SETTLE).await;
    Ok((Report { tally, unused, took }, from))
}

fn judge(
    timeline: &Timeline,
    accepted: &[Accepted],
    from: Timestamp,
    manifest: &Manifest,
    disturbance: Disturbance,
) -> Result<(), Refuted> {
    let until = Timestamp::now();
    if disturbance == Disturbance::LossOfLeader {
        // Who leads in the end is decided by the moment of the loss.
        let originals = &manifest.originals;
        rolled_in_order(timeline, from, &manifest.upgrade_order())?;
        one_pod_at_a_time(timeline, from)?;
        leader_not_early(timeline, from)?;
        set_before_the_first_patch(timeline, from, originals)?;
        held_whenever_a_pod_goes(timeline, from, originals)?;
        restored(timeline, until, originals, manifest.pods_of(Component::Fe))?;
    } else {
        safe_upgrade(timeline, from, until, manifest)?;
    }
    recorded::recorded_before_done(accepted)?;
    recorded::no_run_twice(accepted)?;
    recorded_before_set(timeline, accepted, from)
}

/// Before the first setting was changed, what it was had been recorded.
fn recorded_before_set(timeline: &Timeline, accepted: &[Accepted], from: Timestamp) -> Result<(), Refuted> {
    let claim = "the original values are recorded before a setting is changed";
    let is_set = |text: &str| text.trim_start().to_ascii_lowercase().starts_with("admin set");
    let first_set = statements(timeline, from).find(|(_, _, text)| is_set(text)).map(|(at, _, _)| at);
    let first_record =
        accepted.iter().find(|one| one.resource == "starrocksclusters/status").map(|one| one.at);
    match (first_record, first_set) {
        (Some(record), Some(set)) if record < set => Ok(()),
        (record, set) => {
            let why = format!("the first record is of {record:?}, the first ADMIN SET of {set:?}");
            Err(Refuted { claim, why })
        }
    }
}
