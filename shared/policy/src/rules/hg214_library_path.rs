//! # HG214: the search path of programs or libraries is changed
//!
//! ## What it finds
//! Writes to `PATH`, `BASH_ENV`, `ENV`, `LD_PRELOAD`, `LD_LIBRARY_PATH` and other `LD_*` variables.
//!
//! ## Why it is bad
//! They decide what every name means and which code is loaded into every program.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     export PATH=/tmp/bin:$PATH
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
//! `restricted` refuses writes to many more variables, by HG210.

use crate::context::Context;
use crate::context::shorten;
use crate::facts::known_prefix;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Span;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(214),
    name: "library-path",
    profiles: &[Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg214_library_path.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for write in context.facts.variables.writes() {
        if matches!(write.name, "PATH" | "BASH_ENV" | "ENV") || write.name.starts_with("LD_") {
            report(write.name, write.span, findings);
        }
    }
    // `env NAME=value command` writes it as well.
    for command in context.facts.called("env") {
        for word in command.arguments() {
            let prefix = known_prefix(word);
            if let Some((name, _)) = prefix.split_once('=')
                && (matches!(name, "PATH" | "BASH_ENV" | "ENV") || name.starts_with("LD_"))
            {
                report(name, word.span, findings);
            }
        }
    }
}

fn report(name: &str, span: Span, findings: &mut Findings<'_>) {
    let message = format!("`{}` decides which programs and libraries are used", shorten(name));
    findings.error(RULE.id, span, message, "leave the search paths as they are");
}
