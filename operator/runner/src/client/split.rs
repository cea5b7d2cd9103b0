//! A text of SQL as the MySQL client splits it: at `;`, `\g` and `\G`, but not in quotes and comments.
//!
//! What is sent is decided by the supervisor, which reads every statement anew: this only says where one ends.

/// A statement of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Without the mark that ends it, and without space around it.
    pub text: &'a str,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Whether `\G` ends it, so that each value has its line.
    pub vertical: bool,
}

/// A command of the client's own, such as `\!`, which a hook's `mysql` doesn't have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "at line {line}: the client command '\\{letter}' is not available in a hook: end statements with ; or \\G"
)]
pub struct CommandError {
    /// The line on which it stands, from 1.
    pub line: usize,
    /// Its letter.
    pub letter: char,
}

/// Splits a text. Each statement is read when it's asked for, as the client does: what stands before a fault is sent.
pub fn statements(text: &str) -> Statements<'_> {
    Statements { text, position: 0, line: 1 }
}

/// The statements of a text, in their order.
#[derive(Clone, Debug)]
pub struct Statements<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl<'a> Iterator for Statements<'a> {
    type Item = Result<Statement<'a>, CommandError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let begin = self.position;
            let end = match self.end() {
                Ok(end) => end,
                Err(error) => {
                    self.position = self.text.len();
                    return Some(Err(error));
                }
            };
            let whole = &self.text[begin..end.at];
            let text = whole.trim();
            let before = whole.len() - whole.trim_start().len();
            let line = self.line + lines(&whole[..before]);
            self.line += lines(&self.text[begin..end.next]);
            self.position = end.next;
            if !is_nothing(text) {
                return Some(Ok(Statement { text, line, vertical: end.vertical }));
            }
            if self.position >= self.text.len() {
                return None;
            }
        }
    }
}

struct End {
    at: usize,
    next: usize,
    vertical: bool,
}

fn lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

impl Statements<'_> {
    /// Where the statement at the position ends.
    fn end(&self) -> Result<End, CommandError> {
        let bytes = self.text.as_bytes();
        let mut at = self.position;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b';' => return Ok(End { at, next: at + 1, vertical: false }),
                b'\'' | b'"' | b'`' => at = after_quote(bytes, at),
                b'#' => at = after_line(bytes, at),
                b'-' if is_line_comment(bytes, at) => at = after_line(bytes, at),
                b'/' if bytes.get(at + 1) == Some(&b'*') => at = after_comment(bytes, at),
                b'\\' => match bytes.get(at + 1) {
                    Some(b'G') => return Ok(End { at, next: at + 2, vertical: true }),
                    Some(b'g') => return Ok(End { at, next: at + 2, vertical: false }),
                    _ => {
                        let letter = self.text[at + 1..].chars().next().unwrap_or(' ');
                        let line = self.line + lines(&self.text[self.position..at]);
                        return Err(CommandError { line, letter });
                    }
                },
                _ => at += 1,
            }
        }
        Ok(End { at: bytes.len(), next: bytes.len(), vertical: false })
    }
}

fn is_line_comment(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1) == Some(&b'-') && matches!(bytes.get(at + 2), None | Some(b' ' | b'\t' | b'\n'))
}

fn after_line(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end)
}

fn after_comment(bytes: &[u8], at: usize) -> usize {
    let end = bytes[at + 2..].windows(2).position(|pair| pair == b"*/");
    end.map_or(bytes.len(), |end| at + 2 + end + 2)
}

/// Behind the end of a text in quotes: a backslash takes the next character along, other than in backticks.
fn after_quote(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let mut at = at + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote != b'`' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Whether there is nothing to send: space and comments that nobody runs.
fn is_nothing(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'#' => at = after_line(bytes, at),
            b'-' if is_line_comment(bytes, at) => at = after_line(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') && !matches!(bytes.get(at + 2), Some(b'!' | b'+')) => {
                at = after_comment(bytes, at);
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(String, usize, bool)> {
        statements(text)
            .map(|found| found.map(|found| (found.text.to_owned(), found.line, found.vertical)).unwrap())
            .collect()
    }

    fn texts(text: &str) -> Vec<String> {
        split(text).into_iter().map(|(text, ..)| text).collect()
    }

    #[test]
    fn statements_end_at_marks_outside_of_quotes_and_comments() {
        assert_eq!(
            texts("SELECT ';' ; SELECT \"a\\\";b\";SELECT `;`"),
            ["SELECT ';'", "SELECT \"a\\\";b\"", "SELECT `;`"]
        );
        assert_eq!(
            texts("SELECT 1 -- a;b\n; SELECT 2 # c;d\n; SELECT /* ; */ 3"),
            ["SELECT 1 -- a;b", "SELECT 2 # c;d", "SELECT /* ; */ 3"]
        );
        assert_eq!(texts(" ;; -- nothing\n /* nothing */ ; # nothing"), [""; 0]);
        assert_eq!(texts("SELECT 1--1"), ["SELECT 1--1"]);
        assert_eq!(texts("SELECT 'a''b;c'"), ["SELECT 'a''b;c'"]);
    }

    #[test]
    fn a_statement_knows_its_line_and_its_form() {
        assert_eq!(
            split("\nSELECT\n1;\n\n  SELECT 2\\G SELECT 3\\g"),
            [
                ("SELECT\n1".to_owned(), 2, false),
                ("SELECT 2".to_owned(), 5, true),
                ("SELECT 3".to_owned(), 5, false),
            ]
        );
    }

    #[test]
    fn a_command_of_the_client_stops_it_after_what_stands_before() {
        let mut found = statements("SELECT 1;\nSELECT 2 \\! id");
        assert_eq!(found.next().unwrap().unwrap().text, "SELECT 1");
        let error = found.next().unwrap().unwrap_err();
        assert_eq!((error.line, error.letter), (2, '!'));
        assert_eq!(found.next(), None);
    }

    #[test]
    fn what_is_torn_off_ends_at_the_end() {
        for text in ["SELECT 'a", "SELECT \"a\\", "SELECT /* x", "SELECT `", "SELECT '\\"] {
            assert_eq!(texts(text), [text]);
        }
    }
}
