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

mod content;
mod context;
mod facts;
mod finding;
mod location;
mod mysql;
mod policy;
mod profile;
mod rule;
mod rules;
mod tables;

pub use content::defines_hook_function;
pub use finding::{Finding, MAX_FINDINGS, Report, Severity};
pub use policy::Policy;
pub use profile::{ParseProfileError, Profile};
pub use rule::{RuleId, RuleInfo, rule, rules};

use context::Context;
use finding::Findings;

/// Checks a script.
///
/// Never fails: a script that cannot be read gets a finding that says why.
#[must_use]
pub fn check(script: &[u8], policy: &Policy) -> Report {
    let mut findings = Findings::new(script, policy);
    match hookgate_shell::parse(script) {
        Err(error) => {
            rules::report_parse_error(&error, &mut findings);
            findings.into_report(Vec::new())
        }
        Ok(tree) => {
            let facts = facts::gather(&tree);
            // `parse` has checked that the bytes are UTF-8.
            let source = std::str::from_utf8(script).unwrap_or_default();
            let context = Context { source, facts: &facts, tree: &tree, policy };
            for rule in rules::REGISTRY {
                if rule.profiles.contains(&policy.profile) {
                    (rule.check)(&context, &mut findings);
                }
            }
            let functions = facts.functions.iter().map(|function| function.name.to_owned()).collect();
            findings.into_report(functions)
        }
    }
}
