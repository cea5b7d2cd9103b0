//! How a wave ended, for its Event and for the condition `Upgrading`.

use hookgate_api::status::{Trigger, UpgradePhase, Wave};

/// How a wave ended.
pub(super) struct Ending {
    /// The reason of its Event.
    pub(super) event: &'static str,
    /// The reason of the condition.
    pub(super) reason: &'static str,
    /// What became of the upgrade, as the end of a sentence.
    pub(super) words: &'static str,
}

/// How a wave ended of which this was the last that is known.
pub(super) fn ending(wave: &Wave) -> Ending {
    let reached = wave.components.iter().any(|step| step.phase == UpgradePhase::Completed);
    let (event, reason, words) = match wave.trigger {
        Trigger::Abort => ("UpgradeAborted", "Aborted", "aborted: what ran before it runs again"),
        Trigger::Rollback => ("UpgradeRolledBack", "RolledBack", "taken back: what ran before it runs again"),
        _ if reached || !wave.origins.is_empty() => ("UpgradeCompleted", "Completed", "complete"),
        _ => ("UpgradeWithdrawn", "Withdrawn", "withdrawn: nothing of it is asked for any more"),
    };
    Ending { event, reason, words }
}
