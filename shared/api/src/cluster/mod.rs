//! `StarRocksCluster`, `starrocks.com/v1`: a superset of the upstream operator's resource, so that any manifest
//! that works there works here. Field names and meanings are upstream's (v1.11.5) where Hookgate adds nothing.

mod components;
mod parts;

pub use components::{BeSpec, CnSpec, CommonSpec, FeProxySpec, FeSpec, ServerSpec};
pub use parts::{
    AutoScalingPolicy, ConfigMapInfo, DisasterRecovery, HpaPolicy, MountInfo, ServicePort, ServiceSpec,
    StorageVolume,
};

use crate::{
    Component, annotations, defaults::DEFAULT_MAX_HOLD_SECONDS, gate::RolloutGate, hooks::UpgradeHooks,
    hooks::UpgradePreparation, status::StarRocksClusterStatus, window::UpgradeWindow,
};
use kube::{CustomResource, ResourceExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a StarRocks cluster should be.
#[allow(clippy::duplicated_attributes, reason = "every printer column has a type of its own")]
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "starrocks.com",
    version = "v1",
    kind = "StarRocksCluster",
    plural = "starrocksclusters",
    shortname = "src",
    namespaced,
    status = "StarRocksClusterStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A StarRocks cluster, upgraded in order and with its hooks by Hookgate.",
    scale(
        spec_replicas_path = ".spec.starRocksCnSpec.replicas",
        status_replicas_path = ".status.starRocksCnStatus.replicas",
        label_selector_path = ".status.starRocksCnStatus.selector"
    ),
    printcolumn(name = "Phase", type_ = "string", json_path = ".status.phase"),
    printcolumn(name = "FeStatus", type_ = "string", json_path = ".status.starRocksFeStatus.phase"),
    printcolumn(name = "BeStatus", type_ = "string", json_path = ".status.starRocksBeStatus.phase"),
    printcolumn(name = "CnStatus", type_ = "string", json_path = ".status.starRocksCnStatus.phase"),
    printcolumn(
        name = "FeProxyStatus",
        type_ = "string",
        json_path = ".status.starRocksFeProxyStatus.phase"
    ),
    printcolumn(
        name = "Upgrade",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Upgrading')].reason",
        description = "What the upgrade is doing, or how the last one ended"
    )
)]
#[serde(rename_all = "camelCase", default)]
pub struct StarRocksClusterSpec {
    /// Deprecated: the service account of every component; each component's own `serviceAccount` wins.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service_account: String,
    /// Upstream's switch for ordered rollouts. Hookgate always rolls in order; accepted and without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_for_full_rollout: Option<bool>,
    /// Restores a shared-data cluster from a snapshot. Not served yet: a condition says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disaster_recovery: Option<DisasterRecovery>,
    /// Frontends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_fe_spec: Option<FeSpec>,
    /// Backends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_be_spec: Option<BeSpec>,
    /// Compute nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_cn_spec: Option<CnSpec>,
    /// The HTTP proxy in front of FE: created, and changed, after all other components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_fe_proxy_spec: Option<FeProxySpec>,
    /// SQL hooks for the whole cluster, run once before any component is upgraded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_preparation: Option<UpgradePreparation>,
    /// For how many seconds an upgrade may hold FE settings at a stretch: 60 to 86400, 3600 when absent. Then they are
    /// given back, whatever it waits for, and held again before the next pod goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_hold_seconds: Option<i64>,
    /// When an upgrade may let pods go; at any time when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_window: Option<UpgradeWindow>,
    /// Whether each component gets a PodDisruptionBudget that lets one pod go at a time; true when absent. A component
    /// that another PodDisruptionBudget selects gets none: Kubernetes evicts no pod that two of them select.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pod_disruption_budgets: Option<bool>,
}

impl StarRocksClusterSpec {
    /// What FE, BE and CN have in common, of that component; `None` when the cluster hasn't got it.
    pub fn server(&self, component: Component) -> Option<&ServerSpec> {
        match component {
            Component::Fe => self.star_rocks_fe_spec.as_ref().map(|spec| &spec.server),
            Component::Be => self.star_rocks_be_spec.as_ref().map(|spec| &spec.server),
            Component::Cn => self.star_rocks_cn_spec.as_ref().map(|spec| &spec.server),
        }
    }

    /// The same, to be changed.
    pub fn server_mut(&mut self, component: Component) -> Option<&mut ServerSpec> {
        match component {
            Component::Fe => self.star_rocks_fe_spec.as_mut().map(|spec| &mut spec.server),
            Component::Be => self.star_rocks_be_spec.as_mut().map(|spec| &mut spec.server),
            Component::Cn => self.star_rocks_cn_spec.as_mut().map(|spec| &mut spec.server),
        }
    }

    /// The component's hooks; `None` when nothing is configured, and so the default pair runs.
    pub fn upgrade_hooks(&self, component: Component) -> Option<&UpgradeHooks> {
        self.server(component)?.upgrade_hooks.as_ref()
    }

    /// For how long FE settings may be held at a stretch, in seconds.
    pub fn max_hold_seconds(&self) -> i64 {
        self.max_hold_seconds.unwrap_or(DEFAULT_MAX_HOLD_SECONDS)
    }

    /// The component's rollout gate, the default where nothing is configured.
    pub fn rollout_gate(&self, component: Component) -> RolloutGate {
        self.server(component).and_then(|server| server.rollout_gate.clone()).unwrap_or_default()
    }

    /// The components that the cluster has.
    pub fn components(&self) -> impl Iterator<Item = Component> {
        Component::ALL.into_iter().filter(|component| self.server(*component).is_some())
    }
}

impl StarRocksCluster {
    /// The scripts that the cluster refers to: component, ConfigMap name, key.
    pub fn custom_hooks(&self) -> impl Iterator<Item = (Component, &str, &str)> {
        Component::ALL.into_iter().filter_map(|component| {
            let custom = self.spec.upgrade_hooks(component)?.custom.as_ref()?;
            Some((component, custom.config_map_name.as_str(), custom.script_key()))
        })
    }

    /// Whether the user asked the operator to leave this cluster alone.
    pub fn is_ignored(&self) -> bool {
        self.annotations().get(annotations::IGNORED).is_some_and(|value| value == "true")
    }
}
