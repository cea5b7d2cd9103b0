//! Annotations that Hookgate reads or writes.

/// `"true"` makes the operator leave a cluster alone, as upstream's operator does.
pub const IGNORED: &str = "starrocks.com/ignored";
/// Deprecated request for one wave with hooks; `spec.…upgradeHooks` replaces it.
pub const PREPARE_UPGRADE: &str = "starrocks.com/prepare-upgrade";
/// Deprecated list of predefined hooks, separated by commas, that goes with [`PREPARE_UPGRADE`].
pub const UPGRADE_HOOKS: &str = "starrocks.com/upgrade-hooks";
/// Starts a failed wave anew when its value is that wave's id.
pub const RETRY: &str = "hookgate.dev/retry";
/// Lets a wave past the gate that it waits at, when its value is that wave's id. Audited.
pub const SKIP_GATE: &str = "hookgate.dev/skip-gate";
/// Holds a wave at the next pod boundary for as long as its value is that wave's id.
pub const PAUSED: &str = "hookgate.dev/paused";
/// Takes a wave back to what ran before it, when its value is that wave's id.
pub const ABORT: &str = "hookgate.dev/abort";
/// Lets a version path that StarRocks doesn't support be taken, when its value is the version that is the target.
pub const ALLOW_VERSION_PATH: &str = "hookgate.dev/allow-version-path";
/// Says which StarRocks version an image has whose tag doesn't: `IMAGE=VERSION`, several separated by commas.
pub const IMAGE_VERSION: &str = "hookgate.dev/image-version";
/// On a child object: the hash of what the operator rendered, by which a difference to the spec is found.
pub const RENDERED_HASH: &str = "hookgate.dev/rendered-hash";
/// On a StatefulSet: the hash of what the user wrote, by which a change of the user's is told from one of the operator's.
pub const INPUTS_HASH: &str = "hookgate.dev/inputs-hash";
/// On a StatefulSet that is being rolled: the user's own update strategy as JSON, which it gets back.
pub const OWN_UPDATE_STRATEGY: &str = "hookgate.dev/own-update-strategy";
/// `"true"` on a StatefulSet whose update strategy is the one in the cluster's spec.
pub const UPDATE_STRATEGY_FROM_SPEC: &str = "hookgate.dev/update-strategy-from-spec";
/// Has StatefulSets that another operator made taken over when its value is the cluster's uid.
pub const ADOPT: &str = "hookgate.dev/adopt";
/// Has StatefulSets brought to what this version of Hookgate renders when its value is that version.
pub const APPLY_RENDERING: &str = "hookgate.dev/apply-rendering";
/// Lets a wave go on after its canary when its value is that wave's id.
pub const CONTINUE: &str = "hookgate.dev/continue";
