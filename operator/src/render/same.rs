//! Whether a Job that is found under a run's name is the one that was to be made.

use super::job::NONCE_ANNOTATION;
use k8s_openapi::api::batch::v1::Job;
use kube::ResourceExt;
use serde_json::{Value, json};

/// Labels that the Job controller gives a Job's pods.
const LABELS_OF_CONTROLLER: [&str; 4] =
    ["batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"];

/// Why a Job isn't the one that was to be made; `None` when it is.
///
/// It is when it carries this run's nonce, which was written into the status before the Job could be made, the owner
/// reference of this cluster, and a spec that says what was rendered and nothing besides, the API server's defaults apart.
pub fn difference(rendered: &Job, live: &Job) -> Option<String> {
    let owned = |job: &Job| -> Option<String> {
        job.owner_references()
            .iter()
            .find(|owner| owner.controller == Some(true))
            .map(|owner| owner.uid.clone())
    };
    if owned(rendered).is_none() || owned(rendered) != owned(live) {
        return Some("it does not belong to this cluster".to_owned());
    }
    let nonce = |job: &Job| job.annotations().get(NONCE_ANNOTATION).cloned();
    if nonce(rendered).is_none() || nonce(rendered) != nonce(live) {
        return Some("it is not of this run".to_owned());
    }
    let spec = |job: &Job| serde_json::to_value(&job.spec).unwrap_or_default();
    let path = unlike("spec", &spec(rendered), &spec(live))?;
    Some(format!("{path} is not what was to be run"))
}

/// The first field that differs, defaults apart.
fn unlike(path: &str, rendered: &Value, live: &Value) -> Option<String> {
    match (rendered, live) {
        (Value::Object(rendered), Value::Object(live)) => {
            let missing = rendered.iter().find(|(name, _)| !live.contains_key(*name));
            if let Some((name, _)) = missing {
                return Some(format!("{path}.{name}"));
            }
            live.iter().find_map(|(name, value)| match rendered.get(name) {
                Some(expected) => unlike(&format!("{path}.{name}"), expected, value),
                None if is_default(path, name, value) => None,
                None => Some(format!("{path}.{name}")),
            })
        }
        (Value::Array(rendered), Value::Array(live)) if rendered.len() == live.len() => {
            let pairs = rendered.iter().zip(live).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (expected, value))| unlike(&format!("{path}[{at}]"), expected, value))
        }
        (rendered, live) if rendered == live => None,
        _ => Some(path.to_owned()),
    }
}

/// Whether the API server, or the Job controller, fills a field in by itself.
fn is_default(path: &str, name: &str, value: &Value) -> bool {
    match (path, name) {
        ("spec", "selector") => true,
        ("spec", "completions" | "parallelism") => *value == json!(1),
        ("spec", "completionMode") => *value == json!("NonIndexed"),
        ("spec", "podReplacementPolicy") => *value == json!("TerminatingOrFailed"),
        ("spec", "suspend" | "manualSelector") => *value == json!(false),
        ("spec.template.metadata.labels", name) => LABELS_OF_CONTROLLER.contains(&name),
        ("spec.template.metadata", "creationTimestamp") => value.is_null(),
        ("spec.template.spec", "schedulerName") => *value == json!("default-scheduler"),
        (_, "terminationMessagePath") => *value == json!("/dev/termination-log"),
        (_, "terminationMessagePolicy") => *value == json!("File"),
        (_, "defaultMode") => *value == json!(0o644),
        (path, "apiVersion") => path.ends_with(".fieldRef") && *value == json!("v1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(spec: &Value) -> Job {
        serde_json::from_value(json!({
            "metadata": {
                "name": "sr-be-pre-1",
                "annotations": {NONCE_ANNOTATION: "n1"},
                "ownerReferences": [{
                    "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster", "name": "sr", "uid": "u1",
                    "controller": true,
                }],
            },
            "spec": spec,
        }))
        .unwrap()
    }

    fn rendered() -> Job {
        job(&json!({"backoffLimit": 0, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {
            "restartPolicy": "Never", "containers": [{"name": "hook", "args": ["--sha256=1"]}],
            "volumes": [{"name": "script", "configMap": {"name": "hooks"}}],
        }}}))
    }

    fn with(path: &str, value: Value) -> Job {
        let mut live = serde_json::to_value(rendered()).unwrap();
        let (parent, field) = path.rsplit_once('/').unwrap();
        live.pointer_mut(parent).unwrap()[field] = value;
        serde_json::from_value(live).unwrap()
    }

    #[test]
    fn what_the_api_server_fills_in_is_no_difference() {
        let live = job(&json!({"backoffLimit": 0, "completions": 1, "parallelism": 1, "suspend": false,
        "completionMode": "NonIndexed", "manualSelector": false, "podReplacementPolicy": "TerminatingOrFailed",
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": "x"}},
        "template": {
            "metadata": {"labels": {"a": "b", "job-name": "sr-be-pre-1", "controller-uid": "x"}},
            "spec": {
                "restartPolicy": "Never", "schedulerName": "default-scheduler",
                "containers": [{"name": "hook", "args": ["--sha256=1"], "terminationMessagePolicy": "File",
                    "terminationMessagePath": "/dev/termination-log"}],
                "volumes": [{"name": "script", "configMap": {"name": "hooks", "defaultMode": 420}}],
            },
        }}));
        assert_eq!(difference(&rendered(), &live), None);
    }

    #[test]
    fn anything_else_makes_it_somebody_elses() {
        let container = "/spec/template/spec/containers/0";
        for (path, value, expected) in [
            (format!("{container}/args"), json!(["--sha256=2"]), "containers[0].args[0] is not"),
            (format!("{container}/args"), json!(["--sha256=1", "--allow"]), "containers[0].args is not"),
            (
                format!("{container}/env"),
                json!([{"name": "LD_PRELOAD", "value": "x"}]),
                "containers[0].env is not",
            ),
            (format!("{container}/image"), json!("other"), "containers[0].image is not"),
            (format!("{container}/terminationMessagePath"), json!("/tmp/x"), "terminationMessagePath is not"),
            (
                "/spec/template/spec/initContainers".to_owned(),
                json!([{"name": "x"}]),
                "initContainers is not",
            ),
            ("/spec/template/spec/volumes".to_owned(), json!([]), "volumes is not"),
            ("/spec/template/metadata/labels".to_owned(), json!({"a": "b", "c": "d"}), "labels.c is not"),
            ("/spec/backoffLimit".to_owned(), json!(3), "spec.backoffLimit is not"),
            ("/spec/suspend".to_owned(), json!(true), "spec.suspend is not"),
            ("/spec/parallelism".to_owned(), json!(2), "spec.parallelism is not"),
            ("/metadata/annotations".to_owned(), json!({NONCE_ANNOTATION: "n2"}), "not of this run"),
            ("/metadata/annotations".to_owned(), json!({}), "not of this run"),
            ("/metadata/ownerReferences".to_owned(), json!([]), "does not belong to this cluster"),
        ] {
            let said = difference(&rendered(), &with(&path, value.clone()));
            assert!(said.as_ref().is_some_and(|said| said.contains(expected)), "{path} {value}: {said:?}");
        }
    }
}
