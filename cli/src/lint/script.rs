//! Scripts: bare ones, and those inside ConfigMaps.

use super::{Checked, Diagnostic, Manifest, Outcome, Place, Policies, Reference, Scope};
use crate::fix::{Expected, Proposal};
use crate::input::Input;
use crate::manifest::{Entry, Kind, Object};
use crate::text::Lines;
use crate::yaml::{Alignment, ScalarStyle};
use hookgate_api::policy::{NamespaceLabels, Ruling, ScriptVerdict};
use hookgate_policy::{
    Edit, Finding, Policy, Report, Severity, apply, check_machine_script, defines_hook_function, fixes,
    is_hook_script,
};
use std::ops::Range;

/// Checks a file that is a script.
pub(super) fn check_file(input: &Input, policies: &Policies, outcome: &mut Outcome) {
    let judged = if policies.is_machine(input) {
        Judged::from(&check_machine_script(&input.bytes, &policies.machine))
    } else {
        Judged::from(&policies.effective(&NamespaceLabels::unknown("")).check(&input.bytes))
    };
    let text = String::from_utf8_lossy(&input.bytes);
    let lines = Lines::new(&text);
    // Bytes that are not UTF-8 move what stands after them.
    let is_text = text.len() == input.bytes.len();
    let place = |span: &Range<usize>, line: u32, column: u32| {
        let mut place = Place::new(&lines, span);
        if !is_text {
            (place.position.line, place.position.column) = (line, column);
        }
        place
    };
    add(outcome, &input.name, String::new(), None, judged, place);
}

/// How TKEStack names the hooks of its installer and of its clusters' machines.
const MACHINE_HOOKS: &[&str] = &[
    "pre-install",
    "post-install",
    "pre-upgrade",
    "post-upgrade",
    "post-cluster-ready",
    "cluster-pre-install",
    "cluster-post-install",
    "cluster-pre-upgrade",
    "cluster-post-upgrade",
    "cluster-pre-delete",
    "cluster-post-delete",
    "pre-cluster-install",
    "post-cluster-install",
    "pre-cluster-upgrade",
    "post-cluster-upgrade",
    "pre-cluster-delete",
    "post-cluster-delete",
];

impl Policies {
    /// What a bare script is checked against.
    pub(crate) fn of_file(&self, input: &Input) -> &Policy {
        if self.is_machine(input) { &self.machine } else { &self.upgrade }
    }

    fn is_machine(&self, input: &Input) -> bool {
        let name = input.name.rsplit('/').next().unwrap_or_default();
        let is_machine = MACHINE_HOOKS.contains(&name) && !defines_hook_function(&input.bytes);
        self.all_machine || is_machine
    }
}

/// Checks the scripts of a ConfigMap.
pub(super) fn check_config_map(
    manifest: &Manifest<'_>,
    object: &Object,
    references: &[&Reference<'_>],
    scope: &Scope<'_>,
    outcome: &mut Outcome,
) {
    let Kind::ConfigMap { labelled, entries } = &object.kind else { return };
    let policy = scope.policy(&object.meta.namespace);
    for entry in entries {
        if !is_hook(object, *labelled, references, entry) {
            continue;
        }
        let judged = Judged::from(&policy.check(&entry.content));
        let places = Places::new(manifest, entry);
        let name = format!("ConfigMap {}, key {}", object.meta.title(), entry.key);
        add(outcome, manifest.name, name, object.template.as_deref(), judged, |span, line, column| {
            places.place(span, line, column)
        });
    }
}

/// What can be fixed in a file that is a script.
pub(super) fn propose_file(index: usize, input: &Input, policies: &Policies) -> Option<Proposal> {
    let edits = fixes(&input.bytes, policies.of_file(input));
    (!edits.is_empty()).then(|| Proposal { input: index, edits, expected: Vec::new() })
}

/// What can be fixed in the scripts of a ConfigMap.
pub(super) fn propose(
    manifest: &Manifest<'_>,
    object: &Object,
    references: &[&Reference<'_>],
    policy: &Policy,
) -> Vec<Proposal> {
    let Kind::ConfigMap { labelled, entries } = &object.kind else { return Vec::new() };
    let hooks = entries.iter().filter(|entry| is_hook(object, *labelled, references, entry));
    hooks.filter_map(|entry| propose_entry(manifest, entry, policy)).collect()
}

fn propose_entry(manifest: &Manifest<'_>, entry: &Entry, policy: &Policy) -> Option<Proposal> {
    let script = std::str::from_utf8(&entry.content).ok().filter(|_| !entry.encoded)?;
    let edits = fixes(script.as_bytes(), policy);
    let style =
        entry.node.scalar().map(|scalar| scalar.style).filter(|style| *style != ScalarStyle::Plain)?;
    if edits.is_empty() {
        return None;
    }
    let alignment = Alignment::of(&entry.node, manifest.text)?;
    let expected = vec![Expected::Text(script.to_owned(), apply(script, &edits))];
    let in_file = |edit: Edit| {
        let range = alignment.file_range(&edit.range)?;
        let is_same = manifest.text.get(range.clone()) == script.get(edit.range);
        let replacement = match style {
            ScalarStyle::DoubleQuoted => edit.replacement.replace('"', "\\\""),
            _ => edit.replacement,
        };
        is_same.then_some(Edit { range, replacement })
    };
    let edits: Vec<Edit> = edits.into_iter().map(in_file).collect::<Option<_>>()?;
    Some(Proposal { input: manifest.index, edits, expected })
}

/// What came of a script, whichever policy it was judged by.
struct Judged {
    findings: Vec<(Finding, Severity)>,
    sha256: String,
    denied: bool,
}

impl From<&ScriptVerdict> for Judged {
    fn from(verdict: &ScriptVerdict) -> Self {
        let findings = verdict.rulings.iter();
        Self {
            findings: findings
                .map(|Ruling { finding, effect, .. }| (finding.clone(), effect.severity()))
                .collect(),
            sha256: verdict.sha256.clone(),
            denied: verdict.is_denied(),
        }
    }
}

impl From<&Report> for Judged {
    fn from(report: &Report) -> Self {
        Self {
            findings: report.findings().iter().map(|finding| (finding.clone(), finding.severity)).collect(),
            sha256: report.sha256().to_owned(),
            denied: report.is_denied(),
        }
    }
}

/// Whether an entry is a hook script: by label, by reference or by content.
pub(super) fn is_hook(object: &Object, labelled: bool, references: &[&Reference<'_>], entry: &Entry) -> bool {
    let referenced = references.iter().any(|reference| reference.key == entry.key && reference.is_to(object));
    is_hook_script(labelled, referenced, &entry.key, &entry.content)
}

/// Places of a script inside a manifest.
struct Places<'a> {
    manifest: &'a Manifest<'a>,
    entry: &'a Entry,
    /// Where the script stands in the file; `None` when it does not stand there as text.
    alignment: Option<Alignment>,
    /// Whether the lines of the script are lines of the file.
    has_lines: bool,
    script: std::borrow::Cow<'a, str>,
}

impl<'a> Places<'a> {
    fn new(manifest: &'a Manifest<'a>, entry: &'a Entry) -> Self {
        let style = entry.node.scalar().map(|scalar| scalar.style);
        let alignment = (!entry.encoded).then(|| Alignment::of(&entry.node, manifest.text)).flatten();
        let has_lines =
            alignment.is_some() && matches!(style, Some(ScalarStyle::Literal | ScalarStyle::Folded));
        Self { manifest, entry, alignment, has_lines, script: String::from_utf8_lossy(&entry.content) }
    }

    fn place(&self, span: &Range<usize>, line: u32, column: u32) -> Place {
        let start = self.alignment.as_ref().map(|alignment| alignment.file_offset(span.start));
        let range = match (&self.alignment, start) {
            (Some(alignment), Some(start)) => {
                // Of a part on several lines the first is marked.
                let text = self.script.get(span.clone()).unwrap_or_default();
                let first = text.find('\n').map_or(span.end, |length| span.start + length);
                alignment.file_range(&(span.start..first)).unwrap_or(start..start + 1)
            }
            _ => self.entry.node.span.start..self.entry.node.span.start,
        };
        let mut place = Place::new(&self.manifest.lines, &range);
        if !self.has_lines {
            place.excerpt = Lines::new(&self.script).excerpt(span);
            place.shows_script = true;
        }
        place.in_script = Some(crate::text::Position { line, column });
        place
    }
}

fn add(
    outcome: &mut Outcome,
    path: &str,
    object: String,
    template: Option<&str>,
    judged: Judged,
    place: impl Fn(&Range<usize>, u32, u32) -> Place,
) {
    for (finding, severity) in judged.findings {
        outcome.diagnostics.push(Diagnostic {
            path: path.to_owned(),
            object: object.clone(),
            template: template.map(str::to_owned),
            rule: finding.rule,
            severity,
            place: place(&finding.span, finding.line, finding.column),
            message: finding.message,
            help: finding.help,
        });
    }
    outcome.scripts.push(Checked {
        path: path.to_owned(),
        object,
        sha256: judged.sha256,
        denied: judged.denied,
    });
}
