//! # HG214: the search path of programs or libraries is changed
//!
//! ## What it finds
//! Writes to `PATH`, `BASH_ENV`, `ENV`, `LD_PRELOAD`, `LD_LIBRARY_PATH` and other `LD_*` variables, and other names for
//! them by `declare -n`.
//!
//! ## Why it is bad
//! They decide what every name means and which code is loaded into every program.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     export PATH=/tmp/bin:$PATH
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     mysql -h"$SR_FE_HOST" -P"$SR_FE_PORT" -u"$SR_FE_USER" -e 'SHOW BACKENDS'
//! }
//! post_upgrade() {
//!     echo "done"
//! }
//! ```
//!
//! ## Exceptions
//! `restricted` refuses writes to many more variables, by HG210.

use crate::context::Context;
use crate::context::shorten;
use crate::facts::{CommandFact, Write, WriteKind, WriteValue, known_prefix};
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::{Span, Word};
use std::collections::BTreeSet;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(214),
    name: "library-path",
    profiles: &[Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg214_library_path.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let references: BTreeSet<&str> = context
        .facts
        .variables
        .writes()
        .iter()
        .filter(|write| write.kind == WriteKind::Declaration && is_reference(write, context))
        .map(|write| write.name)
        .collect();
    for write in context.facts.variables.writes() {
        if is_search_path(write.name) && !is_kept(write, context) {
            report(write.name, write.span, findings);
        }
        // The first value of `declare -n name` says what it is another name for.
        if references.contains(write.name) {
            let words = write.value.words().map(|word| write.text_of(word));
            for name in words.filter(|name| is_search_path(name)) {
                report(&name, write.span, findings);
            }
        }
    }
    // `env NAME=value command` writes it as well.
    for command in context.facts.called("env") {
        for word in command.arguments() {
            let prefix = known_prefix(word);
            if let Some((name, _)) = prefix.split_once('=')
                && is_search_path(name)
            {
                report(name, word.span, findings);
            }
        }
    }
}

fn is_search_path(name: &str) -> bool {
    matches!(name, "PATH" | "BASH_ENV" | "ENV") || name.starts_with("LD_")
}

/// The builtin that makes a write.
fn builtin<'c>(write: &Write<'_>, context: &'c Context<'_>) -> Option<&'c CommandFact<'c>> {
    context.facts.commands.get(write.command?)
}

/// Whether the variable keeps its value: it is only exported, or made read-only.
fn is_kept(write: &Write<'_>, context: &Context<'_>) -> bool {
    write.value == WriteValue::Nothing
        && write.kind == WriteKind::Declaration
        && matches!(builtin(write, context).and_then(CommandFact::name), Some("export" | "readonly"))
}

/// Whether a declaration makes another name for a variable, as `declare -n` does.
fn is_reference(write: &Write<'_>, context: &Context<'_>) -> bool {
    let is_reference = |word: &Word| {
        let option = known_prefix(word);
        option.starts_with('-') && option.contains('n')
    };
    builtin(write, context).is_some_and(|builtin| builtin.arguments().iter().any(is_reference))
}

fn report(name: &str, span: Span, findings: &mut Findings<'_>) {
    let message = format!("`{}` decides which programs and libraries are used", shorten(name));
    findings.error(RULE.id, span, message, "leave the search paths as they are");
}
