//! Upgrade hooks: what `upgradeHooks` and `upgradePreparation` say.

use crate::defaults::{DEFAULT_SCRIPT_KEY, DEFAULT_TIMEOUT_SECONDS};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Hooks of one component. Absent altogether, the default pair runs: `disable-tablet-clone`, `disable-balancer`.
///
/// The schema is wider than what is accepted, on purpose: [`crate::validate`] says what is wrong in words, and
/// says the same at admission and in the operator's conditions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UpgradeHooks {
    /// Names of predefined hooks: disable-tablet-clone, disable-balancer (before the upgrade),
    /// enable-tablet-clone, enable-balancer (after it).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub predefined: Vec<String>,
    /// A script of your own, run after the predefined hooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomHook>,
    /// When the hooks run and settings are held: `Upgrades` when absent, or `Always`: also when a version falls, and
    /// when images stay and something else in the pods changes. Going back to what ran before a wave never runs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How long each run of a hook may take, in seconds: 1 to 3600, 300 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<i64>,
}

/// When hooks run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookOccasion {
    /// When a version rises.
    Upgrades,
    /// Whenever pods are replaced, but for going back.
    Always,
}

/// A script in a ConfigMap of the cluster's namespace, which defines `pre_upgrade` and `post_upgrade`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CustomHook {
    /// The ConfigMap's name. Required.
    pub config_map_name: String,
    /// The key of the script in the ConfigMap; `hooks.sh` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script_key: Option<String>,
}

impl UpgradeHooks {
    /// The predefined hooks that are named rightly, in the order of the manifest.
    pub fn predefined_hooks(&self) -> impl Iterator<Item = PredefinedHook> {
        self.predefined.iter().filter_map(|name| name.parse().ok())
    }

    /// When the hooks run; `None` where it's neither of the two.
    pub fn when(&self) -> Option<HookOccasion> {
        match self.when.as_deref() {
            None | Some("Upgrades") => Some(HookOccasion::Upgrades),
            Some("Always") => Some(HookOccasion::Always),
            Some(_) => None,
        }
    }

    /// The bound of each run, in seconds.
    pub fn timeout_seconds(&self) -> i64 {
        self.timeout_seconds.unwrap_or(i64::from(DEFAULT_TIMEOUT_SECONDS))
    }
}

impl CustomHook {
    /// The key of the script, the default where none is given.
    pub fn script_key(&self) -> &str {
        self.script_key.as_deref().unwrap_or(DEFAULT_SCRIPT_KEY)
    }
}

/// A hook that Hookgate knows: it holds FE settings while an upgrade lasts, or lets go of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PredefinedHook {
    /// Before: `tablet_sched_max_scheduling_tablets` is held at 0.
    DisableTabletClone,
    /// Before: balancing is held switched off.
    DisableBalancer,
    /// After: lets go of what `disable-tablet-clone` holds.
    EnableTabletClone,
    /// After: lets go of what `disable-balancer` holds.
    EnableBalancer,
}

/// When a hook runs: before a component is touched, or after it has been rolled out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum HookPhase {
    /// Before the component's StatefulSet is touched. A failure blocks the component.
    Pre,
    /// After every pod is back. A failure is recorded and does not block.
    Post,
}

impl HookPhase {
    /// The shell function that a custom script defines for this phase.
    pub const fn function(self) -> &'static str {
        match self {
            Self::Pre => "pre_upgrade",
            Self::Post => "post_upgrade",
        }
    }
}

impl PredefinedHook {
    /// Every predefined hook.
    pub const ALL: [Self; 4] =
        [Self::DisableTabletClone, Self::DisableBalancer, Self::EnableTabletClone, Self::EnableBalancer];
    /// What runs where no `upgradeHooks` are given.
    pub const DEFAULT_PAIR: [Self; 2] = [Self::DisableTabletClone, Self::DisableBalancer];

    /// The name in a manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DisableTabletClone => "disable-tablet-clone",
            Self::DisableBalancer => "disable-balancer",
            Self::EnableTabletClone => "enable-tablet-clone",
            Self::EnableBalancer => "enable-balancer",
        }
    }

    /// When it runs.
    pub const fn phase(self) -> HookPhase {
        match self {
            Self::DisableTabletClone | Self::DisableBalancer => HookPhase::Pre,
            Self::EnableTabletClone | Self::EnableBalancer => HookPhase::Post,
        }
    }

    /// The FE settings that a `disable-…` hook holds, with the value each is held at. Empty for `enable-…` hooks.
    ///
    /// Canonical names of Config.java; `disable_balance` alone lets colocate balancing go on, and
    /// `max_balancing_tablets = 0` alone is checked late in one path, so the balancer is held by all three.
    pub const fn held_settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::DisableTabletClone => &[("tablet_sched_max_scheduling_tablets", "0")],
            Self::DisableBalancer => &[
                ("tablet_sched_disable_balance", "true"),
                ("tablet_sched_disable_colocate_balance", "true"),
                ("tablet_sched_max_balancing_tablets", "0"),
            ],
            Self::EnableTabletClone | Self::EnableBalancer => &[],
        }
    }
}

impl fmt::Display for PredefinedHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PredefinedHook {
    type Err = UnknownHook;

    fn from_str(name: &str) -> Result<Self, UnknownHook> {
        Self::ALL.into_iter().find(|hook| hook.as_str() == name).ok_or_else(|| UnknownHook(name.to_owned()))
    }
}

/// The FE settings that an upgrade can hold: canonical name, and the name in older versions (Config.java of StarRocks
/// 3.x).
pub const HELD_SETTINGS: [(&str, &str); 4] = [
    ("tablet_sched_max_scheduling_tablets", "max_scheduling_tablets"),
    ("tablet_sched_max_balancing_tablets", "max_balancing_tablets"),
    ("tablet_sched_disable_balance", "disable_balance"),
    ("tablet_sched_disable_colocate_balance", "disable_colocate_balance"),
];

/// The FE settings that a hook may change where no policy says otherwise: those that an upgrade holds, and two more.
pub const SETTINGS_OF_HOOKS: [(&str, &str); 6] = [
    HELD_SETTINGS[0],
    HELD_SETTINGS[1],
    HELD_SETTINGS[2],
    HELD_SETTINGS[3],
    ("tablet_sched_disable_colocate_overall_balance", "tablet_sched_disable_colocate_overall_balance"),
    ("tablet_sched_repair_delay_factor_second", "tablet_repair_delay_factor_second"),
];

/// The name of a setting as the status has it, and the name in older versions; one that isn't known has one name.
pub fn setting_names(name: &str) -> (&str, &str) {
    let known = SETTINGS_OF_HOOKS.into_iter().find(|(canonical, alias)| [*canonical, *alias].contains(&name));
    known.unwrap_or((name, name))
}

/// Whether a hook may change a setting under any policy. What a status says is held is input like any other: a name that
/// no hook can have touched was written there by somebody else, and must not become SQL.
#[must_use]
pub fn may_be_held(name: &str) -> bool {
    SETTINGS_OF_HOOKS.iter().any(|(canonical, _)| *canonical == name)
        || hookgate_policy::check_key_name(name).is_ok()
}

/// A name that is none of the predefined hooks'.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown predefined hook {0:?}; allowed values: {list}", list = PredefinedHook::ALL.map(PredefinedHook::as_str).join(", "))]
pub struct UnknownHook(pub String);

/// SQL hooks for the whole cluster, run once before any component is touched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UpgradePreparation {
    /// Whether the hooks run.
    pub enabled: bool,
    /// The statements, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<PreparationHook>,
}

/// One SQL hook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct PreparationHook {
    /// The name shown in the status. Required.
    pub name: String,
    /// The SQL statement. Where it is empty, `name` must be a predefined hook's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub command: String,
    /// Whether a failure blocks the upgrade.
    pub critical: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for hook in PredefinedHook::ALL {
            assert_eq!(hook.as_str().parse(), Ok(hook));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_allowed_ones() {
        let error = "disable-everything".parse::<PredefinedHook>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown predefined hook \"disable-everything\"; allowed values: disable-tablet-clone, \
             disable-balancer, enable-tablet-clone, enable-balancer"
        );
    }
}
