//! Calls of mysql and where their SQL comes from.

use crate::context::Context;
use crate::facts::{
    CommandFact, CommandWord, Facts, Invocation, is_mysql_variable, plain_variable, text_and_variable,
};
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
        for command in &facts.commands {
            let arguments = if command.word == CommandWord::Mysql {
                Some(command.arguments())
            } else {
                let is_mysql = |invocation: &&Invocation<'_>| {
                    matches!(invocation.name.as_deref(), Some("mysql" | "mariadb"))
                        || is_mysql_variable(invocation.word)
                };
                command.invocations().find(is_mysql).map(|invocation| invocation.arguments)
            };
            if let Some(arguments) = arguments {
                let sources = sources(&expanded(arguments, facts), &command.command.redirections);
                let sources = sources.into_iter().map(|source| texts.read(source)).collect();
                calls.by_command.insert(command.simple, calls.all.len());
                calls.all.push(MysqlCall { command, arguments, sources });
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
