//! StarRocksCluster and the other custom resources: types, defaults, names, versions and their CRDs.
//!
//! Nothing here does I/O or reads a clock. The webhook, the operator and the command line share these types,
//! so that a manifest means the same thing to all three.

pub mod annotations;
pub mod approval;
pub mod cluster;
pub mod component;
pub mod crd;
pub mod defaults;
pub mod gate;
pub mod hooks;
pub mod image;
pub mod image_versions;
pub mod names;
pub mod platform;
pub mod policy;
pub mod status;
pub mod unserved;
pub mod validate;
pub mod version;
pub mod version_path;
pub mod window;

pub use cluster::{StarRocksCluster, StarRocksClusterSpec};
pub use component::Component;
pub use policy::{HookPolicy, HookPolicySpec};
pub use status::StarRocksClusterStatus;
pub use version::Version;
