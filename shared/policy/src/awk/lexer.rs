//! Tokens of awk. Where awks disagree about what a slash begins, the program is refused.

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or keyword.
    Name(&'a str),
    /// A number.
    Number(&'a str),
    /// A text in double quotes; its content does not matter.
    Text(&'a str),
    /// A regular expression.
    Regex,
    /// `>>`
    Append,
    /// `||`, `&&`, `>=`, `<=`, `==`, `!=`, `++`, `--` and assignments.
    Operator,
    /// Another character; a newline among them.
    Mark(char),
}

pub(super) fn tokenize(program: &str) -> Result<Vec<Token<'_>>, String> {
    let bytes = program.as_bytes();
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut pos = 0;
    while let Some(&byte) = bytes.get(pos) {
        let next = bytes.get(pos + 1).copied();
        match byte {
            b' ' | b'\t' => pos += 1,
            b'#' => pos = end_of_line(bytes, pos),
            b'\\' if next == Some(b'\n') => pos += 2,
            b'"' => {
                let end = text_end(bytes, pos)?;
                tokens.push(Token::Text(program.get(pos + 1..end).unwrap_or_default()));
                pos = end + 1;
            }
            b'/' if divides(tokens.last()) => {
                // After `)` some awks begin a regular expression here; with another slash on the line it
                // could be one.
                let closes = tokens.last() == Some(&Token::Mark(')'));
                let line = &bytes[pos + 1..end_of_line(bytes, pos)];
                if closes && line.contains(&b'/') {
                    return Err("a slash after `)` is read in two ways when there is another one".to_owned());
                }
                tokens.push(Token::Mark('/'));
                pos += 1;
            }
            b'/' => {
                pos = regex_end(bytes, pos)? + 1;
                tokens.push(Token::Regex);
            }
            b'0'..=b'9' | b'.' => {
                let end = end_of(bytes, pos, |byte| byte.is_ascii_alphanumeric() || byte == b'.');
                tokens.push(Token::Number(&program[pos..end]));
                pos = end;
            }
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let end = end_of(bytes, pos, |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                tokens.push(Token::Name(&program[pos..end]));
                pos = end;
            }
            b'>' if next == Some(b'>') => {
                tokens.push(Token::Append);
                pos += 2;
            }
            b'|' | b'&' if next == Some(byte) => {
                tokens.push(Token::Operator);
                pos += 2;
            }
            // A postfix `++` ends an operand, so that a slash after it divides; a prefix one does not.
            b'+' | b'-' if next == Some(byte) => {
                if divides(tokens.last()) && bytes.get(pos + 2) == Some(&b'/') {
                    return Err("a slash after `++` or `--` is read in two ways".to_owned());
                }
                tokens.push(Token::Operator);
                pos += 2;
            }
            b'+' | b'-' | b'*' | b'%' | b'^' | b'<' | b'>' | b'=' | b'!' if next == Some(b'=') => {
                tokens.push(Token::Operator);
                pos += 2;
            }
            b'(' | b')' | b'[' | b']' | b'{' | b'}' | b';' | b',' | b'\n' | b'$' | b'+' | b'-' | b'*'
            | b'%' | b'^' | b'<' | b'>' | b'=' | b'!' | b'~' | b'?' | b':' | b'|' => {
                tokens.push(Token::Mark(char::from(byte)));
                pos += 1;
            }
            _ => {
                let character = program[pos..].chars().next().unwrap_or('?');
                return Err(format!("the character `{character}` is not allowed in awk"));
            }
        }
    }
    Ok(tokens)
}

/// Whether a slash after this token divides.
fn divides(token: Option<&Token<'_>>) -> bool {
    match token {
        Some(Token::Number(_) | Token::Text(_)) => true,
        Some(Token::Name(name)) => !matches!(
            *name,
            "return" | "in" | "print" | "printf" | "else" | "do" | "exit" | "case" | "BEGIN" | "END"
        ),
        Some(Token::Mark(mark)) => matches!(mark, ')' | ']' | '$'),
        _ => false,
    }
}

fn end_of(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[start..].iter().position(|byte| !belongs(*byte)).map_or(bytes.len(), |at| start + at)
}

fn end_of_line(bytes: &[u8], start: usize) -> usize {
    end_of(bytes, start, |byte| byte != b'\n')
}

fn text_end(bytes: &[u8], start: usize) -> Result<usize, String> {
    let mut pos = start + 1;
    loop {
        match bytes.get(pos) {
            None | Some(b'\n') => return Err("a text has no end".to_owned()),
            Some(b'"') => return Ok(pos),
            Some(b'\\') => pos += 2,
            Some(_) => pos += 1,
        }
    }
}

/// The end of a regular expression. A slash inside brackets ends it for some awks only.
fn regex_end(bytes: &[u8], start: usize) -> Result<usize, String> {
    let mut pos = start + 1;
    let mut bracket: Option<usize> = None;
    loop {
        match bytes.get(pos) {
            None | Some(b'\n') => return Err("a regular expression has no end".to_owned()),
            Some(b'\\') => pos += 1,
            Some(b'[') if bracket.is_none() => bracket = Some(pos),
            // A bracket right after the opening one, or after `^`, is a character.
            Some(b']') => {
                let first =
                    bracket.map(|open| if bytes.get(open + 1) == Some(&b'^') { open + 2 } else { open + 1 });
                if first != Some(pos) {
                    bracket = None;
                }
            }
            Some(b'/') if bracket.is_some() => {
                return Err(
                    "a slash inside brackets is read in two ways: write it as `\\/` outside".to_owned()
                );
            }
            Some(b'/') => return Ok(pos),
            Some(_) => {}
        }
        pos += 1;
    }
}
