//! Workflow commands of GitHub Actions, which become annotations.

use crate::lint::{Diagnostic, Outcome};
use crate::text::Position;
use std::fmt::Write;

pub(super) fn render(outcome: &Outcome) -> String {
    let mut text = String::new();
    for diagnostic in &outcome.diagnostics {
        let Diagnostic { path, object, rule, severity, place, .. } = diagnostic;
        let Position { line, column } = place.position;
        let mut properties = format!("file={},title={rule},line={line},col={column}", property(path));
        if let Some(width) = place.width() {
            let _ = write!(properties, ",endColumn={}", column.saturating_add(width));
        }
        let object = if object.is_empty() { String::new() } else { format!("{object}: ") };
        let message = data(&format!("{object}{}", super::sentence(diagnostic)));
        let _ = writeln!(text, "::{severity} {properties}::{message}");
    }
    for error in &outcome.errors {
        let _ = writeln!(text, "::error::{}", data(error));
    }
    text
}

/// Escapes the text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
