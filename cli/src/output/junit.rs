//! JUnit XML: each script is a test case.

use crate::lint::{Diagnostic, Outcome};
use crate::text::Position;
use hookgate_policy::Severity;
use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) fn render(outcome: &Outcome) -> String {
    let mut cases: BTreeMap<(&str, &str), Vec<&Diagnostic>> = BTreeMap::new();
    for script in &outcome.scripts {
        cases.entry((&script.path, &script.object)).or_default();
    }
    for diagnostic in &outcome.diagnostics {
        cases.entry((&diagnostic.path, &diagnostic.object)).or_default().push(diagnostic);
    }
    let is_error = |found: &&Diagnostic| found.severity == Severity::Error;
    let failures = cases.values().filter(|found| found.iter().any(is_error)).count();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (tests, errors) = (cases.len() + outcome.errors.len(), outcome.errors.len());
    let _ = writeln!(
        text,
        "<testsuites><testsuite name=\"hookgate lint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">"
    );
    for ((path, object), found) in &cases {
        let name = if object.is_empty() { path } else { object };
        let _ = writeln!(text, "<testcase classname=\"{}\" name=\"{}\">", escape(path), escape(name));
        for (tag, severity) in [("failure", Severity::Error), ("system-out", Severity::Warning)] {
            let lines: String =
                found.iter().filter(|found| found.severity == severity).map(|found| line(found)).collect();
            if lines.is_empty() {
                continue;
            }
            let count = found.iter().filter(|found| found.severity == severity).count();
            let attribute =
                if tag == "failure" { format!(" message=\"{count} denied\"") } else { String::new() };
            let _ = writeln!(text, "<{tag}{attribute}>{}</{tag}>", escape(&lines));
        }
        text.push_str("</testcase>\n");
    }
    for error in &outcome.errors {
        let _ = writeln!(
            text,
            "<testcase classname=\"input\" name=\"input\"><error message=\"{}\"/></testcase>",
            escape(error)
        );
    }
    text.push_str("</testsuite></testsuites>\n");
    text
}

fn line(diagnostic: &Diagnostic) -> String {
    let Diagnostic { path, rule, severity, place, .. } = diagnostic;
    let Position { line, column } = place.position;
    format!("{path}:{line}:{column}: {severity}[{rule}]: {}\n", super::sentence(diagnostic))
}

/// Text for XML: markup is escaped, and characters that XML cannot hold are replaced.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            character if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => {
                escaped.push('\u{fffd}');
            }
            character => escaped.push(character),
        }
        escaped
    })
}
