//! A StarRocksCluster: its spec, and the deprecated annotations.

use hookgate_api::status::KnownVersion;
use hookgate_api::{Component, StarRocksCluster, StarRocksClusterSpec};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{FactsError, Metadata, shape};

/// What matters of a StarRocksCluster. Of its status, only what a wave in flight began with and which versions the
/// database has for images.
#[derive(Debug, Clone)]
pub struct ClusterFacts {
    pub(crate) metadata: Metadata,
    /// The cluster with its spec; name and status are left out.
    pub cluster: StarRocksCluster,
    from_images: Vec<String>,
    known_versions: Vec<KnownVersion>,
}

/// A script that a cluster refers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScriptName {
    /// The ConfigMap, in the cluster's namespace.
    pub config_map: String,
    /// The key in it.
    pub key: String,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    spec: StarRocksClusterSpec,
    #[serde(default)]
    status: Option<Status>,
}

/// Of the status, what the wave in flight began with, and the known versions.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    wave: Option<Wave>,
    known_versions: Vec<KnownVersion>,
}

#[derive(Deserialize)]
struct Wave {
    #[serde(default)]
    components: Vec<WaveComponent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WaveComponent {
    #[serde(default)]
    from_image: String,
}

impl ClusterFacts {
    pub(super) fn read(object: &RawValue) -> Result<Self, FactsError> {
        let object: Object = shape(object, "StarRocksCluster")?;
        let name = object.metadata.name.clone().unwrap_or_default();
        let Status { wave, known_versions } = object.status.unwrap_or_default();
        let from_images =
            wave.into_iter().flat_map(|wave| wave.components).map(|step| step.from_image).collect();
        Ok(Self {
            from_images,
            known_versions,
            metadata: object.metadata,
            cluster: StarRocksCluster::new(&name, object.spec),
        })
    }

    /// The spec.
    #[must_use]
    pub fn spec(&self) -> &StarRocksClusterSpec {
        &self.cluster.spec
    }

    /// Whether the wave in flight began with that image.
    #[must_use]
    pub fn is_what_a_wave_began_with(&self, image: &str) -> bool {
        self.from_images.iter().any(|from| from == image)
    }

    /// What the database said of the versions of images whose tags don't say it.
    #[must_use]
    pub fn known_versions(&self) -> &[KnownVersion] {
        &self.known_versions
    }

    /// Every annotation.
    pub fn annotations(&self) -> std::collections::BTreeMap<String, String> {
        self.metadata.annotations.clone().unwrap_or_default().into_iter().collect()
    }

    /// Whether it's being deleted.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.metadata.deletion_timestamp.is_some()
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata.annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// The scripts that it refers to by a non-empty name, with the component that does.
    pub fn scripts(&self) -> impl Iterator<Item = (Component, ScriptName)> {
        self.cluster.custom_hooks().filter(|(_, config_map, _)| !config_map.is_empty()).map(
            |(component, config_map, key)| {
                (component, ScriptName { config_map: config_map.to_owned(), key: key.to_owned() })
            },
        )
    }

    /// The images of its components.
    pub fn images(&self) -> impl Iterator<Item = (Component, &str)> {
        self.spec()
            .components()
            .filter_map(|component| Some((component, self.spec().server(component)?.common.image.as_str())))
    }
}
