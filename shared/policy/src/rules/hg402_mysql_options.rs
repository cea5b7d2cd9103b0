//! # HG402: an option of mysql that is not allowed
//!
//! ## What it finds
//! Options and operands of mysql other than the connection (`-h`, `-P`, `-u` with `$SR_FE_HOST`, `$SR_FE_PORT` and `$SR_FE_USER`),
//! `-e`, the formats `-N -B -s -E -t -r`, `-D`, `--connect-timeout` and `--protocol=TCP`.
//!
//! ## Why it is bad
//! `--defaults-file`, `--plugin-dir`, `--pager`, `--tee` and `--init-command` load code, run programs and write files; another host gets
//! the password.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     mysql -h192.0.2.1 -P"$SR_FE_PORT" -u"$SR_FE_USER" -e 'SHOW BACKENDS'
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
//! A constant array of these options as `"${args[@]}"`.

use crate::context::Context;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(402),
    name: "mysql-options",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg402_mysql_options.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for call in context.calls.all() {
        for (span, message) in crate::mysql::option_complaints(call, context.facts) {
            findings.error(RULE.id, span, message, HELP);
        }
    }
}

const HELP: &str =
    "write mysql -h\"$SR_FE_HOST\" -P\"$SR_FE_PORT\" -u\"$SR_FE_USER\" -e 'SQL', or $MYSQL_CMD -e 'SQL'";
