//! The components of a StarRocks cluster.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A component that runs as a StatefulSet of its own.
///
/// The order of the variants is the order of a first deployment: FE keeps the cluster's metadata, BE and CN
/// register with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Component {
    /// Frontend: metadata, query planning, the MySQL protocol.
    Fe,
    /// Backend: storage and execution.
    Be,
    /// Compute node: execution without storage of its own.
    Cn,
}

impl Component {
    /// Every component, in the order of a first deployment.
    pub const ALL: [Self; 3] = [Self::Fe, Self::Be, Self::Cn];

    /// The word StarRocks and the upstream operator use in names, labels and paths: `fe`, `be`, `cn`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fe => "fe",
            Self::Be => "be",
            Self::Cn => "cn",
        }
    }

    /// The field of `spec` that configures this component.
    pub const fn spec_field(self) -> &'static str {
        match self {
            Self::Fe => "starRocksFeSpec",
            Self::Be => "starRocksBeSpec",
            Self::Cn => "starRocksCnSpec",
        }
    }
}

impl fmt::Display for Component {
    /// As people write it in runbooks: `FE`, `BE`, `CN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fe => "FE",
            Self::Be => "BE",
            Self::Cn => "CN",
        })
    }
}
