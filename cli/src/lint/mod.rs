//! From inputs to diagnostics, without I/O.

mod cluster;
mod diagnostic;
mod script;

pub(crate) use diagnostic::{Checked, Diagnostic, Outcome, Place};

use crate::input::Input;
use crate::manifest::{self, Kind, Meta, Object};
use crate::text::Lines;
use hookgate_policy::Policy;
use std::collections::HashMap;

/// A manifest that has been read.
struct Manifest<'a> {
    name: &'a str,
    text: &'a str,
    lines: Lines<'a>,
    objects: Vec<Object>,
}

/// A reference from a cluster to a script.
struct Reference<'a> {
    manifest: &'a Manifest<'a>,
    cluster: &'a Object,
    /// The field that names the ConfigMap.
    path: String,
    config_map: String,
    key: String,
}

/// What scripts are checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policies {
    /// Upgrade hooks.
    pub(crate) upgrade: Policy,
    /// Machine hooks.
    pub(crate) machine: Policy,
    /// Whether all bare scripts are machine hooks.
    pub(crate) all_machine: bool,
}

/// Checks all inputs.
pub(crate) fn lint(inputs: &[Input], policies: &Policies) -> Outcome {
    let policy = &policies.upgrade;
    let mut outcome = Outcome::default();
    let mut manifests = Vec::new();
    for input in inputs {
        if is_script(input) {
            script::check_file(input, policies, &mut outcome);
            continue;
        }
        match manifest::text(&input.bytes) {
            Ok(text) => {
                let (objects, errors) = manifest::read(text);
                outcome.errors.extend(errors.iter().map(|error| format!("{}: {error}", input.name)));
                manifests.push(Manifest { name: &input.name, text, lines: Lines::new(text), objects });
            }
            Err(error) => outcome.errors.push(format!("{}: {error}", input.name)),
        }
    }
    let references = cluster::check(&manifests, policy, &mut outcome);
    let mut referenced: HashMap<&str, Vec<&Reference<'_>>> = HashMap::new();
    for reference in &references {
        referenced.entry(&reference.config_map).or_default().push(reference);
    }
    for manifest in &manifests {
        for object in &manifest.objects {
            let to = referenced.get(object.meta.name.as_str()).map(Vec::as_slice).unwrap_or_default();
            script::check_config_map(manifest, object, to, policy, &mut outcome);
        }
    }
    cluster::missing(&references, &manifests, policy, &mut outcome);
    outcome.sort(inputs);
    outcome
}

/// Whether an input is a bare script: by its name, or, for standard input, by its content.
pub(crate) fn is_script(input: &Input) -> bool {
    let lower = input.name.to_ascii_lowercase();
    if [".yaml", ".yml", ".json"].iter().any(|suffix| lower.ends_with(suffix)) {
        return false;
    }
    if lower.ends_with(".sh") || input.bytes.starts_with(b"#!") {
        return true;
    }
    let looks_like_manifest = |text: &str| {
        let text = text.trim_start_matches('\u{feff}');
        let marks = ["apiVersion:", "kind:", "---", "%YAML"];
        text.lines().any(|line| marks.iter().any(|mark| line.starts_with(mark)))
            || text.trim_start().starts_with(['{', '[']) && text.contains("\"apiVersion\"")
    };
    !std::str::from_utf8(&input.bytes).is_ok_and(looks_like_manifest)
}

fn is_same_namespace(left: &Meta, right: &Meta) -> bool {
    // A manifest without a namespace goes where it is applied, which may be the other's.
    left.namespace == right.namespace || left.namespace.is_empty() || right.namespace.is_empty()
}

impl Reference<'_> {
    /// Whether it refers to this object.
    fn is_to(&self, object: &Object) -> bool {
        matches!(object.kind, Kind::ConfigMap { .. })
            && self.config_map == object.meta.name
            && is_same_namespace(&self.cluster.meta, &object.meta)
    }
}
