//! The FE settings that an upgrade holds, and those that a scenario's cluster begins with.

use std::collections::BTreeMap;

/// An FE setting that the default hooks hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The canonical name.
    pub name: &'static str,
    /// The name in older versions; SHOW finds the setting by either.
    pub alias: &'static str,
    /// What it's held at.
    pub value: &'static str,
    /// What it is when no file says otherwise.
    pub default: &'static str,
}

/// The four settings of StarRocks' `Config.java` that steer the movement of tablets.
pub const HELD: [Held; 4] = [
    Held {
        name: "tablet_sched_max_scheduling_tablets",
        alias: "max_scheduling_tablets",
        value: "0",
        default: "10000",
    },
    Held {
        name: "tablet_sched_max_balancing_tablets",
        alias: "max_balancing_tablets",
        value: "0",
        default: "500",
    },
    Held { name: "tablet_sched_disable_balance", alias: "disable_balance", value: "true", default: "false" },
    Held {
        name: "tablet_sched_disable_colocate_balance",
        alias: "disable_colocate_balance",
        value: "true",
        default: "false",
    },
];

/// What an FE has after its start, by canonical name: its file's values, or else the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originals(BTreeMap<&'static str, String>);

impl Default for Originals {
    fn default() -> Self {
        Self(HELD.iter().map(|held| (held.name, held.default.to_owned())).collect())
    }
}

impl Originals {
    /// The defaults, but for one setting.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }

    /// The value of a setting.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// As the stand-in reads them: `k=v,k=v`.
    pub fn as_configuration(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookgate_api::hooks::PredefinedHook;

    #[test]
    fn they_are_what_the_default_hooks_hold() {
        let mut hooks: Vec<_> =
            PredefinedHook::DEFAULT_PAIR.iter().flat_map(|hook| hook.held_settings()).copied().collect();
        let mut known: Vec<_> = HELD.iter().map(|held| (held.name, held.value)).collect();
        hooks.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, hooks);
    }
}
