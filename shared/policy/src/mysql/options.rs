//! The options of mysql that a hook may give it.

use super::{MysqlCall, expanded, holds_sql, is_bundle};
use crate::facts::{Facts, text_and_variable};
use hookgate_shell::ast::{Span, Word};

/// The options of the connection: short, long, and the variable that is their value.
const CONNECTION: &[(&str, &str, &str)] =
    &[("-h", "--host", "SR_FE_HOST"), ("-P", "--port", "SR_FE_PORT"), ("-u", "--user", "SR_FE_USER")];

/// The long options without a value.
pub(crate) const LONG: &[&str] =
    &["--skip-column-names", "--batch", "--silent", "--vertical", "--table", "--raw", "--protocol=TCP"];

/// What is wrong with the options of a call.
pub(crate) fn option_complaints<'a>(call: &MysqlCall<'a>, facts: &Facts<'a>) -> Vec<(Span, String)> {
    let arguments = expanded(call.arguments, facts);
    let mut complaints = Vec::new();
    // A separator of the script's own would split the connection's options in other places.
    if facts.sets_separator && call.command.simple.words.iter().any(|word| !crate::facts::is_single(word)) {
        let message =
            "IFS is changed in this script, so the connection's variables must be quoted".to_owned();
        complaints.push((call.command.word_span(), message));
    }
    let mut seen = Vec::new();
    let mut index = 0;
    while let Some(word) = arguments.get(index) {
        index += 1;
        match option(word, arguments.get(index).copied(), &mut seen) {
            Accepted::Alone => {}
            Accepted::WithNext => index += 1,
            Accepted::No(message) => complaints.push((word.span, message)),
        }
    }
    complaints
}

enum Accepted {
    Alone,
    WithNext,
    No(String),
}

fn option<'a>(word: &'a Word, next: Option<&'a Word>, seen: &mut Vec<&'static str>) -> Accepted {
    let refused = || {
        let text = crate::facts::known_prefix(word);
        // What follows the letter of an option could be a password.
        let shown: String = text
            .split('=')
            .next()
            .unwrap_or_default()
            .chars()
            .take(if text.starts_with("--") { 40 } else { 2 })
            .collect();
        Accepted::No(format!("mysql with `{shown}` is not allowed"))
    };
    for (short, long, variable) in CONNECTION {
        let attached = text_and_variable(word).is_some_and(|(text, name)| {
            name == *variable && (text == *short || text.strip_suffix('=') == Some(long))
        });
        let separate = word.literal().is_some_and(|text| text == *short || text == *long)
            && next
                .and_then(text_and_variable)
                .is_some_and(|(text, name)| text.is_empty() && name == *variable);
        if attached || separate {
            if seen.contains(short) {
                return Accepted::No(format!("mysql with `{short}` twice is not allowed"));
            }
            seen.push(short);
            return if separate { Accepted::WithNext } else { Accepted::Alone };
        }
    }
    let text = word.literal();
    match text.as_deref() {
        Some("-e" | "--execute") if next.is_some() => Accepted::WithNext,
        Some(text) if LONG.contains(&text) => Accepted::Alone,
        Some(text) if is_bundle(text) => {
            if text.ends_with('e') && next.is_some() {
                Accepted::WithNext
            } else {
                Accepted::Alone
            }
        }
        Some("-D" | "--database") if next.and_then(Word::literal).is_some_and(|name| is_database(&name)) => {
            Accepted::WithNext
        }
        Some("--connect-timeout")
            if next.and_then(Word::literal).is_some_and(|text| crate::facts::is_decimal(&text)) =>
        {
            Accepted::WithNext
        }
        Some(text)
            if text
                .strip_prefix("-D")
                .or_else(|| text.strip_prefix("--database="))
                .is_some_and(is_database)
                || text.strip_prefix("--connect-timeout=").is_some_and(crate::facts::is_decimal) =>
        {
            Accepted::Alone
        }
        _ if holds_sql(word) => Accepted::Alone,
        _ => refused(),
    }
}

fn is_database(name: &str) -> bool {
    hookgate_shell::is_name(name)
}
