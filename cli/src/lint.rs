//! From inputs to diagnostics, without I/O.

use crate::input::Input;
use crate::locate::Locator;
use crate::manifest::{self, ConfigMap, Meta, Object};
use hookgate_api::StarRocksCluster;
use hookgate_api::hooks::PreparationHook;
use hookgate_policy::{Policy, Report, Severity, check, check_sql, is_hook_script};
use std::collections::BTreeSet;

/// Something that was found, at its place in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// The input's name.
    pub(crate) path: String,
    /// The object and key in it; empty for a bare script.
    pub(crate) object: String,
    /// The rule, or a word for what no rule stands for.
    pub(crate) rule: String,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) help: String,
    /// Counted from 1; `None` when the finding is about the whole input.
    pub(crate) place: Option<Place>,
}

/// A place in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The line, counted from 1.
    pub(crate) line: u32,
    /// The column in characters, counted from 1.
    pub(crate) column: u32,
    /// How many characters are marked.
    pub(crate) width: u32,
    /// Whether line and column are those of the input; otherwise of the script inside it.
    pub(crate) in_input: bool,
    /// The source line, or the part of it around the place.
    pub(crate) excerpt: String,
    /// The column of `column` inside the excerpt, from 0.
    pub(crate) excerpt_column: u32,
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
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) scripts: Vec<Checked>,
    /// How many StarRocksClusters were checked.
    pub(crate) clusters: usize,
    /// The inputs that are not what they should be.
    pub(crate) errors: Vec<String>,
}

impl Outcome {
    /// Whether any diagnostic is an error.
    pub(crate) fn is_denied(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// A reference from a cluster to a script.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    cluster: Meta,
    config_map: String,
    key: String,
    path: String,
}

/// Checks all inputs.
pub(crate) fn lint(inputs: &[Input], policy: &Policy) -> Outcome {
    let mut outcome = Outcome::default();
    let mut manifests = Vec::new();
    for input in inputs {
        if is_script(input) {
            let report = check(&input.bytes, policy);
            add_report(&mut outcome, &input.name, String::new(), &report, &input.bytes, Offsets::Same);
        } else {
            match manifest::read(&input.bytes) {
                Ok(objects) => manifests.push((input, objects)),
                Err(error) => outcome.errors.push(format!("{}: {error}", input.name)),
            }
        }
    }
    let references = clusters(&manifests, &mut outcome);
    for (input, objects) in &manifests {
        let text = std::str::from_utf8(&input.bytes).unwrap_or_default();
        let mut locator = Locator::new(text);
        for object in objects {
            if let Object::ConfigMap(map) = object {
                config_map(map, input, &references, policy, &mut locator, &mut outcome);
            }
        }
    }
    missing(&references, &manifests, &mut outcome);
    outcome
}

/// Whether an input is a bare script: by its name, or, for standard input, by its content.
fn is_script(input: &Input) -> bool {
    let lower = input.name.to_ascii_lowercase();
    if [".yaml", ".yml", ".json"].iter().any(|suffix| lower.ends_with(suffix)) {
        return false;
    }
    if lower.ends_with(".sh") || input.bytes.starts_with(b"#!") {
        return true;
    }
    let looks_like_manifest = |text: &str| {
        text.lines().any(|line| {
            line.starts_with("apiVersion:") || line.starts_with("kind:") || line.starts_with("---")
        }) || text.trim_start().starts_with('{') && text.contains("\"apiVersion\"")
    };
    !std::str::from_utf8(&input.bytes).is_ok_and(looks_like_manifest)
}

/// Checks the clusters and returns what they refer to.
fn clusters(manifests: &[(&Input, Vec<Object>)], outcome: &mut Outcome) -> Vec<Reference> {
    let mut references = Vec::new();
    for (input, objects) in manifests {
        for object in objects {
            let Object::Cluster(meta, value) = object else { continue };
            outcome.clusters += 1;
            let mut report = |rule: &str, message: String, help: &str| {
                outcome.diagnostics.push(Diagnostic {
                    path: input.name.clone(),
                    object: format!("StarRocksCluster {}", meta.title()),
                    rule: rule.to_owned(),
                    severity: Severity::Error,
                    message,
                    help: help.to_owned(),
                    place: None,
                });
            };
            match serde_json::from_value::<StarRocksCluster>(value.clone()) {
                Err(error) => report(
                    "HG701",
                    format!("the StarRocksCluster cannot be read: {error}"),
                    "compare the field with the CRD: `kubectl explain starrockscluster.spec`",
                ),
                Ok(cluster) => {
                    for violation in hookgate_api::validate::validate(&cluster.spec) {
                        report("HG701", violation.to_string(), "use one of the allowed values");
                    }
                    for (index, hook) in preparation_hooks(&cluster) {
                        if let Some(finding) = check_sql(&hook.command) {
                            let message = format!(
                                "spec.upgradePreparation.hooks[{index}].command: {}",
                                finding.message
                            );
                            report(
                                &finding.rule.to_string(),
                                message,
                                "use a statement that the rule's page lists",
                            );
                        }
                    }
                    references.extend(cluster.custom_hooks().map(|(_, config_map, key)| Reference {
                        cluster: meta.clone(),
                        config_map: config_map.to_owned(),
                        key: key.to_owned(),
                        path: input.name.clone(),
                    }));
                }
            }
        }
    }
    references
}

/// The SQL hooks with a command of their own; the others are predefined.
fn preparation_hooks(cluster: &StarRocksCluster) -> impl Iterator<Item = (usize, &PreparationHook)> {
    let hooks = cluster.spec.upgrade_preparation.iter().flat_map(|preparation| &preparation.hooks);
    hooks.enumerate().filter(|(_, hook)| !hook.command.is_empty())
}

fn is_same_namespace(left: &Meta, right: &Meta) -> bool {
    // A manifest without a namespace goes where it is applied, which may be the other's.
    left.namespace == right.namespace || left.namespace.is_empty() || right.namespace.is_empty()
}

fn refers_to(reference: &Reference, map: &ConfigMap) -> bool {
    reference.config_map == map.meta.name && is_same_namespace(&reference.cluster, &map.meta)
}

fn config_map(
    map: &ConfigMap,
    input: &Input,
    references: &[Reference],
    policy: &Policy,
    locator: &mut Locator<'_>,
    outcome: &mut Outcome,
) {
    for entry in &map.entries {
        let referenced =
            references.iter().any(|reference| refers_to(reference, map) && reference.key == entry.key);
        if !is_hook_script(map.labelled, referenced, &entry.key, &entry.content) {
            continue;
        }
        let report = check(&entry.content, policy);
        let script = std::str::from_utf8(&entry.content).ok().filter(|_| !entry.binary);
        let offset = script.and_then(|script| locator.find(&entry.key, script));
        let offsets = offset.map_or(Offsets::Unknown, |offset| Offsets::Moved(offset.lines, offset.columns));
        let object = format!("ConfigMap {}, key {}", map.meta.title(), entry.key);
        add_report(outcome, &input.name, object, &report, &entry.content, offsets);
    }
}

/// How places in a script become places in its input.
#[derive(Debug, Clone, Copy)]
enum Offsets {
    Same,
    Moved(u32, u32),
    Unknown,
}

fn add_report(
    outcome: &mut Outcome,
    path: &str,
    object: String,
    report: &Report,
    script: &[u8],
    offsets: Offsets,
) {
    let (lines, columns, in_input) = match offsets {
        Offsets::Same => (0, 0, true),
        Offsets::Moved(lines, columns) => (lines, columns, true),
        Offsets::Unknown => (0, 0, false),
    };
    for finding in report.findings() {
        let excerpt_column = (finding.column - 1).saturating_sub(finding.excerpt_offset);
        let text = script.get(finding.span.clone()).unwrap_or_default();
        let first_line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let room =
            u32::try_from(finding.excerpt.chars().count()).unwrap_or(u32::MAX).saturating_sub(excerpt_column);
        let width = u32::try_from(String::from_utf8_lossy(first_line).chars().count()).unwrap_or(u32::MAX);
        outcome.diagnostics.push(Diagnostic {
            path: path.to_owned(),
            object: object.clone(),
            rule: finding.rule.to_string(),
            severity: finding.severity,
            message: finding.message.clone(),
            help: finding.help.clone(),
            place: Some(Place {
                line: finding.line.saturating_add(lines),
                column: finding.column.saturating_add(columns),
                width: width.min(room).max(1),
                in_input,
                excerpt: finding.excerpt.clone(),
                excerpt_column,
            }),
        });
    }
    outcome.scripts.push(Checked {
        path: path.to_owned(),
        object,
        sha256: report.sha256().to_owned(),
        denied: report.is_denied(),
    });
}

/// Warns of references to what is not in the input.
fn missing(references: &[Reference], manifests: &[(&Input, Vec<Object>)], outcome: &mut Outcome) {
    let mut seen = BTreeSet::new();
    for reference in references {
        let mut maps = manifests.iter().flat_map(|(_, objects)| objects).filter_map(|object| match object {
            Object::ConfigMap(map) if refers_to(reference, map) => Some(map),
            _ => None,
        });
        let message = match maps.next() {
            None => format!(
                "ConfigMap {} is not in the input, so its script was not checked",
                reference.config_map
            ),
            Some(map) if !map.entries.iter().any(|entry| entry.key == reference.key) => {
                format!("ConfigMap {} has no key {}", reference.config_map, reference.key)
            }
            Some(_) => continue,
        };
        if !seen.insert((reference.cluster.title(), message.clone())) {
            continue;
        }
        outcome.diagnostics.push(Diagnostic {
            path: reference.path.clone(),
            object: format!("StarRocksCluster {}", reference.cluster.title()),
            rule: "HG702".to_owned(),
            severity: Severity::Warning,
            message,
            help: "give the ConfigMap's manifest as well, or check its script apart".to_owned(),
            place: None,
        });
    }
}
