//! Commands of the mysql client that run programs.

/// The commands that begin a line, where no statement has begun.
const NAMED: &[&str] = &["system", "pager", "edit"];

/// The command by which the client runs a program when it reads a text: `\!`, `system` and the like. What stands in quotes
/// and comments is none.
pub(crate) fn runs_programs(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let (mut index, mut fresh) = (0, true);
    while let Some(byte) = bytes.get(index) {
        let rest = &bytes[index..];
        index += match byte {
            quote @ (b'\'' | b'"' | b'`') => quoted(rest, *quote),
            b'#' => line(rest),
            b'-' if rest.starts_with(b"--") && rest.get(2).is_none_or(u8::is_ascii_whitespace) => line(rest),
            b'/' if rest.starts_with(b"/*") => {
                rest.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |at| at + 2)
            }
            b'\\' => match rest.get(1) {
                Some(b'!') => return Some("\\!"),
                Some(b'P') => return Some("\\P"),
                Some(b'e') => return Some("\\e"),
                // They end a statement.
                Some(b'g' | b'G') => {
                    fresh = true;
                    2
                }
                _ => 2,
            },
            b';' => {
                fresh = true;
                1
            }
            byte if byte.is_ascii_whitespace() => 1,
            _ => {
                let word = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let ends = rest.get(word).is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b';');
                let is = |name: &&&str| rest[..word].eq_ignore_ascii_case(name.as_bytes());
                if let Some(name) = NAMED.iter().find(is).filter(|_| std::mem::take(&mut fresh) && ends) {
                    return Some(name);
                }
                fresh = false;
                word.max(1)
            }
        };
    }
    None
}

/// How long a text in quotes is.
fn quoted(text: &[u8], quote: u8) -> usize {
    let mut index = 1;
    while let Some(byte) = text.get(index) {
        index += match *byte {
            byte if byte == quote => return index + 1,
            b'\\' if quote != b'`' => 2,
            _ => 1,
        };
    }
    text.len()
}

fn line(text: &[u8]) -> usize {
    text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_the_client_runs() {
        for (text, command) in [
            ("\\! curl x", "\\!"),
            ("SELECT 1; \\! curl x", "\\!"),
            ("SELECT 'a\\'b' \\! curl x", "\\!"),
            ("system curl x", "system"),
            ("SELECT 1;\n  SYSTEM curl x", "system"),
            ("SELECT 1\\G\npager sh", "pager"),
            ("-- it's\nsystem x", "system"),
            ("/* ' */ \\P sh", "\\P"),
        ] {
            assert_eq!(runs_programs(text), Some(command), "{text}");
        }
        for text in [
            "SELECT '\\! curl', \"system\", `\\!`",
            "SELECT system FROM t\nWHERE system = 1",
            "SELECT 1 -- \\! curl\n# \\! x\n/* \\! */",
            "systems",
            "system.t",
            "SELECT 1\\G",
            "SELECT 'a",
            "",
        ] {
            assert_eq!(runs_programs(text), None, "{text}");
        }
    }
}
