//! `Cluster` and `Machine`, `platform.tkestack.io/v1`: the part of TKEStack's resources that machine hooks need.
//!
//! Field names and meanings are TKEStack's (`api/platform/v1/types.go` of github.com/tkestack/tke) where Hookgate adds
//! nothing; each addition says so. Every other field is kept as it is, by the types and by the schema, so that reading
//! an object and writing it back loses nothing.
//!
//! Values that people write are taken as they are, so that what is wrong with them can be said in words: a hook type,
//! for one, is any text here, and [`ClusterFeature::hook`] knows the ten. [`check`] says it.

pub mod check;
mod cluster;
mod conditions;
mod files;
mod hook_type;
mod host_key;
mod installed;
mod machine;
mod phase;
mod runs;
mod secret;
mod ssh;
mod version;

pub use cluster::{Cluster, ClusterFeature, ClusterSpec, ClusterStatus};
pub use conditions::{CLUSTER, COPY_FILES, Condition, HOST_KEY, condition, is_true, set_condition};
pub use files::{DestinationPath, DestinationPathError, File, SourcePath, SourcePathError};
pub use hook_type::{HookType, Lifecycle, Scope, UnknownHookType};
pub use host_key::{HostKey, HostKeyError};
pub use installed::{PENDING, TARGET_VERSION, installed, was_installed};
pub use machine::{Machine, MachineInfo, MachineSpec, MachineStatus};
pub use phase::Phase;
pub use runs::{HookRun, RecordedHostKey, RunState};
pub use secret::{Base64Text, NotBase64};
pub use ssh::{ClusterMachine, DEFAULT_PORT, SecretReference, address, host_of};
pub use version::{bare_version, same_version};

/// The API group of both kinds.
pub const GROUP: &str = "platform.tkestack.io";
/// The version of both kinds.
pub const VERSION: &str = "v1";
/// The finalizer that a Cluster has from the first pass on, so that its delete hooks run before it is gone.
pub const FINALIZER: &str = "hookgate.dev/machine-hooks";

/// Fields that Hookgate has no use for, kept as they are.
pub type OtherFields = std::collections::BTreeMap<String, serde_json::Value>;
