//! The settings of an FE: a catalogue of what there is, and one FE's values.

use std::collections::BTreeMap;

use thiserror::Error;

use super::like::like;

/// One setting of the catalogue. Names, aliases and defaults are those of StarRocks' `Config.java`.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The canonical name.
    pub key: &'static str,
    /// The name in older versions.
    pub alias: Option<&'static str>,
    /// The default.
    pub default: &'static str,
    /// The type.
    pub kind: Kind,
    /// Whether ADMIN SET may change it.
    pub mutable: bool,
}

/// A setting's type, as Java reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`: "true" in any case is true, everything else is false.
    Boolean,
    /// `int`: 32 bits.
    Int,
    /// `long`: 64 bits.
    Long,
    /// `double`.
    Double,
    /// `String`.
    Text,
}

impl Kind {
    /// The type's name in the column `Type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Long => "long",
            Self::Double => "double",
            Self::Text => "String",
        }
    }

    /// Reads a value as Java does and writes it as Java does.
    fn read(self, value: &str) -> Result<String, String> {
        let number = || format!("For input string: \"{value}\"");
        match self {
            Self::Boolean => Ok(value.eq_ignore_ascii_case("true").to_string()),
            Self::Int => value.parse::<i32>().map(|n| n.to_string()).map_err(|_| number()),
            Self::Long => value.parse::<i64>().map(|n| n.to_string()).map_err(|_| number()),
            Self::Double => value.trim().parse::<f64>().map(|n| format!("{n:?}")).map_err(|_| number()),
            Self::Text => Ok(value.to_owned()),
        }
    }
}

const fn mutable(key: &'static str, kind: Kind, default: &'static str) -> Setting {
    Setting { key, alias: None, default, kind, mutable: true }
}

const fn aliased(key: &'static str, alias: &'static str, kind: Kind, default: &'static str) -> Setting {
    Setting { key, alias: Some(alias), default, kind, mutable: true }
}

const fn fixed(key: &'static str, kind: Kind, default: &'static str) -> Setting {
    Setting { key, alias: None, default, kind, mutable: false }
}

/// The settings that the stand-in knows: those of upgrades, and some of each type around them.
pub const CATALOGUE: &[Setting] = &[
    fixed("http_port", Kind::Int, "8030"),
    fixed("rpc_port", Kind::Int, "9020"),
    fixed("query_port", Kind::Int, "9030"),
    fixed("edit_log_port", Kind::Int, "9010"),
    fixed("meta_dir", Kind::Text, "/opt/starrocks/fe/meta"),
    fixed("run_mode", Kind::Text, "shared_nothing"),
    fixed("priority_networks", Kind::Text, ""),
    fixed("heartbeat_mgr_threads_num", Kind::Int, "8"),
    fixed("sys_log_dir", Kind::Text, "/opt/starrocks/fe/log"),
    mutable("qe_max_connection", Kind::Int, "4096"),
    mutable("max_query_retry_time", Kind::Int, "2"),
    mutable("heartbeat_timeout_second", Kind::Int, "5"),
    mutable("enable_statistic_collect", Kind::Boolean, "true"),
    mutable("enable_collect_full_statistic", Kind::Boolean, "true"),
    mutable("default_replication_num", Kind::Int, "3"),
    mutable("max_create_table_timeout_second", Kind::Int, "600"),
    mutable("catalog_trash_expire_second", Kind::Long, "86400"),
    mutable("storage_usage_hard_limit_percent", Kind::Int, "95"),
    mutable("tablet_sched_checker_interval_seconds", Kind::Int, "20"),
    mutable("tablet_create_timeout_second", Kind::Int, "10"),
    aliased("tablet_sched_slot_num_per_path", "schedule_slot_num_per_path", Kind::Int, "8"),
    aliased("tablet_sched_repair_delay_factor_second", "tablet_repair_delay_factor_second", Kind::Long, "60"),
    aliased("tablet_sched_max_scheduling_tablets", "max_scheduling_tablets", Kind::Int, "10000"),
    aliased("tablet_sched_max_balancing_tablets", "max_balancing_tablets", Kind::Int, "500"),
    aliased("tablet_sched_disable_balance", "disable_balance", Kind::Boolean, "false"),
    aliased("tablet_sched_disable_colocate_balance", "disable_colocate_balance", Kind::Boolean, "false"),
    aliased("tablet_sched_balance_load_score_threshold", "balance_load_score_threshold", Kind::Double, "0.1"),
    aliased("tablet_sched_balancer_strategy", "tablet_balancer_strategy", Kind::Text, "disk_and_tablet"),
];

/// Why a setting couldn't be set. The texts are StarRocks'.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingError {
    /// Unknown and immutable settings get the same text.
    #[error("Config '{0}' does not exist or is not mutable")]
    NotMutable(String),
    /// The value isn't of the setting's type.
    #[error("Failed to set config '{key}'. err: {cause}")]
    BadValue {
        /// The name that was given.
        key: String,
        /// Java's text.
        cause: String,
    },
}

/// A value that was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The canonical name.
    pub key: &'static str,
    /// The value before.
    pub old: String,
    /// The value after.
    pub new: String,
}

/// One FE's values: in memory only, so a restart brings the file's values back.
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, String>,
}

impl Settings {
    /// The defaults, overlaid by the pairs in their order; unknown keys are left out as a real FE does.
    ///
    /// # Errors
    /// When a value isn't of its setting's type.
    pub fn new<'a>(overlay: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, SettingError> {
        let values = CATALOGUE.iter().map(|setting| (setting.key, setting.default.to_owned())).collect();
        let mut settings = Self { values };
        for (key, value) in overlay {
            let Some(setting) = find(key) else {
                tracing::debug!(key, "the configuration has a setting that the stand-in doesn't know");
                continue;
            };
            settings.assign(setting, key, value)?;
        }
        Ok(settings)
    }

    /// A value by its canonical name.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Sets a mutable setting by name or alias.
    ///
    /// # Errors
    /// As ADMIN SET does.
    pub fn set(&mut self, key: &str, value: &str) -> Result<Change, SettingError> {
        let setting = find(key)
            .filter(|setting| setting.mutable)
            .ok_or_else(|| SettingError::NotMutable(key.to_owned()))?;
        self.assign(setting, key, value)
    }

    /// The settings whose name or alias matches the pattern, with their values, sorted by name.
    pub fn matching<'a>(
        &'a self,
        pattern: Option<&'a str>,
    ) -> impl Iterator<Item = (&'static Setting, &'a str)> {
        self.values.iter().filter_map(move |(key, value)| {
            let setting = find(key)?;
            let fits = pattern
                .is_none_or(|p| like(p, setting.key) || setting.alias.is_some_and(|alias| like(p, alias)));
            fits.then_some((setting, value.as_str()))
        })
    }

    fn assign(&mut self, setting: &'static Setting, name: &str, value: &str) -> Result<Change, SettingError> {
        let new = setting
            .kind
            .read(value)
            .map_err(|cause| SettingError::BadValue { key: name.to_owned(), cause })?;
        let old = self.values.insert(setting.key, new.clone()).unwrap_or_default();
        Ok(Change { key: setting.key, old, new })
    }
}

/// Finds a setting by name or alias.
pub fn find(name: &str) -> Option<&'static Setting> {
    CATALOGUE.iter().find(|setting| setting.key == name || setting.alias == Some(name))
}

/// Reads the `key = value` lines of an fe.conf; comments and shell-like lines without a known form are left out.
pub fn parse_conf(text: &str) -> Vec<(&str, &str)> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}

/// Reads `k=v,k=v`.
///
/// # Errors
/// When a part has no `=`.
pub fn parse_pairs(text: &str) -> Result<Vec<(&str, &str)>, String> {
    text.split(',')
        .filter(|part| !part.trim().is_empty())
        .map(|part| {
            let (key, value) =
                part.split_once('=').ok_or_else(|| format!("\"{part}\" is not a setting: write k=v,k=v"))?;
            Ok((key.trim(), value.trim()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::new([]).unwrap()
    }

    fn matching(settings: &Settings, pattern: &str) -> Vec<(String, String)> {
        settings.matching(Some(pattern)).map(|(s, value)| (s.key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn an_alias_sets_and_finds_the_canonical_setting() {
        let mut settings = settings();
        let change = settings.set("disable_balance", "TRUE").unwrap();
        assert_eq!(
            change,
            Change { key: "tablet_sched_disable_balance", old: "false".into(), new: "true".into() }
        );
        let expected = vec![("tablet_sched_disable_balance".to_owned(), "true".to_owned())];
        assert_eq!(matching(&settings, "disable_balance"), expected);
        assert_eq!(matching(&settings, "tablet_sched_disable_balance"), expected);
    }

    #[test]
    fn booleans_are_lenient_and_numbers_strict() {
        let mut settings = settings();
        assert_eq!(settings.set("disable_balance", "yes").unwrap().new, "false");
        assert_eq!(
            settings.set("max_scheduling_tablets", "many").unwrap_err().to_string(),
            "Failed to set config 'max_scheduling_tablets'. err: For input string: \"many\""
        );
        assert_eq!(settings.get("tablet_sched_max_scheduling_tablets"), Some("10000"));
    }

    #[test]
    fn unknown_and_immutable_settings_get_the_same_text() {
        let mut settings = settings();
        for key in ["nonsense", "http_port"] {
            let error = settings.set(key, "1").unwrap_err();
            assert_eq!(error.to_string(), format!("Config '{key}' does not exist or is not mutable"));
        }
    }

    #[test]
    fn a_file_and_pairs_overlay_the_defaults() {
        let file =
            "# comment\nrun_mode = shared_data\nLOG_DIR = ${STARROCKS_HOME}/log\nmax_balancing_tablets=7\n";
        let settings = Settings::new(
            parse_conf(file).into_iter().chain(parse_pairs("tablet_sched_max_balancing_tablets=9").unwrap()),
        )
        .unwrap();
        assert_eq!(settings.get("run_mode"), Some("shared_data"));
        assert_eq!(settings.get("tablet_sched_max_balancing_tablets"), Some("9"));
        assert!(parse_pairs("a").unwrap_err().contains("write k=v,k=v"));
    }
}
