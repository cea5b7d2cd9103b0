//! FE settings that an upgrade holds.

use crate::Component;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An FE setting that is held at a value while an upgrade lasts.
///
/// FE settings live in each FE's memory: every FE has its own original, and one that restarts has its file's
/// values again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldSetting {
    /// The canonical name.
    pub name: String,
    /// The value it is held at.
    pub value: String,
    /// Whether it is held, or being given back.
    pub state: HoldState,
    /// The components whose hooks ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<Component>,
    /// What it was on each FE before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frontends: Vec<HeldFrontend>,
    /// Since when.
    pub since: Time,
    /// Until when it is held at the longest (`spec.maxHoldSeconds`): then it's given back, pod away or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// When it is looked at once more, after it was given back on every FE: a statement may have been under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_at: Option<Time>,
    /// When giving it back is given up, because the cluster is being deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub give_up_at: Option<Time>,
}

impl HeldSetting {
    /// What every FE is given back; `None` where nothing has been written down, so nothing has been changed.
    ///
    /// A value set on one FE is forwarded to all others, so FEs that had different values can't each get their own: then
    /// it is that of the first pod, which every FE is told alike. What somebody else has set meanwhile comes before.
    pub fn original(&self) -> Option<&str> {
        let theirs = self.frontends.iter().find(|frontend| frontend.changed_by_others);
        theirs.or_else(|| self.frontends.first()).map(|frontend| frontend.original.as_str())
    }

    /// Whether FEs may have another value than their own at this moment.
    pub fn is_in_force(&self) -> bool {
        self.state != HoldState::GivenBack
    }
}

/// Whether a setting is held, or being given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HoldState {
    /// A hook is run that may change it by itself: its originals are written down, and it's compared afterwards.
    Watched,
    /// Every FE is to have the held value.
    Held,
    /// Every FE is to have its original value.
    Releasing,
    /// Every FE has had its original value; it's looked at once more before it is gone from the status.
    GivenBack,
}

/// What a held setting was on one FE.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldFrontend {
    /// The FE's pod.
    pub pod: String,
    /// The uid of the pod whose memory the original was read from. A pod that restarts has another original.
    pub uid: String,
    /// How often the FE's container had restarted in that pod. A container that restarts forgets as well.
    #[serde(default)]
    pub restarts: i32,
    /// When the FE had started, in its own words (`StartTime` of `SHOW FRONTENDS`); absent where they weren't known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// The value before the hold.
    pub original: String,
    /// Whether `original` is what somebody else has set while it was held, and so is left to be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub changed_by_others: bool,
}
