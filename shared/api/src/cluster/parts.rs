//! Parts that the components' specs are made of.

use k8s_openapi::api::{
    autoscaling::v2::{HorizontalPodAutoscalerBehavior, MetricSpec},
    core::v1::HostPathVolumeSource,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The Service that clients use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ServiceSpec {
    /// Annotations of the Service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Further labels of the Service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// `ClusterIP`, `NodePort` or `LoadBalancer`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// The address that a load balancer should have.
    #[serde(rename = "loadBalancerIP", skip_serializing_if = "String::is_empty")]
    pub load_balancer_ip: String,
    /// Ports that differ from the server's, or are further ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<ServicePort>,
    /// The networks that a load balancer lets in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub load_balancer_source_ranges: Vec<String>,
}

/// A port of the Service that clients use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ServicePort {
    /// The port's name.
    pub name: String,
    /// The Service's port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The container's port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_port: Option<i32>,
    /// The port on every node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_port: Option<i32>,
}

/// A volume of a component's pods.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct StorageVolume {
    /// The volume's name.
    pub name: String,
    /// The storage class; `emptyDir` and `hostPath` stand for volumes of these kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_class_name: Option<String>,
    /// The size. A size that begins with 0 leaves the volume out.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub storage_size: String,
    /// The folder of the node, for `hostPath`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_path: Option<HostPathVolumeSource>,
    /// Where the container sees it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mount_path: String,
    /// The folder of the volume that is mounted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub_path: String,
}

/// The ConfigMap with the server's configuration file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigMapInfo {
    /// The ConfigMap's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub config_map_name: String,
    /// The key that holds the file: `fe.conf`, `be.conf`, `cn.conf`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resolve_key: String,
}

/// A ConfigMap or Secret to mount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MountInfo {
    /// The object's name.
    pub name: String,
    /// Where the container sees it.
    pub mount_path: String,
    /// The one key to mount, instead of all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub_path: String,
}

/// Scales the compute nodes by load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoScalingPolicy {
    /// The most pods.
    pub max_replicas: i32,
    /// The fewest pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_replicas: Option<i32>,
    /// The API version of the autoscaler: `v1`, `v2` or `v2beta2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Metrics and behaviour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hpa_policy: Option<HpaPolicy>,
}

/// Metrics and behaviour of the autoscaler.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct HpaPolicy {
    /// What is measured.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricSpec>,
    /// How fast it scales.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behavior: Option<HorizontalPodAutoscalerBehavior>,
}

/// Restores a shared-data cluster from a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct DisasterRecovery {
    /// Whether to restore.
    pub enabled: bool,
    /// A higher number than before restores once more.
    pub generation: i64,
}
