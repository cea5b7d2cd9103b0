//! The ten points in the life of a cluster and its machines at which a hook may run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A point at which a hook may run; in the order in which they come in a cluster's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum HookType {
    /// Before the cluster is installed.
    PreClusterInstall,
    /// Before a machine is installed.
    PreInstall,
    /// After a machine was installed.
    PostInstall,
    /// After the cluster was installed.
    PostClusterInstall,
    /// Before the cluster is upgraded.
    PreClusterUpgrade,
    /// Before a machine is upgraded.
    PreUpgrade,
    /// After a machine was upgraded.
    PostUpgrade,
    /// After the cluster was upgraded.
    PostClusterUpgrade,
    /// Before the cluster is deleted.
    PreClusterDelete,
    /// After the cluster was deleted, while its first master can still be reached.
    PostClusterDelete,
}

/// Where a hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// On the cluster's first master only, with the cluster's labels and annotations as arguments.
    Cluster,
    /// On every machine, without arguments.
    Node,
}

/// The part of a cluster's life that a hook belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    /// From nothing to the first version.
    Install,
    /// From one version to the next.
    Upgrade,
    /// To nothing.
    Delete,
}

impl HookType {
    /// All ten, in their order.
    pub const ALL: [Self; 10] = [
        Self::PreClusterInstall,
        Self::PreInstall,
        Self::PostInstall,
        Self::PostClusterInstall,
        Self::PreClusterUpgrade,
        Self::PreUpgrade,
        Self::PostUpgrade,
        Self::PostClusterUpgrade,
        Self::PreClusterDelete,
        Self::PostClusterDelete,
    ];

    /// The name, as it is a key of `spec.features.hooks`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreClusterInstall => "PreClusterInstall",
            Self::PreInstall => "PreInstall",
            Self::PostInstall => "PostInstall",
            Self::PostClusterInstall => "PostClusterInstall",
            Self::PreClusterUpgrade => "PreClusterUpgrade",
            Self::PreUpgrade => "PreUpgrade",
            Self::PostUpgrade => "PostUpgrade",
            Self::PostClusterUpgrade => "PostClusterUpgrade",
            Self::PreClusterDelete => "PreClusterDelete",
            Self::PostClusterDelete => "PostClusterDelete",
        }
    }

    /// The type of the condition that says how far the hook is, as TKEStack names it.
    pub fn condition(self) -> &'static str {
        match self {
            Self::PreClusterInstall => "EnsurePreClusterInstallHook",
            Self::PreInstall => "EnsurePreInstallHook",
            Self::PostInstall => "EnsurePostInstallHook",
            Self::PostClusterInstall => "EnsurePostClusterInstallHook",
            Self::PreClusterUpgrade => "EnsurePreClusterUpgradeHook",
            Self::PreUpgrade => "EnsurePreUpgradeHook",
            Self::PostUpgrade => "EnsurePostUpgradeHook",
            Self::PostClusterUpgrade => "EnsurePostClusterUpgradeHook",
            Self::PreClusterDelete => "EnsurePreClusterDeleteHook",
            Self::PostClusterDelete => "EnsurePostClusterDeleteHook",
        }
    }

    /// Where it runs.
    pub fn scope(self) -> Scope {
        match self {
            Self::PreInstall | Self::PostInstall | Self::PreUpgrade | Self::PostUpgrade => Scope::Node,
            Self::PreClusterInstall
            | Self::PostClusterInstall
            | Self::PreClusterUpgrade
            | Self::PostClusterUpgrade
            | Self::PreClusterDelete
            | Self::PostClusterDelete => Scope::Cluster,
        }
    }

    /// The part of the cluster's life that it belongs to.
    pub fn lifecycle(self) -> Lifecycle {
        match self {
            Self::PreClusterInstall | Self::PreInstall | Self::PostInstall | Self::PostClusterInstall => {
                Lifecycle::Install
            }
            Self::PreClusterUpgrade | Self::PreUpgrade | Self::PostUpgrade | Self::PostClusterUpgrade => {
                Lifecycle::Upgrade
            }
            Self::PreClusterDelete | Self::PostClusterDelete => Lifecycle::Delete,
        }
    }

    /// Whether it runs before what it is named after.
    pub fn is_before(self) -> bool {
        self.as_str().starts_with("Pre")
    }

    /// Its place among the ten, from 0.
    pub fn order(self) -> usize {
        self as usize
    }
}

impl fmt::Display for HookType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Cluster => "cluster",
            Self::Node => "node",
        })
    }
}

/// A text that is none of the ten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hook type: there are {names}", names = names())]
pub struct UnknownHookType(pub String);

/// The ten names, as a sentence has them.
fn names() -> String {
    let mut names: Vec<&str> = HookType::ALL.iter().map(|hook| hook.as_str()).collect();
    let last = names.pop().unwrap_or_default();
    format!("{} and {last}", names.join(", "))
}

impl FromStr for HookType {
    type Err = UnknownHookType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|hook| hook.as_str() == text)
            .ok_or_else(|| UnknownHookType(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_ten_and_their_order_is_that_of_a_clusters_life() {
        assert!(HookType::ALL.is_sorted());
        for (place, hook) in HookType::ALL.into_iter().enumerate() {
            assert_eq!(hook.order(), place);
            assert_eq!(hook.to_string().parse(), Ok(hook));
            assert_eq!(serde_json::to_value(hook).unwrap(), hook.as_str());
            assert_eq!(hook.condition(), format!("Ensure{hook}Hook"));
            assert_eq!(hook.scope() == Scope::Cluster, hook.as_str().contains("Cluster"));
        }
        assert!(HookType::ALL.is_sorted_by_key(|hook| hook.lifecycle()));
        assert!(HookType::PreUpgrade.is_before() && !HookType::PostClusterDelete.is_before());
    }

    #[test]
    fn an_unknown_type_is_answered_with_the_ten_names() {
        let error = "preInstall".parse::<HookType>().unwrap_err().to_string();
        assert!(
            error.starts_with("`preInstall` is not a hook type: there are PreClusterInstall, PreInstall, ")
        );
        assert!(error.ends_with("PreClusterDelete and PostClusterDelete"), "{error}");
        for hook in HookType::ALL {
            assert!(error.contains(hook.as_str()), "{hook} is not in: {error}");
        }
    }
}
