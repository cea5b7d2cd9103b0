//! Tokens of SQL. Only what cannot be read in two ways is accepted.

use std::borrow::Cow;

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A name or keyword without quotes, as it is written; `0x1F` as well, which reads like a name.
    Word(&'a str),
    /// A name in backticks.
    Quoted(&'a str),
    /// A text in either quote.
    Text(Cow<'a, str>),
    /// A number.
    Number(&'a str),
    /// Any other character.
    Mark(char),
}

/// What is wrong with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SqlTextError {
    /// A character beyond ASCII.
    NotAscii,
    /// A backslash, other than a final `\G`.
    Backslash,
    /// `#` or `--` without a space: a comment for some readers and not for others.
    Comment,
    /// `/*!`, `/*+`, `/*M`, or a comment with a quote or `;` inside.
    ExecutableComment,
    /// A comment, a text or a quoted name without an end.
    Unterminated,
    /// `$`, `@` or a control character.
    Character(char),
}

impl SqlTextError {
    /// What is wrong, in words.
    pub(crate) fn message(self) -> String {
        match self {
            Self::NotAscii => "SQL has a character beyond ASCII".to_owned(),
            Self::Backslash => {
                "SQL has a backslash, which the mysql client takes for a command of its own".to_owned()
            }
            Self::Comment => "SQL has a comment that not every reader takes for one".to_owned(),
            Self::ExecutableComment => "SQL has a comment that can be run or can hide a statement".to_owned(),
            Self::Unterminated => "SQL has a text, a quoted name or a comment without an end".to_owned(),
            Self::Character(character) => format!("SQL has the character `{character}`"),
        }
    }
}

/// Splits a text into tokens.
pub(crate) fn tokenize(text: &str) -> Result<Vec<Token<'_>>, SqlTextError> {
    let text = text.trim_end();
    // A final `\G` only changes how the answer is printed.
    let text = text.strip_suffix("\\G").unwrap_or(text);
    let bytes = text.as_bytes();
    if !bytes.is_ascii() {
        return Err(SqlTextError::NotAscii);
    }
    if bytes.contains(&b'\\') {
        return Err(SqlTextError::Backslash);
    }
    let mut tokens = Vec::new();
    let mut pos = 0;
    while let Some(&byte) = bytes.get(pos) {
        match byte {
            b' ' | b'\t' | b'\n' => pos += 1,
            b'#' => return Err(SqlTextError::Comment),
            b'-' if bytes.get(pos + 1) == Some(&b'-') => {
                if !matches!(bytes.get(pos + 2), None | Some(b' ' | b'\t' | b'\n')) {
                    return Err(SqlTextError::Comment);
                }
                let end =
                    bytes[pos..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| pos + at);
                hidden(&bytes[pos..end])?;
                pos = end;
            }
            b'/' if bytes.get(pos + 1) == Some(&b'*') => {
                let length = text[pos + 2..].find("*/").ok_or(SqlTextError::Unterminated)?;
                let inside = &bytes[pos + 2..pos + 2 + length];
                if matches!(inside.first(), Some(b'!' | b'+' | b'M')) {
                    return Err(SqlTextError::ExecutableComment);
                }
                hidden(inside)?;
                pos += length + 4;
            }
            b'`' => {
                // A doubled backtick would be one in the name.
                let end = find(bytes, pos + 1, byte)?;
                if bytes.get(end + 1) == Some(&byte) {
                    return Err(SqlTextError::Character('`'));
                }
                tokens.push(Token::Quoted(&text[pos + 1..end]));
                pos = end + 1;
            }
            b'\'' | b'"' => {
                let (value, next) = quoted(text, pos, byte)?;
                tokens.push(Token::Text(value));
                pos = next;
            }
            b'0'..=b'9' => {
                // A name may begin with a digit: `2024db`.
                let (number, word) = (end_of_number(bytes, pos), end_of(bytes, pos, is_of_name));
                let token = if number >= word { Token::Number } else { Token::Word };
                let end = number.max(word);
                tokens.push(token(&text[pos..end]));
                pos = end;
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let end = end_of(bytes, pos, is_of_name);
                tokens.push(Token::Word(&text[pos..end]));
                pos = end;
            }
            b'@' | b'$' | b':' | b'{' | b'}' | b'?' => return Err(SqlTextError::Character(char::from(byte))),
            byte if byte.is_ascii_graphic() => {
                tokens.push(Token::Mark(char::from(byte)));
                pos += 1;
            }
            byte => return Err(SqlTextError::Character(char::from(byte))),
        }
    }
    Ok(tokens)
}

fn end_of(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[start..].iter().position(|byte| !belongs(*byte)).map_or(bytes.len(), |at| start + at)
}

/// Whether a byte may stand in a name without quotes.
fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the number ends that begins at `start`: digits, which an exponent may follow.
fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let is_digit = |byte: u8| byte.is_ascii_digit();
    let digits = end_of(bytes, start, is_digit);
    let exponent = match bytes.get(digits..) {
        Some([b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..]) => digits + 2,
        Some([b'e' | b'E', b'0'..=b'9', ..]) => digits + 1,
        _ => return digits,
    };
    end_of(bytes, exponent, is_digit)
}

/// A comment must not hide what ends a text or a statement for another reader.
fn hidden(comment: &[u8]) -> Result<(), SqlTextError> {
    if comment.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'`' | b';')) {
        return Err(SqlTextError::ExecutableComment);
    }
    Ok(())
}

/// The place of the next quote.
fn find(bytes: &[u8], start: usize, quote: u8) -> Result<usize, SqlTextError> {
    let at = bytes[start..].iter().position(|byte| *byte == quote).ok_or(SqlTextError::Unterminated)?;
    Ok(start + at)
}

/// A text in quotes from `start`, and where it ends. A doubled quote is one quote.
fn quoted(text: &str, start: usize, quote: u8) -> Result<(Cow<'_, str>, usize), SqlTextError> {
    let mut value = Cow::Borrowed("");
    let mut pos = start + 1;
    loop {
        let end = find(text.as_bytes(), pos, quote)?;
        value += &text[pos..end];
        if text.as_bytes().get(end + 1) != Some(&quote) {
            return Ok((value, end + 1));
        }
        value += &text[end..=end];
        pos = end + 2;
    }
}
