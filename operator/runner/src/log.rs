//! What the supervisor writes: one line each for the audit and for what the script prints, in which the script can't play
//! the supervisor.

use crate::audit::Record;
use hookgate_policy::AUDIT_MARK;
use std::{
    borrow::Cow,
    io::{self, Write},
    sync::{Mutex, PoisonError},
};

/// What a line of the script's output begins with.
pub const OUTPUT_MARK: &str = "CustomHookExecutor";
/// What stands in for a secret.
const MASK: &str = "********";
/// Shorter passwords would mask half of every text.
const SHORTEST_SECRET: usize = 4;

/// Where the lines go: standard output, which is the container's log.
pub struct Log {
    out: Mutex<Box<dyn Write + Send>>,
    secret: Option<String>,
}

impl Log {
    /// Lines go to `out`; `secret` is masked wherever it would be written.
    pub fn new(out: Box<dyn Write + Send>, secret: &str) -> Self {
        let secret = Some(secret.to_owned()).filter(|secret| secret.len() >= SHORTEST_SECRET);
        Self { out: Mutex::new(out), secret }
    }

    /// A text without the secret.
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        masked(text, self.secret.as_deref().unwrap_or_default())
    }

    /// Writes a line of the audit.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn audit(&self, record: &Record) -> io::Result<()> {
        self.line(&format!("{AUDIT_MARK} {}", record.json()?))
    }

    /// Writes a line whole, or not at all.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn line(&self, text: &str) -> io::Result<()> {
        let mut line = String::with_capacity(text.len() + 1);
        line.push_str(text);
        line.push('\n');
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(line.as_bytes())?;
        out.flush()
    }
}

/// A text without the secret. One of fewer than 4 characters isn't masked: it would hide half of every text.
pub fn masked<'a>(text: &'a str, secret: &str) -> Cow<'a, str> {
    if secret.len() >= SHORTEST_SECRET && text.contains(secret) {
        Cow::Owned(text.replace(secret, MASK))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_masked() {
        let log = Log::new(Box::new(io::sink()), "s3cret word");
        assert_eq!(log.masked("it is 's3cret word'!"), "it is '********'!");
        assert_eq!(Log::new(Box::new(io::sink()), "").masked("abc"), "abc");
    }
}
