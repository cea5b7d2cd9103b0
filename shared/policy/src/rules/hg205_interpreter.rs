//! # HG205: another interpreter
//!
//! ## What it finds
//! Shells and other programs that run text as code: `sh`, `bash`, `python3`, `perl`, `busybox` and the like.
//!
//! ## Why it is bad
//! What they run is not checked by these rules, so everything that is forbidden could be done through them.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     python3 -c 'print(1)'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo $((1 + 1))
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `awk` and `sed` are allowed with programs that are checked. `baseline` lets `jq`, `bc`, `gawk` and other tools
//! with a small language of their own pass.

use crate::context::Context;
use crate::finding::Findings;
use crate::rules::named::named_invocations;
use crate::tables::Class;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(205),
    name: "interpreter",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg205_interpreter.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for found in named_invocations(context) {
        let plain = crate::programs::without_version(&found.name);
        let tool = context.policy.profile == Profile::Baseline && TOOLS.contains(&plain);
        if found.class != Class::Interpreter || tool {
            continue;
        }
        let (message, help) = explain(&found.name);
        findings.error(RULE.id, found.span, format!("{}{message}", found.how()), help);
    }
}

/// Tools with a small language of their own, which `baseline` lets pass like other unknown programs.
const TOOLS: &[&str] = &[
    "jq",
    "yq",
    "bc",
    "dc",
    "gawk",
    "mawk",
    "nawk",
    "original-awk",
    "m4",
    "make",
    "gcc",
    "cc",
    "go",
    "java",
    "ed",
];

fn explain(name: &str) -> (String, &'static str) {
    (
        format!("`{name}` runs code that is not checked"),
        "write it in the script itself, with builtins, awk or sed",
    )
}
