//! Waves of other clusters.

use jiff::Timestamp;

/// The waves of other clusters that matter to how many go on at the same time. Empty where there is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherWaves {
    /// Those that disturb their cluster at this moment.
    pub active: Vec<OtherWave>,
    /// Those that wait for nothing but their turn.
    pub queued: Vec<OtherWave>,
}

/// A wave of another cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherWave {
    /// Namespace and name of its cluster.
    pub cluster: String,
    /// When it was detected.
    pub started_at: Timestamp,
}
