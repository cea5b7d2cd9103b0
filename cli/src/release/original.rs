//! What is to be given back, as the status has it; checked before it becomes SQL, for others may write a status.

use hookgate_api::{
    StarRocksCluster,
    hooks::{SETTINGS_OF_HOOKS, setting_names},
    status::HeldSetting,
};
use hookgate_database::{SetConfig, StatementError};

/// A setting, and the value that every FE is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Original {
    /// The canonical name.
    pub(super) name: String,
    /// The name in older versions.
    pub(super) alias: String,
    /// The value before the hold.
    pub(super) value: String,
}

/// Why a status isn't acted upon.
#[derive(Debug, thiserror::Error)]
pub(super) enum OriginalError {
    /// Not one that a hook may change.
    #[error(
        "status.heldSettings has {name:?}, which no hook may change: somebody else wrote it. Nothing was changed; \
         remove it: kubectl edit src {cluster} --subresource=status"
    )]
    Name {
        /// What the status has.
        name: String,
        /// The cluster.
        cluster: String,
    },
    /// Not a value.
    #[error("status.heldSettings has an original that can't be: {0}. Nothing was changed")]
    Value(#[from] StatementError),
}

/// What is to be given back. A setting without an original was never changed.
pub(super) fn originals(cluster: &StarRocksCluster) -> Result<Vec<Original>, OriginalError> {
    let held = cluster.status.iter().flat_map(|status| &status.held_settings);
    held.filter_map(|held| original(cluster, held).transpose()).collect()
}

fn original(cluster: &StarRocksCluster, held: &HeldSetting) -> Result<Option<Original>, OriginalError> {
    // Those that every hook may change are known; a policy may add others, but for some that guard the database.
    let is_known = SETTINGS_OF_HOOKS.into_iter().any(|(name, _)| name == held.name);
    if !is_known && hookgate_policy::check_key_name(&held.name).is_err() {
        let cluster = cluster.metadata.name.clone().unwrap_or_default();
        return Err(OriginalError::Name { name: held.name.clone(), cluster });
    }
    let alias = setting_names(&held.name).1.to_owned();
    let Some(value) = held.original() else { return Ok(None) };
    SetConfig::new(&held.name, value)?;
    Ok(Some(Original { name: held.name.clone(), alias, value: value.to_owned() }))
}

/// What is to be done, for the user who is asked.
pub(super) fn describe(cluster: &StarRocksCluster, originals: &[Original]) -> String {
    let mut text = format!("{} holds:\n", super::place_of(cluster));
    for held in cluster.status.iter().flat_map(|status| &status.held_settings) {
        let back = originals.iter().find(|original| original.name == held.name);
        let back =
            back.map_or("nothing was changed".to_owned(), |back| format!("goes back to {}", back.value));
        text.push_str(&format!("  {} at {} since {}: {back}\n", held.name, held.value, held.since.0));
    }
    if let Some(wave) = super::record::wave_in_flight(cluster) {
        text.push_str(&format!("  Its upgrade {wave} is in flight; it stops before the next pod.\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cluster(name: &str, original: &str) -> StarRocksCluster {
        serde_json::from_value(json!({
            "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
            "metadata": {"name": "sr", "namespace": "db"}, "spec": {},
            "status": {"heldSettings": [{
                "name": name, "value": "0", "state": "Held", "since": "2026-01-01T00:00:00Z",
                "frontends": [{"pod": "sr-fe-0", "uid": "u", "original": original}],
            }]},
        }))
        .unwrap()
    }

    #[test]
    fn what_the_status_has_is_checked_before_it_becomes_sql() {
        let good = cluster("tablet_sched_max_scheduling_tablets", "4321");
        let originals = originals(&good).unwrap();
        assert_eq!(
            (originals[0].alias.as_str(), originals[0].value.as_str()),
            ("max_scheduling_tablets", "4321")
        );
        assert!(describe(&good, &originals).contains("at 0 since 2026-01-01T00:00:00Z: goes back to 4321"));
        let error = super::originals(&cluster("enable_auth_check", "false")).unwrap_err().to_string();
        assert!(error.contains("\"enable_auth_check\"") && error.contains("kubectl edit src sr"), "{error}");
        let error = super::originals(&cluster("tablet_sched_disable_balance", "1\"); DROP")).unwrap_err();
        assert!(error.to_string().contains("is not a value of an FE setting"), "{error}");
    }

    #[test]
    fn a_setting_that_was_never_changed_has_nothing_to_give_back() {
        let mut cluster = cluster("tablet_sched_disable_balance", "false");
        cluster.status.as_mut().unwrap().held_settings[0].frontends.clear();
        assert_eq!(originals(&cluster).unwrap(), []);
        assert!(describe(&cluster, &[]).contains("nothing was changed"));
    }
}
