//! The statements that a hook may send.

use super::SqlAdditions;
use super::key::{allowed_key, allowed_value};
use super::lexer::Token;
use super::reader::Reader;
use super::select;

/// A statement that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Whether it changes something, so that its failure matters.
    pub(crate) changes: bool,
    /// Whether all that it answers are numbers.
    pub(crate) yields_numbers: bool,
    /// Whether it stands for a statement that is to be written: no FE takes it.
    pub(crate) placeholder: bool,
}

impl Statement {
    /// What statements do together.
    pub(crate) fn together(statements: &[Self]) -> Self {
        Self {
            changes: statements.iter().any(|statement| statement.changes),
            yields_numbers: statements.iter().all(|statement| statement.yields_numbers),
            placeholder: statements.iter().any(|statement| statement.placeholder),
        }
    }
}

/// Why a statement is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The first words of the statement.
    pub(crate) beginning: String,
    /// What is wrong with it.
    pub(crate) reason: String,
}

/// How many tokens of a statement a message repeats.
const SHOWN: usize = 4;

/// Checks each statement of a text.
pub(crate) fn statements(tokens: &[Token<'_>], additions: &SqlAdditions) -> Result<Vec<Statement>, Refusal> {
    let parts = tokens.split(|token| *token == Token::Mark(';')).filter(|part| !part.is_empty());
    parts
        .map(|part| allowed(part, additions).map_err(|reason| Refusal { beginning: beginning(part), reason }))
        .collect()
}

/// The keywords at the beginning; nothing that could be a secret is repeated.
fn beginning(tokens: &[Token<'_>]) -> String {
    let words = tokens.iter().map_while(|token| match token {
        Token::Word(word) => Some(*word),
        _ => None,
    });
    let words: Vec<String> = words.take(SHOWN).map(|word| word.chars().take(30).collect()).collect();
    words.join(" ")
}

const CHANGES: Statement = Statement { changes: true, yields_numbers: false, placeholder: false };
const READS: Statement = Statement { changes: false, ..CHANGES };
const COUNTS: Statement = Statement { yields_numbers: true, ..READS };
/// What guides write where a reader puts a statement of their own. It is no SQL, so nothing can come of it but an error.
const PLACEHOLDER: Statement = Statement { placeholder: true, ..CHANGES };

/// A statement that every hook may send, or one that the policy adds.
fn allowed(tokens: &[Token<'_>], additions: &SqlAdditions) -> Result<Statement, String> {
    statement(tokens, additions).or_else(|reason| {
        let pattern = additions.statements.iter().find(|pattern| pattern.matches(tokens)).ok_or(reason)?;
        Ok(Statement { changes: pattern.changes(), ..READS })
    })
}

fn statement(tokens: &[Token<'_>], additions: &SqlAdditions) -> Result<Statement, String> {
    let mut reader = Reader::new(tokens);
    if reader.keywords("ADMIN SET FRONTEND CONFIG") {
        return set_config(&mut reader, additions);
    }
    if reader.keywords("ADMIN SHOW FRONTEND CONFIG LIKE") {
        let key = reader.text().ok_or("LIKE needs a key in quotes")?;
        allowed_key(key, additions)?;
        return whole(&reader, READS);
    }
    if reader.keywords("ADMIN SHOW REPLICA") {
        return show_replica(&mut reader);
    }
    if reader.keywords("ADMIN REPAIR TABLE") || reader.keywords("ADMIN CANCEL REPAIR TABLE") {
        named_table(&mut reader)?;
        partition(&mut reader)?;
        return whole(&reader, CHANGES);
    }
    if reader.keywords("ALTER SYSTEM CREATE IMAGE") {
        return whole(&reader, CHANGES);
    }
    if reader.keyword("SHOW") {
        return show(&mut reader);
    }
    if reader.keyword("DESC") || reader.keyword("DESCRIBE") {
        named_table(&mut reader)?;
        return whole(&reader, READS);
    }
    if reader.keyword("SET") {
        return set_variable(&mut reader);
    }
    if reader.keywords("SQL COMMAND") {
        return whole(&reader, PLACEHOLDER);
    }
    if reader.keyword("EXPLAIN") {
        select::check(reader.rest())?;
        return Ok(READS);
    }
    let numbers = select::check(reader.rest())?;
    Ok(if numbers { COUNTS } else { READS })
}

fn whole(reader: &Reader<'_>, statement: Statement) -> Result<Statement, String> {
    if reader.is_end() { Ok(statement) } else { Err("it goes on after its end".to_owned()) }
}

/// `("key" = "value")`
fn set_config(reader: &mut Reader<'_>, additions: &SqlAdditions) -> Result<Statement, String> {
    const SHAPE: &str = "it must have the form ADMIN SET FRONTEND CONFIG (\"key\" = \"value\")";
    let mut read = || {
        let key = reader.mark('(').then(|| reader.text())??;
        let value = reader.mark('=').then(|| reader.text())??;
        reader.mark(')').then_some((key, value))
    };
    let (key, value) = read().ok_or(SHAPE)?;
    allowed_key(key, additions)?;
    allowed_value(key, value, additions)?;
    whole(reader, CHANGES)
}

fn named_table(reader: &mut Reader<'_>) -> Result<(), String> {
    if reader.table() { Ok(()) } else { Err("it needs a table: name or db.name".to_owned()) }
}

fn partition(reader: &mut Reader<'_>) -> Result<(), String> {
    if reader.keyword("PARTITION") && !reader.names_in_parentheses() {
        return Err("PARTITION needs names in parentheses".to_owned());
    }
    Ok(())
}

/// `STATUS | DISTRIBUTION FROM table [PARTITION (…)] [WHERE STATUS = 'X']`
fn show_replica(reader: &mut Reader<'_>) -> Result<Statement, String> {
    if !(reader.keywords("STATUS FROM") || reader.keywords("DISTRIBUTION FROM")) {
        return Err("it must be ADMIN SHOW REPLICA STATUS or DISTRIBUTION FROM a table".to_owned());
    }
    named_table(reader)?;
    partition(reader)?;
    if reader.keyword("WHERE") {
        let compares = reader.keyword("STATUS") && {
            let not = reader.mark('!');
            reader.mark('=') || !not && reader.mark('<') && reader.mark('>')
        };
        if !compares || reader.text().is_none() {
            return Err("WHERE must compare STATUS with a text".to_owned());
        }
    }
    whole(reader, READS)
}

/// The pages of `SHOW PROC` that only show the state of the cluster, and whether they show numbers only.
const PROC: &[(&str, bool)] = &[
    ("/statistic", true),
    ("/cluster_balance", true),
    ("/frontends", false),
    ("/backends", false),
    ("/compute_nodes", false),
];

fn show(reader: &mut Reader<'_>) -> Result<Statement, String> {
    if reader.keyword("PROC") {
        let path = reader.text().ok_or("SHOW PROC needs a path in quotes")?;
        let Some((_, numbers)) = PROC.iter().find(|(known, _)| *known == path) else {
            let paths: Vec<&str> = PROC.iter().map(|(path, _)| *path).collect();
            return Err(format!("SHOW PROC is allowed for {}", paths.join(", ")));
        };
        return whole(reader, if *numbers { COUNTS } else { READS });
    }
    let plain = ["FRONTENDS", "BACKENDS", "COMPUTE NODES", "DATABASES"];
    if plain.iter().any(|what| reader.keywords(what)) {
        return filtered(reader);
    }
    if reader.keyword("TABLES") {
        if reader.keyword("FROM") && reader.name().is_none() {
            return Err("FROM needs a database".to_owned());
        }
        return filtered(reader);
    }
    if reader.keywords("PARTITIONS FROM") || reader.keywords("TABLET FROM") {
        named_table(reader)?;
        return filtered(reader);
    }
    if reader.keyword("TABLET") {
        if reader.number().is_none_or(|number| !number.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err("SHOW TABLET needs FROM a table, or a number".to_owned());
        }
        return filtered(reader);
    }
    Err("a hook may SHOW frontends, backends, compute nodes, databases, tables, partitions, tablets and PROC"
        .to_owned())
}

/// `[LIKE 'text' | WHERE …]` without functions.
fn filtered(reader: &mut Reader<'_>) -> Result<Statement, String> {
    if reader.keyword("LIKE") {
        if reader.text().is_none() {
            return Err("LIKE needs a text in quotes".to_owned());
        }
        return whole(reader, READS);
    }
    if reader.keyword("WHERE") {
        select::condition(reader.rest())?;
        select::without_functions(reader.rest())?;
        return Ok(READS);
    }
    whole(reader, READS)
}

/// `SET [SESSION] query_timeout | time_zone = value`
fn set_variable(reader: &mut Reader<'_>) -> Result<Statement, String> {
    reader.keyword("SESSION");
    let named = reader.keyword("query_timeout") || reader.keyword("time_zone");
    let value = named && reader.mark('=') && (reader.text().is_some() || reader.number().is_some());
    if !value {
        return Err("a hook may SET query_timeout and time_zone of its session, one at a time".to_owned());
    }
    whole(reader, READS)
}
