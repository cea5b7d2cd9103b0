//! # HG204: text is run as code
//!
//! ## What it finds
//! `eval`, `source` and `.`, directly or through `command` and `builtin`; text that `flock -c`, `env -S`, `watch` or
//! `parallel` have a shell read. In `baseline` also what mysql's `\!` and `system` run, and the handlers of traps, what
//! aliases stand for and what `mapfile` and `compgen` run by -C are checked like the script itself.
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
use crate::facts::{CommandFact, Kind, known_prefix};
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
        if found.class == Class::Evaluation {
            let message =
                format!("{}`{}` runs text as code, which nobody can review", found.how(), found.name);
            findings.error(RULE.id, found.span, message, HELP);
        }
    }
    for invocation in context.facts.of(Kind::Starting).flat_map(CommandFact::invocations) {
        if let (Some(word), Some(name)) = (invocation.text(), invocation.name.as_deref()) {
            let message = format!("`{name}` runs text as code, which nobody can review");
            findings.error(RULE.id, word.span, message, HELP);
        }
    }
    // The rules of `restricted` about traps and builtins say more.
    if context.policy.profile == Profile::Baseline {
        check_sql(context, findings);
        for command in &context.facts.commands {
            match command.name() {
                Some("trap") => check_text(command.arguments().first(), context, findings),
                Some("alias") => {
                    command.arguments().iter().for_each(|word| check_alias(word, context, findings));
                }
                Some("mapfile" | "readarray" | "compgen" | "complete") => {
                    check_callback(command.arguments(), context, findings);
                }
                _ => {}
            }
        }
    }
}

const HELP: &str = "put the code into a function of the script";

/// Checks what mysql reads for commands of its own, which no FE ever sees.
fn check_sql(context: &Context<'_>, findings: &mut Findings<'_>) {
    for sql in context.calls.all().iter().flat_map(|call| &call.sources) {
        let word = sql.source.word();
        let text = crate::mysql::known_text(word, context.facts);
        if let Some(command) = text.as_deref().and_then(crate::mysql::runs_programs) {
            let message = format!("mysql runs a program by `{command}`, which is no SQL");
            findings.error(RULE.id, word.span, message, "send SQL only");
        }
    }
}

/// Checks what `NAME=VALUE` makes an alias stand for, by the rules for the script.
fn check_alias(word: &Word, context: &Context<'_>, findings: &mut Findings<'_>) {
    let known = word.text();
    match known.as_deref().map(|text| text.split_once('=')) {
        Some(Some((_, code))) => check_code(code, word, context, findings),
        Some(None) => {}
        None if known_prefix(word).split_once('=').is_none_or(|(_, value)| value.is_empty()) => {
            report_unknown(word, context, findings);
        }
        None => {}
    }
}

/// Checks a text that a builtin runs by the rules for the script.
fn check_text(word: Option<&Word>, context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(word) = word else { return };
    match word.text() {
        Some(code) => check_code(&code, word, context, findings),
        None if known_prefix(word).is_empty() => report_unknown(word, context, findings),
        None => {}
    }
}

fn report_unknown(word: &Word, context: &Context<'_>, findings: &mut Findings<'_>) {
    let message =
        format!("`{}` is run as code, and is not known when the script is read", context.quote(word.span));
    findings.error(RULE.id, word.span, message, HELP);
}

fn check_code(code: &str, word: &Word, context: &Context<'_>, findings: &mut Findings<'_>) {
    if let Ok(tree) = hookgate_shell::parse(code.as_bytes()) {
        findings.within(word.span, |findings| {
            crate::run_rules(code, &tree, context.policy, Some(&context.facts.function_names), findings);
        });
    }
}

/// Checks what a builtin runs by its option -C.
fn check_callback(arguments: &[Word], context: &Context<'_>, findings: &mut Findings<'_>) {
    let is_option =
        |word: &Word| known_prefix(word).strip_prefix('-').is_some_and(|flags| flags.contains('C'));
    let Some(index) = arguments.iter().position(is_option) else { return };
    let option = &arguments[index];
    if option.literal().is_some_and(|text| text.ends_with('C')) {
        check_text(arguments.get(index + 1), context, findings);
    } else {
        let message = format!("`{}` is run as code", context.quote(option.span));
        findings.error(RULE.id, option.span, message, HELP);
    }
}
