//! An upgrade during which the operator dies at every request.

use hookgate_chaos::{
    audit::AuditLog,
    disturbance::Planned,
    gate::{Gate, Tally},
    operator::Starts,
    round::{self, Faults},
    strike::Kind,
    sweep::Sweep,
};
use hookgate_e2e::{
    Manifest, Place, Problem, Scenario, ensure,
    manifest::{hook, script},
    settings::Originals,
};
use serde_json::json;
use std::{collections::BTreeMap, slice, time::Duration};
use tokio::sync::watch;

/// How long it may take: some hundred kills, each with a start of the operator.
const UPGRADE: Duration = Duration::from_secs(3600);
/// What the guide's script sets, which it never sets back to what it was.
const SETTING: &str = "tablet_sched_max_scheduling_tablets";

/// What is sent before the upgrade.
const STATEMENT: &str = "ALTER SYSTEM CREATE IMAGE";

/// Upgrades one cluster of three FEs, with a statement before it, the predefined hooks and the guide's script, and judges
/// it as any other.
///
/// # Errors
/// When it doesn't end, wasn't safe, or the operator wasn't killed around each kind of request.
pub async fn upgrade(
    gate: &Gate,
    cut: &watch::Sender<u64>,
    mut audit: AuditLog,
    starts: &Starts,
) -> Result<(), Problem> {
    let scenario = Scenario::begin("chaos", &Place::default()).await?;
    let upgraded = one(&scenario, gate, cut, &mut audit).await;
    if let Err(problem) = &upgraded {
        scenario.explain(problem).await;
    }
    scenario.end().await?;
    let tally = upgraded?;
    println!(
        "the upgrade was safe; the operator was started {} times, and killed {} times",
        starts.count(),
        tally.kills.len()
    );
    Ok(())
}

async fn one(
    scenario: &Scenario,
    gate: &Gate,
    cut: &watch::Sender<u64>,
    audit: &mut AuditLog,
) -> Result<Tally, Problem> {
    let set = |value: &str| format!("ADMIN SET FRONTEND CONFIG (\"{SETTING}\" = \"{value}\")");
    scenario.create(&hook("be-hooks", &script(&set("0"), &set("2000")))).await?;
    let hooks = json!({
        "predefined": ["disable-tablet-clone", "disable-balancer", "enable-tablet-clone", "enable-balancer"],
        "custom": {"configMapName": "be-hooks"},
    });
    let originals = Originals::default().with(SETTING, "4321");
    let statement = json!({"name": "image", "command": STATEMENT, "critical": true});
    let manifest = Manifest::new("3.2.1", 3, 1, 0).with_originals(originals).with(&json!({"spec": {
        "upgradePreparation": {"enabled": true, "hooks": [statement]},
        "starRocksBeSpec": {"upgradeHooks": hooks},
    }}));
    scenario.deploy(&manifest).await?;
    let strikes = Box::new(Sweep::default());
    let faults = Faults { strikes, disturbance: Planned::nothing(), deadline: UPGRADE };
    println!("the operator dies at every request of an upgrade to 3.2.2");
    let scenarios = slice::from_ref(scenario);
    let report = round::upgrade(scenarios, &manifest, "3.2.2", faults, gate, cut, audit).await?;
    tell(&report.tally, report.took);
    ensure(report.tally.kills.len() > 100, || {
        format!("the operator was killed {} times only", report.tally.kills.len())
    })?;
    Ok(report.tally)
}

fn tell(tally: &Tally, took: Duration) {
    let mut kills: BTreeMap<_, BTreeMap<&str, u32>> = BTreeMap::new();
    for (kind, side, what) in &tally.kills {
        let what = what.split(": record").next().unwrap_or(what);
        *kills.entry((*kind, *side)).or_default().entry(what).or_default() += 1;
    }
    println!("it took {} s; requests:", took.as_secs());
    for kind in [Kind::Read, Kind::Status, Kind::Effect, Kind::Query, Kind::Change] {
        println!("  {:>5}  {kind}", tally.requests.get(&kind).copied().unwrap_or_default());
    }
    for ((kind, side), what) in kills {
        println!("killed {side} {kind}:");
        for (what, count) in what {
            println!("  {count:>5}  {what}");
        }
    }
}
