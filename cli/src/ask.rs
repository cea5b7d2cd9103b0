//! Asks the user at the terminal before something is changed.

use std::io::{BufRead, IsTerminal, Write};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// Neither a terminal nor --yes.
    #[error("there is nobody to ask: standard input is no terminal. Say --yes to go on without")]
    Nobody,
    /// The terminal can't be read or written.
    #[error("the terminal can't be used: {0}")]
    Terminal(#[from] std::io::Error),
}

/// Whether the user at the terminal agrees.
pub(crate) fn may_go_on(question: &str) -> Result<bool, AskError> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(AskError::Nobody);
    }
    let mut terminal = std::io::stderr();
    write!(terminal, "{question} [y/N] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_yes_is_one() {
        assert!(is_yes("y\n") && is_yes(" YES\r\n"));
        assert!(!is_yes("") && !is_yes("\n") && !is_yes("yep\n") && !is_yes("n\n"));
    }
}
