//! # HG208: an awk program that does more than compute
//!
//! ## What it finds
//! awk programs that are not literals, and `system`, `getline`, redirections and pipes, `@`, `ENVIRON`, `ARGV` and the like
//! in them. `baseline` refuses, in any awk, only those that run other programs, by `system` or a pipe, and those of which
//! nothing is known.
//!
//! ## Why it is bad
//! awk is a language of its own: it can run programs, read and write files, and with gawk open connections.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     awk 'BEGIN { system("id") }'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo "1 2" | awk '{ print $1 + $2 }'
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use super::calls::complaints;
use crate::context::Context;
use crate::facts::{CommandFact, known_text};
use crate::finding::Findings;
use crate::programs::ComplaintKind;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Word;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(208),
    name: "awk-program",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg208_awk_program.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.policy.profile == Profile::Baseline {
        return check_baseline(context, findings);
    }
    for complaint in complaints(context) {
        if complaint.kind == ComplaintKind::Awk {
            findings.error(RULE.id, complaint.span, complaint.message.clone(), HELP);
        }
    }
}

/// The names of awk and its kin.
const NAMES: &[&str] = &["awk", "gawk", "mawk", "nawk", "original-awk"];

fn check_baseline(context: &Context<'_>, findings: &mut Findings<'_>) {
    for invocation in context.facts.commands.iter().flat_map(CommandFact::invocations) {
        let name = invocation.name.as_deref().unwrap_or_default();
        if !NAMES.contains(&name) {
            continue;
        }
        for program in programs(invocation.arguments) {
            let text = known_text(program);
            let unknown = text.is_empty() && program.text().is_none();
            let how = if unknown {
                Some("nothing is known when the script is read")
            } else {
                crate::awk::runs_programs(&text)
            };
            if let Some(how) = how {
                findings.error(RULE.id, program.span, format!("in a program of `{name}`, {how}"), HELP);
            }
        }
    }
}

/// The words that hold a program: the first operand, and what `-e` and `--source` are given.
fn programs(arguments: &[Word]) -> Vec<&Word> {
    let mut found = Vec::new();
    let mut in_file = false;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = known_text(word);
        match text.as_ref() {
            "-e" | "--source" => found.extend(words.next()),
            text if text.starts_with("--source=") => found.push(word),
            "-f" | "--file" => {
                in_file = true;
                words.next();
            }
            "-F" | "-v" | "--field-separator" | "--assign" => {
                words.next();
            }
            "--" => {
                found.extend(words.next().filter(|_| !in_file));
                return found;
            }
            text if text.starts_with('-') && text.len() > 1 => in_file |= text.starts_with("-f"),
            _ => {
                if !in_file && found.is_empty() {
                    found.push(word);
                }
                return found;
            }
        }
    }
    found
}

const HELP: &str = "compute with patterns, print without redirection, arithmetic and text functions";
