//! Hooks: their types, what provides them, and what is in their scripts.

use super::super::{ClusterSpec, DestinationPath, File, HookType, Scope, SourcePath};
use super::files::shown;
use super::{FolderAnswers, Found, Problem, Script};
use hookgate_policy::machine_rules::{ADDRESS, HOOK_TYPE, UNPROVIDED_HOOK};
use hookgate_policy::{Policy, check_machine_script};
use std::collections::BTreeSet;

/// How many of the files that could provide a hook are looked at. More than one needs another's folder in a folder.
const MAX_PROVIDERS: usize = 3;

/// A file that may provide a hook.
pub(super) struct Provider {
    /// Where the script is in the hooks folder, if `src` is a place there.
    pub(super) script: Option<SourcePath>,
}

/// The hooks of the ten types whose paths are paths.
pub(super) fn hook_paths(spec: &ClusterSpec) -> impl Iterator<Item = (HookType, DestinationPath)> {
    HookType::ALL.into_iter().filter_map(|hook| Some((hook, DestinationPath::read(spec.hook(hook)?).ok()?)))
}

/// The files that may provide what is at a path of the machine, the one that is copied last first.
pub(super) fn providers<'a>(
    files: &'a [File],
    path: &'a DestinationPath,
) -> impl Iterator<Item = Provider> + 'a {
    let provide = move |file: &File| {
        let below = path.below(&file.destination().ok()?)?.to_owned();
        let source = file.source().ok();
        let script =
            if below.is_empty() { source } else { source.and_then(|source| source.join(&below).ok()) };
        Some(Provider { script })
    };
    files.iter().take(super::MAX_FILES).rev().filter_map(provide).take(MAX_PROVIDERS)
}

/// Whether every hook is one that could run.
pub(super) fn check(spec: &ClusterSpec, folder: Option<&FolderAnswers>, policy: &Policy) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut judged = BTreeSet::new();
    let hooks = spec.features.iter().flat_map(|features| &features.hooks);
    for (name, path) in hooks.filter(|(_, path)| !path.is_empty()) {
        let field = format!("spec.features.hooks.{}", shown(name));
        let hook = match name.parse::<HookType>() {
            Ok(hook) => hook,
            Err(error) => {
                let help = "correct the name; `hookgate explain HG801` lists the ten";
                problems.push(Problem::error(HOOK_TYPE, field, shown_error(&error.to_string(), name), help));
                continue;
            }
        };
        if hook.scope() == Scope::Cluster && spec.machines.is_empty() {
            let message =
                "the cluster has no machines, so there is no first master on which the hook could run";
            let help = "name the masters in spec.machines, or remove the hook";
            problems.push(Problem::warning(ADDRESS, field.clone(), message, help));
        }
        problems.extend(check_one(spec.files(), path, &field, folder, policy, &mut judged));
    }
    problems
}

/// An unknown name may be of any length.
fn shown_error(error: &str, name: &str) -> String {
    error.replacen(name, &shown(name), 1)
}

fn check_one(
    files: &[File],
    path: &str,
    field: &str,
    folder: Option<&FolderAnswers>,
    policy: &Policy,
    judged: &mut BTreeSet<SourcePath>,
) -> Vec<Problem> {
    const HELP: &str =
        "name a file by its `dst` in spec.features.files, or a file in a folder there, without arguments";
    let unprovided = |message: String| vec![Problem::error(UNPROVIDED_HOOK, field, message, HELP)];
    let destination = match DestinationPath::read(path) {
        Ok(destination) => destination,
        Err(error) => return unprovided(format!("`{}` {error}", shown(path))),
    };
    let providers: Vec<Provider> = providers(files, &destination).collect();
    if providers.is_empty() {
        return unprovided(format!(
            "no file of spec.features.files provides {}",
            shown(destination.as_str())
        ));
    }
    let Some(folder) = folder else { return Vec::new() };
    let mut why = Vec::new();
    for source in providers.into_iter().filter_map(|provider| provider.script) {
        match folder.scripts.get(&source) {
            Some(Script::Content(script)) => {
                let is_first = judged.insert(source.clone());
                return if is_first { check_script(&source, script, field, policy) } else { Vec::new() };
            }
            Some(Script::Not(Found::Folder)) => {
                why.push(format!("{source} is a folder, and a hook is a file"))
            }
            Some(Script::Not(found)) => why.push(format!("{source} {found}")),
            None => {}
        }
    }
    if why.is_empty() { Vec::new() } else { unprovided(format!("nothing provides it: {}", why.join("; "))) }
}

/// What the policy says of a script, at its place in the hooks folder.
fn check_script(source: &SourcePath, script: &[u8], field: &str, policy: &Policy) -> Vec<Problem> {
    let report = check_machine_script(script, policy);
    let problem = |finding: &hookgate_policy::Finding| Problem {
        rule: finding.rule,
        severity: finding.severity,
        path: field.to_owned(),
        message: format!("{source}:{}:{}: {}", finding.line, finding.column, finding.message),
        help: finding.help.clone(),
    };
    report.findings().iter().map(problem).collect()
}
