//! Patterns for the statements that a policy adds: SQL in our own tokens, with placeholders.

use super::lexer::{SqlTextError, Token, tokenize};
use std::fmt;
use std::str::FromStr;

/// A statement with placeholders: `SHOW ROUTINE LOAD FROM <identifier>`.
///
/// Words match whatever their case, everything else matches exactly. `<identifier>` is one name, plain or in
/// backticks; `<table>` is a name of at most two parts; `<number>` is made of digits; `<string>` is one text in
/// quotes. A pattern is one whole statement: nothing may stand before it or go on after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementPattern {
    parts: Vec<Part>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A word in any case.
    Word(String),
    Quoted(String),
    String(String),
    Digits(String),
    Mark(char),
    Identifier,
    Table,
    Number,
    Text,
}

/// The placeholders.
const PLACEHOLDERS: [(&str, Part); 4] = [
    ("identifier", Part::Identifier),
    ("table", Part::Table),
    ("number", Part::Number),
    ("string", Part::Text),
];

/// The longest pattern, in characters.
const MAX_LENGTH: usize = 1024;

/// Why a text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is empty.
    #[error("a pattern is a statement, such as `SHOW ROUTINE LOAD FROM <identifier>`")]
    Empty,
    /// It is too long.
    #[error("a pattern has at most {MAX_LENGTH} characters")]
    TooLong,
    /// It is not SQL that can be read in one way.
    #[error("{0}")]
    Text(String),
    /// It has more than one statement.
    #[error("a pattern is one statement without `;`: list each by itself")]
    SeveralStatements,
    /// It does not begin with a word.
    #[error("a pattern begins with a word, such as SHOW: what kind of statement it is must be certain")]
    Beginning,
    /// `<` or `>` without a placeholder.
    #[error("`<` and `>` stand around placeholders only: <identifier>, <table>, <number>, <string>")]
    Angle,
    /// A placeholder that there is not.
    #[error("there is no placeholder `<{0}>`: use <identifier>, <table>, <number> or <string>")]
    Placeholder(String),
    /// A placeholder where it could become something else.
    #[error("a placeholder next to `{0}` could become another name or a function: write the name out")]
    Neighbour(char),
    /// A statement that a hook must never send.
    #[error("{0}")]
    Refused(&'static str),
}

/// Statements that no policy can add: a first word (any when empty), a word anywhere in it, and why.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "ADMIN",
        "CONFIG",
        "settings are listed under frontendConfigKeys, where their values are checked as well",
    ),
    ("", "OUTFILE", "OUTFILE writes files"),
    ("", "DUMPFILE", "DUMPFILE writes files"),
    ("", "FILES", "FILES() reads and writes remote storage"),
    ("", "IDENTIFIED", "passwords must not stand in hooks"),
    ("", "PASSWORD", "passwords must not stand in hooks"),
    ("INSTALL", "PLUGIN", "plugins are code from elsewhere"),
    ("CREATE", "FUNCTION", "functions of users are code from elsewhere"),
    ("CREATE", "CATALOG", "catalogs reach external systems with credentials of their own"),
    ("CREATE", "REPOSITORY", "repositories reach external systems with credentials of their own"),
    ("CREATE", "RESOURCE", "resources reach external systems with credentials of their own"),
    ("CREATE", "VOLUME", "storage volumes reach external systems with credentials of their own"),
    ("CREATE", "USER", "a hook must not change who may do what"),
    ("ALTER", "USER", "a hook must not change who may do what"),
    ("DROP", "USER", "a hook must not change who may do what"),
    ("GRANT", "GRANT", "a hook must not change who may do what"),
    ("REVOKE", "REVOKE", "a hook must not change who may do what"),
    ("EXECUTE", "AS", "a hook must not change who it acts as"),
];

/// The first words of statements that change nothing.
const READING: &[&str] = &["SHOW", "DESC", "DESCRIBE", "EXPLAIN", "HELP", "SELECT"];

impl StatementPattern {
    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a statement that matches changes something, so that its failure matters.
    pub(super) fn changes(&self) -> bool {
        !self.first_word().is_some_and(|first| is_one_of(first, READING))
    }

    fn first_word(&self) -> Option<&str> {
        match self.parts.first() {
            Some(Part::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Whether the tokens of one statement are what the pattern says.
    pub(super) fn matches(&self, tokens: &[Token<'_>]) -> bool {
        let mut rest = tokens;
        for part in &self.parts {
            let Some(length) = part.matches(rest) else { return false };
            rest = &rest[length..];
        }
        rest.is_empty()
    }

    fn refusal(&self) -> Option<&'static str> {
        let first = self.first_word().unwrap_or_default();
        let has = |wanted: &str| {
            self.parts
                .iter()
                .any(|part| matches!(part, Part::Word(word) if word.eq_ignore_ascii_case(wanted)))
        };
        let found = REFUSED.iter().find(|(beginning, word, _)| {
            (beginning.is_empty() || first.eq_ignore_ascii_case(beginning)) && has(word)
        });
        found.map(|(_, _, reason)| *reason)
    }
}

fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|one| one.eq_ignore_ascii_case(word))
}

impl Part {
    /// How many of the tokens it takes; `None` when they are not what it says.
    fn matches(&self, tokens: &[Token<'_>]) -> Option<usize> {
        let first = tokens.first()?;
        let is_name = |token: &Token<'_>| matches!(token, Token::Word(_) | Token::Quoted(_));
        let fits = match (self, first) {
            (Self::Word(wanted), Token::Word(word)) => wanted.eq_ignore_ascii_case(word),
            (Self::Quoted(wanted), Token::Quoted(name)) => wanted == name,
            (Self::String(wanted), Token::Text(text)) => wanted == text,
            (Self::Digits(wanted), Token::Number(number)) => wanted == number,
            (Self::Mark(wanted), Token::Mark(mark)) => wanted == mark,
            (Self::Identifier, token) => is_name(token),
            (Self::Number, Token::Number(number)) => number.bytes().all(|byte| byte.is_ascii_digit()),
            (Self::Text, Token::Text(_)) => true,
            (Self::Table, token) => {
                return match tokens {
                    [_, Token::Mark('.'), name, ..] if is_name(token) && is_name(name) => Some(3),
                    _ => is_name(token).then_some(1),
                };
            }
            _ => false,
        };
        fits.then_some(1)
    }
}

impl FromStr for StatementPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::TooLong);
        }
        let tokens = tokenize(text).map_err(|error: SqlTextError| PatternError::Text(error.message()))?;
        let mut parts = Vec::new();
        let mut rest = tokens.as_slice();
        while let Some((token, after)) = rest.split_first() {
            rest = after;
            parts.push(match (token, after) {
                (Token::Mark('<'), [Token::Word(name), Token::Mark('>'), after @ ..]) => {
                    rest = after;
                    let found = PLACEHOLDERS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                    found.ok_or_else(|| PatternError::Placeholder((*name).to_owned()))?.1
                }
                (Token::Mark('<' | '>'), _) => return Err(PatternError::Angle),
                (Token::Mark(';'), _) => return Err(PatternError::SeveralStatements),
                (Token::Mark(mark), _) => Part::Mark(*mark),
                (Token::Word(word), _) => Part::Word((*word).to_owned()),
                (Token::Quoted(name), _) => Part::Quoted((*name).to_owned()),
                (Token::Text(text), _) => Part::String(text.clone().into_owned()),
                (Token::Number(number), _) => Part::Digits((*number).to_owned()),
            });
        }
        for pair in parts.windows(2) {
            match pair {
                [Part::Identifier | Part::Table, Part::Mark(mark @ ('.' | '('))]
                | [Part::Mark(mark @ '.'), Part::Identifier | Part::Table] => {
                    return Err(PatternError::Neighbour(*mark));
                }
                _ => {}
            }
        }
        match parts.first() {
            None => return Err(PatternError::Empty),
            Some(Part::Word(_)) => {}
            Some(_) => return Err(PatternError::Beginning),
        }
        let pattern = Self { parts, text: text.to_owned() };
        pattern.refusal().map_or(Ok(pattern), |reason| Err(PatternError::Refused(reason)))
    }
}

impl fmt::Display for StatementPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> StatementPattern {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn matches(text: &str, statement: &str) -> bool {
        pattern(text).matches(&tokenize(statement).unwrap())
    }

    #[test]
    fn placeholders_take_one_name_number_or_text() {
        for (pattern, statement) in [
            ("SHOW ROUTINE LOAD FROM <identifier>", "show routine load from sales"),
            ("SHOW ROUTINE LOAD FROM <identifier>", "SHOW ROUTINE LOAD /* all */ FROM `my db`"),
            ("PAUSE ROUTINE LOAD FOR <table>", "PAUSE ROUTINE LOAD FOR db.job"),
            ("PAUSE ROUTINE LOAD FOR <table>", "PAUSE ROUTINE LOAD FOR job"),
            (
                "CANCEL EXPORT FROM <identifier> WHERE QUERYID = <string>",
                "CANCEL EXPORT FROM db WHERE queryid = \"x\"",
            ),
            ("KILL <number>", "KILL 12"),
            ("SHOW PROC '/transactions'", "SHOW PROC \"/transactions\""),
        ] {
            assert!(matches(pattern, statement), "{pattern}: {statement}");
        }
        for (pattern, statement) in [
            ("SHOW ROUTINE LOAD FROM <identifier>", "SHOW ROUTINE LOAD FROM db.t"),
            ("SHOW ROUTINE LOAD FROM <identifier>", "SHOW ROUTINE LOAD FROM db WHERE sleep(1)"),
            ("SHOW ROUTINE LOAD FROM <identifier>", "SHOW ROUTINE LOAD FROM"),
            ("SHOW ROUTINE LOAD FROM <identifier>", "SHOW ROUTINE LOAD FROM 'db'"),
            ("PAUSE ROUTINE LOAD FOR <table>", "PAUSE ROUTINE LOAD FOR a.b.c"),
            ("PAUSE ROUTINE LOAD FOR <table>", "PAUSE ROUTINE LOAD FOR a."),
            ("KILL <number>", "KILL QUERY 12"),
            ("KILL <number>", "KILL 1e5"),
            ("KILL <number>", "KILL '12'"),
            ("SHOW PROC '/transactions'", "SHOW PROC '/TRANSACTIONS'"),
        ] {
            assert!(!matches(pattern, statement), "{pattern}: {statement}");
        }
    }

    #[test]
    fn a_bad_pattern_is_answered_with_the_way_out() {
        for (text, message) in [
            ("", "a pattern is a statement, such as"),
            ("SHOW LOAD; DROP TABLE a", "list each by itself"),
            ("<identifier> TABLE a", "begins with a word"),
            ("'x'", "begins with a word"),
            ("SHOW LOAD FROM <db>", "no placeholder `<db>`: use <identifier>"),
            ("SHOW LOAD WHERE a > 1", "stand around placeholders only"),
            ("SELECT <identifier>('x')", "could become another name or a function"),
            ("SHOW LOAD FROM <identifier>.<identifier>", "write the name out"),
            ("SHOW LOAD FROM a.<table>", "write the name out"),
            ("SHOW LOAD # all", "a comment that not every reader takes for one"),
            ("ADMIN SET FRONTEND CONFIG (<string> = <string>)", "frontendConfigKeys"),
            ("select * from FILES('path' = <string>)", "remote storage"),
            ("CREATE GLOBAL FUNCTION f", "code from elsewhere"),
            ("GRANT ALL ON a TO b", "who may do what"),
            ("SET PASSWORD = <string>", "passwords"),
            (&"x".repeat(1025), "at most 1024"),
        ] {
            let error = text.parse::<StatementPattern>().unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn what_changes_something_is_known_by_its_first_word() {
        assert!(!pattern("show load").changes());
        assert!(pattern("PAUSE ROUTINE LOAD FOR <table>").changes());
    }

    proptest! {
        /// What matches is one statement: nothing can be put after it.
        #[test]
        fn nothing_goes_on_after_a_match(more in "[a-z'\"`;.,() 0-9]{1,20}") {
            let pattern = pattern("PAUSE ROUTINE LOAD FOR <identifier>");
            if let Ok(tokens) = tokenize(&format!("PAUSE ROUTINE LOAD FOR job {more}")) {
                prop_assert_eq!(pattern.matches(&tokens), tokens.len() == 5);
            }
        }
    }
}
