//! The policy engine: a hook script and a profile to findings.
//!
//! [`check`] reads a script with [`hookgate_shell`], gathers facts about it and lets each rule look at
//! them. It is total: every input gets a [`Report`], in time and memory bounded by the script's size, and
//! what cannot be decided by reading is denied.
//!
//! ```
//! use hookgate_policy::{Policy, check};
//!
//! let report = check(b"pre_upgrade() { kubectl get pods; }\npost_upgrade() { :; }\n", &Policy::default());
//! assert!(report.is_denied());
//! assert_eq!(report.findings()[0].rule.to_string(), "HG201");
//! ```

mod awk;
mod content;
mod context;
mod facts;
mod finding;
mod fix;
mod hook;
mod location;
mod mysql;
mod policy;
mod printed;
mod profile;
#[cfg(test)]
mod profiles_page;
mod programs;
mod reserved;
mod rule;
mod rules;
mod secrets;
mod sed;
mod settings;
mod sql;
mod status;
mod tables;

pub use content::defines_hook_function;
pub use finding::{Finding, MAX_FINDINGS, Report, Severity};
pub use fix::{Edit, apply, fixes};
pub use hook::{SqlFinding, check_sql, is_hook_script};
pub use policy::Policy;
pub use printed::{AUDIT_MARK, neutralised};
pub use profile::{ParseProfileError, Profile};
pub use programs::{ArgumentKind, ExtraProgram, ExtraProgramError, program_names};
pub use rule::{ParseRuleIdError, RuleId, RuleInfo, Subject, rule, rules};
pub use rules::{check_machine_script, cluster_rules, machine_rules, policy_rules};
pub use settings::{SettingsSet, settings_set_by_script, settings_set_by_sql};
pub use sql::{
    KeyError, KeyValue, PatternError, SqlAdditions, SqlRules, SqlRulesError, StatementPattern, check_key_name,
};

/// The largest script that is read, in bytes.
pub const MAX_SCRIPT_BYTES: usize = hookgate_shell::MAX_SIZE;

use context::{Context, Shared};
use facts::{FunctionNames, Numbers};
use finding::Findings;
use hookgate_shell::ast::Script;
use mysql::MysqlCalls;

/// Checks a script.
///
/// Never fails: a script that cannot be read gets a finding that says why.
#[must_use]
pub fn check(script: &[u8], policy: &Policy) -> Report {
    match hookgate_shell::parse(script) {
        Err(error) => {
            let mut findings = Findings::new(script, policy);
            rules::report_parse_error(&error, &mut findings);
            findings.into_report(Vec::new())
        }
        Ok(tree) => check_tree(script, &tree, policy),
    }
}

/// Checks a script that has been read: `tree` is what `script` says.
fn check_tree(script: &[u8], tree: &Script, policy: &Policy) -> Report {
    let mut findings = Findings::new(script, policy);
    // `parse` has checked that the bytes are UTF-8.
    let source = std::str::from_utf8(script).unwrap_or_default();
    let functions = run_rules(source, tree, policy, None, &mut findings);
    findings.into_report(functions)
}

/// Lets the rules look at a script, or at a fragment of code inside one, and returns the names of the
/// functions that it defines.
pub(crate) fn run_rules(
    source: &str,
    tree: &Script,
    policy: &Policy,
    outer: Option<&FunctionNames<'_>>,
    findings: &mut Findings<'_>,
) -> Vec<String> {
    let facts = facts::gather(tree);
    let calls = MysqlCalls::find(&facts, &policy.sql);
    let numbers = Numbers::infer(&facts, &calls);
    let context = Context {
        source,
        tree,
        facts: &facts,
        calls: &calls,
        numbers: &numbers,
        policy,
        outer,
        shared: Shared::default(),
    };
    for rule in rules::REGISTRY {
        if findings.is_full() {
            break;
        }
        if rule.profiles.contains(&policy.profile) && (outer.is_none() || rule.fragments) {
            (rule.check)(&context, findings);
        }
    }
    facts.functions.iter().map(|function| function.name.to_owned()).collect()
}
