//! # HG204: text is run as code
//!
//! ## What it finds
//! `eval`, `source` and `.`, directly or through `command` and `builtin`; text that `flock -c`, `env -S`, `watch` or
//! `parallel` have a shell read. In `baseline` the handlers of traps and what aliases stand for are checked like the
//! script itself.
//!
//! ## Why it is bad
//! Text that is run as code can be anything by the time it runs, whatever the script says now.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     eval "$HOOK_EXTRA"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     prepare
//! }
//! prepare() {
//!     echo "what is to be done is a function of the script"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use crate::context::Context;
use crate::facts::known_prefix;
use crate::finding::Findings;
use crate::rules::named::named_invocations;
use crate::tables::Class;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Word;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(204),
    name: "evaluated-text",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg204_evaluated_text.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for found in named_invocations(context) {
        if found.class == Some(Class::Evaluation) {
            let message =
                format!("{}`{}` runs text as code, which nobody can review", found.how(), found.name);
            findings.error(RULE.id, found.span, message, HELP);
        }
    }
    for command in &context.facts.commands {
        for invocation in command.invocations() {
            if let (Some(word), Some(name)) = (invocation.text(), invocation.name.as_deref()) {
                let message = format!("`{name}` runs text as code, which nobody can review");
                findings.error(RULE.id, word.span, message, HELP);
            }
        }
        // The rules of `restricted` about traps and builtins say more.
        if context.policy.profile == Profile::Baseline {
            match command.name() {
                Some("trap") => check_text(command.arguments().first(), context, findings),
                Some("alias") => {
                    command.arguments().iter().for_each(|word| check_text(Some(word), context, findings));
                }
                _ => {}
            }
        }
    }
}

const HELP: &str = "put the code into a function of the script";

/// Checks the handler of a trap, or what an alias stands for, by the rules for the script.
fn check_text(word: Option<&Word>, context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(word) = word else { return };
    let prefix = known_prefix(word);
    let Some(text) = word.text() else {
        if prefix.is_empty() || prefix.ends_with('=') {
            let message = format!(
                "`{}` is run as code, and is not known when the script is read",
                context.quote(word.span)
            );
            findings.error(RULE.id, word.span, message, HELP);
        }
        return;
    };
    let code = match text.split_once('=') {
        Some((name, value)) if hookgate_shell::is_name(name) => value,
        _ => text.as_ref(),
    };
    if let Ok(tree) = hookgate_shell::parse(code.as_bytes()) {
        findings.within(word.span, |findings| {
            crate::run_rules(code, &tree, context.policy, Some(&context.facts.function_names), findings);
        });
    }
}
