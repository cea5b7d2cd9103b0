//! How many clusters' waves go on at the same time: the others wait in the order in which they were detected.

use super::{Step, Wait, steer};
use crate::{observation::OtherWave, plan::View};
use hookgate_api::{
    StarRocksCluster, StarRocksClusterStatus,
    status::{Trigger, UpgradePhase, Wave, WaveComponent},
};
use jiff::Timestamp;
use kube::ResourceExt;

/// Other waves go first.
pub(super) const WAITING_FOR_TURN: &str = "WaitingForTurn";
const GATE: &str = "ConcurrentWaves";

/// How a cluster's wave stands among those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has begun, has not failed, and isn't suspended: it takes one of the places.
    Active(Timestamp),
    /// It waits for nothing but a place.
    Queued(Timestamp),
}

/// How the wave of a cluster stands; `None` where it takes no place and waits for none.
pub fn standing(cluster: &StarRocksCluster) -> Option<Standing> {
    let status = cluster.status.as_ref()?;
    let wave = status.wave.as_ref()?;
    let is_left_alone = cluster.is_ignored() || cluster.metadata.deletion_timestamp.is_some();
    let is_queued = wave.waiting_for.as_ref().is_some_and(|waiting| waiting.reason == WAITING_FOR_TURN);
    match () {
        () if is_left_alone => None,
        () if is_queued => Some(Standing::Queued(wave.started_at.0)),
        () if is_active(wave, status) => Some(Standing::Active(wave.started_at.0)),
        () => None,
    }
}

fn is_active(wave: &Wave, status: &StarRocksClusterStatus) -> bool {
    let turn = super::current(wave).and_then(|at| wave.components.get(at));
    let has_failed = turn.is_some_and(|step| step.phase == UpgradePhase::Failed);
    let prepares =
        status.upgrade_preparation_status.as_ref().is_some_and(|preparation| preparation.wave == wave.id);
    let begun = |step: &WaveComponent| !matches!(step.phase, UpgradePhase::Detected | UpgradePhase::Failed);
    let has_begun = prepares || wave.components.iter().any(begun);
    has_begun && !has_failed && !steer::is_suspended(wave)
}

/// Whether there is a place for this wave. One that goes back does so because something is wrong: it takes a place, and
/// waits for none.
pub(super) fn turn(view: &View<'_>, wave: &Wave, status: &StarRocksClusterStatus) -> Step {
    let Some(most) = view.tuning.max_concurrent_waves else { return Ok(()) };
    if matches!(wave.trigger, Trigger::Rollback | Trigger::Abort) || is_active(wave, status) {
        return Ok(());
    }
    let others = &view.observation.others;
    let cluster = &view.observation.cluster;
    let own = format!("{}/{}", cluster.namespace().unwrap_or_default(), cluster.name_any());
    let is_ahead = |other: &&OtherWave| (other.started_at, &other.cluster) < (wave.started_at.0, &own);
    let ahead: Vec<_> = others.queued.iter().filter(is_ahead).collect();
    let most = usize::try_from(most.get()).unwrap_or(usize::MAX);
    if others.active.len() + ahead.len() < most {
        return Ok(());
    }
    let queue = if ahead.is_empty() { String::new() } else { format!("; ahead of it: {}", names(ahead)) };
    let message = format!(
        "waiting for its turn: at most {most} upgrades go on at the same time, which are {}{queue}",
        names(others.active.iter().collect()),
    );
    Err(Wait::gate(WAITING_FOR_TURN, GATE, message))
}

/// How many clusters are named.
const NAMED: usize = 5;

fn names(mut waves: Vec<&OtherWave>) -> String {
    waves.sort_by_key(|wave| (wave.started_at, &wave.cluster));
    let named: Vec<_> = waves.iter().take(NAMED).map(|wave| wave.cluster.as_str()).collect();
    match waves.len() {
        0 => "those of other clusters".to_owned(),
        count if count > NAMED => format!("{} and {} more", named.join(", "), count - NAMED),
        _ => named.join(", "),
    }
}
