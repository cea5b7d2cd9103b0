//! # HG301: hooks must not call external services
//!
//! ## What it finds
//! `curl`, `wget`, `nc`, `ssh` and other programs that talk to other machines: called by any path, with quotes
//! inside the name, through a constant variable, or through another program such as `env`, `command` or `xargs`.
//!
//! ## Why it is bad
//! A hook that calls an external service can leak data, can fetch code that nobody has reviewed, and makes an
//! upgrade depend on that service.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     curl -s https://example.com/notify
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
//! None: the only connection of a hook is the one to the FE, through mysql.

use crate::context::Context;
use crate::finding::Findings;
use crate::rules::named::named_invocations;
use crate::tables::Class;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(301),
    name: "network-client",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg301_network_client.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for found in named_invocations(context) {
        let packages = found.class == Class::Packages && context.policy.profile == Profile::Restricted;
        if found.class != Class::Network && !packages {
            continue;
        }
        let (message, help) = explain(&found.name);
        findings.error(RULE.id, found.span, format!("{}{message}", found.how()), help);
    }
}

fn explain(name: &str) -> (String, &'static str) {
    (
        format!("hooks must not call external services: `{name}` talks to other machines"),
        "a hook talks to the FE only, through mysql; watch the StarRocksCluster's status and events to notify others",
    )
}
