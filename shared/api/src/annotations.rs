//! Annotations that Hookgate reads or writes.

/// `"true"` makes the operator leave a cluster alone, as upstream's operator does.
pub const IGNORED: &str = "starrocks.com/ignored";
/// Deprecated request for one wave with hooks; `spec.…upgradeHooks` replaces it.
pub const PREPARE_UPGRADE: &str = "starrocks.com/prepare-upgrade";
/// Deprecated list of predefined hooks, separated by commas, that goes with [`PREPARE_UPGRADE`].
pub const UPGRADE_HOOKS: &str = "starrocks.com/upgrade-hooks";
/// Starts a failed wave anew when its value is that wave's id.
pub const RETRY: &str = "hookgate.dev/retry";
/// On a child object: the hash of what the operator rendered, by which a difference to the spec is found.
pub const RENDERED_HASH: &str = "hookgate.dev/rendered-hash";
