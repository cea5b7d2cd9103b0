//! # HG210: a variable that is not the script's own is written
//!
//! ## What it finds
//! Any write to a variable that the shell or programs give a meaning to: `PATH`, `HOME`, `IFS`, `LD_*`, `BASH_*`, `LC_*`, `SR_*`,
//! `MYSQL_*`, `OPENSSL_*` and the like, by assignment, `read`, `for`, `local`, arithmetic or any other construct; and
//! assignments before a command.
//!
//! ## Why it is bad
//! `OPENSSL_CONF=/tmp/x mysql` loads a library; `SR_FE_HOST=…` sends the password elsewhere; `PATH=…` changes what
//! every name means.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     SR_FE_HOST=192.0.2.1
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     local host="$SR_FE_HOST"
//!     echo "$host"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `IFS=literal` before `read`, `local IFS=literal`, `LC_ALL=C` and `TZ=UTC` before a program, and `MYSQL_CMD` assigned once, at the
//! top level, as `"mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER"`, with `readonly` before it or without.
//! `read` without a name writes `REPLY` and `mapfile` without one `MAPFILE`, which have no other meaning; so may `read -r REPLY`.

use crate::context::Context;
use crate::context::shorten;
use crate::facts::{MYSQL_VARIABLE, Piece, Write, WriteKind, WriteValue, pieces, plain_parameter};
use crate::finding::Findings;
use crate::programs::Allowed;
use crate::reserved::is_reserved_variable;
use crate::{Profile, RuleId, RuleInfo};
use std::collections::BTreeSet;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(210),
    name: "variable-write",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg210_variable_write.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let variables = &context.facts.variables;
    let reserved: BTreeSet<&str> = variables.names().filter(|name| is_reserved_variable(name)).collect();
    for write in variables.writes() {
        if let Some(reason) = refusal(write, context, &reserved) {
            let message = format!("the variable `{}` {reason}", shorten(write.name));
            findings.error(
                RULE.id,
                write.span,
                message,
                "use a variable of the script's own, with another name",
            );
        }
    }
}

fn refusal(write: &Write<'_>, context: &Context<'_>, reserved: &BTreeSet<&str>) -> Option<&'static str> {
    let name = write.name;
    if !hookgate_shell::is_name(name) {
        return Some("is written by a name that is not plain");
    }
    // A coprocess is refused as such.
    if write.kind == WriteKind::Coprocess {
        return None;
    }
    if write.kind == WriteKind::Descriptor {
        return Some("is written by a redirection");
    }
    if write.kind == WriteKind::Prefix {
        return (!is_allowed_prefix(write, context)).then_some("is set for a command");
    }
    if name == MYSQL_VARIABLE {
        let once = context.facts.variables.count(name) == 1;
        let declared = || {
            let command = write.command.and_then(|index| context.facts.commands.get(index));
            command.is_some_and(|command| command.name() == Some("readonly"))
        };
        let plain = write.kind == WriteKind::Assignment || write.kind == WriteKind::Declaration && declared();
        let top_level = plain && write.depth == 0 && !write.partial;
        return (!(once && top_level && is_mysql_command(write))).then_some(
            "may only be assigned once, at the top level, as \"mysql -h$SR_FE_HOST -P$SR_FE_PORT -u$SR_FE_USER\"",
        );
    }
    if name == "IFS" && write.kind == WriteKind::Declaration && !write.partial {
        let literal = matches!(write.value, WriteValue::DeclarationWord(word) if word.text().is_some());
        let local = write.command.and_then(|index| context.facts.commands.get(index));
        let local = local.is_some_and(|command| command.name() == Some("local"));
        return (!(literal && local)).then_some("may only be set by `local IFS=literal`, or before `read`");
    }
    // `read` without a name writes REPLY, which means nothing else; `_` may be a place for the rest.
    if write.kind == WriteKind::Builtin && matches!(name, "REPLY" | "MAPFILE" | "_") {
        return None;
    }
    reserved.contains(name).then_some("has a meaning to the shell or to programs")
}

fn is_allowed_prefix(write: &Write<'_>, context: &Context<'_>) -> bool {
    let command = write.command.and_then(|index| context.facts.commands.get(index));
    let WriteValue::Word(word) = write.value else { return false };
    let (Some(command), Some(value), false) = (command, word.text(), write.partial) else { return false };
    let is_program =
        |name: Option<&str>| name.is_some_and(|name| Allowed::find(name, context.policy).is_some());
    match write.name {
        "IFS" => command.name() == Some("read"),
        "LC_ALL" => value == "C" && is_program(command.name()),
        "TZ" => value == "UTC" && is_program(command.name()),
        _ => false,
    }
}

/// Whether a value is mysql with the connection of the hook, its options in any order and spelling.
fn is_mysql_command(write: &Write<'_>) -> bool {
    let (word, declared) = match write.value {
        WriteValue::Word(word) => (word, false),
        WriteValue::DeclarationWord(word) => (word, true),
        _ => return false,
    };
    let mut text = String::new();
    for piece in pieces(word) {
        match piece {
            Piece::Text(known) if !known.contains('\u{1}') => text.push_str(&known),
            Piece::Parameter(parameter, _) => match plain_parameter(parameter) {
                Some(name) => text.push_str(&format!("\u{1}{name}\u{1}")),
                None => return false,
            },
            _ => return false,
        }
    }
    let value = if declared { text.split_once('=').map(|(_, value)| value) } else { Some(text.as_str()) };
    value.is_some_and(is_connection)
}

/// `text` is the value with each `$NAME` written between two U+0001.
fn is_connection(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    if words.next() != Some("mysql") {
        return false;
    }
    let mut missing =
        vec![("-h", "--host", "SR_FE_HOST"), ("-P", "--port", "SR_FE_PORT"), ("-u", "--user", "SR_FE_USER")];
    while let Some(word) = words.next() {
        let found = missing.iter().position(|(short, long, name)| {
            let value = format!("\u{1}{name}\u{1}");
            word == format!("{short}{value}") || word == format!("{long}={value}")
        });
        let separate = missing.iter().position(|(short, long, _)| word == *short || word == *long);
        match (found, separate) {
            (Some(index), _) => {
                missing.remove(index);
            }
            (None, Some(index)) => {
                let (_, _, name) = missing.remove(index);
                if words.next() != Some(format!("\u{1}{name}\u{1}").as_str()) {
                    return false;
                }
            }
            (None, None) => {
                let flag = matches!(
                    word,
                    "-N" | "-B" | "-s" | "--batch" | "--skip-column-names" | "--silent" | "--protocol=TCP"
                ) || word.strip_prefix("--connect-timeout=").is_some_and(crate::facts::is_decimal)
                    || crate::mysql::is_bundle(word) && !word.ends_with('e');
                if !flag {
                    return false;
                }
            }
        }
    }
    missing.is_empty()
}
