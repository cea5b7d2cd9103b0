//! What the demo prints: headings, commands, answers and verdicts, each with the time since the beginning.

use std::{
    env,
    io::{self, IsTerminal},
    time::Instant,
};

/// Where the demo is shown. Colours only on a terminal, and not when NO_COLOR is set.
#[derive(Debug)]
pub struct Stage {
    begun: Instant,
    colours: bool,
}

impl Stage {
    /// The clock starts here.
    pub fn open() -> Self {
        Self {
            begun: Instant::now(),
            colours: io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none(),
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn line(&self, text: &str) {
        let elapsed = format!("[{:6.1} s]", self.begun.elapsed().as_secs_f64());
        println!("{} {text}", self.paint("2", &elapsed));
    }

    /// A line that stands out.
    pub fn title(&self, text: &str) {
        println!();
        self.line(&self.paint("1", text));
    }

    /// A command, as a user would type it.
    pub fn command(&self, text: &str) {
        self.line(&self.paint("36", &format!("$ {text}")));
    }

    /// Text that is shown as it is.
    pub fn text(&self, text: &str) {
        for line in text.trim_end().lines() {
            println!("             {line}");
        }
    }

    /// What is being waited for.
    pub fn progress(&self, text: &str) {
        self.line(&self.paint("2", &format!("… {text}")));
    }

    /// Something that was checked and is as it should be.
    pub fn good(&self, text: &str) {
        self.line(&format!("{} {text}", self.paint("32", "✓")));
    }
}
