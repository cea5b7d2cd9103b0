//! TKEStack's Cluster and Machine: their specs.

use hookgate_api::platform::{ClusterSpec, MachineSpec};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{FactsError, Metadata, shape};

/// What matters of a Cluster.
pub type PlatformClusterFacts = PlatformFacts<ClusterSpec>;
/// What matters of a Machine.
pub type MachineFacts = PlatformFacts<MachineSpec>;

/// What matters of either.
#[derive(Debug, Clone)]
pub struct PlatformFacts<S> {
    pub(crate) metadata: Metadata,
    /// The spec.
    pub spec: S,
}

#[derive(Deserialize)]
#[serde(bound = "S: DeserializeOwned + Default")]
struct Object<S> {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default, deserialize_with = "or_default")]
    spec: S,
}

/// TKEStack has no required spec.
fn or_default<'de, D: Deserializer<'de>, S: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<S, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl<S: DeserializeOwned + Default> PlatformFacts<S> {
    pub(super) fn read(object: &RawValue, kind: &'static str) -> Result<Self, FactsError> {
        let object: Object<S> = shape(object, kind)?;
        Ok(Self { metadata: object.metadata, spec: object.spec })
    }
}

impl<S> PlatformFacts<S> {
    /// Whether it's being deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }
}
