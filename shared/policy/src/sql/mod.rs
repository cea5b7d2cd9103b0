//! SQL as StarRocks reads it: tokens, statements, and which of them a hook may send.

mod functions;
mod key;
mod lexer;
mod pattern;
mod reader;
mod rules;
mod select;
mod settings;
mod statement;

#[cfg(test)]
pub(crate) use key::KEYS;
pub use key::{KeyError, KeyValue, check_key_name};
pub(crate) use lexer::{SqlTextError, tokenize};
pub use pattern::{PatternError, StatementPattern};
pub use rules::{SqlRules, SqlRulesError};
pub(crate) use settings::set_by;
pub(crate) use statement::{Refusal, Statement, statements};

use std::collections::BTreeMap;

/// What can be wrong with a text of SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SqlError {
    /// The text itself is not allowed.
    Text(SqlTextError),
    /// A statement is not one of those that are allowed.
    Statement(Refusal),
    /// There is no statement at all.
    Empty,
}

/// What is said of a placeholder.
pub(crate) const PLACEHOLDER_MESSAGE: &str =
    "`SQL COMMAND` stands for a statement that is to be written: the FE refuses it, and the hook fails";

/// What a policy adds to the SQL that `restricted` allows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SqlAdditions {
    /// FE settings with the values that they may be given.
    pub keys: BTreeMap<String, KeyValue>,
    /// Statements.
    pub statements: Vec<StatementPattern>,
}

impl SqlAdditions {
    /// No additions.
    #[cfg(test)]
    pub(crate) const NONE: &Self = &Self { keys: BTreeMap::new(), statements: Vec::new() };
}

/// Reads a text and checks each statement in it.
pub(crate) fn check(text: &str, additions: &SqlAdditions) -> Result<Vec<Statement>, SqlError> {
    let tokens = tokenize(text).map_err(SqlError::Text)?;
    let found = statements(&tokens, additions).map_err(SqlError::Statement)?;
    if found.is_empty() { Err(SqlError::Empty) } else { Ok(found) }
}

#[cfg(test)]
mod tests;
