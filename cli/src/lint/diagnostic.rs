//! What is found, at its place.

use crate::input::Input;
use crate::text::{Excerpt, Lines, Position};
use hookgate_policy::{RuleId, Severity};
use std::collections::HashMap;
use std::ops::Range;

/// Something that was found, at its place in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// The input's name.
    pub(crate) path: String,
    /// The object and key in it; empty for a bare script.
    pub(crate) object: String,
    /// The template from which Helm has rendered the object.
    pub(crate) template: Option<String>,
    pub(crate) rule: RuleId,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: String,
    pub(crate) place: Place,
}

/// A place in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Line and column of the input.
    pub(crate) position: Position,
    /// Line and column of the script inside the input; `None` when the finding is not about a script in a manifest.
    pub(crate) in_script: Option<Position>,
    /// Whether `excerpt` is the script's line, because it does not stand in the input as a line of its own.
    pub(crate) shows_script: bool,
    /// The source line, or the part of it around the place.
    pub(crate) excerpt: Excerpt,
}

impl Place {
    /// A part of an input.
    pub(crate) fn new(lines: &Lines<'_>, range: &Range<usize>) -> Self {
        Self {
            position: lines.position(range.start),
            in_script: None,
            shows_script: false,
            excerpt: lines.excerpt(range),
        }
    }

    /// How many characters of the input's line are marked; `None` when the script's line is shown instead.
    pub(crate) fn width(&self) -> Option<u32> {
        (!self.shows_script).then(|| u32::try_from(self.excerpt.width).unwrap_or(u32::MAX))
    }
}

/// A script that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checked {
    pub(crate) path: String,
    pub(crate) object: String,
    pub(crate) sha256: String,
    pub(crate) denied: bool,
}

/// What came of all inputs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Outcome {
    /// By input, line and column.
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) scripts: Vec<Checked>,
    /// How many StarRocksClusters were checked.
    pub(crate) clusters: usize,
    /// How many HookPolicies were checked.
    pub(crate) policies: usize,
    /// How many of TKEStack's Clusters and Machines were checked.
    pub(crate) machine_objects: usize,
    /// The inputs that are not what they should be.
    pub(crate) errors: Vec<String>,
    /// What was not checked, and why.
    pub(crate) remarks: Vec<String>,
}

impl Outcome {
    /// Whether any diagnostic is an error.
    pub(crate) fn is_denied(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Puts the diagnostics in the order of the inputs, and of the lines in each.
    pub(super) fn sort(&mut self, inputs: &[Input]) {
        let order: HashMap<&str, usize> =
            inputs.iter().enumerate().map(|(index, input)| (input.name.as_str(), index)).collect();
        self.diagnostics.sort_by_key(|diagnostic| {
            let Position { line, column } = diagnostic.place.position;
            let script = diagnostic.place.in_script.map(|position| (position.line, position.column));
            (order.get(diagnostic.path.as_str()).copied(), line, column, script, diagnostic.rule)
        });
    }
}
