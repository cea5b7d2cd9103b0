//! # HG202: a program that is not on the list
//!
//! ## What it finds
//! A command that is none of: a builtin that cannot run other programs, a function of the script, or one of
//! `mysql awk sed grep cut tr head tail wc sort uniq seq date sleep expr basename dirname cat timeout`. A name
//! with a path is not on the list either.
//!
//! ## Why it is bad
//! `restricted` promises that everything a hook can run is known when it is read. Most programs can run others,
//! write files or open connections.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     tar -cf /tmp/backup.tar /tmp/meta
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
//! A policy can allow more programs. `baseline` lets unknown programs pass.

use crate::context::Context;
use crate::context::shorten;
use crate::facts::Kind;
use crate::finding::Findings;
use crate::tables::{ALLOWED_PROGRAMS, BUILTINS};
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(202),
    name: "unlisted-program",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg202_unlisted_program.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for command in context.facts.of(Kind::Program) {
        let Some(name) = command.name() else { continue };
        let known = ALLOWED_PROGRAMS.contains(&name)
            || context.policy.programs.contains_key(name)
            || context.is_function(name)
            || command.is_reported_elsewhere();
        if known {
            continue;
        }
        let quoted = shorten(name);
        let (message, help) = if BUILTINS.contains(&name) {
            (format!("the builtin `{quoted}` is not allowed in a hook"), BUILTIN_HELP.to_owned())
        } else {
            (
                format!("`{quoted}` is not one of the programs that a hook may run"),
                format!("use a builtin, a function of the script, or one of: {}", allowed(context)),
            )
        };
        findings.error(RULE.id, command.word_span(), message, help);
    }
}

fn allowed(context: &Context<'_>) -> String {
    let extra = context.policy.programs.keys().map(String::as_str);
    ALLOWED_PROGRAMS.iter().copied().chain(extra).collect::<Vec<_>>().join(" ")
}

const BUILTIN_HELP: &str =
    "use plain commands: hooks need no aliases, options of the shell, directories or jobs";
