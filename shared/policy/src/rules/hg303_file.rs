//! # HG303: a file outside /tmp
//!
//! ## What it finds
//! Redirections, and operands of builtins, that name anything but a literal place under `/tmp`, `/dev/null`, `/dev/stdin`,
//! `/dev/stdout` or `/dev/stderr`; the same for operands of the allowed programs. Also words that bash matches against the
//! names of files: patterns without quotes outside `/tmp`, and expansions without quotes of values that may hold a pattern.
//!
//! ## Why it is bad
//! A hook has no business with files: what is read could be a secret, what is written could be run later. With `/*` in `$1`,
//! `echo $1` lists the root directory.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo "hook" > /etc/profile.d/hook.sh
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo "hook" > /tmp/hook.log
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! A path with `..`, a variable, a pattern or `~` in it is not a literal. Without quotes may stand what never holds a pattern:
//! numbers, `$#`, `$?`, variables that are only ever assigned literals without `*`, `?` and `[`, and those that the operator sets.

use super::calls::complaints;
use super::patterns::report_patterns;
use crate::context::Context;
use crate::facts::{known_text, target};
use crate::finding::Findings;
use crate::programs::{ComplaintKind, is_allowed_path, is_allowed_place};
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::{Condition, RedirectionKind, Word, WordPart};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(303),
    name: "file",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg303_file.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (redirection, _) in &context.facts.redirections {
        let Some(word) = target(redirection) else { continue };
        if known_text(word).contains("/dev/tcp") || known_text(word).contains("/dev/udp") {
            continue;
        }
        if !is_allowed_target(&redirection.kind, word) {
            findings.error(RULE.id, word.span, message(word, context), HELP);
        }
    }
    for complaint in complaints(context) {
        if complaint.kind == ComplaintKind::File {
            findings.error(RULE.id, complaint.span, complaint.message.clone(), HELP);
        }
    }
    for word in tested_files(context) {
        if !word.literal().is_some_and(|path| is_allowed_place(&path)) {
            findings.error(RULE.id, word.span, message(word, context), HELP);
        }
    }
    report_patterns(context, findings);
}

const HELP: &str = "name a file under /tmp by a literal";

fn message(word: &Word, context: &Context<'_>) -> String {
    format!("`{}` is not a place where a hook may read or write", context.quote(word.span))
}

fn is_allowed_target(kind: &RedirectionKind, word: &Word) -> bool {
    let duplicates = matches!(kind, RedirectionKind::DuplicateInput(_) | RedirectionKind::DuplicateOutput(_));
    if duplicates && word.literal().is_some_and(|text| is_descriptor(&text)) {
        return true;
    }
    // Where process substitution is allowed is for another rule to say.
    if matches!(word.parts.as_slice(), [WordPart::Process(..)]) {
        return true;
    }
    word.literal().is_some_and(|path| is_allowed_path(&path))
}

/// `2`, `-` and `2-`.
fn is_descriptor(text: &str) -> bool {
    let digits = text.strip_suffix('-').unwrap_or(text);
    digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty()
}

/// The operands of tests that look at files.
fn tested_files<'a>(context: &Context<'a>) -> Vec<&'a Word> {
    const UNARY: &[&str] = &[
        "-a", "-b", "-c", "-d", "-e", "-f", "-g", "-h", "-k", "-L", "-N", "-O", "-p", "-G", "-r", "-s", "-S",
        "-u", "-w", "-x",
    ];
    const BINARY: &[&str] = &["-nt", "-ot", "-ef"];
    let mut words = Vec::new();
    for condition in &context.facts.conditions {
        match condition {
            Condition::Unary(operator, word) if UNARY.contains(&operator.as_str()) => words.push(word),
            Condition::Binary(left, operator, right) if BINARY.contains(&operator.as_str()) => {
                words.extend([left, right]);
            }
            _ => {}
        }
    }
    for command in context.facts.called("test").chain(context.facts.called("[")) {
        let arguments = command.arguments();
        for (index, word) in arguments.iter().enumerate() {
            let Some(text) = word.literal() else { continue };
            let next = arguments.get(index + 1).filter(|next| next.literal().as_deref() != Some("]"));
            if UNARY.contains(&text.as_ref()) {
                // `-a` between two tests is a conjunction, which another rule refuses.
                words.extend(next.filter(|_| text != "-a" || index == 0));
            } else if BINARY.contains(&text.as_ref()) {
                words.extend(index.checked_sub(1).and_then(|before| arguments.get(before)));
                words.extend(next);
            }
        }
    }
    words
}
