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
    /// `||`, `&&`, `>=`, `<=`, `==`, `!=` and assignments.
    Operator,
    /// `++` and `--`
    Step,
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
            b'/' => match slash(tokens.last()) {
                Slash::Divides => {
                    // After `)` some awks begin a regular expression here; with another slash on the line it
                    // could be one.
                    let closes = tokens.last() == Some(&Token::Mark(')'));
                    let line = &bytes[pos + 1..end_of_line(bytes, pos)];
                    if closes && line.contains(&b'/') {
                        return Err(
                            "a slash after `)` is read in two ways when there is another one".to_owned()
                        );
                    }
                    tokens.push(Token::Mark('/'));
                    pos += 1;
                }
                Slash::Begins => {
                    pos = regex_end(bytes, pos)? + 1;
                    tokens.push(Token::Regex);
                }
                Slash::Unclear => {
                    return Err("awks disagree about what this slash begins: use parentheses".to_owned());
                }
            },
            b'0'..=b'9' | b'.' => {
                let end = number_end(bytes, pos)?;
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
            b'+' | b'-' if next == Some(byte) => {
                tokens.push(Token::Step);
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

/// What a slash is.
enum Slash {
    /// It divides.
    Divides,
    /// It begins a regular expression.
    Begins,
    /// That depends on the awk.
    Unclear,
}

/// What a slash after this token is. It is only said where all awks agree: after an operand it divides,
/// where an operand is expected it begins a regular expression. After `++`, `$`, a regular expression, or
/// the name of a function some read it in one way, some in the other.
fn slash(token: Option<&Token<'_>>) -> Slash {
    match token {
        None | Some(Token::Operator) => Slash::Begins,
        Some(Token::Number(_) | Token::Text(_)) => Slash::Divides,
        Some(Token::Name(name)) => match *name {
            "return" | "print" | "printf" | "else" | "do" | "exit" => Slash::Begins,
            name if super::KEYWORDS.contains(&name) || super::FUNCTIONS.contains(&name) => Slash::Unclear,
            _ => Slash::Divides,
        },
        Some(Token::Mark(mark)) => match mark {
            ')' | ']' => Slash::Divides,
            '(' | ',' | '{' | '}' | ';' | '\n' | '!' | '~' | '?' | ':' | '=' => Slash::Begins,
            _ => Slash::Unclear,
        },
        Some(Token::Regex | Token::Append | Token::Step) => Slash::Unclear,
    }
}

fn end_of(bytes: &[u8], start: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[start..].iter().position(|byte| !belongs(*byte)).map_or(bytes.len(), |at| start + at)
}

/// The end of a decimal number. A letter that touches it begins a name for every awk, or belongs to the number for one.
fn number_end(bytes: &[u8], start: usize) -> Result<usize, String> {
    let digits = |from: usize| end_of(bytes, from, |byte| byte.is_ascii_digit());
    let whole = digits(start);
    let mut end = whole;
    if bytes.get(whole) == Some(&b'.') {
        end = digits(whole + 1);
        if whole == start && end == whole + 1 {
            return Err("a point that is not in a number is not allowed in awk".to_owned());
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(signed);
        end = if exponent > signed { exponent } else { end };
    }
    match bytes.get(end) {
        Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') => {
            Err("a number and a name that touch are read in two ways: put a space between them".to_owned())
        }
        _ => Ok(end),
    }
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
            Some(b'\\') if bytes.get(pos + 1) == Some(&b'\n') => {
                return Err("a text goes over the end of its line".to_owned());
            }
            Some(b'\\') => pos += 2,
            Some(_) => pos += 1,
        }
    }
}

/// The end of a regular expression. A slash inside brackets ends it for some awks only, and some know no
/// `[:class:]`, so there may be no slash behind a bracket that one or the other takes for open.
fn regex_end(bytes: &[u8], start: usize) -> Result<usize, String> {
    let mut pos = start + 1;
    let mut plain: Option<usize> = None;
    let mut classed: Option<usize> = None;
    loop {
        match bytes.get(pos) {
            None | Some(b'\n') => return Err("a regular expression has no end".to_owned()),
            Some(b'\\') if bytes.get(pos + 1) == Some(&b'\n') => {
                return Err("a regular expression goes over the end of its line".to_owned());
            }
            Some(b'\\') if (plain.is_some() || classed.is_some()) && bytes.get(pos + 1) == Some(&b']') => {
                return Err("a backslash before `]` is read in two ways".to_owned());
            }
            Some(b'\\') => pos += 1,
            Some(b'[') => {
                plain = plain.or(Some(pos));
                let class = matches!(bytes.get(pos + 1), Some(b':' | b'.' | b'='));
                if classed.is_some() && class {
                    // Up to `:]`, which does not close the bracket.
                    let mark = bytes[pos + 1];
                    let rest = &bytes[pos + 2..end_of_line(bytes, pos)];
                    if let Some(at) = rest.windows(2).position(|pair| pair == [mark, b']']) {
                        if rest[..at].contains(&b'/') {
                            return Err(SLASH_IN_BRACKETS.to_owned());
                        }
                        plain = None;
                        pos += 2 + at + 1;
                    }
                } else {
                    classed = classed.or(Some(pos));
                }
            }
            // A bracket right after the opening one, or after `^`, is a character.
            Some(b']') => {
                let closes = |open: usize| {
                    let first = if bytes.get(open + 1) == Some(&b'^') { open + 2 } else { open + 1 };
                    first != pos
                };
                plain = plain.filter(|open| !closes(*open));
                classed = classed.filter(|open| !closes(*open));
            }
            Some(b'/') if plain.is_some() || classed.is_some() => return Err(SLASH_IN_BRACKETS.to_owned()),
            Some(b'/') => return Ok(pos),
            Some(_) => {}
        }
        pos += 1;
    }
}

const SLASH_IN_BRACKETS: &str = "a slash inside brackets is read in two ways: write it as `\\/` outside";
