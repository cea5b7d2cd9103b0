//! # HG304: a path that holds credentials
//!
//! ## What it finds
//! `/var/run/secrets/kubernetes.io/…`, `…/kubernetes.io/serviceaccount/…` behind a variable, `/proc/*/environ`, and patterns
//! that may become one of them, as the operand of a command, in a redirection or in a variable.
//!
//! ## Why it is bad
//! The service account's token and the environment of a process are credentials: who reads them can act as their owner.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     cat < /var/run/secrets/kubernetes.io/serviceaccount/token
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
//! Text that is printed by `echo` and `printf`. In `restricted` no file outside /tmp may be opened anyway.

use crate::context::Context;
use crate::facts::{known_text, target};
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Span;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(304),
    name: "credentials-path",
    profiles: &[Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg304_credentials_path.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (redirection, _) in &context.facts.redirections {
        if let Some(word) =
            target(redirection).filter(|word| is_credential(&known_text(word), word.has_glob()))
        {
            report(word.span, context, findings);
        }
    }
    for write in context.facts.variables.writes() {
        if write.value.words().any(|word| is_credential(&write.text_of(word), word.has_glob())) {
            report(write.span, context, findings);
        }
    }
    for command in &context.facts.commands {
        if matches!(command.name(), Some("echo" | "printf")) {
            continue;
        }
        for word in
            command.arguments().iter().filter(|word| is_credential(&known_text(word), word.has_glob()))
        {
            report(word.span, context, findings);
        }
    }
}

fn report(span: Span, context: &Context<'_>, findings: &mut Findings<'_>) {
    let message = format!("`{}` holds credentials", context.quote(span));
    findings.error(RULE.id, span, message, "a hook needs no credentials: mysql is connected already");
}

/// What the characters of patterns begin with.
const PATTERN: [char; 3] = ['*', '?', '['];

/// Whether a path holds credentials, or is a pattern that may become one that does.
fn is_credential(text: &str, is_pattern: bool) -> bool {
    // Most words are no path at all.
    if !text.contains('/') {
        return false;
    }
    let text = without_dots(text);
    let below = |folder: &str| text.split_once(folder).map_or("", |(_, rest)| rest);
    let fits = |component: &str, name: &str| {
        is_pattern && component.split_once(PATTERN).is_some_and(|(start, _)| name.starts_with(start))
    };
    let secrets = below("/run/secrets/");
    let process = below("/proc/");
    let read = process.rsplit('/').next().unwrap_or_default();
    ["kubernetes.io/serviceaccount", "serviceaccount/token"].iter().any(|part| text.contains(part))
        || secrets.starts_with("kubernetes.io")
        || secrets.split_once('/').is_some_and(|(first, _)| fits(first, "kubernetes.io"))
        || process.contains("environ")
        || read.starts_with('e') && fits(read, "environ")
}

/// A path without `.` and empty components, and with `..` taken back.
fn without_dots(path: &str) -> String {
    let mut kept = String::with_capacity(path.len());
    for (index, component) in path.split('/').enumerate() {
        match component {
            ".." => kept.truncate(kept.rfind('/').unwrap_or_default()),
            "" | "." => {}
            _ => {
                if index > 0 {
                    kept.push('/');
                }
                kept.push_str(component);
            }
        }
    }
    kept
}
