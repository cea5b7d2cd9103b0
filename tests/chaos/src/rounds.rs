//! Upgrades under drawn faults.

use crate::arguments::Arguments;
use futures::future::try_join_all;
use hookgate_chaos::{
    audit::AuditLog,
    disturbance::Planned,
    gate::Gate,
    operator::Starts,
    round::{self, Faults, Report},
    strike::{Kind, Schedule},
};
use hookgate_e2e::{Manifest, Place, Problem, Scenario, scenario::UPGRADE, settings::Originals};
use std::{collections::BTreeMap, time::Instant};
use tokio::sync::watch;

/// Each cluster is deployed with the first and upgraded to the others in turn.
const VERSIONS: [&str; 4] = ["3.1.9", "3.2.1", "3.2.2", "3.3.0"];

/// As many rounds as are asked for.
///
/// # Errors
/// When an upgrade doesn't end, or wasn't safe.
pub async fn all(
    arguments: &Arguments,
    gate: &Gate,
    cut: &watch::Sender<u64>,
    mut audit: AuditLog,
    starts: &Starts,
) -> Result<(), Problem> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!(
        "{} upgrades, {} at a time; --seed {seed} draws the same faults",
        arguments.upgrades, arguments.clusters
    );
    let begun = Instant::now();
    let mut random = fastrand::Rng::with_seed(seed);
    let originals = Originals::default()
        .with("tablet_sched_max_scheduling_tablets", "4321")
        .with("tablet_sched_max_balancing_tablets", "77");
    let (mut done, mut kills) = (0, BTreeMap::new());
    while done < arguments.upgrades {
        let clusters = arguments.clusters.min(arguments.upgrades - done);
        let scenarios =
            try_join_all((0..clusters).map(|_| async { Scenario::begin("chaos", &Place::default()).await }))
                .await?;
        let mut manifest = Manifest::new(VERSIONS[0], 3, 2, 1).with_originals(originals.clone());
        let result = async {
            try_join_all(scenarios.iter().map(|scenario| scenario.deploy(&manifest))).await?;
            for version in VERSIONS.into_iter().skip(1) {
                if done >= arguments.upgrades {
                    break;
                }
                let disturbance = Planned::draw(&mut random);
                let strikes = Box::new(Schedule::draw(&mut random, arguments.kills));
                let faults = Faults { strikes, disturbance, deadline: UPGRADE };
                let report =
                    round::upgrade(&scenarios, &manifest, version, faults, gate, cut, &mut audit).await?;
                done += clusters;
                for (kind, side, _) in &report.tally.kills {
                    *kills.entry((*kind, *side)).or_insert(0_u32) += 1;
                }
                tell(done, arguments.upgrades, version, &disturbance, &report);
                manifest = manifest.clone().with(&manifest.images(version));
            }
            Ok(())
        }
        .await;
        if let Err(problem) = &result {
            for scenario in &scenarios {
                scenario.explain(problem).await;
            }
        }
        for scenario in scenarios {
            scenario.end().await?;
        }
        result?;
    }
    println!("{done} of {} upgrades were safe, in {} s", arguments.upgrades, begun.elapsed().as_secs());
    println!("the operator was started {} times; it was killed", starts.count());
    for ((kind, side), count) in kills {
        println!("  {count:>4} times {side} {kind}");
    }
    Ok(())
}

fn tell(done: u32, all: u32, version: &str, disturbance: &Planned, report: &Report) {
    let of = |kind| report.tally.requests.get(&kind).copied().unwrap_or_default();
    println!(
        "{done:>3} of {all}  to {version}  {:>3} s  {} reads, {} records, {} effects, {} queries, {} changes of settings; \
         {} kills ({} not reached), {}",
        report.took.as_secs(),
        of(Kind::Read),
        of(Kind::Status),
        of(Kind::Effect),
        of(Kind::Query),
        of(Kind::Change),
        report.tally.kills.len(),
        report.unused,
        disturbance.what,
    );
    for (kind, side, what) in &report.tally.kills {
        println!("              killed {side} {kind}: {what}");
    }
}
