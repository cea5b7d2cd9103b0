//! What the hooks folder has for an object: the files, and what the policy says of its scripts.

use super::view::View;
use hookgate_api::platform::{ClusterSpec, DestinationPath, HookType, Scope, check::check_cluster};
use hookgate_machines::{
    files::{Entry, Manifest, Wanted},
    plan::{FileFacts, ScriptFacts},
    run::check_arguments,
};
use hookgate_policy::{Policy, Profile, Severity, check_machine_script};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A script is not read beyond that: what is longer is no script.
const MAX_SCRIPT_BYTES: u64 = 1 << 20;
/// Findings that a condition names.
const NAMED_FINDINGS: usize = 5;

/// What is there.
pub(super) struct Gathered {
    pub(super) files: Result<FileFacts, String>,
    pub(super) hooks: BTreeMap<HookType, ScriptFacts>,
    pub(super) manifest: Arc<Manifest>,
}

/// What is to be gathered.
pub(super) struct Order {
    folder: PathBuf,
    profile: Profile,
    files: Vec<(String, String)>,
    hooks: BTreeMap<HookType, String>,
    arguments: Vec<String>,
    /// What is wrong with the files and hooks of the spec; the webhook may not have seen it.
    wrong: Option<String>,
}

impl Order {
    pub(super) fn of(folder: &Path, profile: Profile, view: &View<'_>) -> Self {
        let hooks =
            HookType::ALL.into_iter().filter_map(|hook| Some((hook, view.spec.hook(hook)?.to_owned())));
        Self {
            folder: folder.to_owned(),
            profile,
            files: view.spec.files().iter().map(|file| (file.src.clone(), file.dst.clone())).collect(),
            hooks: hooks.collect(),
            arguments: view.arguments.clone(),
            wrong: wrong(view.spec, profile),
        }
    }
}

/// What the rules of the admission say against the files and hooks of a spec. What is wrong with a machine is found
/// where that machine is reached, and holds up no other.
fn wrong(spec: &ClusterSpec, profile: Profile) -> Option<String> {
    let problems = check_cluster(spec, None, &Policy::from(profile)).into_iter();
    let problems = problems
        .filter(|problem| problem.severity == Severity::Error && problem.path.starts_with("spec.features"))
        .take(NAMED_FINDINGS)
        .map(|problem| format!("{problem}; {}", problem.help));
    Some(problems.collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
}

/// Reads the folder; it takes as long as reading all files takes.
pub(super) fn gather(order: &Order) -> Gathered {
    let places: BTreeMap<HookType, Result<String, String>> = order
        .hooks
        .iter()
        .map(|(hook, path)| {
            let place = DestinationPath::read(path).map(|path| path.as_str().to_owned());
            (*hook, place.map_err(|why| format!("{path:?} {why}")))
        })
        .collect();
    let wanted: Vec<Wanted<'_>> = order.files.iter().map(|(src, dst)| Wanted { src, dst }).collect();
    let run: Vec<&str> = places.values().flatten().map(String::as_str).collect();
    let manifest = match &order.wrong {
        Some(wrong) => Err(wrong.clone()),
        None => Manifest::read(&order.folder, &wanted, &run).map_err(|error| error.to_string()),
    };
    let (files, manifest) = match manifest {
        Ok(manifest) => (
            Ok(FileFacts {
                digest: manifest.digest.clone(),
                count: manifest.entries.len() + manifest.folders.len(),
            }),
            manifest,
        ),
        Err(wrong) => (Err(wrong), Manifest::default()),
    };
    let arguments = check_arguments(&order.arguments).err().map(|error| error.to_string());
    let policy = Policy::from(order.profile);
    let judged = |place, hook| script(hook, place, &manifest, arguments.as_ref(), &policy);
    let hooks: BTreeMap<_, _> = places.into_iter().map(|(hook, place)| (hook, judged(place, hook))).collect();
    Gathered { files, hooks, manifest: Arc::new(manifest) }
}

fn script(
    hook: HookType,
    place: Result<String, String>,
    manifest: &Manifest,
    arguments: Option<&String>,
    policy: &Policy,
) -> ScriptFacts {
    let path = match place {
        Ok(path) => path,
        Err(why) => return ScriptFacts { path: String::new(), digest: None, refusal: Some(why) },
    };
    let Some(entry) = manifest.at(&path) else { return ScriptFacts { path, digest: None, refusal: None } };
    let arguments = arguments.filter(|_| hook.scope() == Scope::Cluster).cloned();
    let refusal = arguments.or_else(|| judged(manifest, entry, policy));
    ScriptFacts { path, digest: Some(entry.digest.clone()), refusal }
}

/// Why the script must not run: the same check as at admission, of the bytes that are copied.
fn judged(manifest: &Manifest, entry: &Entry, policy: &Policy) -> Option<String> {
    let file = match manifest.open(entry) {
        Ok(file) => file,
        Err(error) => return Some(format!("it can't be opened: {error}")),
    };
    let mut text = Vec::new();
    if let Err(error) = file.take(MAX_SCRIPT_BYTES + 1).read_to_end(&mut text) {
        return Some(format!("it can't be read: {error}"));
    }
    if text.len() as u64 > MAX_SCRIPT_BYTES {
        return Some(format!("it is longer than {MAX_SCRIPT_BYTES} bytes, and was not checked"));
    }
    let read: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    if read != entry.digest {
        return Some("it was changed while it was looked at".to_owned());
    }
    let report = check_machine_script(&text, policy);
    let denied: Vec<String> = report
        .findings()
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .take(NAMED_FINDINGS)
        .map(|finding| format!("line {}: {} ({})", finding.line, finding.message, finding.rule))
        .collect();
    if denied.is_empty() { None } else { Some(denied.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_admission_would_refuse_is_refused_here_too() {
        let wrong = |features| {
            let spec = json!({
                "type": "Baremetal", "version": "1.18.3", "features": features,
                "machines": [{"ip": "10.0.0.9", "port": 99999, "password": "%"}],
            });
            super::wrong(&serde_json::from_value(spec).unwrap(), Profile::Baseline)
        };
        let files = json!([{"src": "hooks/pre", "dst": "/tmp/pre"}]);
        assert_eq!(wrong(json!({"files": files, "hooks": {"PreInstall": "/tmp/pre"}})), None);
        for (features, rule) in [
            (json!({"files": files, "hooks": {"PreIntsall": "/tmp/pre"}}), "HG801"),
            (json!({"files": files, "hooks": {"PreInstall": "/tmp/other"}}), "HG802"),
            (json!({"files": [{"src": "hooks/pre", "dst": "tmp/pre"}]}), "HG803"),
            (json!({"files": [{"src": "../pre", "dst": "/tmp/pre"}]}), "HG804"),
        ] {
            assert!(wrong(features).is_some_and(|text| text.starts_with(rule)), "{rule}");
        }
    }
}
