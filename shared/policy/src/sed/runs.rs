//! Whether a sed script runs programs, read as leniently as GNU sed reads it.

/// Whether a script runs a program by `e`, as a command or as a flag of `s`.
pub(crate) fn runs_programs(script: &str) -> bool {
    let mut rest = script.as_bytes();
    loop {
        rest = after(rest, |byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'{' | b'}' | b'!'));
        rest = without_addresses(rest);
        let Some((command, arguments)) = rest.split_first() else { return false };
        rest = match command {
            b'e' => return true,
            b's' | b'y' => {
                let Some((delimiter, parts)) = arguments.split_first() else { return false };
                let first = if *command == b's' { expression } else { part };
                let flags = part(first(parts, *delimiter), *delimiter);
                let end = flags.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(flags.len());
                // What follows `w` is the name of a file.
                let mut read = flags[..end].split(|byte| *byte == b'w');
                if *command == b's' && read.next().is_some_and(|flags| flags.contains(&b'e')) {
                    return true;
                }
                if flags[..end].contains(&b'w') { line(flags) } else { &flags[end..] }
            }
            // Texts and the names of files reach to the end of the line.
            b'a' | b'i' | b'c' | b'r' | b'R' | b'w' | b'W' | b'#' => line(arguments),
            b':' | b'b' | b't' | b'T' => after(arguments, |byte| !matches!(byte, b';' | b'\n' | b'}')),
            _ => arguments,
        };
    }
}

/// What follows the bytes of a kind.
fn after(text: &[u8], belongs: impl Fn(u8) -> bool) -> &[u8] {
    &text[text.iter().position(|byte| !belongs(*byte)).unwrap_or(text.len())..]
}

/// What follows the addresses of a command.
fn without_addresses(mut text: &[u8]) -> &[u8] {
    loop {
        text = match text {
            [b'/', rest @ ..] => after(expression(rest, b'/'), |byte| matches!(byte, b'I' | b'M')),
            [b'\\', delimiter, rest @ ..] => {
                after(expression(rest, *delimiter), |byte| matches!(byte, b'I' | b'M'))
            }
            [b'0'..=b'9' | b'$' | b',' | b'~' | b'+' | b'!', rest @ ..] => rest,
            [byte, rest @ ..] if byte.is_ascii_whitespace() => rest,
            _ => return text,
        };
    }
}

/// What follows a part that ends at a delimiter.
fn part(text: &[u8], delimiter: u8) -> &[u8] {
    let mut index = 0;
    while let Some(byte) = text.get(index) {
        match *byte {
            byte if byte == delimiter => return &text[index + 1..],
            b'\\' => index += 2,
            _ => index += 1,
        }
    }
    &[]
}

/// What follows an expression that ends at a delimiter, which is only a character inside brackets.
fn expression(text: &[u8], delimiter: u8) -> &[u8] {
    let (mut index, mut closed) = (0, true);
    while let Some(byte) = text.get(index) {
        index += match *byte {
            byte if byte == delimiter => return &text[index + 1..],
            b'\\' => 2,
            b'[' if closed => {
                let length = bracket(&text[index..text.len().min(index + LONGEST)]);
                closed = length.is_some();
                length.unwrap_or(1)
            }
            _ => 1,
        };
    }
    &[]
}

/// The longest bracket expression that is looked for, in bytes.
const LONGEST: usize = 512;

/// How long a bracket expression is, when it has an end: `[^]/[:space:]]`.
fn bracket(text: &[u8]) -> Option<usize> {
    let mut index = if text.get(1) == Some(&b'^') { 2 } else { 1 };
    if text.get(index) == Some(&b']') {
        index += 1;
    }
    loop {
        match (*text.get(index)?, text.get(index + 1)) {
            (b']', _) => return Some(index + 1),
            (b'[', Some(kind @ (b':' | b'.' | b'='))) => {
                let inside = &text[index + 2..];
                index += inside.windows(2).position(|pair| pair == [*kind, b']'])? + 4;
            }
            _ => index += 1,
        }
    }
}

/// What follows the line, which goes on after a backslash.
fn line(text: &[u8]) -> &[u8] {
    part(text, b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_runs() {
        for script in [
            "e",
            "1e curl x",
            "s/a/curl x/e",
            "s|a|b|ge",
            "/x/Ie id",
            "\\,a,e",
            "1,/x/!{p;e id\n}",
            "$!e",
            "a text\ne id",
            "b x;e id",
            "y/e/f/;e",
            "y/[/x/;s/]/x/e",
            "s/[[:space:]/]/x/e",
            "s/[/x/e",
            "s/a/b/\ne",
        ] {
            assert!(runs_programs(script), "{script}");
        }
        for script in [
            "",
            "s/e/e/g",
            "s/a/b/w e",
            "/e/d",
            "a e\\\ne",
            "i\\\ne",
            "r e",
            "be;:e",
            "y/e/f/",
            "$!N;s/\\n/e/;P;D",
            "# e",
            "s/a",
            "s/[/]/e/",
            "s/[^]/[:space:]/]*/e/;/[/]/p",
            "s/[/e/",
            "1~2p;s/a\\/e/b/",
        ] {
            assert!(!runs_programs(script), "{script}");
        }
    }
}
