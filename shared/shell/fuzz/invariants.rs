//! The invariants themselves, without libFuzzer.

use crate::complaint::complaint;
use hookgate_shell::ast::{Command, List, Redirection, Span, Word};
use hookgate_shell::visit::{self, Visit};
use hookgate_shell::{MAX_SIZE, parse};

/// Checks what has to hold for any bytes; the text when it is accepted.
pub fn check(data: &[u8]) -> Option<&str> {
    let first = parse(data);
    assert_eq!(first, parse(data), "parsed twice, read in two ways");
    match first {
        Err(error) => {
            let span = error.span.range();
            assert!(span.start <= span.end && span.end <= data.len() + 4, "{error}: {span:?}");
            assert!(!error.to_string().is_empty() && !error.help().is_empty());
            None
        }
        Ok(script) => {
            assert!(data.len() <= MAX_SIZE);
            let whole = Span::new(0, data.len());
            let mut nesting = Nesting { around: whole, nodes: 0 };
            nesting.list(&script.body);
            assert!(nesting.nodes <= 4 * data.len() + 4, "{} nodes for {} bytes", nesting.nodes, data.len());
            Some(std::str::from_utf8(data).expect("what is accepted is text"))
        }
    }
}

/// Counts nodes, and checks that each stands inside the one around it.
struct Nesting {
    around: Span,
    nodes: usize,
}

impl Nesting {
    fn inside(&mut self, span: Span, read: impl FnOnce(&mut Self)) {
        let around = self.around;
        assert!(span.start <= span.end, "{span:?}");
        assert!(around.start <= span.start && span.end <= around.end, "{span:?} is not inside {around:?}");
        self.around = span;
        self.nodes += 1;
        read(self);
        self.around = around;
    }
}

impl<'a> Visit<'a> for Nesting {
    fn list(&mut self, list: &'a List) {
        if !list.items.is_empty() {
            // A here-document of the last command may end after the list.
            self.nodes += 1;
            visit::walk_list(self, list);
        }
    }

    fn command(&mut self, command: &'a Command) {
        self.inside(command.span, |inner| visit::walk_command(inner, command));
    }

    fn redirection(&mut self, redirection: &'a Redirection) {
        let around = self.around;
        self.inside(redirection.span, |_| {});
        // The body of a here-document stands behind the command that it belongs to.
        self.around = Span::new(0, u32::MAX as usize);
        visit::walk_redirection(self, redirection);
        self.around = around;
    }

    fn word(&mut self, word: &'a Word) {
        self.inside(word.span, |inner| word.parts.iter().for_each(|part| inner.part(part)));
    }
}

/// Fails when `bash -n` rejects the text.
pub fn ask_bash(text: &str) {
    let complaint = complaint(text);
    assert_eq!(complaint, None, "bash says so");
}
