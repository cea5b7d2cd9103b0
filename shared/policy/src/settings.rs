//! Which FE settings a hook changes, as far as reading its text tells: so that they can be read before it runs.

use crate::mysql::{MysqlCalls, known_text};
use crate::sql::{SqlAdditions, set_by};
use crate::{Policy, check_tree, facts};
use std::collections::{BTreeMap, BTreeSet};

/// The FE settings that a hook sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsSet {
    /// The settings, by the names that the hook has for them, with the values that it gives them.
    pub values: BTreeMap<String, BTreeSet<String>>,
    /// Whether these are all: nothing in the hook can set another.
    pub complete: bool,
}

impl SettingsSet {
    fn add(&mut self, text: Option<&str>) {
        match text.and_then(set_by) {
            Some(settings) => {
                for (name, value) in settings {
                    self.values.entry(name).or_default().insert(value);
                }
            }
            None => self.complete = false,
        }
    }
}

/// The FE settings that a text of SQL sets.
///
/// ```
/// let set = hookgate_policy::settings_set_by_sql("ADMIN SET FRONTEND CONFIG (\"disable_balance\" = \"true\")");
/// assert!(set.complete && set.values["disable_balance"].contains("true"));
/// ```
#[must_use]
pub fn settings_set_by_sql(text: &str) -> SettingsSet {
    let mut set = SettingsSet { complete: true, ..SettingsSet::default() };
    set.add(Some(text));
    set
}

/// The FE settings that a script sets. They are all of them only where the profile `restricted` would accept the script
/// as it is: then all of its SQL is known.
#[must_use]
pub fn settings_set_by_script(script: &[u8]) -> SettingsSet {
    let Ok(tree) = hookgate_shell::parse(script) else { return SettingsSet::default() };
    let complete = !check_tree(script, &tree, &Policy::default()).is_denied();
    let mut set = SettingsSet { complete, ..SettingsSet::default() };
    let facts = facts::gather(&tree);
    let calls = MysqlCalls::find(&facts, &SqlAdditions::default());
    for call in calls.all() {
        set.complete &= !call.sources.is_empty();
        for sql in &call.sources {
            set.add(known_text(sql.source.word(), &facts).as_deref());
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "mysql -h\"${SR_FE_HOST}\" -P\"${SR_FE_PORT}\" -u\"${SR_FE_USER}\"";

    fn set_by(lines: &str) -> SettingsSet {
        let script = format!("pre_upgrade() {{\n{lines}\n}}\npost_upgrade() {{ return 0; }}\n");
        settings_set_by_script(script.as_bytes())
    }

    fn names(set: &SettingsSet) -> Vec<(&str, Vec<&str>)> {
        let values = set.values.iter();
        values.map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect())).collect()
    }

    #[test]
    fn what_a_script_sets_is_known_before_it_runs() {
        let set = set_by(&format!(
            "{CALL} -e 'ADMIN SET FRONTEND CONFIG (\"max_scheduling_tablets\" = \"0\")' || return 1\n\
             {CALL} -e 'admin set frontend config (\"disable_balance\"=\"true\"); SHOW BACKENDS' || return 1\n\
             {CALL} -e 'ADMIN SET FRONTEND CONFIG (\"max_scheduling_tablets\" = \"2000\")' || return 1"
        ));
        assert!(set.complete, "{set:?}");
        let expected = [("disable_balance", vec!["true"]), ("max_scheduling_tablets", vec!["0", "2000"])];
        assert_eq!(names(&set), expected);
        assert!(set_by(&format!("{CALL} -e 'SHOW FRONTENDS' || return 1")).complete);
    }

    #[test]
    fn where_not_all_is_known_it_says_so() {
        for lines in [
            "mysql -e \"$1\"",
            "python3 change.py",
            "eval \"$SQL\"",
            "mysql < file",
            &format!("{CALL} -e 'ADMIN SET FRONTEND CONFIG (\"a\" = \"1\", \"b\" = \"2\")'"),
        ] {
            assert!(!set_by(lines).complete, "{lines}");
        }
        assert!(!settings_set_by_script(b"pre_upgrade() {").complete, "no script at all");
        assert!(!settings_set_by_sql("ADMIN SET FRONTEND CONFIG (\"a\" = \"1\") WITH PERSISTENT").complete);
        assert!(!settings_set_by_sql("\\! id").complete);
        assert!(settings_set_by_sql("ALTER SYSTEM CREATE IMAGE").complete);
    }
}
