//! Calls of mysql and where their SQL comes from.

use crate::facts::{CommandFact, CommandWord, Facts, invocations, is_mysql_variable, plain_variable};
use hookgate_shell::ast::{HereDocument, Redirection, RedirectionKind, Simple, Word, WordPart};
use std::borrow::Cow;

/// A call of mysql.
pub(crate) struct MysqlCall<'a> {
    /// The simple command that makes it.
    pub(crate) command: &'a CommandFact<'a>,
    /// Its arguments.
    pub(crate) arguments: &'a [Word],
    /// Where its SQL comes from.
    pub(crate) sources: Vec<SqlSource<'a>>,
}

/// Where SQL comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SqlSource<'a> {
    /// `-e SQL`; the flag says that the SQL is attached to the option.
    Option(&'a Word),
    /// `<<EOF`
    HereDocument(&'a HereDocument),
    /// `<<< SQL`
    HereString(&'a Word),
}

impl<'a> SqlSource<'a> {
    /// The word that holds the SQL.
    pub(crate) fn word(&self) -> &'a Word {
        match *self {
            Self::Option(word) | Self::HereString(word) => word,
            Self::HereDocument(document) => document.body(),
        }
    }
}

/// All calls of mysql, directly, by its variable, or through another command.
pub(crate) fn mysql_calls<'a>(facts: &'a Facts<'a>) -> Vec<MysqlCall<'a>> {
    let mut calls = Vec::new();
    for command in &facts.commands {
        let arguments = if command.word == CommandWord::Mysql {
            Some(command.arguments())
        } else {
            let called = invocations(command);
            called
                .into_iter()
                .find(|invocation| {
                    matches!(invocation.name.as_deref(), Some("mysql" | "mariadb"))
                        || crate::facts::is_mysql_variable(invocation.word)
                })
                .map(|invocation| invocation.arguments)
        };
        if let Some(arguments) = arguments {
            calls.push(MysqlCall {
                command,
                arguments,
                sources: sources(arguments, &command.command.redirections),
            });
        }
    }
    calls
}

fn sources<'a>(arguments: &'a [Word], redirections: &'a [Redirection]) -> Vec<SqlSource<'a>> {
    let mut sources = Vec::new();
    let mut after_execute = false;
    for word in arguments {
        if std::mem::take(&mut after_execute) {
            sources.push(SqlSource::Option(word));
            continue;
        }
        match word.literal().as_deref() {
            Some("-e" | "--execute") => after_execute = true,
            // A bundle of short flags that ends with `e` takes the next word.
            Some(text) if is_bundle(text) && text.ends_with('e') => after_execute = true,
            _ if holds_sql(word) => sources.push(SqlSource::Option(word)),
            _ => {}
        }
    }
    for redirection in redirections {
        match &redirection.kind {
            RedirectionKind::HereDocument(document) => sources.push(SqlSource::HereDocument(document)),
            RedirectionKind::HereString(word) => sources.push(SqlSource::HereString(word)),
            _ => {}
        }
    }
    sources
}

/// Whether a command is a call of mysql whose answer consists of numbers only.
pub(crate) fn yields_numbers(simple: &Simple, facts: &Facts<'_>) -> bool {
    let Some(word) = simple.words.first() else { return false };
    if !is_mysql_variable(word) && word.literal().as_deref() != Some("mysql") {
        return false;
    }
    let arguments = &simple.words[1..];
    // Without -N the names of the columns come first.
    let flags = |flag: char| {
        arguments.iter().filter_map(Word::literal).any(|text| is_bundle(&text) && text.contains(flag))
    };
    let bare =
        flags('N') || arguments.iter().any(|word| word.literal().as_deref() == Some("--skip-column-names"));
    let found = sources(arguments, &[]);
    let [SqlSource::Option(word)] = found.as_slice() else { return false };
    let text = sql_text(word, facts);
    let all_numbers = |text: &str| {
        crate::sql::check(text)
            .is_ok_and(|statements| statements.iter().all(|statement| statement.yields_numbers))
    };
    bare && text.is_some_and(|text| all_numbers(&text))
}

/// The SQL in a word: a literal, or a quoted variable with one assignment of a literal.
pub(crate) fn sql_text<'a>(word: &'a Word, facts: &Facts<'a>) -> Option<Cow<'a, str>> {
    let attached = |text: Cow<'a, str>| -> Cow<'a, str> {
        let rest = text.strip_prefix("--execute=").or_else(|| {
            let flags = text.strip_prefix('-')?;
            flags.trim_start_matches(|flag| FLAGS.contains(flag)).strip_prefix('e')
        });
        match rest {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => text,
        }
    };
    if let Some(text) = word.text() {
        return Some(if holds_sql(word) { attached(text) } else { text });
    }
    let quoted = matches!(word.parts.as_slice(), [WordPart::DoubleQuoted(_)]);
    plain_variable(word).filter(|_| quoted).and_then(|name| facts.variables.only_text(name))
}

/// The short flags of mysql without a value.
pub(crate) const FLAGS: &str = "NBsEtr";

/// Whether a text is a bundle of short flags, the last of which may be `e`.
pub(crate) fn is_bundle(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(|flags| {
        let flags = flags.strip_suffix('e').unwrap_or(flags);
        !flags.is_empty() && flags.chars().all(|flag| FLAGS.contains(flag))
    })
}

/// Whether a word is `-eSQL` or `--execute=SQL`, whatever the SQL is.
fn holds_sql(word: &Word) -> bool {
    match word.parts.first() {
        Some(WordPart::Literal(text)) => {
            text.starts_with("--execute=")
                || text
                    .strip_prefix('-')
                    .is_some_and(|rest| rest.trim_start_matches(|flag| FLAGS.contains(flag)).starts_with('e'))
        }
        _ => false,
    }
}
