//! For people.

use crate::lint::{Diagnostic, Outcome, Place};
use hookgate_policy::Severity;
use std::fmt::Write;

struct Style {
    error: &'static str,
    warning: &'static str,
    faint: &'static str,
    reset: &'static str,
}

const PLAIN: Style = Style { error: "", warning: "", faint: "", reset: "" };
const COLORED: Style =
    Style { error: "\x1b[1;31m", warning: "\x1b[1;33m", faint: "\x1b[1;34m", reset: "\x1b[0m" };

pub(super) fn render(outcome: &Outcome, color: bool) -> String {
    let style = if color { &COLORED } else { &PLAIN };
    let mut text = String::new();
    for diagnostic in &outcome.diagnostics {
        render_one(diagnostic, style, &mut text);
    }
    let count = |severity| outcome.diagnostics.iter().filter(|found| found.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let scripts = plural(outcome.scripts.len(), "hook script");
    let clusters = if outcome.clusters == 0 {
        String::new()
    } else {
        format!(" and {}", plural(outcome.clusters, "cluster"))
    };
    let found = if errors + warnings == 0 {
        "nothing found".to_owned()
    } else {
        format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"))
    };
    let _ = writeln!(text, "Checked {scripts}{clusters}: {found}.");
    text
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn render_one(diagnostic: &Diagnostic, style: &Style, text: &mut String) {
    let Diagnostic { path, object, rule, severity, message, help, place } = diagnostic;
    let mark = if *severity == Severity::Error { style.error } else { style.warning };
    let Style { faint, reset, .. } = style;
    let _ = writeln!(text, "{mark}{severity}[{rule}]{reset}: {message}");
    let margin = place.as_ref().map_or(1, |place| place.line.to_string().len());
    let shown_in = if object.is_empty() { String::new() } else { format!(" ({object})") };
    let at = match place {
        Some(Place { line, column, in_input: true, .. }) => format!("{path}:{line}:{column}{shown_in}"),
        Some(Place { line, column, .. }) => {
            format!("{path}{shown_in}, line {line}, column {column} of the script")
        }
        None => format!("{path}{shown_in}"),
    };
    let _ = writeln!(text, "{:margin$}{faint}-->{reset} {at}", "");
    if let Some(place) = place {
        let excerpt = place.excerpt.replace('\t', " ");
        let carets = "^".repeat(place.width as usize);
        let indent = place.excerpt_column as usize;
        let _ = writeln!(text, "{:margin$} {faint}|{reset}", "");
        let _ = writeln!(text, "{faint}{} |{reset} {excerpt}", place.line);
        let _ = writeln!(text, "{:margin$} {faint}|{reset} {:indent$}{mark}{carets}{reset}", "", "");
    }
    let _ = writeln!(text, "{:margin$} {faint}={reset} help: {help}\n", "");
}
