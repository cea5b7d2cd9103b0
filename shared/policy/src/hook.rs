//! Which texts are hook scripts, and SQL outside scripts.

use crate::sql::{self, Refusal, SqlError};
use crate::{Policy, RuleId, Severity, rule};
use crate::{defines_hook_function, rules};

/// The key under which a hook script is expected when nothing else is said.
const DEFAULT_KEY: &str = "hooks.sh";

/// Whether an entry of a ConfigMap is a hook script: a StarRocksCluster refers to its key, or its text
/// defines a hook function, or the ConfigMap is labelled as a hook and the key is `hooks.sh` or ends
/// with `.sh`.
#[must_use]
pub fn is_hook_script(labelled: bool, referenced: bool, key: &str, content: &[u8]) -> bool {
    let by_name = key == DEFAULT_KEY
        || key.rsplit_once('.').is_some_and(|(_, suffix)| suffix.eq_ignore_ascii_case("sh"));
    referenced || labelled && by_name || defines_hook_function(content)
}

/// What is wrong with a text of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFinding {
    /// The rule.
    pub rule: RuleId,
    /// What it means.
    pub severity: Severity,
    /// What is wrong, and what is allowed.
    pub message: String,
}

/// Checks SQL that stands outside a script, such as a command of `spec.upgradePreparation`, by the same
/// rules as SQL in a script. `None` when the policy allows every statement.
#[must_use]
pub fn check_sql(text: &str, policy: &Policy) -> Option<SqlFinding> {
    let (id, own, message) = problem(text, policy)?;
    let applies = rule(id).is_some_and(|rule| rule.profiles.contains(&policy.profile));
    let severity = policy.severity(id, own).filter(|_| applies)?;
    Some(SqlFinding { rule: id, severity, message })
}

fn problem(text: &str, policy: &Policy) -> Option<(RuleId, Severity, String)> {
    let error = match sql::check(text, &policy.sql) {
        Ok(statements) => {
            let placeholder = statements.iter().any(|statement| statement.placeholder);
            let message = || sql::PLACEHOLDER_MESSAGE.to_owned();
            return placeholder.then(|| (rules::SQL_STATEMENT, Severity::Warning, message()));
        }
        Err(error) => error,
    };
    let (id, message) = match error {
        SqlError::Text(error) => (rules::SQL_TEXT, error.message()),
        SqlError::Empty => (rules::SQL_STATEMENT, "there is no SQL statement".to_owned()),
        SqlError::Statement(Refusal { beginning, reason }) => {
            let what =
                if beginning.is_empty() { "this statement".to_owned() } else { format!("`{beginning} …`") };
            (rules::SQL_STATEMENT, format!("{what} is not allowed in a hook: {reason}"))
        }
    };
    Some((id, Severity::Error, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    #[test]
    fn knows_hook_scripts() {
        assert!(is_hook_script(false, true, "x", b""));
        assert!(is_hook_script(true, false, "hooks.sh", b""));
        assert!(is_hook_script(true, false, "x.SH", b""));
        assert!(is_hook_script(false, false, "x", b"pre_upgrade() { :; }"));
        assert!(!is_hook_script(true, false, "notes.txt", b"text"));
        assert!(!is_hook_script(false, false, "x.sh", b"echo"));
    }

    #[test]
    fn checks_sql_alone() {
        let check_sql = |text: &str| check_sql(text, &Policy::default());
        assert_eq!(check_sql("SHOW BACKENDS"), None);
        assert_eq!(check_sql("SQL COMMAND").map(|finding| finding.severity), Some(Severity::Warning));
        assert_eq!(check_sql("SQL COMMAND x").map(|finding| finding.severity), Some(Severity::Error));
        let finding = check_sql("DROP TABLE a").expect("a finding");
        assert_eq!(finding.rule.to_string(), "HG403");
        assert_eq!(check_sql("\\! id").map(|finding| finding.rule.to_string()), Some("HG404".to_owned()));
    }
    #[test]
    fn sql_alone_is_judged_as_it_would_be_in_a_script() {
        let drop = |policy: &Policy| check_sql("DROP TABLE a", policy).map(|finding| finding.severity);
        assert_eq!(drop(&Policy::from(Profile::Baseline)), None);
        let severities = |severity| Policy {
            severities: [("HG403".parse().expect("a rule"), severity)].into(),
            ..Policy::default()
        };
        assert_eq!(drop(&severities(Some(Severity::Warning))), Some(Severity::Warning));
        assert_eq!(drop(&severities(None)), None);
    }
}
