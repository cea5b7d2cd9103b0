//! # HG206: a builtin used in a way that can run code
//!
//! ## What it finds
//! Builtins that are allowed, with options or operands that are not: `declare -i`, `local -n`, `printf -v`, `unset` without
//! `-v`, `read` into a name that is not plain, `mapfile -C`, `test` with anything but a simple test, `exec` with a
//! command, `set` inside a function.
//!
//! ## Why it is bad
//! Each of these was seen to run code that is hidden in a value: `printf -v 'a[$(id)]'`, `local -i x='a[$(id)]'`,
//! `[ $x ]` with `x='-v a[$(id)]'`.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     local -i count="$1"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Use instead
//! ```bash
//! pre_upgrade() {
//!     local count="$1"
//! }
//! post_upgrade() { :; }
//! ```
//!
//! ## Exceptions
//! `-a` and `-o` between comparisons with literals: `[ "$n" -gt 0 -a "$s" = x ]`.

use super::builtins::{bracket, declaration, getopts, is_bare, literals, mapfile, printf, read, test, unset};
use crate::context::Context;
use crate::facts::Kind;
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use hookgate_shell::ast::Word;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(206),
    name: "builtin-use",
    profiles: &[Profile::Restricted],
    fragments: true,
    check,
    source: include_str!("hg206_builtin_use.rs"),
};

const NO_DECLARATION: &str =
    "is no declaration for bash: its words are split, and matched against file names";

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for command in context.facts.of(Kind::CheckedBuiltin) {
        let Some(name) = command.name() else { continue };
        if context.is_function(name) {
            continue;
        }
        let arguments = command.arguments();
        if command.is_reported_elsewhere() {
            continue;
        }
        let complaint = match name {
            "declare" | "local" | "readonly" => match command.simple.words.first() {
                Some(word) if !is_bare(word) => {
                    Some((word.span, format!("quoted, `{name}` {NO_DECLARATION}")))
                }
                _ => declaration(arguments, context),
            },
            "unset" => unset(arguments, context),
            "printf" => printf(arguments),
            "read" => read(arguments, context),
            "mapfile" | "readarray" => mapfile(arguments, context),
            "getopts" => getopts(arguments),
            "test" => test(arguments, context),
            "[" => bracket(arguments, context),
            "type" => literals(arguments, "type"),
            "exec" if !arguments.is_empty() => {
                Some((command.word_span(), "`exec` may only redirect".to_owned()))
            }
            "set" if command.place.depth > 0 && !disables_errexit(arguments) => {
                Some((command.command.span, "`set` may stand at the top level only".to_owned()))
            }
            _ => None,
        };
        if let Some((span, message)) = complaint {
            findings.error(RULE.id, span, message, HELP);
        }
    }
}

const HELP: &str = "use the plain form that the rule's page shows";

/// `set +e` has a rule of its own.
fn disables_errexit(arguments: &[Word]) -> bool {
    let texts: Vec<_> = arguments.iter().filter_map(Word::literal).collect();
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    matches!(
        texts.as_slice(),
        ["+e" | "+u" | "+eu" | "+ue"]
            | ["+o", "errexit" | "nounset" | "pipefail"]
            | ["+eo" | "+euo", "pipefail"]
    ) && texts.len() == arguments.len()
}
