//! All that a safe upgrade is.

use super::{
    Check, Refuted, held_whenever_a_pod_goes, leader_last, one_pod_at_a_time, restored, rolled_in_order,
    set_before_the_first_patch,
};
use crate::{
    Manifest,
    timeline::{Timeline, Turn},
};
use hookgate_api::Component;
use jiff::Timestamp;

/// The evidence of a safe upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafeUpgrade {
    /// The components' turns, in order.
    pub turns: Vec<(Component, Turn)>,
    /// The FEs at each moment in which a pod was let go.
    pub checks: Vec<Check>,
}

/// An upgrade of all components with the default hooks: in order, one pod at a time, the leader last, the settings
/// held and verified at every step, and given back at the end.
///
/// # Errors
/// With the first of these that isn't so.
pub fn safe_upgrade(
    timeline: &Timeline,
    from: Timestamp,
    until: Timestamp,
    manifest: &Manifest,
) -> Result<SafeUpgrade, Refuted> {
    let (order, originals) = (manifest.upgrade_order(), &manifest.originals);
    let turns = rolled_in_order(timeline, from, &order)?;
    one_pod_at_a_time(timeline, from)?;
    leader_last(timeline, from)?;
    set_before_the_first_patch(timeline, from, originals)?;
    let checks = held_whenever_a_pod_goes(timeline, from, originals)?;
    restored(timeline, until, originals, manifest.pods_of(Component::Fe))?;
    Ok(SafeUpgrade { turns: order.into_iter().map(|(component, _)| component).zip(turns).collect(), checks })
}
