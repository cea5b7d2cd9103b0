//! What a policy says of SQL, as one program hands it to another.

use super::{KeyValue, PatternError, SqlAdditions, StatementPattern};
use crate::{ParseRuleIdError, Policy, Profile, Severity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a [`Policy`] says of SQL, to be written down and read again: the runner of a hook checks each statement by the
/// rules by which admission checked the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SqlRules {
    /// The profile.
    pub profile: Profile,
    /// Severities by rule that replace the rules' own; `null` switches a rule off.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub severities: BTreeMap<String, Option<Severity>>,
    /// FE settings that the policy adds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<String, KeyValue>,
    /// Statements that the policy adds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<String>,
}

/// Why rules that were written down can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlRulesError {
    /// A severity is of a rule that there isn't.
    #[error(transparent)]
    Rule(#[from] ParseRuleIdError),
    /// A statement isn't a pattern.
    #[error("the statement {text:?}: {cause}")]
    Statement {
        /// The text.
        text: String,
        /// Why not.
        #[source]
        cause: PatternError,
    },
}

impl From<&Policy> for SqlRules {
    fn from(policy: &Policy) -> Self {
        let of_sql = |rule: &crate::RuleId| rule.to_string().starts_with("HG4");
        let severities = policy.severities.iter().filter(|(rule, _)| of_sql(rule));
        Self {
            profile: policy.profile,
            severities: severities.map(|(rule, severity)| (rule.to_string(), *severity)).collect(),
            keys: policy.sql.keys.clone(),
            statements: policy.sql.statements.iter().map(ToString::to_string).collect(),
        }
    }
}

impl TryFrom<SqlRules> for Policy {
    type Error = SqlRulesError;

    fn try_from(rules: SqlRules) -> Result<Self, SqlRulesError> {
        let mut policy = Self::from(rules.profile);
        for (rule, severity) in rules.severities {
            policy.severities.insert(rule.parse()?, severity);
        }
        let statements = rules.statements.into_iter().map(|text| {
            text.parse::<StatementPattern>().map_err(|cause| SqlRulesError::Statement { text, cause })
        });
        policy.sql = SqlAdditions { keys: rules.keys, statements: statements.collect::<Result<_, _>>()? };
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check_sql;

    #[test]
    fn rules_that_were_written_down_judge_as_before() {
        let mut policy = Policy::default();
        policy.sql.keys.insert("routine_load_task_num".to_owned(), KeyValue::Number);
        policy.sql.statements.push("CANCEL DECOMMISSION BACKEND <string>".parse().unwrap());
        policy.severities.insert("HG404".parse().unwrap(), Some(Severity::Warning));
        policy.severities.insert("HG202".parse().unwrap(), None);
        let text = serde_json::to_string(&SqlRules::from(&policy)).unwrap();
        let read = Policy::try_from(serde_json::from_str::<SqlRules>(&text).unwrap()).unwrap();
        for sql in [
            "SHOW BACKENDS",
            "ADMIN SET FRONTEND CONFIG (\"routine_load_task_num\" = \"7\")",
            "ADMIN SET FRONTEND CONFIG (\"routine_load_task_num\" = \"many\")",
            "CANCEL DECOMMISSION BACKEND 'be-0:9050'",
            "DROP TABLE a",
            "SELECT 1 # x",
        ] {
            assert_eq!(check_sql(sql, &read), check_sql(sql, &policy), "{sql}");
        }
        assert!(!text.contains("HG202"), "what isn't about SQL stays behind: {text}");
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let read =
            |text: &str| Policy::try_from(serde_json::from_str::<SqlRules>(text).unwrap()).unwrap_err();
        let error = read(r#"{"profile": "restricted", "severities": {"HG999": "error"}}"#);
        assert!(error.to_string().contains("HG999"), "{error}");
        let error = read(r#"{"profile": "restricted", "statements": ["DROP <thing>"]}"#);
        assert!(error.to_string().contains("DROP <thing>"), "{error}");
    }
}
