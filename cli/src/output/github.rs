//! Workflow commands of GitHub Actions, which become annotations.

use crate::lint::{Diagnostic, Outcome};
use std::fmt::Write;

pub(super) fn render(outcome: &Outcome) -> String {
    let mut text = String::new();
    for diagnostic in &outcome.diagnostics {
        let Diagnostic { path, object, rule, severity, message, help, place } = diagnostic;
        let mut properties = format!("file={},title={rule}", property(path));
        if let Some(place) = place.as_ref().filter(|place| place.in_input) {
            let end = place.column.saturating_add(place.width);
            let _ = write!(properties, ",line={},col={},endColumn={end}", place.line, place.column);
        }
        let object = if object.is_empty() { String::new() } else { format!("{object}: ") };
        let _ = writeln!(
            text,
            "::{severity} {properties}::{}",
            data(&format!("{object}{message}. Help: {help}"))
        );
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
