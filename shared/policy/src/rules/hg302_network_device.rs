//! # HG302: a connection through /dev/tcp or /dev/udp
//!
//! ## What it finds
//! Redirections from or to `/dev/tcp/…` and `/dev/udp/…`, which bash turns into connections; in `baseline` those that an
//! expansion may lead there as well, and variables that hold such a name.
//!
//! ## Why it is bad
//! It is a network client without a program: data can be sent anywhere.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo "hello" > /dev/tcp/192.0.2.1/80
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     echo "hello" > /tmp/hello
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! None.

use crate::context::Context;
use crate::facts::{Piece, known_text, pieces, target};
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Word;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(302),
    name: "network-device",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg302_network_device.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (redirection, _) in &context.facts.redirections {
        let Some(target) = target(redirection) else { continue };
        let text = known_text(target);
        let known = ["/dev/tcp", "/dev/udp"].iter().any(|device| text.contains(device));
        if known || context.policy.profile == Profile::Baseline && could_be_device(target) {
            let message =
                "hooks must not call external services: bash opens a connection for this redirection";
            let help = "a hook talks to the FE only, through mysql";
            findings.error(RULE.id, redirection.span, message.to_owned(), help);
        }
    }
    // Targets that are expanded are refused by `restricted` for that.
    if context.policy.profile != Profile::Baseline {
        return;
    }
    for write in context.facts.variables.writes() {
        if write.value.words().any(|word| is_device(&write.text_of(word))) {
            let message =
                "hooks must not call external services: bash opens a connection for a redirection to this";
            findings.error(
                RULE.id,
                write.span,
                message.to_owned(),
                "a hook talks to the FE only, through mysql",
            );
        }
    }
}

/// Whether a text is the name of a device for which bash opens a connection: `/dev/tcp/HOST/PORT`.
fn is_device(text: &str) -> bool {
    let rest = text.strip_prefix("/dev/tcp/").or_else(|| text.strip_prefix("/dev/udp/"));
    rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// Whether what is expanded in a word can make it such a name, when what is known of it has the same number of
/// components: `$dev/tcp/$host/80`, `/dev/$protocol/a/80`.
fn could_be_device(word: &Word) -> bool {
    let pieces = pieces(word);
    if pieces.len() < 2 {
        return false;
    }
    let text: String = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => text,
            _ => "*",
        })
        .collect();
    let components: Vec<&str> = text.split('/').collect();
    match components.as_slice() {
        ["", "dev", protocol, _, _] => fits(protocol, "tcp") || fits(protocol, "udp"),
        [device, "tcp" | "udp", _, _] => fits(device, "/dev"),
        _ => false,
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => {
            let end = rest.rsplit('*').next().unwrap_or_default();
            text.starts_with(start) && text.ends_with(end) && start.len() + end.len() <= text.len()
        }
    }
}
