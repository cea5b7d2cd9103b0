//! The upgrade in flight.

use super::{
    component::{HookRun, UpgradePhase},
    gate::{GateProgress, ImageRun, Preflight},
};
use crate::Component;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All components that are to change together, and how far each is.
///
/// It is the operator's memory: what is to be done is written here before it's done, so that an operator that
/// is killed at any moment goes on where it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wave {
    /// Names this wave in annotations, Job names and logs.
    pub id: String,
    /// Which way the versions go. It decides the order and whether hooks run.
    pub direction: Direction,
    /// What it began with.
    #[serde(default)]
    pub trigger: Trigger,
    /// When it was detected.
    pub started_at: Time,
    /// The components, in the order in which they are rolled.
    pub components: Vec<WaveComponent>,
    /// What it waits for at this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_for: Option<Waiting>,
    /// The step that it is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<WaveStep>,
    /// What comes after that step, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next: String,
    /// What was looked at before the first pod.
    #[serde(default)]
    pub preflight: Preflight,
    /// What the user should know of the version path; it doesn't hold the wave up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// When the upgrade window opens, while it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_opening: Option<Time>,
    /// Until when FEs keep their own values, after settings were held for `maxHoldSeconds`; no pod goes meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_until: Option<Time>,
    /// The gate that the annotation `hookgate.dev/skip-gate` lets the wave past at this moment. Empty where the wave waited
    /// at no gate when the annotation was set: it opens none until it is taken away and set again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipping: Option<String>,
    /// The canary after which the annotation `hookgate.dev/continue` lets the wave go on. For another the annotation has to
    /// be taken away and set again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continued: Option<ContinuedCanary>,
    /// Every gate that the user has let the wave past; the last 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_gates: Vec<SkippedGate>,
    /// The predefined hooks that deprecated annotations ask for: every component has them in this wave, beside those of
    /// the spec.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requested_hooks: Vec<String>,
    /// What components ran that were done before they got another target, or before this wave began in the place of
    /// another: going back is to this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
}

/// What a component ran before everything that a wave, or several in a row, have done to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Which.
    pub component: Component,
    /// The image.
    pub image: String,
    /// The StatefulSet's revision.
    pub revision: String,
    /// What the StatefulSet's annotation `hookgate.dev/rendered-hash` was.
    pub target: String,
}

impl Wave {
    /// What a component ran before this wave, and before those in whose place it began; `None` where none of them is about
    /// it.
    pub fn origin(&self, component: Component) -> Option<Origin> {
        let known = self.origins.iter().find(|origin| origin.component == component).cloned();
        known.or_else(|| {
            self.components.iter().find(|step| step.component == component).map(WaveComponent::origin)
        })
    }

    /// The same of every component that they are about.
    pub fn all_origins(&self) -> Vec<Origin> {
        Component::ALL.into_iter().filter_map(|component| self.origin(component)).collect()
    }
}

/// A first pod that the user has found to be well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContinuedCanary {
    /// The component.
    pub component: Component,
    /// Its target, as in `components`.
    pub target: String,
}

/// A gate that the user has let a wave past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SkippedGate {
    /// The gate, as in `waitingFor.gate`.
    pub gate: String,
    /// What the wave waited for there.
    pub message: String,
    /// When.
    pub at: Time,
}

/// What a wave began with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Trigger {
    /// The spec differs from what runs.
    #[default]
    SpecChange,
    /// A wave had failed, and what it had failed for has changed.
    CauseChanged,
    /// A wave had failed, and the user asked for a new try.
    Retry,
    /// The spec went back to what ran before the wave.
    Rollback,
    /// The user aborted a wave: what it had changed goes back.
    Abort,
}

/// The step that a wave is at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaveStep {
    /// The component whose turn it is; absent once all are done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Component>,
    /// How far that component is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<UpgradePhase>,
    /// The pod that has been let go and isn't back yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// Since when.
    pub since: Time,
}

/// Which way the versions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Direction {
    /// A version rises, or an image changes and nothing says that it falls. BE, CN, FE; hooks run.
    Upgrade,
    /// A version falls. FE, BE, CN; no hooks where `upgradeHooks.when` isn't `Always`.
    Downgrade,
    /// The images stay. BE, CN, FE; no hooks where `upgradeHooks.when` isn't `Always`.
    Change,
}

impl Direction {
    /// The order in which components are rolled.
    pub const fn order(self) -> [Component; 3] {
        match self {
            Self::Upgrade | Self::Change => [Component::Be, Component::Cn, Component::Fe],
            Self::Downgrade => [Component::Fe, Component::Be, Component::Cn],
        }
    }
}

/// One component of a wave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaveComponent {
    /// Which.
    pub component: Component,
    /// How far it is.
    pub phase: UpgradePhase,
    /// The image before the wave.
    pub from_image: String,
    /// The image that it is to have.
    pub to_image: String,
    /// The hash of what the StatefulSet is to be, as in its annotation `hookgate.dev/rendered-hash`.
    pub target: String,
    /// The revision of the StatefulSet before the wave.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from_revision: String,
    /// What `target` was before the wave.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from_target: String,
    /// How many pods it is to have after its roll, where that was asked for together with the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scales_after: Option<i32>,
    /// The revision that its pods are to have; known once the StatefulSet controller has seen the patch.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target_revision: String,
    /// The generation of the StatefulSet that our patch made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patched_generation: Option<i64>,
    /// Which try its pre-hooks are at, from 1.
    #[serde(default = "first_attempt")]
    pub attempt: u32,
    /// The runs of its hooks, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<HookRun>,
    /// The hash of the script and the spec for which the hooks have failed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_for: Option<String>,
    /// When a failed hook is tried once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_retry_at: Option<Time>,
    /// The pod that has been let go and isn't back yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<OpenedPod>,
    /// How far it is at its rollout gate.
    #[serde(default)]
    pub gate: GateProgress,
    /// FE: the image of the metadata that is made before its pods are replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageRun>,
    /// When it began to be worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Time>,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Time>,
    /// What is to be known beyond the phase.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl WaveComponent {
    /// What it ran before the wave.
    pub fn origin(&self) -> Origin {
        Origin {
            component: self.component,
            image: self.from_image.clone(),
            revision: self.from_revision.clone(),
            target: self.from_target.clone(),
        }
    }

    /// Whether its StatefulSet has been changed, or is about to be.
    pub const fn is_touched(&self) -> bool {
        matches!(self.phase, UpgradePhase::Rolling | UpgradePhase::Finalizing | UpgradePhase::Completed)
    }
}

const fn first_attempt() -> u32 {
    1
}

/// A wave that the user has aborted, or that went back by itself. What it had changed goes back, and stays so until the spec changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Aborted {
    /// The wave's id.
    pub wave: String,
    /// When.
    pub at: Time,
    /// Why it went back by itself; empty when the user aborted it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The components of the wave.
    pub components: Vec<AbortedComponent>,
}

/// What a component goes back to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AbortedComponent {
    /// Which.
    pub component: Component,
    /// The hash of what the spec asked for when the wave was aborted.
    pub inputs: String,
    /// What the StatefulSet's annotation `hookgate.dev/rendered-hash` was before the wave.
    pub target: String,
    /// The StatefulSet's revision before the wave; its template is what the component goes back to.
    pub revision: String,
    /// The image of that revision.
    pub image: String,
}

/// A pod that is let go, so that it comes back from the new template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenedPod {
    /// Its name.
    pub name: String,
    /// Its ordinal in the StatefulSet.
    pub ordinal: i32,
    /// The uid of the pod that goes; the one that comes back has another. Empty when there was none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
}

/// What a wave waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// One word, for machines.
    pub reason: String,
    /// A sentence, for people.
    pub message: String,
    /// The gate that it stands before, where the annotation `hookgate.dev/skip-gate` lets it past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// Since when.
    pub since: Time,
}
