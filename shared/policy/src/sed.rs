//! sed scripts: `s`, `p`, `d`, `q`, `n` with addresses, in which nothing is run, read or written.

mod runs;

pub(crate) use runs::runs_programs;

/// Checks a script.
///
/// # Errors
/// What is not allowed in it, in words.
pub(crate) fn check(script: &str) -> Result<(), String> {
    let mut reader = Reader { bytes: script.as_bytes(), pos: 0 };
    loop {
        reader.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b';'));
        if reader.peek().is_none() {
            return Ok(());
        }
        reader.addresses()?;
        reader.command()?;
        reader.skip(|byte| matches!(byte, b' ' | b'\t'));
        match reader.peek() {
            None | Some(b';' | b'\n') => {}
            Some(_) => return Err("commands are separated by `;` or newlines".to_owned()),
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn skip(&mut self, belongs: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&belongs) {
            self.pos += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.pos += usize::from(here);
        here
    }

    fn addresses(&mut self) -> Result<(), String> {
        if self.address()? {
            self.skip(|byte| byte == b' ');
            if self.eat(b',') {
                self.skip(|byte| byte == b' ');
                self.eat(b'+');
                if !self.address()? {
                    return Err("an address is missing after `,`".to_owned());
                }
            }
        }
        self.skip(|byte| byte == b' ');
        self.eat(b'!');
        self.skip(|byte| byte == b' ');
        Ok(())
    }

    fn address(&mut self) -> Result<bool, String> {
        match self.peek() {
            Some(b'0'..=b'9') => {
                self.skip(|byte| byte.is_ascii_digit());
                if self.eat(b'~') {
                    self.skip(|byte| byte.is_ascii_digit());
                }
                Ok(true)
            }
            Some(b'$') => {
                self.pos += 1;
                Ok(true)
            }
            Some(b'/') => self.expression_address(b'/'),
            // `\,regex,` is an expression with another delimiter.
            Some(b'\\') => {
                self.pos += 1;
                match self.peek() {
                    Some(delimiter) if is_delimiter(delimiter) => self.expression_address(delimiter),
                    _ => Err("the delimiter of an address is a punctuation mark".to_owned()),
                }
            }
            _ => Ok(false),
        }
    }

    fn expression_address(&mut self, delimiter: u8) -> Result<bool, String> {
        self.pos += 1;
        self.part(delimiter, true)?;
        self.eat(b'I');
        Ok(true)
    }

    fn command(&mut self) -> Result<(), String> {
        let command = self.peek();
        self.pos += 1;
        match command {
            Some(b'p' | b'd' | b'n') => Ok(()),
            Some(b'q') => {
                self.skip(|byte| byte == b' ');
                self.skip(|byte| byte.is_ascii_digit());
                Ok(())
            }
            Some(b's') => {
                let Some(delimiter) = self.peek().filter(|byte| is_delimiter(*byte)) else {
                    return Err("the delimiter of `s` is a punctuation mark".to_owned());
                };
                self.pos += 1;
                self.part(delimiter, true)?;
                self.part(delimiter, false)?;
                self.skip(|byte| matches!(byte, b'g' | b'p' | b'i' | b'I' | b'0'..=b'9'));
                Ok(())
            }
            Some(other) if other.is_ascii_graphic() => {
                Err(format!("the command `{}` is not allowed in sed", char::from(other)))
            }
            _ => Err("a command is missing".to_owned()),
        }
    }

    /// Up to and with the delimiter. One inside brackets ends the expression for some seds only.
    fn part(&mut self, delimiter: u8, is_regex: bool) -> Result<(), String> {
        let mut bracket: Option<usize> = None;
        loop {
            let Some(byte) = self.peek() else { return Err("an expression has no end".to_owned()) };
            if byte == delimiter && bracket.is_some() {
                return Err("the delimiter inside brackets is read in two ways: use another one".to_owned());
            }
            match byte {
                _ if byte == delimiter => {
                    self.pos += 1;
                    return Ok(());
                }
                b'\n' => return Err("an expression has no end".to_owned()),
                // Inside brackets a backslash is a character for POSIX, and hides one for others.
                b'\\' if bracket.is_some() && self.bytes.get(self.pos + 1) == Some(&b']') => {
                    return Err("a backslash before `]` is read in two ways".to_owned());
                }
                b'\\' => self.pos += 1,
                b'[' if is_regex && bracket.is_none() => bracket = Some(self.pos),
                b']' => {
                    let first = bracket.map(|open| {
                        if self.bytes.get(open + 1) == Some(&b'^') { open + 2 } else { open + 1 }
                    });
                    let is_class = bracket.is_some()
                        && matches!(self.bytes.get(self.pos.saturating_sub(1)), Some(b':' | b'.' | b'='));
                    if first != Some(self.pos) && !is_class {
                        bracket = None;
                    }
                }
                _ => {}
            }
            self.pos += 1;
        }
    }
}

/// Whether a byte may stand around an expression. Behind `[` some seds look for `]` first.
fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_punctuation() && !matches!(byte, b'\\' | b'[' | b']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_what_only_edits() {
        for script in [
            "s/a/b/",
            "s/a/b/gI;s|x/y|z|2p",
            "1d",
            "2,$p",
            "/^a;w b/d",
            "/a/,/b/!d",
            "\\,/x,d;\\|y|,$p",
            "\\%a\\%e%Ip",
            "$!d",
            "5q",
            "1~2d",
            "1,+3p",
            "n;d",
            "s/[[:space:]]*$//",
            "s/[^]]*//",
            "s/\\//x/",
            "s/a/b;w x/",
            "",
        ] {
            assert_eq!(check(script), Ok(()), "{script}");
        }
    }

    #[test]
    fn refuses_what_runs_reads_or_writes() {
        for script in [
            "e",
            "1e id",
            "s/a/id/e",
            "s/a/b/w /tmp/x",
            "s/a/b/ge",
            "w /tmp/x",
            "r /etc/passwd",
            "R x",
            "W x",
            "a text",
            "i\\text",
            "c x",
            "{p;e}",
            "s/a/b",
            "s/a",
            "\\xaxe",
            "\\xaxp",
            "\\,a,e",
            "s[a[b[",
            "\\,[,],e",
            "\\\\a\\p",
            "\\",
            "s/[/]/e/;e",
            "s/a/b/;;e",
            "p e",
            "b x",
            ":x",
            "y/a/b/",
            "F",
            "z",
            "# comment",
            "s/a/b/m",
            "s\nx\ny\n",
        ] {
            assert!(check(script).is_err(), "{script}");
        }
    }
}
