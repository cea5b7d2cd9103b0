//! Which FE settings a text of SQL sets.

use super::lexer::{Token, tokenize};
use super::reader::Reader;

/// The settings and values of every `ADMIN SET FRONTEND CONFIG` in a text; `None` where it can't be read in one way, so
/// that it may set any.
pub(crate) fn set_by(text: &str) -> Option<Vec<(String, String)>> {
    let tokens = tokenize(text).ok()?;
    let mut found = Vec::new();
    for part in tokens.split(|token| *token == Token::Mark(';')) {
        let mut reader = Reader::new(part);
        if !reader.keywords("ADMIN SET") {
            continue;
        }
        if !reader.keywords("FRONTEND CONFIG") || !reader.mark('(') {
            return None;
        }
        let key = reader.text()?;
        let value = reader.mark('=').then(|| reader.text())??;
        if !reader.mark(')') || !reader.is_end() {
            return None;
        }
        found.push((key.to_owned(), value.to_owned()));
    }
    Some(found)
}
