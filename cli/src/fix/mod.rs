//! Safe fixes: edits of the text that keep everything else as it is.
//!
//! What is to be fixed is proposed per script and per cluster. A file's proposals are applied together, or, when that
//! does not do, those that can be applied one after the other. The text that comes of them is read and checked again:
//! it must differ from the old one in what was proposed and in nothing else, and have fewer findings and no others.

mod annotations;
mod difference;
mod edit;
mod write;

pub(crate) use annotations::{instead, propose};
pub(crate) use difference::Expected;
pub(crate) use write::{diff, replace};

use crate::input::Input;
use crate::lint::{self, Outcome, Policies, lint};
use hookgate_policy::{Edit, apply};
use std::collections::BTreeMap;

/// Edits that belong together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Proposal {
    /// The input that they are about, by its place in the call.
    pub(crate) input: usize,
    pub(crate) edits: Vec<Edit>,
    /// What the documents of a manifest must differ in afterwards; empty for a bare script.
    pub(crate) expected: Vec<Expected>,
}

/// An input that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) input: usize,
    pub(crate) text: String,
    /// How many findings are gone.
    pub(crate) fixed: usize,
}

/// The changes of all inputs, and remarks about what was left alone.
pub(crate) fn plan(inputs: &[Input], policies: &Policies) -> (Vec<Change>, Vec<String>) {
    let (mut changes, mut remarks) = (Vec::new(), Vec::new());
    let mut of_input: BTreeMap<usize, Vec<Proposal>> = BTreeMap::new();
    for proposal in lint::propose(inputs, policies) {
        of_input.entry(proposal.input).or_default().push(proposal);
    }
    let before = if of_input.is_empty() { Outcome::default() } else { lint(inputs, policies, None) };
    for (index, proposals) in of_input {
        let Some(text) = inputs.get(index).and_then(|input| std::str::from_utf8(&input.bytes).ok()) else {
            continue;
        };
        if text.contains("{{") {
            remarks.push(format!(
                "{}: not fixed, because {{{{ may be a template's: fix it there",
                inputs[index].name
            ));
            continue;
        }
        let trial = Trial { inputs, policies, index, text, before: &before };
        let change = trial.of(&proposals).or_else(|| trial.one_by_one(&proposals));
        changes.extend(change);
    }
    (changes, remarks)
}

/// A file in which proposals are tried.
struct Trial<'a> {
    inputs: &'a [Input],
    policies: &'a Policies,
    index: usize,
    text: &'a str,
    before: &'a Outcome,
}

/// The most proposals of a file that are tried one by one.
const MAX_TRIED: usize = 50;

impl Trial<'_> {
    /// The change that all of these make, when it is a safe one.
    fn of(&self, proposals: &[Proposal]) -> Option<Change> {
        let mut edits: Vec<Edit> = proposals.iter().flat_map(|proposal| proposal.edits.clone()).collect();
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        let apart = edits.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start);
        let text = apart.then(|| apply(self.text, &edits))?;
        let expected: Vec<&Expected> = proposals.iter().flat_map(|proposal| &proposal.expected).collect();
        if !expected.is_empty() && !difference::is_exactly(self.text, &text, &expected) {
            return None;
        }
        let mut inputs = self.inputs.to_vec();
        inputs[self.index].bytes = text.clone().into_bytes();
        let after = lint(&inputs, self.policies, None);
        let fixed = fewer(self.before, &after)?;
        Some(Change { input: self.index, text, fixed })
    }

    fn one_by_one(&self, proposals: &[Proposal]) -> Option<Change> {
        let mut kept: Vec<Proposal> = Vec::new();
        for proposal in proposals.iter().take(MAX_TRIED) {
            kept.push(proposal.clone());
            if self.of(&kept).is_none() {
                kept.pop();
            }
        }
        if kept.is_empty() { None } else { self.of(&kept) }
    }
}

/// How many findings are gone, when none is new and no input has become unusable.
fn fewer(before: &Outcome, after: &Outcome) -> Option<usize> {
    let mut known: BTreeMap<(&str, &str, String, &str), usize> = BTreeMap::new();
    for found in &before.diagnostics {
        *known.entry((&found.path, &found.object, found.rule.to_string(), &found.message)).or_default() += 1;
    }
    for found in &after.diagnostics {
        let count =
            known.get_mut(&(found.path.as_str(), &found.object, found.rule.to_string(), &found.message))?;
        *count = count.checked_sub(1)?;
    }
    let gone = before.diagnostics.len().checked_sub(after.diagnostics.len()).filter(|gone| *gone > 0)?;
    (before.errors == after.errors && before.scripts.len() == after.scripts.len()).then_some(gone)
}
