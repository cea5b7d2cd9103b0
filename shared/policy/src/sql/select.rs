//! `SELECT`: reading from the cluster's own tables with built-in functions.

use super::functions::{is_allowed, is_keyword};
use super::lexer::Token;
use super::reader::Reader;

/// Keywords that turn a query into something else, or reach outside the cluster. `FILES` and `TABLE` are
/// functions that read from elsewhere; they are refused wherever a parenthesis follows.
const REFUSED_WORDS: &[(&str, &str)] = &[
    ("INTO", "SELECT … INTO writes files or variables"),
    ("OUTFILE", "it writes files"),
    ("DUMPFILE", "it writes files"),
    ("UPDATE", "it changes data"),
    ("DELETE", "it changes data"),
    ("INSERT", "it changes data"),
    ("DROP", "it changes data"),
    ("TRUNCATE", "it changes data"),
    ("ALTER", "it changes the cluster"),
    ("CREATE", "it changes the cluster"),
    ("GRANT", "it changes rights"),
    ("LOAD", "it loads data"),
    ("EXPORT", "it writes files"),
    ("ANALYZE", "it runs the query"),
    ("BROKER", "it reaches an external system"),
    ("LATERAL", "table functions are not allowed"),
    ("UNNEST", "table functions are not allowed"),
    ("GENERATE_SERIES", "table functions are not allowed"),
    ("DELIMITER", "the mysql client takes it for a command of its own"),
];

/// Checks a query, from `SELECT`. Returns whether all columns of its answer are numbers.
pub(super) fn check(tokens: &[Token<'_>]) -> Result<bool, String> {
    if !is_word(tokens.first(), "SELECT") {
        return Err("it is not one of the statements that a hook may send".to_owned());
    }
    condition(tokens)?;
    three_part_names(tokens)?;
    Ok(yields_numbers(tokens))
}

/// Checks the rest of a statement for what a query must not have.
pub(super) fn condition(tokens: &[Token<'_>]) -> Result<(), String> {
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1);
        match token {
            Token::Word(word) => {
                let upper = word.to_ascii_uppercase();
                if let Some((_, reason)) = REFUSED_WORDS.iter().find(|(refused, _)| *refused == upper) {
                    return Err((*reason).to_owned());
                }
                refuse_function(tokens, index)?;
            }
            Token::Quoted(_) => refuse_function(tokens, index)?,
            Token::Mark(mark) if !"()*,.=<>!+-/%|&^~".contains(*mark) => {
                return Err(format!("a query with the character `{mark}` is not allowed"));
            }
            Token::Text(_) if matches!(next, Some(Token::Mark('.'))) => {
                return Err("a name in quotes is not allowed: use backticks".to_owned());
            }
            _ => {}
        }
    }
    balanced(tokens)
}

/// What is refused before a parenthesis even where it is only a name.
const REFUSED_NAMES: &[&str] = &["FILES", "TABLE", "SLEEP"];

/// Whether the token at an index names a table by `AS`, which the names of its columns follow: `AS t (a, b)`.
fn names_columns(tokens: &[Token<'_>], index: usize, name: &str) -> bool {
    let before = index.checked_sub(1).and_then(|before| tokens.get(before));
    is_word(before, "AS")
        && !REFUSED_NAMES.iter().any(|refused| refused.eq_ignore_ascii_case(name))
        && Reader::new(&tokens[index + 1..]).names_in_parentheses()
}

/// Refuses a function that is called and is not of StarRocks, or does more than compute.
fn refuse_function(tokens: &[Token<'_>], index: usize) -> Result<(), String> {
    if tokens.get(index + 1) != Some(&Token::Mark('(')) {
        return Ok(());
    }
    let harmless = match &tokens[index] {
        Token::Word(word) => is_keyword(word) || is_allowed(word) || names_columns(tokens, index, word),
        Token::Quoted(word) => is_allowed(word) || names_columns(tokens, index, word),
        _ => true,
    };
    match &tokens[index] {
        Token::Word(word) | Token::Quoted(word) if !harmless => {
            Err(format!("{word} is not one of StarRocks' functions that only compute"))
        }
        _ => Ok(()),
    }
}

/// Refuses anything that is called, and queries, which may call and read anything.
pub(super) fn without_functions(tokens: &[Token<'_>]) -> Result<(), String> {
    if tokens.iter().any(|token| is_word(Some(token), "SELECT")) {
        return Err("a query is not allowed here".to_owned());
    }
    for window in tokens.windows(2) {
        let [name, Token::Mark('(')] = window else { continue };
        match name {
            Token::Word(word)
                if ["IN", "AND", "OR", "NOT"].iter().any(|keyword| keyword.eq_ignore_ascii_case(word)) => {}
            Token::Word(word) | Token::Quoted(word) => {
                return Err(format!("the function {word} is not allowed here"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn balanced(tokens: &[Token<'_>]) -> Result<(), String> {
    let mut depth = 0_usize;
    for token in tokens {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.checked_sub(1).ok_or("its parentheses do not match")?,
            _ => {}
        }
    }
    if depth == 0 { Ok(()) } else { Err("its parentheses do not match".to_owned()) }
}

/// A name of three parts is one of another catalog, which is an external system; so is a function of two
/// parts, which a user has defined.
fn three_part_names(tokens: &[Token<'_>]) -> Result<(), String> {
    // What has digits only is a name for some readers, between points.
    let is_name = |token: &Token<'_>| matches!(token, Token::Word(_) | Token::Quoted(_) | Token::Number(_));
    for window in tokens.windows(4) {
        if let [first, Token::Mark('.'), second, Token::Mark(mark)] = window
            && is_name(first)
            && is_name(second)
        {
            match mark {
                '.' => return Err("a name of three parts belongs to another catalog".to_owned()),
                '(' => return Err("functions that users have defined are not allowed".to_owned()),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether every selected column is `count(…)`, `sum(…)`, `min(…)`, `max(…)`, or a number.
fn yields_numbers(tokens: &[Token<'_>]) -> bool {
    let end = tokens.iter().position(|token| is_word(Some(token), "FROM")).unwrap_or(tokens.len());
    let mut depth = 0_usize;
    let columns = tokens[1..end].split(|token| {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == Token::Mark(',')
    });
    let mut columns = columns.peekable();
    let selects = tokens.iter().filter(|token| is_word(Some(token), "SELECT")).count();
    columns.peek().is_some()
        && columns.all(|column| is_numeric_column(column, selects == 1))
        && !tokens.iter().any(|token| is_word(Some(token), "UNION"))
}

/// Whether a column is a number; `is_plain` says that nothing but tables is selected from, so that what a
/// column of theirs is called tells where its values come from.
fn is_numeric_column(column: &[Token<'_>], is_plain: bool) -> bool {
    match column {
        [Token::Number(number)] => number.bytes().all(|byte| byte.is_ascii_digit()),
        [Token::Word(function), Token::Mark('('), rest @ ..] => {
            let is = |names: [&str; 2]| names.iter().any(|name| name.eq_ignore_ascii_case(function));
            let mut depth = 1_usize;
            let close = rest.iter().position(|token| {
                match token {
                    Token::Mark('(') => depth += 1,
                    Token::Mark(')') => depth -= 1,
                    _ => {}
                }
                depth == 0
            });
            // After the call at most a name for the column follows.
            let after = close.map_or(&[][..], |close| &rest[close + 1..]);
            // The least of texts is a text, which the statement itself could bring along.
            let is_column = |token: &Token<'_>| {
                matches!(token, Token::Word(_) | Token::Quoted(_) | Token::Number(_) | Token::Mark('.'))
            };
            let of_column = is_plain && close.is_some_and(|close| rest[..close].iter().all(is_column));
            (is(["count", "sum"]) || is(["min", "max"]) && of_column)
                && close.is_some()
                && matches!(
                    after,
                    [] | [Token::Word(_)] | [Token::Word(_), Token::Word(_) | Token::Quoted(_)]
                )
        }
        _ => false,
    }
}

fn is_word(token: Option<&Token<'_>>, keyword: &str) -> bool {
    matches!(token, Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword))
}
