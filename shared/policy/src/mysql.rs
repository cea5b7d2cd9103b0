//! Calls of mysql and where their SQL comes from.

mod client;
mod elsewhere;
mod options;
mod piped;

pub(crate) use client::runs_programs;
#[cfg(test)]
pub(crate) use options::LONG;
pub(crate) use options::option_complaints;

use crate::context::Context;
use crate::facts::{CommandFact, CommandWord, Facts, Invocation, Kind, is_mysql_variable, plain_variable};
use crate::sql::{SqlAdditions, SqlError, Statement};
use hookgate_shell::ast::{
    ArrayElement, HereDocument, ParameterName, Redirection, RedirectionKind, Simple, Span, Subscript, Word,
    WordPart,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A call of mysql.
pub(crate) struct MysqlCall<'a> {
    /// The simple command that makes it.
    pub(crate) command: &'a CommandFact<'a>,
    /// Its arguments.
    pub(crate) arguments: &'a [Word],
    /// Its SQL.
    pub(crate) sources: Vec<Sql<'a>>,
    /// The words that are written into the pipe or the file from which it reads, and those of other options with SQL.
    pub(crate) piped: Vec<&'a Word>,
}

/// SQL that a call sends.
pub(crate) struct Sql<'a> {
    /// Where it comes from.
    pub(crate) source: SqlSource<'a>,
    /// What its statements do together, or what is wrong with them; `None` when its text is not known
    /// when read.
    pub(crate) statements: Option<Rc<Result<Statement, SqlError>>>,
}

impl Sql<'_> {
    /// What its statements do, when they are known and allowed.
    fn statements(&self) -> Option<Statement> {
        self.statements.as_ref()?.as_ref().as_ref().ok().copied()
    }

    /// What is wrong with its statements.
    fn error(&self) -> Option<&SqlError> {
        self.statements.as_ref()?.as_ref().as_ref().err()
    }
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
#[derive(Default)]
pub(crate) struct MysqlCalls<'a> {
    all: Vec<MysqlCall<'a>>,
    /// The index of the call that a simple command makes.
    by_command: BTreeMap<*const Simple, usize>,
}

impl<'a> MysqlCalls<'a> {
    /// Finds the calls of a script and reads their SQL.
    pub(crate) fn find(facts: &'a Facts<'a>, additions: &SqlAdditions) -> Self {
        let mut calls = Self::default();
        let mut texts = Texts { facts, additions, variables: BTreeMap::new() };
        let mut files = None;
        for index in facts.indices(Kind::Mysql) {
            let command = &facts.commands[*index];
            let arguments = if command.word == CommandWord::Mysql {
                Some(command.arguments())
            } else {
                let is_mysql = |invocation: &Invocation<'_>| {
                    matches!(invocation.name.as_deref(), Some("mysql" | "mariadb"))
                        || is_mysql_variable(invocation.word)
                };
                command.invocations().find(is_mysql).map(|invocation| invocation.arguments)
            };
            if let Some(arguments) = arguments {
                let words = expanded(arguments, facts);
                let sources = sources(&words, &command.command.redirections);
                let sources = sources.into_iter().map(|source| texts.read(source)).collect();
                let mut piped = elsewhere::in_options(&words);
                let readers = piped::words(facts, *index, &mut piped);
                let files = files.get_or_insert_with(|| elsewhere::Files::of(facts));
                for reader in std::iter::once(command).chain(readers) {
                    piped.extend(files.words_for(reader, facts));
                }
                calls.by_command.insert(command.simple, calls.all.len());
                calls.all.push(MysqlCall { command, arguments, sources, piped });
            }
        }
        calls
    }

    /// The calls in their order.
    pub(crate) fn all(&self) -> &[MysqlCall<'a>] {
        &self.all
    }

    /// Whether a command is a call of mysql whose answer consists of numbers only.
    pub(crate) fn yields_numbers(&self, simple: &Simple) -> bool {
        let call = self.by_command.get(&std::ptr::from_ref(simple)).map(|index| &self.all[*index]);
        call.is_some_and(MysqlCall::yields_numbers)
    }
}

/// The texts of SQL; that of a variable is read once for all its uses.
struct Texts<'a, 'p> {
    facts: &'a Facts<'a>,
    additions: &'p SqlAdditions,
    variables: BTreeMap<&'a str, Option<Rc<Result<Statement, SqlError>>>>,
}

impl<'a> Texts<'a, '_> {
    fn read(&mut self, source: SqlSource<'a>) -> Sql<'a> {
        let word = source.word();
        let statements = match quoted_variable(word) {
            Some(name) => {
                let text = || self.facts.variables.only_text(name).map(|text| check(text, self.additions));
                self.variables.entry(name).or_insert_with(text).clone()
            }
            None => sql_text(word).map(|text| check(&text, self.additions)),
        };
        Sql { source, statements }
    }
}

fn check(text: &str, additions: &SqlAdditions) -> Rc<Result<Statement, SqlError>> {
    Rc::new(crate::sql::check(text, additions).map(|statements| Statement::together(&statements)))
}

/// The arguments with the elements of constant arrays in their places.
fn expanded<'a>(arguments: &'a [Word], facts: &Facts<'a>) -> Vec<&'a Word> {
    let mut all = Vec::with_capacity(arguments.len());
    for word in arguments {
        match constant_array(word, facts) {
            Some(elements) => all.extend(elements.iter().map(|element| &element.value)),
            None => all.push(word),
        }
    }
    all
}

fn sources<'a>(arguments: &[&'a Word], redirections: &'a [Redirection]) -> Vec<SqlSource<'a>> {
    let mut sources = Vec::new();
    let mut after_execute = false;
    for &word in arguments {
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
    // A here-document at another descriptor is not what the client reads.
    for redirection in redirections.iter().filter(|redirection| redirection.descriptor.unwrap_or(0) == 0) {
        match &redirection.kind {
            RedirectionKind::HereDocument(document) => sources.push(SqlSource::HereDocument(document)),
            RedirectionKind::HereString(word) => sources.push(SqlSource::HereString(word)),
            _ => {}
        }
    }
    sources
}

impl MysqlCall<'_> {
    /// Whether the shell itself starts it, its SQL is one option, and it answers with numbers only.
    fn yields_numbers(&self) -> bool {
        let direct = self.command.word == CommandWord::Mysql || self.command.name() == Some("mysql");
        let [sql @ Sql { source: SqlSource::Option(_), .. }] = self.sources.as_slice() else { return false };
        // Without -N the names of the columns come first.
        let is_bare = |text: &str| text == "--skip-column-names" || is_bundle(text) && text.contains('N');
        // Rows are framed by these.
        let is_framed = |text: &str| {
            matches!(text, "--table" | "--vertical") || is_bundle(text) && text.contains(['E', 't'])
        };
        direct
            && sql.statements().is_some_and(|statements| statements.yields_numbers)
            && self.arguments.iter().filter_map(Word::literal).any(|text| is_bare(&text))
            && !self.arguments.iter().filter_map(Word::literal).any(|text| is_framed(&text))
    }
}

/// The name, when a word is `"$NAME"`.
fn quoted_variable(word: &Word) -> Option<&str> {
    let quoted = matches!(word.parts.as_slice(), [WordPart::DoubleQuoted(_)]);
    plain_variable(word).filter(|_| quoted)
}

/// The SQL of a source, where its text is known when read.
pub(crate) fn known_text<'a>(word: &'a Word, facts: &'a Facts<'a>) -> Option<Cow<'a, str>> {
    match quoted_variable(word) {
        Some(name) => facts.variables.only_text(name).map(Cow::Borrowed),
        None => sql_text(word),
    }
}

/// The SQL in a word that is a literal.
fn sql_text(word: &Word) -> Option<Cow<'_, str>> {
    let text = word.text()?;
    if !holds_sql(word) {
        return Some(text);
    }
    let rest = text.strip_prefix("--execute=").or_else(|| {
        let flags = text.strip_prefix('-')?;
        flags.trim_start_matches(|flag| FLAGS.contains(flag)).strip_prefix('e')
    });
    Some(match rest {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => text,
    })
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
    let text = crate::facts::known_prefix(word);
    text.starts_with("--execute=")
        || text
            .strip_prefix('-')
            .is_some_and(|rest| rest.trim_start_matches(|flag| FLAGS.contains(flag)).starts_with('e'))
}

/// Where a call of mysql sends a statement that changes something.
pub(crate) fn changing_calls(context: &Context<'_>) -> BTreeSet<Span> {
    let changes = |call: &&MysqlCall<'_>| {
        call.sources.iter().filter_map(Sql::statements).any(|statements| statements.changes)
    };
    context.calls.all().iter().filter(changes).map(|call| call.command.command.span).collect()
}

/// What is wrong with the SQL of a script, where it is known.
pub(crate) fn sql_errors<'a>(context: &'a Context<'_>) -> impl Iterator<Item = (Span, &'a SqlError)> {
    let sources = context.calls.all().iter().flat_map(|call| &call.sources);
    sources.filter_map(|sql| Some((sql.source.word().span, sql.error()?)))
}

/// Where a placeholder stands for a statement.
pub(crate) fn placeholders<'a>(context: &'a Context<'_>) -> impl Iterator<Item = Span> + 'a {
    let sources = context.calls.all().iter().flat_map(|call| &call.sources);
    sources
        .filter(|sql| sql.statements().is_some_and(|statements| statements.placeholder))
        .map(|sql| sql.source.word().span)
}

/// The most elements of an array of options, all of which are looked at wherever it is used: there are
/// fewer options.
const MOST_ELEMENTS: usize = 64;

/// The elements of `"${args[@]}"`, when the array is a constant.
fn constant_array<'a>(word: &Word, facts: &Facts<'a>) -> Option<&'a [ArrayElement]> {
    let [WordPart::DoubleQuoted(parts)] = word.parts.as_slice() else { return None };
    let [WordPart::Parameter(parameter)] = parts.as_slice() else { return None };
    let ParameterName::Variable(name) = &parameter.name else { return None };
    let whole = matches!(parameter.subscript, Some(Subscript::At))
        && !parameter.indirect
        && parameter.operator.is_none();
    let elements = facts.variables.only_array(name).filter(|_| whole)?;
    let plain = elements.len() <= MOST_ELEMENTS && elements.iter().all(|element| element.subscript.is_none());
    plain.then_some(elements)
}
