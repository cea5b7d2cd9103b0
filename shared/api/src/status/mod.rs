//! What is: the status of a `StarRocksCluster`.

mod component;
mod conditions;
mod gate;
mod held;
mod text;
mod wave;

pub use component::{
    ChangedSetting, ComponentStatus, HookClearance, HookResult, HookRun, HorizontalScaler, UpgradePhase,
    UpgradeState,
};
pub use conditions::{ConditionType, condition, set_condition};
pub use gate::{DryRun, GateProgress, ImageRun, Preflight, Tablets};
pub use held::{HeldFrontend, HeldSetting, HoldState};
pub use text::{MESSAGE_BYTES, cap, cap_at};
pub use wave::{
    Aborted, AbortedComponent, ContinuedCanary, Direction, OpenedPod, Origin, SkippedGate, Trigger, Waiting,
    Wave, WaveComponent, WaveStep,
};

use crate::Component;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The status of a cluster. What a later pass of the operator needs is all in here or observed anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct StarRocksClusterStatus {
    /// Upstream's word for the whole: running, failed or reconciling.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phase: String,
    /// Why, where the phase isn't running.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The generation of the spec that this status speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Ready, Reconciling, Stalled, Upgrading.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Frontends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_fe_status: Option<ComponentStatus>,
    /// Backends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_be_status: Option<ComponentStatus>,
    /// Compute nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_cn_status: Option<ComponentStatus>,
    /// The HTTP proxy in front of FE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub star_rocks_fe_proxy_status: Option<ComponentStatus>,
    /// The SQL hooks of `spec.upgradePreparation`, in the last wave that ran them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_preparation_status: Option<UpgradePreparationStatus>,
    /// The upgrade in flight; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wave: Option<Wave>,
    /// The version of the rendering by which the operator compares StatefulSets with the spec.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub render_version: String,
    /// The aborted wave, as long as the spec asks for what it asked for then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aborted: Option<Aborted>,
    /// Every FE setting that an upgrade has changed and has not given back yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held_settings: Vec<HeldSetting>,
    /// The StarRocks versions of images whose tags don't say, as the database gave them when they last ran.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_versions: Vec<KnownVersion>,
    /// What deprecated annotations ask for that an upgrade has had: it does nothing any more, until they are taken away
    /// or ask for something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub honoured_hook_request: Vec<String>,
}

/// The version that an image had when it last ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnownVersion {
    /// The image, as in the StatefulSet.
    pub image: String,
    /// What the database said, as `3.2.2-269e832`.
    pub version: String,
}

impl StarRocksClusterStatus {
    /// The settings that FEs may have at another value than their own at this moment.
    pub fn held_in_force(&self) -> impl Iterator<Item = &HeldSetting> {
        self.held_settings.iter().filter(|held| held.is_in_force())
    }

    /// The status of a component.
    pub fn component(&self, component: Component) -> Option<&ComponentStatus> {
        match component {
            Component::Fe => self.star_rocks_fe_status.as_ref(),
            Component::Be => self.star_rocks_be_status.as_ref(),
            Component::Cn => self.star_rocks_cn_status.as_ref(),
        }
    }

    /// The place of a component's status.
    pub fn component_mut(&mut self, component: Component) -> &mut Option<ComponentStatus> {
        match component {
            Component::Fe => &mut self.star_rocks_fe_status,
            Component::Be => &mut self.star_rocks_be_status,
            Component::Cn => &mut self.star_rocks_cn_status,
        }
    }
}

/// How far the SQL hooks of `spec.upgradePreparation` are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradePreparationStatus {
    /// The wave that they belong to.
    pub wave: String,
    /// Running, Completed or Failed.
    pub phase: PreparationPhase,
    /// The runs, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookRun>,
    /// When the first began.
    pub started_at: Time,
    /// When the last ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Time>,
    /// What is to be known beyond the phase.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// How far the SQL hooks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PreparationPhase {
    /// Some are still to run.
    Running,
    /// All have run; those that aren't critical may have failed.
    Completed,
    /// A critical one failed for good.
    Failed,
}
