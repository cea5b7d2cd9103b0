//! Whether output is coloured.

use std::io::IsTerminal;

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; CLICOLOR_FORCE has it everywhere
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What is known about the place where output goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// Whether standard output is a terminal.
    pub(crate) is_terminal: bool,
    /// `NO_COLOR` is set and not empty (<https://no-color.org>).
    pub(crate) no_color: bool,
    /// `CLICOLOR_FORCE` is set and neither empty nor 0 (<https://bixense.com/clicolors>).
    pub(crate) force: bool,
    /// `CLICOLOR` is 0, or the terminal says that it is dumb.
    pub(crate) plain: bool,
}

impl Terminal {
    /// That of this process.
    pub(crate) fn of_process() -> Self {
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        Self {
            is_terminal: std::io::stdout().is_terminal(),
            no_color: !variable("NO_COLOR").is_empty(),
            force: !matches!(variable("CLICOLOR_FORCE").as_str(), "" | "0"),
            plain: variable("CLICOLOR") == "0" || variable("TERM") == "dumb",
        }
    }
}

impl Color {
    /// Whether output is coloured there.
    pub(crate) fn is_on(self, terminal: &Terminal) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if terminal.no_color => false,
            Self::Auto => terminal.force || terminal.is_terminal && !terminal.plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_has_the_last_word() {
        let terminal = Terminal { is_terminal: true, ..Terminal::default() };
        let forced = Terminal { force: true, ..Terminal::default() };
        assert!(Color::Auto.is_on(&terminal) && Color::Auto.is_on(&forced));
        assert!(!Color::Auto.is_on(&Terminal::default()));
        assert!(!Color::Auto.is_on(&Terminal { plain: true, ..terminal }));
        assert!(!Color::Auto.is_on(&Terminal { no_color: true, ..terminal }));
        assert!(!Color::Auto.is_on(&Terminal { no_color: true, ..forced }));
        assert!(Color::Always.is_on(&Terminal::default()) && !Color::Never.is_on(&terminal));
    }
}
