//! # HG209: a sed script that does more than edit
//!
//! ## What it finds
//! sed scripts that are not literals, and commands in them other than `s` (with the flags g, p, i, I and numbers), `p`,
//! `d`, `q` and `n`. In `baseline` only scripts that run programs by `e`.
//!
//! ## Why it is bad
//! sed's `e` runs programs, and `r` and `w` read and write files.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo x | sed 's/x/id/e'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo x | sed 's/x/y/g'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use super::calls::complaints;
use crate::context::Context;
use crate::facts::{CommandFact, known_prefix, known_text};
use crate::finding::Findings;
use crate::programs::ComplaintKind;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Word;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(209),
    name: "sed-script",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg209_sed_script.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.policy.profile == Profile::Baseline {
        return check_baseline(context, findings);
    }
    for complaint in complaints(context) {
        if complaint.kind == ComplaintKind::Sed {
            findings.error(RULE.id, complaint.span, complaint.message.clone(), HELP);
        }
    }
}

fn check_baseline(context: &Context<'_>, findings: &mut Findings<'_>) {
    for invocation in context.facts.commands.iter().flat_map(CommandFact::invocations) {
        if !matches!(invocation.name.as_deref(), Some("sed" | "gsed")) {
            continue;
        }
        for (word, start) in scripts(invocation.arguments) {
            if known_text(word).get(start..).is_some_and(crate::sed::runs_programs) {
                findings.error(RULE.id, word.span, "a sed script runs programs by `e`".to_owned(), HELP);
            }
        }
    }
}

/// The words that hold a script, and where in them it begins: the first operand, or what `-e` is given.
fn scripts(arguments: &[Word]) -> Vec<(&Word, usize)> {
    const LONG: &str = "--expression";
    let (mut found, mut operand, mut given) = (Vec::new(), None, false);
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let prefix = known_prefix(word);
        let name = prefix.split('=').next().unwrap_or_default();
        if name.len() > 2 && LONG.starts_with(name) {
            given = true;
            match prefix.find('=') {
                Some(at) => found.push((word, at + 1)),
                None => found.extend(words.next().map(|word| (word, 0))),
            }
        } else if prefix.starts_with("--") {
            given |= name.len() > 3 && "--file".starts_with(name);
        } else if let Some(letters) = prefix.strip_prefix('-') {
            match letters.find(['e', 'f', 'l', 'i']) {
                Some(at) if letters[at..].starts_with('e') => {
                    given = true;
                    if at + 1 < letters.len() {
                        found.push((word, at + 2));
                    } else {
                        found.extend(words.next().map(|word| (word, 0)));
                    }
                }
                Some(at) if letters[at..].starts_with(['f', 'l']) => {
                    given |= letters[at..].starts_with('f');
                    if at + 1 == letters.len() {
                        words.next();
                    }
                }
                _ => {}
            }
        } else if operand.is_none() {
            operand = Some(word);
        }
    }
    if !given {
        found.extend(operand.map(|word| (word, 0)));
    }
    found
}

const HELP: &str = "use s, p, d, q and n with addresses, in a literal in single quotes";
