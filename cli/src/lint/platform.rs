//! TKEStack's Clusters and Machines: what is wrong with them, and with the scripts of their hooks.

use super::locate::locate;
use super::{Checked, Diagnostic, Folder, Manifest, Outcome, Place, parse};
use crate::manifest::{Kind, Object};
use hookgate_api::platform::check::{
    FolderAnswers, FolderQuestions, Problem, Script, check_cluster, check_machine,
};
use hookgate_api::platform::{Cluster, Machine};
use hookgate_policy::{Policy, RuleId, Severity, check_machine_script, machine_rules};

/// Checks all of them.
pub(super) fn check(manifests: &[Manifest<'_>], policy: &Policy, folder: Folder<'_>, outcome: &mut Outcome) {
    for manifest in manifests {
        for object in &manifest.objects {
            let problems = match object.kind {
                Kind::PlatformCluster => cluster(manifest, object, policy, folder, outcome),
                Kind::Machine => machine(object),
                _ => continue,
            };
            outcome.machine_objects += 1;
            let diagnostics = problems.into_iter().map(|problem| diagnostic(manifest, object, problem));
            outcome.diagnostics.extend(diagnostics);
        }
    }
}

fn cluster(
    manifest: &Manifest<'_>,
    object: &Object,
    policy: &Policy,
    folder: Folder<'_>,
    outcome: &mut Outcome,
) -> Vec<Problem> {
    let cluster: Cluster = match read(object, "Cluster") {
        Ok(cluster) => cluster,
        Err(problem) => return vec![problem],
    };
    let questions = FolderQuestions::of(&cluster.spec);
    let Some(ask) = folder else {
        if !questions.is_empty() {
            outcome.remarks.push(format!(
                "{}: Cluster {}: the files and scripts of its hooks were not looked at: give their folder by --hooks-dir",
                manifest.name,
                object.meta.title()
            ));
        }
        return check_cluster(&cluster.spec, None, policy);
    };
    let answers = ask(&questions);
    outcome.scripts.extend(scripts(manifest, object, &answers, policy));
    check_cluster(&cluster.spec, Some(&answers), policy)
}

fn machine(object: &Object) -> Vec<Problem> {
    match read::<Machine>(object, "Machine") {
        Ok(machine) => check_machine(&machine.spec),
        Err(problem) => vec![problem],
    }
}

/// The scripts that were judged.
fn scripts<'a>(
    manifest: &'a Manifest<'_>,
    object: &'a Object,
    answers: &'a FolderAnswers,
    policy: &'a Policy,
) -> impl Iterator<Item = Checked> + 'a {
    answers.scripts.iter().filter_map(move |(path, script)| {
        let Script::Content(bytes) = script else { return None };
        let report = check_machine_script(bytes, policy);
        Some(Checked {
            path: manifest.name.to_owned(),
            object: format!("Cluster {}, {path}", object.meta.title()),
            sha256: report.sha256().to_owned(),
            denied: report.is_denied(),
        })
    })
}

/// Reads the object; of what can't be read the field is said, and by the rule about it, never the value.
fn read<K: serde::de::DeserializeOwned>(object: &Object, kind: &str) -> Result<K, Problem> {
    let wrong = |path: String, message: String, help: &str| Problem {
        rule: rule_of(&path),
        severity: Severity::Error,
        path,
        message,
        help: help.to_owned(),
    };
    let Some(json) = object.node.to_json() else {
        return Err(wrong(String::new(), "its aliases make it too large".to_owned(), "write it out"));
    };
    parse::object(&json).map_err(|parse::WrongField { path, message }| {
        let message = format!("the {kind} cannot be read: {message}");
        let help =
            "compare the field with `kubectl explain cluster.spec --api-version platform.tkestack.io/v1`";
        wrong(path, message, &help.replace("cluster", &kind.to_ascii_lowercase()))
    })
}

/// The rule about a field.
fn rule_of(path: &str) -> RuleId {
    if path.contains("features.hooks") {
        machine_rules::UNPROVIDED_HOOK
    } else if path.contains("features.files") {
        machine_rules::SOURCE
    } else if ["password", "privateKey", "passPhrase", "secretRef"].iter().any(|field| path.ends_with(field))
    {
        machine_rules::CREDENTIALS
    } else {
        machine_rules::ADDRESS
    }
}

fn diagnostic(manifest: &Manifest<'_>, object: &Object, problem: Problem) -> Diagnostic {
    let kind = if matches!(object.kind, Kind::Machine) { "Machine" } else { "Cluster" };
    let range = locate(&object.node, &problem.path);
    let Problem { rule, severity, path, message, help } = problem;
    Diagnostic {
        path: manifest.name.to_owned(),
        object: format!("{kind} {}", object.meta.title()).trim_end().to_owned(),
        template: object.template.clone(),
        rule,
        severity,
        message: if path.is_empty() { message } else { format!("{path}: {message}") },
        help,
        place: Place::new(&manifest.lines, &range),
    }
}
