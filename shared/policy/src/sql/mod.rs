//! SQL as StarRocks reads it: tokens, statements, and which of them a hook may send.

mod key;
mod lexer;
mod reader;
mod select;
mod statement;

pub(crate) use lexer::{SqlTextError, tokenize};
pub(crate) use statement::{Refusal, Statement, statements};

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

/// Reads a text and checks each statement in it.
pub(crate) fn check(text: &str) -> Result<Vec<Statement>, SqlError> {
    let tokens = tokenize(text).map_err(SqlError::Text)?;
    let found = statements(&tokens).map_err(SqlError::Statement)?;
    if found.is_empty() { Err(SqlError::Empty) } else { Ok(found) }
}

#[cfg(test)]
mod tests;
