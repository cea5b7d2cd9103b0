//! Whether a statement may be sent: the same rules as at admission.

use hookgate_policy::{Policy, Severity, SqlRules, SqlRulesError, check_sql};
use serde::{Deserialize, Serialize};

/// What one policy says of SQL, with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NamedRules {
    /// The policy, as `platform@3`.
    pub name: String,
    /// Whether what it finds refuses a statement; otherwise it's noted.
    pub enforced: bool,
    /// The rules.
    pub rules: SqlRules,
}

/// Policies that were handed over and can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// They aren't the JSON that they should be.
    #[error("the policies are not a list of names and rules: {0}")]
    Json(#[from] serde_json::Error),
    /// One of them can't be used.
    #[error("policy {name}: {cause}")]
    Rules {
        /// The policy.
        name: String,
        /// Why not.
        #[source]
        cause: SqlRulesError,
    },
    /// There is none.
    #[error("there is no policy: without one no statement can be judged")]
    None,
}

/// Why a statement isn't sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule, as `HG403`.
    pub rule: String,
    /// What is wrong, and what is allowed.
    pub message: String,
    /// The policy that refuses it.
    pub policy: String,
}

/// The policies of a hook's namespace, ready to judge SQL. A statement is sent when each of them that is enforced allows
/// it.
#[derive(Clone, Debug)]
pub struct Judge {
    policies: Vec<Named>,
}

#[derive(Clone, Debug)]
struct Named {
    name: String,
    enforced: bool,
    policy: Policy,
}

impl Judge {
    /// Reads policies from JSON, a list of [`NamedRules`].
    ///
    /// # Errors
    /// When it isn't one, is empty, or a policy can't be used: then no hook may run.
    pub fn read(json: &str) -> Result<Self, JudgeError> {
        Self::new(serde_json::from_str(json)?)
    }

    /// Policies as they are.
    ///
    /// # Errors
    /// When there is none or one can't be used.
    pub fn new(rules: Vec<NamedRules>) -> Result<Self, JudgeError> {
        let policies =
            rules.into_iter().map(|NamedRules { name, enforced, rules }| match Policy::try_from(rules) {
                Ok(policy) => Ok(Named { name, enforced, policy }),
                Err(cause) => Err(JudgeError::Rules { name, cause }),
            });
        let policies = policies.collect::<Result<Vec<_>, _>>()?;
        if policies.is_empty() { Err(JudgeError::None) } else { Ok(Self { policies }) }
    }

    /// Judges one request's SQL.
    ///
    /// # Errors
    /// When a policy that is enforced refuses it.
    pub fn judge(&self, statement: &str) -> Result<(), Refusal> {
        for Named { name, policy, .. } in self.policies.iter().filter(|named| named.enforced) {
            let Some(finding) = check_sql(statement, policy) else { continue };
            if finding.severity == Severity::Error {
                let (rule, message) = (finding.rule.to_string(), finding.message);
                return Err(Refusal { rule, message, policy: name.clone() });
            }
        }
        Ok(())
    }

    /// The policies' names.
    pub fn names(&self) -> Vec<String> {
        self.policies.iter().map(|named| named.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(name: &str, enforced: bool, profile: &str) -> String {
        format!(r#"{{"name": "{name}", "enforced": {enforced}, "rules": {{"profile": "{profile}"}}}}"#)
    }

    #[test]
    fn each_enforced_policy_must_allow_a_statement() {
        let drop = "DROP TABLE a";
        let judge = |all: &[String]| Judge::read(&format!("[{}]", all.join(","))).unwrap();
        let lenient = rules("a@1", true, "privileged");
        let strict = rules("b@2", true, "restricted");
        let trial = rules("c@3", false, "restricted");
        assert_eq!(judge(&[lenient.clone(), trial.clone()]).judge(drop), Ok(()));
        let refusal = judge(&[lenient, trial, strict]).judge(drop).unwrap_err();
        assert_eq!((refusal.rule.as_str(), refusal.policy.as_str()), ("HG403", "b@2"));
        assert_eq!(judge(&[rules("b@2", true, "restricted")]).judge("SHOW BACKENDS"), Ok(()));
    }

    #[test]
    fn policies_that_can_not_be_used_stop_everything() {
        for (json, hint) in [
            ("", "not a list"),
            ("[]", "there is no policy"),
            ("[{\"name\": \"a\"}]", "missing field"),
            (
                r#"[{"name":"a@1","enforced":true,"rules":{"profile":"restricted","statements":["x;y"]}}]"#,
                "policy a@1",
            ),
        ] {
            let error = Judge::read(json).unwrap_err().to_string();
            assert!(error.contains(hint), "{json}: {error}");
        }
    }
}
