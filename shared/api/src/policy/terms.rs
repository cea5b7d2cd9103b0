//! A policy's spec, read and found to make sense.

use super::{AllowedKey, AllowedProgram, Authors, HookPolicySpec, Mode, RuleName, RuleSeverity};
use crate::{
    defaults::{MAX_TIMEOUT_SECONDS, MIN_TIMEOUT_SECONDS},
    validate::Violation,
};
use hookgate_policy::{
    ExtraProgram, ExtraProgramError, Policy, Profile, RuleId, Severity, SqlAdditions, StatementPattern,
    Subject, check_key_name, rule,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a policy says, in the terms of the engine that checks scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What becomes of a hook that isn't allowed.
    pub mode: Mode,
    /// The greatest `timeoutSeconds` of a cluster's hooks, in seconds.
    pub max_timeout_seconds: i64,
    /// Whether a script runs only where the kernel can make its sandbox whole.
    pub require_sandbox: bool,
    /// Who may write hook scripts.
    pub authors: Authors,
    /// Whether a script runs only when it is approved.
    pub requires_approval: bool,
    /// Whether somebody who has submitted a script may approve it.
    pub allows_self_approval: bool,
    /// The rules whose findings an approval lifts.
    pub overridable: BTreeSet<RuleId>,
    /// What scripts and SQL are checked against.
    pub policy: Policy,
}

/// The rules that stand for "this can be read": without them nothing else would be looked at, and nothing could run.
const KEPT: [&str; 6] = ["HG101", "HG102", "HG103", "HG104", "HG701", "HG705"];

impl Terms {
    /// Reads a spec.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn of(spec: &HookPolicySpec) -> Result<Self, Vec<Violation>> {
        let mut violations = Vec::new();
        for (path, message) in spec.namespace_selector.iter().flat_map(|selector| selector.problems()) {
            push(&mut violations, &format!("namespaceSelector.{path}"), message);
        }
        let seconds = spec.max_timeout_seconds;
        let (least, most) = (i64::from(MIN_TIMEOUT_SECONDS), i64::from(MAX_TIMEOUT_SECONDS));
        if !(least..=most).contains(&seconds) {
            let message = format!("invalid value {seconds}: must be between {least} and {most} seconds");
            push(&mut violations, "maxTimeoutSeconds", message);
        }
        let additions = SqlAdditions {
            keys: keys(&spec.frontend_config_keys, &mut violations),
            statements: statements(spec, &mut violations),
        };
        let programs = programs(&spec.programs, &mut violations);
        let severities = severities(spec, &mut violations);
        let overridable = overridable(spec, &mut violations);
        if !violations.is_empty() {
            return Err(violations);
        }
        // The other profiles have no list that could be added to, and so two policies that only differ in that are equal.
        let (programs, sql) = match spec.profile {
            Profile::Restricted => (programs, additions),
            Profile::Baseline | Profile::Privileged => (BTreeMap::new(), SqlAdditions::default()),
        };
        let policy = Policy { profile: spec.profile, severities, programs, sql };
        Ok(Self {
            mode: spec.mode,
            max_timeout_seconds: seconds,
            require_sandbox: spec.require_sandbox,
            authors: spec.authors,
            requires_approval: spec.require_approval,
            allows_self_approval: spec.allow_self_approval,
            overridable,
            policy,
        })
    }
}

/// What a spec says that is allowed and hardly meant.
pub(super) fn remarks(spec: &HookPolicySpec) -> Vec<String> {
    let mut remarks = Vec::new();
    if spec.allow_self_approval && !spec.require_approval && spec.overridable_rules.is_empty() {
        remarks.push("spec.allowSelfApproval has no effect: nothing needs an approval".to_owned());
    }
    let lists = [
        ("programs", spec.programs.is_empty()),
        ("frontendConfigKeys", spec.frontend_config_keys.is_empty()),
        ("sqlStatements", spec.sql_statements.is_empty()),
    ];
    for (field, _) in lists.iter().filter(|(_, is_empty)| !is_empty && spec.profile != Profile::Restricted) {
        remarks.push(format!(
            "spec.{field} has no effect: the profile {} allows every program and statement that it doesn't forbid",
            spec.profile
        ));
    }
    for (id, severity) in &spec.severities {
        let Some(rule) = id.parse::<RuleId>().ok().and_then(rule) else { continue };
        if id.starts_with("HG8") {
            remarks.push(format!(
                "spec.severities[{id}] has no effect: policies are for the hooks of StarRocksClusters, not for machine \
                 hooks"
            ));
        } else if rule.subject() == Subject::Manifest && !KEPT.contains(&id.as_str()) {
            remarks.push(format!("spec.severities[{id}] has an effect in `hookgate lint` only"));
        } else if !rule.profiles.contains(&spec.profile) {
            remarks.push(format!(
                "spec.severities[{id}] has no effect: the profile {} hasn't got that rule",
                spec.profile
            ));
        } else if *severity != RuleSeverity::Error
            && spec.profile == Profile::Restricted
            && carries_promise(id)
        {
            remarks.push(format!(
                "spec.severities[{id}]: without this rule as an error it isn't known any more what a hook can run, read and connect to"
            ));
        }
    }
    remarks
}

/// Whether the promise of `restricted` stands on a rule: those about commands, files, network and SQL.
fn carries_promise(id: &str) -> bool {
    ["HG2", "HG3", "HG4"].iter().any(|group| id.starts_with(group)) && id != "HG212"
}

fn push(violations: &mut Vec<Violation>, field: &str, message: String) {
    violations.push(Violation { path: format!("spec.{field}"), message });
}

fn programs(list: &[AllowedProgram], violations: &mut Vec<Violation>) -> BTreeMap<String, ExtraProgram> {
    let mut programs = BTreeMap::new();
    for (index, item) in list.iter().enumerate() {
        let path = format!("programs[{index}]");
        let Some(program) = program(item, &path, violations) else { continue };
        if programs.insert(item.name.clone(), program).is_some() {
            push(violations, &format!("{path}.name"), format!("`{}` is listed twice", item.name));
        }
    }
    programs
}

fn program(item: &AllowedProgram, path: &str, violations: &mut Vec<Violation>) -> Option<ExtraProgram> {
    let mut program = match ExtraProgram::new(&item.name) {
        Ok(program) => program,
        Err(error) => {
            push(violations, &format!("{path}.name"), error.to_string());
            return None;
        }
    };
    for (index, option) in item.options.iter().enumerate() {
        let place = format!("{path}.options[{index}].name");
        if item.options[..index].iter().any(|other| other.name == option.name) {
            push(violations, &place, format!("`{}` is listed twice", option.name));
        }
        match program.clone().with_option(&option.name, option.value.map(Into::into)) {
            Ok(with_option) => program = with_option,
            Err(error @ ExtraProgramError::Option(_)) => push(violations, &place, error.to_string()),
            Err(error) => push(violations, path, error.to_string()),
        }
    }
    Some(program.with_operands(item.operands.map(Into::into)).with_double_dash(item.accepts_double_dash))
}

fn keys(list: &[AllowedKey], violations: &mut Vec<Violation>) -> BTreeMap<String, hookgate_policy::KeyValue> {
    let mut keys = BTreeMap::new();
    for (index, key) in list.iter().enumerate() {
        let path = format!("frontendConfigKeys[{index}].name");
        if let Err(error) = check_key_name(&key.name) {
            push(violations, &path, error.to_string());
        } else if keys.insert(key.name.clone(), key.value.into()).is_some() {
            push(violations, &path, format!("`{}` is listed twice", key.name));
        }
    }
    keys
}

fn statements(spec: &HookPolicySpec, violations: &mut Vec<Violation>) -> Vec<StatementPattern> {
    let mut patterns = Vec::new();
    for (index, text) in spec.sql_statements.iter().enumerate() {
        match text.0.parse() {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => {
                let error: hookgate_policy::PatternError = error;
                push(violations, &format!("sqlStatements[{index}]"), error.to_string());
            }
        }
    }
    patterns
}

fn severities(spec: &HookPolicySpec, violations: &mut Vec<Violation>) -> BTreeMap<RuleId, Option<Severity>> {
    let mut severities = BTreeMap::new();
    for (name, severity) in &spec.severities {
        let path = format!("severities[{name}]");
        match name.parse::<RuleId>() {
            Err(error) => push(violations, &path, format!("{error}; `hookgate explain` lists them")),
            Ok(_) if KEPT.contains(&name.as_str()) && *severity != RuleSeverity::Error => {
                let message =
                    format!("{name} can't be lowered: what can't be read can't be judged, and would not run");
                push(violations, &path, message);
            }
            Ok(id) => {
                let severity = match severity {
                    RuleSeverity::Error => Some(Severity::Error),
                    RuleSeverity::Warning => Some(Severity::Warning),
                    RuleSeverity::Disabled => None,
                };
                severities.insert(id, severity);
            }
        }
    }
    severities
}

fn overridable(spec: &HookPolicySpec, violations: &mut Vec<Violation>) -> BTreeSet<RuleId> {
    let mut rules = BTreeSet::new();
    for (index, RuleName(name)) in spec.overridable_rules.iter().enumerate() {
        let path = format!("overridableRules[{index}]");
        match name.parse::<RuleId>() {
            Err(error) => push(violations, &path, format!("{error}; `hookgate explain` lists them")),
            Ok(id)
                if KEPT.contains(&name.as_str())
                    || rule(id).is_some_and(|rule| rule.subject() == Subject::Manifest) =>
            {
                let message =
                    format!("{name} can't be lifted by an approval: it isn't about what a script does");
                push(violations, &path, message);
            }
            Ok(id) if !rules.insert(id) => push(violations, &path, format!("{name} is listed twice")),
            Ok(_) => {}
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn spec(value: &Value) -> HookPolicySpec {
        serde_json::from_value(value.clone()).unwrap()
    }

    #[test]
    fn an_empty_spec_is_the_default_policy() {
        let terms = Terms::of(&spec(&json!({}))).unwrap();
        let expected = Terms {
            mode: Mode::Enforce,
            max_timeout_seconds: 3600,
            require_sandbox: true,
            authors: Authors::Anyone,
            requires_approval: false,
            allows_self_approval: false,
            overridable: BTreeSet::new(),
            policy: Policy::default(),
        };
        assert_eq!(terms, expected);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_path_and_the_way_out() {
        for (value, path, message) in [
            (json!({"severities": {"HG999": "error"}}), "spec.severities[HG999]", "there is no rule `HG999`"),
            (json!({"severities": {"HG102": "warning"}}), "spec.severities[HG102]", "can't be lowered"),
            (json!({"programs": [{"name": "bash"}]}), "spec.programs[0].name", "runs text as code"),
            (json!({"programs": [{"name": "/bin/x"}]}), "spec.programs[0].name", "without a folder"),
            (
                json!({"programs": [{"name": "sync"}, {"name": "sync"}]}),
                "spec.programs[1].name",
                "listed twice",
            ),
            (
                json!({"programs": [{"name": "sync", "options": [{"name": "data"}]}]}),
                "spec.programs[0].options[0].name",
                "write `-x` or `--long-name`",
            ),
            (
                json!({"programs": [{"name": "sync", "options": [{"name": "-d"}, {"name": "-d"}]}]}),
                "spec.programs[0].options[1].name",
                "listed twice",
            ),
            (
                json!({"frontendConfigKeys": [{"name": "enable_auth_check", "value": "Boolean"}]}),
                "spec.frontendConfigKeys[0].name",
                "can't be added",
            ),
            (
                json!({"sqlStatements": ["SHOW LOAD", "DROP <x>"]}),
                "spec.sqlStatements[1]",
                "use <identifier>",
            ),
            (json!({"overridableRules": ["HG999"]}), "spec.overridableRules[0]", "there is no rule `HG999`"),
            (json!({"overridableRules": ["HG403", "HG102"]}), "spec.overridableRules[1]", "can't be lifted"),
            (json!({"overridableRules": ["HG403", "HG403"]}), "spec.overridableRules[1]", "listed twice"),
            (json!({"maxTimeoutSeconds": 0}), "spec.maxTimeoutSeconds", "between 1 and 3600"),
            (
                json!({"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}),
                "spec.namespaceSelector.matchExpressions[0].values",
                "at least one value",
            ),
        ] {
            let violations = Terms::of(&spec(&value)).unwrap_err();
            assert_eq!(violations.len(), 1, "{violations:?}");
            assert_eq!(violations[0].path, path);
            assert!(violations[0].message.contains(message), "{}", violations[0]);
        }
    }

    #[test]
    fn additions_of_a_profile_without_lists_are_remarked_upon_and_left_out() {
        let spec = spec(&json!({"profile": "baseline", "programs": [{"name": "sync"}]}));
        assert_eq!(Terms::of(&spec).unwrap().policy, Policy::from(Profile::Baseline));
        assert!(remarks(&spec)[0].contains("spec.programs has no effect"));
    }

    #[test]
    fn a_severity_that_takes_the_promise_away_or_does_nothing_is_remarked_upon() {
        let found = |value: Value| remarks(&spec(&value));
        assert!(found(json!({"severities": {"HG202": "warning"}}))[0].contains("isn't known any more"));
        assert!(
            found(json!({"profile": "privileged", "severities": {"HG202": "error"}}))[0]
                .contains("no effect")
        );
        assert!(found(json!({"severities": {"HG702": "error"}}))[0].contains("`hookgate lint` only"));
        assert_eq!(found(json!({"severities": {"HG601": "warning", "HG212": "error"}})), [""; 0]);
    }
}
