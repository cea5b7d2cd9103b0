//! From inputs to diagnostics, without I/O.

mod cluster;
mod diagnostic;
mod locate;
mod parse;
mod platform;
mod policy;
mod script;

pub(crate) use diagnostic::{Checked, Diagnostic, Outcome, Place};

use crate::fix::Proposal;
use crate::input::Input;
use crate::manifest::{self, Kind, ManifestError, Meta, Object};
use crate::text::Lines;
use hookgate_api::platform::check::{FolderAnswers, FolderQuestions};
use hookgate_api::policy::{EffectivePolicy, LoadedPolicy, NamespaceLabels};
use hookgate_policy::Policy;
use std::collections::{BTreeMap, HashMap};

/// A manifest that has been read.
struct Manifest<'a> {
    /// Its place among the inputs.
    index: usize,
    name: &'a str,
    text: &'a str,
    lines: Lines<'a>,
    objects: Vec<Object>,
}

impl<'a> Manifest<'a> {
    fn new(index: usize, name: &'a str, text: &'a str) -> (Self, Vec<ManifestError>) {
        let (objects, errors) = manifest::read(text);
        (Self { index, name, text, lines: Lines::new(text), objects }, errors)
    }
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
    /// Upgrade hooks in namespaces that none of the given policies is for.
    pub(crate) upgrade: Policy,
    /// The policies that were given.
    pub(crate) given: Vec<LoadedPolicy>,
    /// Machine hooks.
    pub(crate) machine: Policy,
    /// Whether all bare scripts are machine hooks.
    pub(crate) all_machine: bool,
}

/// Answers what has to be known of the hooks folder; absent when no folder was given.
pub(crate) type Folder<'a> = Option<&'a dyn Fn(&FolderQuestions) -> FolderAnswers>;

/// Which policy holds for which object of the input.
struct Scope<'a> {
    policies: &'a Policies,
    /// The labels of the namespaces that are in the input.
    namespaces: BTreeMap<&'a str, BTreeMap<String, String>>,
}

impl<'a> Scope<'a> {
    fn new(policies: &'a Policies, manifests: &'a [Manifest<'a>]) -> Self {
        let objects = manifests.iter().flat_map(|manifest| &manifest.objects);
        let namespaces = objects.filter_map(|object| match &object.kind {
            Kind::Namespace { labels } => Some((object.meta.name.as_str(), labels.clone())),
            _ => None,
        });
        Self { policies, namespaces: namespaces.collect() }
    }

    /// The policy for objects of that namespace; `""` when none is named.
    fn policy(&self, namespace: &str) -> EffectivePolicy {
        let labels = self.namespaces.get(namespace).map_or_else(
            || NamespaceLabels::unknown(namespace),
            |labels| NamespaceLabels::of(namespace, labels.clone()),
        );
        self.policies.effective(&labels)
    }
}

impl Policies {
    /// What holds in a namespace. A policy whose selector can't be evaluated is taken to be for it.
    fn effective(&self, namespace: &NamespaceLabels) -> EffectivePolicy {
        let selected = self.given.iter().filter(|policy| policy.selects(namespace));
        let selected = selected.map(EffectivePolicy::from).reduce(EffectivePolicy::strictest);
        selected.unwrap_or_else(|| self.upgrade.clone().into())
    }
}

/// Checks all inputs.
pub(crate) fn lint(inputs: &[Input], policies: &Policies, folder: Folder<'_>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut manifests = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        if is_script(input) {
            script::check_file(input, policies, &mut outcome);
            continue;
        }
        match manifest::text(&input.bytes) {
            Ok(text) => {
                let (manifest, errors) = Manifest::new(index, &input.name, text);
                outcome.errors.extend(errors.iter().map(|error| format!("{}: {error}", input.name)));
                manifests.push(manifest);
            }
            Err(error) => outcome.errors.push(format!("{}: {error}", input.name)),
        }
    }
    policy::check(&manifests, &mut outcome);
    platform::check(&manifests, &policies.machine, folder, &mut outcome);
    let scope = Scope::new(policies, &manifests);
    let references = cluster::check(&manifests, &scope, &mut outcome);
    let referenced = by_name(&references);
    for (manifest, object, references) in objects(&manifests, &referenced) {
        script::check_config_map(manifest, object, references, &scope, &mut outcome);
    }
    cluster::missing(&references, &manifests, &scope, &mut outcome);
    outcome.sort(inputs);
    outcome
}

/// What can be fixed in all inputs.
pub(crate) fn propose(inputs: &[Input], policies: &Policies) -> Vec<Proposal> {
    let mut proposals = Vec::new();
    let mut manifests = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        if is_script(input) {
            proposals.extend(script::propose_file(index, input, policies));
        } else if let Ok(text) = manifest::text(&input.bytes) {
            manifests.push(Manifest::new(index, &input.name, text).0);
        }
    }
    let references = cluster::check(&manifests, &Scope::new(policies, &manifests), &mut Outcome::default());
    let referenced = by_name(&references);
    for (manifest, object, references) in objects(&manifests, &referenced) {
        match object.kind {
            Kind::Cluster => {
                proposals.extend(crate::fix::propose(manifest.index, manifest.text, &object.node))
            }
            Kind::ConfigMap { .. } => {
                proposals.extend(script::propose(manifest, object, references, &policies.upgrade));
            }
            Kind::Policy { .. } | Kind::Namespace { .. } | Kind::PlatformCluster | Kind::Machine => {}
        }
    }
    proposals
}

type ByName<'a> = HashMap<&'a str, Vec<&'a Reference<'a>>>;

fn by_name<'a>(references: &'a [Reference<'a>]) -> ByName<'a> {
    let mut referenced = ByName::new();
    for reference in references {
        referenced.entry(&reference.config_map).or_default().push(reference);
    }
    referenced
}

/// All objects, with the references to their names.
fn objects<'a>(
    manifests: &'a [Manifest<'a>],
    referenced: &'a ByName<'a>,
) -> impl Iterator<Item = (&'a Manifest<'a>, &'a Object, &'a [&'a Reference<'a>])> {
    manifests.iter().flat_map(move |manifest| {
        manifest.objects.iter().map(move |object| {
            let references = referenced.get(object.meta.name.as_str()).map(Vec::as_slice).unwrap_or_default();
            (manifest, object, references)
        })
    })
}

/// Whether an input is a bare script: by its name, or, where that doesn't tell, by its content.
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
        // `key:` is no command that anybody has.
        let first = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let key = first.and_then(|line| line.split(' ').next()).and_then(|word| word.strip_suffix(':'));
        key.is_some_and(|key| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric()))
            || text.lines().any(|line| marks.iter().any(|mark| line.starts_with(mark)))
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
