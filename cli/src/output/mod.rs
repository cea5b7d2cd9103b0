//! Output formats.

mod github;
mod human;
mod json;
mod junit;
mod sarif;

use crate::lint::{Diagnostic, Outcome};

/// How to print what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people: the source line with a caret
    Human,
    /// One JSON document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

/// The output for an outcome.
pub(crate) fn render(format: Format, outcome: &Outcome, color: bool) -> String {
    match format {
        Format::Human => human::render(outcome, color),
        Format::Json => json::render(outcome),
        Format::Sarif => sarif::render(outcome),
        Format::Junit => junit::render(outcome),
        Format::Github => github::render(outcome),
    }
}

/// What is wrong, where that is in the script when the input does not show it, and what to do.
fn sentence(diagnostic: &Diagnostic) -> String {
    let Diagnostic { message, help, place, .. } = diagnostic;
    match place.in_script {
        Some(position) if place.shows_script => {
            format!(
                "{message} (line {}, column {} of the script). Help: {help}",
                position.line, position.column
            )
        }
        _ => format!("{message}. Help: {help}"),
    }
}
