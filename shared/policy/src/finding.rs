//! Findings and the report that carries them.

use crate::location::Lines;
use crate::{Policy, RuleId};
use hookgate_shell::ast::Span;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::ops::Range;

/// The most findings that a report carries; the rest of a script that has more is not worth reading.
pub const MAX_FINDINGS: usize = 200;

/// How many findings are collected before a warning is left out.
const MOST_WARNINGS: usize = 2_000;

/// How many findings are collected at all.
const MOST_ERRORS: usize = 2 * MOST_WARNINGS;

/// What a finding means for the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The script is accepted with a warning.
    Warning,
    /// The script is denied.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Something that a rule has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// What it means for the script.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do instead.
    pub help: String,
    /// Where, in bytes of the script.
    pub span: Range<usize>,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// The source line; of a long one the part around the finding.
    pub excerpt: String,
    /// How many characters of the line stand before `excerpt`.
    pub excerpt_offset: u32,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, severity, message, help, line, column, .. } = self;
        write!(formatter, "{rule} {severity} at line {line}, column {column}: {message}. Help: {help}")
    }
}

/// What a check has found in a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    findings: Vec<Finding>,
    sha256: String,
    functions: Vec<String>,
}

impl Report {
    /// Whether any finding is an error, so that the script must not run.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The findings by position, at most [`MAX_FINDINGS`].
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The SHA-256 of the script's bytes in lower-case hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The names of the functions that the script defines, in their order; empty when it does not parse.
    #[must_use]
    pub fn functions(&self) -> &[String] {
        &self.functions
    }
}

/// Collects findings while the rules run.
pub(crate) struct Findings<'a> {
    source: &'a [u8],
    found: Vec<Found>,
    policy: &'a Policy,
    /// Where a fragment stands that is being looked at, whose own places mean nothing outside it.
    fragment: Option<Span>,
}

struct Found {
    rule: RuleId,
    severity: Severity,
    span: Span,
    message: String,
    help: String,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(source: &'a [u8], policy: &'a Policy) -> Self {
        Self { source, found: Vec::new(), policy, fragment: None }
    }

    /// Adds an error.
    pub(crate) fn error(&mut self, rule: RuleId, span: Span, message: String, help: impl Into<String>) {
        self.add(Found { rule, severity: Severity::Error, span, message, help: help.into() });
    }

    /// Adds a warning.
    pub(crate) fn warning(&mut self, rule: RuleId, span: Span, message: String, help: impl Into<String>) {
        self.add(Found { rule, severity: Severity::Warning, span, message, help: help.into() });
    }

    /// Whether nothing more is collected, so that whoever looks for more can stop.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MOST_ERRORS
    }

    /// Runs `look` with all findings placed at `span`.
    pub(crate) fn within(&mut self, span: Span, look: impl FnOnce(&mut Self)) {
        let outer = self.fragment.replace(span);
        look(self);
        self.fragment = outer;
    }

    fn add(&mut self, mut found: Found) {
        found.span = self.fragment.unwrap_or(found.span);
        if let Some(severity) = self.policy.severity(found.rule, found.severity) {
            found.severity = severity;
            // Room is kept for errors, so that none is lost behind many warnings.
            let most = if severity == Severity::Error { MOST_ERRORS } else { MOST_WARNINGS };
            if self.found.len() < most {
                self.found.push(found);
            }
        }
    }

    pub(crate) fn into_report(self, functions: Vec<String>) -> Report {
        let Self { source, mut found, .. } = self;
        found.sort_by_key(|found| (found.span.start, found.rule, found.span.end));
        found.dedup_by(|later, kept| {
            later.rule == kept.rule && later.span == kept.span && later.message == kept.message
        });
        // An error must not be lost because many warnings stand before it.
        if found.len() > MAX_FINDINGS {
            found.sort_by_key(|found| std::cmp::Reverse(found.severity));
            found.truncate(MAX_FINDINGS);
            found.sort_by_key(|found| (found.span.start, found.rule, found.span.end));
        }
        let lines = if found.is_empty() { Lines::default() } else { Lines::new(source) };
        let findings = found
            .into_iter()
            .map(|found| {
                let Found { rule, severity, span, message, help } = found;
                let place = lines.place(span.range().start);
                Finding {
                    rule,
                    severity,
                    message,
                    help,
                    span: span.range(),
                    line: place.line,
                    column: place.column,
                    excerpt: place.excerpt,
                    excerpt_offset: place.excerpt_offset,
                }
            })
            .collect();
        Report { findings, sha256: hexadecimal(&Sha256::digest(source)), functions }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
        text
    })
}
