//! # HG501: a secret in the script
//!
//! ## What it finds
//! Private keys, keys and tokens of well-known services, passwords given to mysql, to other clients of the
//! database, in SQL or in an address, `MYSQL_PWD`, literals that look random, and literals with digits and letters given to a variable called `…password`, `…_pass`, `…secret`, `…token` or the like; quotes inside them change nothing.
//!
//! ## Why it is bad
//! A ConfigMap is readable by many, is kept in Git, and is copied into logs. The message never repeats the value.
//!
//! ## Example
//! ```bash
//! pre_upgrade() {
//!     echo "AKIAIOSFODNN7EXAMPLE" > /tmp/key
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
//! None: a hook needs no secret, because mysql is connected already. Digests in hexadecimal digits do not count.

use crate::context::{Context, shorten};
use crate::facts::{CommandFact, Kind, WriteValue, known_prefix, known_text, plain_variable};
use crate::finding::Findings;
use crate::{Profile, RuleId, RuleInfo};
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(super) const RULE: RuleInfo = RuleInfo {
    id: RuleId(501),
    name: "secret",
    profiles: &[Profile::Restricted, Profile::Baseline],
    fragments: true,
    check,
    source: include_str!("hg501_secret.rs"),
};

fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (span, what) in crate::secrets::in_text(context.source) {
        findings.error(RULE.id, span, format!("the script holds {what}"), HELP);
    }
    for (word, what) in &context.facts.joined_secrets {
        // What the text itself shows is reported already.
        if crate::secrets::in_text(context.source.get(word.span.range()).unwrap_or_default()).is_empty() {
            findings.error(RULE.id, word.span, format!("the script holds {what}"), HELP);
        }
    }
    let variables = &context.facts.variables;
    for write in variables.of_name("MYSQL_PWD") {
        findings.error(RULE.id, write.span, "the script sets the password of mysql".to_owned(), HELP);
    }
    let named: BTreeSet<&str> =
        variables.names().filter(|name| crate::secrets::is_name_of_one(name)).collect();
    for write in variables.writes().iter().filter(|write| named.contains(write.name)) {
        let value = match write.value {
            WriteValue::Word(word) | WriteValue::DeclarationWord(word) => word.text(),
            _ => None,
        };
        let value = value.as_deref().map(|text| text.strip_prefix(write.name).unwrap_or(text));
        let value = value.map(|text| text.strip_prefix('=').unwrap_or(text));
        if value.is_some_and(|text| {
            crate::secrets::could_be_one(text) && !crate::secrets::is_path_of(write.name, text)
        }) {
            let message = format!("`{}` looks like a secret, written into the script", shorten(write.name));
            findings.error(RULE.id, write.span, message, HELP);
        }
    }
    let mut variables_seen = BTreeSet::new();
    for call in context.calls.all() {
        for word in call.arguments {
            let prefix = known_prefix(word);
            if prefix.starts_with("-p") || prefix.starts_with("--password") {
                findings.error(RULE.id, word.span, "the script gives a password to mysql".to_owned(), HELP);
            }
        }
        for word in call.sources.iter().map(|sql| sql.source.word()).chain(call.piped.iter().copied()) {
            let text = match plain_variable(word) {
                // One text may have many uses.
                Some(name) if !variables_seen.insert(name) => continue,
                Some(name) => variables.only_text(name).map(Cow::Borrowed),
                None => Some(known_text(word)),
            };
            if text.is_some_and(|text| crate::secrets::in_sql(&text)) {
                findings.error(RULE.id, word.span, "the SQL holds a password".to_owned(), HELP);
            }
        }
    }
    let started = context.facts.of(Kind::DatabaseClient).flat_map(CommandFact::invocations);
    for word in started.filter(|started| started.meaning.database_client).flat_map(|client| client.arguments)
    {
        let prefix = known_prefix(word);
        if prefix.starts_with("-p") && prefix.len() > 2 || prefix.starts_with("--password=") {
            findings.error(
                RULE.id,
                word.span,
                "the script gives a password to the database".to_owned(),
                HELP,
            );
        }
    }
    for command in context.facts.called("env") {
        for word in command.arguments().iter().filter(|word| known_prefix(word).starts_with("MYSQL_PWD=")) {
            findings.error(RULE.id, word.span, "the script sets the password of mysql".to_owned(), HELP);
        }
    }
    for word in &context.facts.random_words {
        findings.error(RULE.id, word.span, "a literal looks like a key or token".to_owned(), HELP);
    }
}

const HELP: &str =
    "a hook needs no secret: mysql is connected already; keep secrets in a Secret that the pod mounts";
