//! SQL text → tokens with their places.

/// A token and where it stands in the text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// A keyword or a name.
    Word(String),
    /// A name in backticks.
    Name(String),
    /// Text in single or double quotes.
    Text(String),
    /// A number.
    Number(String),
    /// Any other character; `@@` and two-character comparisons come as two.
    Symbol(char),
}

/// A quotation that doesn't end; where it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unterminated(pub usize);

/// Splits the text; comments and white space are left out.
pub fn tokens(text: &str) -> Result<Vec<Token>, Unterminated> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        if let Some(length) = comment(rest).ok_or(Unterminated(at))? {
            at += length;
            continue;
        }
        let (kind, length) = match c {
            '\'' | '"' => {
                quoted(rest, c).map(|(text, n)| (TokenKind::Text(text), n)).ok_or(Unterminated(at))?
            }
            '`' => quoted(rest, c).map(|(text, n)| (TokenKind::Name(text), n)).ok_or(Unterminated(at))?,
            c if c.is_ascii_digit() => {
                let n = length_while(rest, |c| c.is_ascii_digit() || c == '.');
                (TokenKind::Number(rest[..n].to_owned()), n)
            }
            c if c.is_alphabetic() || c == '_' => {
                let n = length_while(rest, |c| c.is_alphanumeric() || c == '_' || c == '$');
                (TokenKind::Word(rest[..n].to_owned()), n)
            }
            other => (TokenKind::Symbol(other), other.len_utf8()),
        };
        tokens.push(Token { kind, start: at, end: at + length });
        at += length;
    }
    Ok(tokens)
}

fn length_while(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

/// The length of a comment at the start, if there is one; None when it doesn't end.
fn comment(text: &str) -> Option<Option<usize>> {
    let line = text.starts_with('#') || text.starts_with("-- ") || text.starts_with("--\n") || text == "--";
    if line {
        return Some(Some(text.find('\n').unwrap_or(text.len())));
    }
    match text.strip_prefix("/*") {
        Some(inside) => inside.find("*/").map(|end| Some(end + 4)),
        None => Some(None),
    }
}

/// A quotation at the start: its content and its length with the quotes.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
                content.push(quote);
                continue;
            }
            return Some((content, at + c.len_utf8()));
        }
        if c == '\\' && quote != '`' {
            let (_, escaped) = chars.next()?;
            match escaped {
                'n' => content.push('\n'),
                't' => content.push('\t'),
                'r' => content.push('\r'),
                '0' => content.push('\0'),
                // LIKE needs to see these.
                '%' | '_' => content.extend(['\\', escaped]),
                other => content.push(other),
            }
            continue;
        }
        content.push(c);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokens(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn quotes_escapes_and_comments() {
        let text = "SET -- x\n /* y */ 'it''s' \"a\\\"b\" `n` 1.5 # z";
        assert_eq!(
            kinds(text),
            [
                TokenKind::Word("SET".into()),
                TokenKind::Text("it's".into()),
                TokenKind::Text("a\"b".into()),
                TokenKind::Name("n".into()),
                TokenKind::Number("1.5".into()),
            ]
        );
    }

    #[test]
    fn what_does_not_end_is_found_where_it_began() {
        for (text, at) in [("a 'b", 2), ("`", 0), ("a /* b", 2), ("'\\", 0)] {
            assert_eq!(tokens(text), Err(Unterminated(at)), "{text}");
        }
    }
}
