//! The components' specs, from what all share to what is each one's own.

use super::parts::{AutoScalingPolicy, ConfigMapInfo, MountInfo, ServiceSpec, StorageVolume};
use crate::{defaults, gate::RolloutGate, hooks::UpgradeHooks};
use k8s_openapi::{
    api::{
        apps::v1::{StatefulSetPersistentVolumeClaimRetentionPolicy, StatefulSetUpdateStrategy},
        core::v1::{
            Affinity, Capabilities, Container, EnvVar, HostAlias, Lifecycle, LocalObjectReference,
            ResourceClaim, Sysctl, Toleration, TopologySpreadConstraint,
        },
    },
    apimachinery::pkg::api::resource::Quantity,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What every component has, the proxy included.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CommonSpec {
    /// The most that a container may use.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
    /// What a container is guaranteed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
    /// Names of resource claims of the pod that the container uses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ResourceClaim>,
    /// Annotations of the pods.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Further labels of the pods.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pod_labels: BTreeMap<String, String>,
    /// How many pods; 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<i32>,
    /// The container's image. A change of its tag's version is an upgrade or a downgrade.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image: String,
    /// When the image is pulled; `IfNotPresent` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<String>,
    /// Secrets for pulling the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image_pull_secrets: Vec<LocalObjectReference>,
    /// The scheduler that places the pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduler_name: Option<String>,
    /// Labels of the nodes that the pods may run on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub node_selector: BTreeMap<String, String>,
    /// Scheduling constraints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Taints that the pods tolerate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// How the pods spread over the nodes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topology_spread_constraints: Vec<TopologySpreadConstraint>,
    /// The pods' service account.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_account: String,
    /// One process namespace for all containers of a pod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_process_namespace: Option<bool>,
    /// The container's lifecycle hooks of Kubernetes; the default `preStop` stops the server gracefully.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// The Service that clients use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServiceSpec>,
    /// Volumes of the pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub storage_volumes: Vec<StorageVolume>,
    /// The ConfigMap with the server's configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_map_info: Option<ConfigMapInfo>,
    /// Seconds until a container that doesn't start is restarted; 0 switches the probe off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup_probe_failure_seconds: Option<i32>,
    /// Seconds until a container that doesn't answer is restarted; 0 switches the probe off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness_probe_failure_seconds: Option<i32>,
    /// Seconds until a container that isn't ready gets no traffic; 0 switches the probe off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness_probe_failure_seconds: Option<i32>,
}

impl CommonSpec {
    /// How many pods, the default where nothing is said.
    pub fn replicas(&self) -> i32 {
        self.replicas.unwrap_or(defaults::DEFAULT_REPLICAS)
    }
}

/// What FE, BE and CN have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ServerSpec {
    #[allow(missing_docs)]
    #[serde(flatten)]
    pub common: CommonSpec,
    /// Hooks that run before and after an upgrade of this component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_hooks: Option<UpgradeHooks>,
    /// What has to be true again before the next pod is let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout_gate: Option<RolloutGate>,
    /// Runs the server as uid, gid and fsGroup 1000 instead of root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_non_root: Option<bool>,
    /// Linux capabilities of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// ConfigMaps to mount.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config_maps: Vec<MountInfo>,
    /// Secrets to mount.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<MountInfo>,
    /// Further lines of /etc/hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_aliases: Vec<HostAlias>,
    /// Seconds that a server gets to stop; 120 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_grace_period_seconds: Option<i64>,
    /// Further containers of the pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sidecars: Vec<Container>,
    /// Containers that run before the server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub init_containers: Vec<Container>,
    /// Replaces the container's entrypoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Replaces the container's arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Kernel settings of the pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sysctls: Vec<Sysctl>,
    /// The StatefulSet's update strategy outside of an upgrade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_strategy: Option<StatefulSetUpdateStrategy>,
    /// A read-only root file system of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_root_filesystem: Option<bool>,
    /// What becomes of volume claims when pods or the StatefulSet go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim_retention_policy: Option<StatefulSetPersistentVolumeClaimRetentionPolicy>,
    /// Seconds that a pod must be ready before it counts as available.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ready_seconds: Option<i32>,
    /// `Parallel` (when absent) or `OrderedReady`. A StatefulSet keeps what it was created with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_management_policy: Option<String>,
}

/// Frontends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FeSpec {
    #[allow(missing_docs)]
    #[serde(flatten)]
    pub server: ServerSpec,
    /// Environment of the container, before what the operator adds. `MYSQL_PWD` is root's password.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fe_env_vars: Vec<EnvVar>,
}

/// Backends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BeSpec {
    #[allow(missing_docs)]
    #[serde(flatten)]
    pub server: ServerSpec,
    /// Environment of the container, before what the operator adds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub be_env_vars: Vec<EnvVar>,
}

/// Compute nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CnSpec {
    #[allow(missing_docs)]
    #[serde(flatten)]
    pub server: ServerSpec,
    /// Environment of the container, before what the operator adds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cn_env_vars: Vec<EnvVar>,
    /// Scales the compute nodes by load. Not served yet: a condition says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_scaling_policy: Option<AutoScalingPolicy>,
}

/// The HTTP proxy in front of FE.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FeProxySpec {
    #[allow(missing_docs)]
    #[serde(flatten)]
    pub common: CommonSpec,
    /// The DNS servers that the proxy asks, as nginx's directive `resolver` takes them: names or addresses with a port
    /// where it isn't 53, separated by spaces. `kube-dns.kube-system.svc.cluster.local` when absent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resolver: String,
}

impl FeProxySpec {
    /// The image, the default where nothing is said.
    pub fn image(&self) -> &str {
        if self.common.image.is_empty() { defaults::DEFAULT_FE_PROXY_IMAGE } else { &self.common.image }
    }

    /// The DNS servers, the default where nothing is said.
    pub fn resolver(&self) -> &str {
        if self.resolver.is_empty() { defaults::DEFAULT_FE_PROXY_RESOLVER } else { &self.resolver }
    }
}
