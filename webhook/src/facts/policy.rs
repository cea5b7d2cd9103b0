//! A HookPolicy: its spec as it stands there.

use hookgate_api::policy::LoadedPolicy;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{FactsError, Metadata, shape};

/// What matters of a HookPolicy.
#[derive(Debug, Clone)]
pub struct PolicyFacts {
    pub(crate) metadata: Metadata,
    /// The spec.
    pub spec: Value,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    spec: Value,
}

impl PolicyFacts {
    pub(super) fn read(object: &RawValue) -> Result<Self, FactsError> {
        let object: Object = shape(object, "HookPolicy")?;
        Ok(Self { metadata: object.metadata, spec: object.spec })
    }

    /// Whether it's being deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    /// The policy as both gates would load it.
    #[must_use]
    pub fn loaded(&self, name: &str) -> LoadedPolicy {
        LoadedPolicy::read(name, 0, &self.spec)
    }
}
