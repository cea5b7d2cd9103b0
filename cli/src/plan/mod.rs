//! `hookgate plan`: what the operator would do for a manifest, asked of the operator's own rules.

mod render;

use crate::live::{LiveError, Place};
use crate::machines;
use clap::Args;
use hookgate_api::StarRocksCluster;
use hookgate_api::platform::check::{Problem, is_refused};
use hookgate_folder::HooksFolder;
use hookgate_operator::{
    observe::Observer,
    plan::{Preview, Tuning, preview},
};
use hookgate_policy::Profile;
use jiff::Timestamp;
use kube::{Api, Client, ResourceExt, api::PostParams};
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use render::render;

/// The arguments of `plan`.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlanArguments {
    /// Manifests with StarRocksClusters, or TKEStack's Clusters and Machines, as they would be applied; - is standard
    /// input
    #[arg(short = 'f', long = "filename", required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The folder with the scripts and files of machine hooks, to check them as well
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) hooks_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// A cluster as a manifest has it.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    /// Where it's from, for messages.
    pub(crate) source: String,
    /// The object.
    pub(crate) object: Value,
}

/// What would happen for one manifest.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// The cluster, as `namespace/name`.
    pub(crate) cluster: String,
    /// Why the API server, or the admission gate, would refuse it.
    pub(crate) denied: Option<String>,
    /// What would happen if it were accepted; absent when it's denied.
    pub(crate) preview: Option<Preview>,
    /// The same for an object of machine hooks, in words.
    pub(crate) machines: Vec<String>,
    /// Whether its rules refuse an object of machine hooks.
    pub(crate) is_refused: bool,
}

impl Planned {
    /// Of a StarRocksCluster that isn't denied.
    pub(crate) fn of(cluster: String, preview: Option<Preview>) -> Self {
        Self { cluster, denied: None, preview, machines: Vec::new(), is_refused: false }
    }

    /// Of an object of machine hooks.
    pub(crate) fn of_machines(
        object: String,
        denied: Option<String>,
        lines: Vec<String>,
        problems: &[Problem],
    ) -> Self {
        Self { cluster: object, denied, preview: None, machines: lines, is_refused: is_refused(problems) }
    }
}

/// How long an FE may take to answer. From outside the cluster none does: then it isn't known which of them leads.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// Finds the StarRocksClusters in a text with any number of YAML or JSON documents.
///
/// # Errors
/// When it can't be read, or has none.
pub(crate) fn clusters(source: &str, bytes: &[u8]) -> Result<Vec<Manifest>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("{source}: it is not UTF-8: {error}"))?;
    let documents: Vec<Value> =
        serde_saphyr::from_multiple(text).map_err(|error| format!("{source}: {error}"))?;
    let objects = documents.into_iter().flat_map(|document| match document {
        Value::Object(mut list) if list.get("kind").and_then(Value::as_str) == Some("List") => {
            match list.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            }
        }
        other => vec![other],
    });
    let is_cluster = |object: &Value| {
        let word = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        is_of_machines(object)
            || word("kind") == "StarRocksCluster" && word("apiVersion").starts_with("starrocks.com/")
    };
    let found: Vec<_> =
        objects.filter(is_cluster).map(|object| Manifest { source: source.to_owned(), object }).collect();
    if found.is_empty() { Err(format!("{source}: there is no StarRocksCluster in it")) } else { Ok(found) }
}

/// Whether an object is TKEStack's Cluster or Machine.
fn is_of_machines(object: &Value) -> bool {
    let word = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    matches!(word("kind"), "Cluster" | "Machine") && word("apiVersion").starts_with("platform.tkestack.io/")
}

/// What would happen for these manifests.
///
/// # Errors
/// When the live cluster can't be looked at.
pub(crate) async fn plan(
    place: Place,
    manifests: Vec<Manifest>,
    hooks_dir: Option<PathBuf>,
) -> Result<Vec<Planned>, LiveError> {
    let (client, namespace) = place.connect().await?;
    let folder = hooks_dir.map(HooksFolder::new);
    let mut planned = Vec::new();
    for manifest in manifests {
        planned.push(if is_of_machines(&manifest.object) {
            Box::pin(machines::plan_one(&client, manifest, folder.as_ref())).await?
        } else {
            Box::pin(plan_one(&client, &namespace, manifest)).await?
        });
    }
    Ok(planned)
}

async fn plan_one(client: &Client, namespace: &str, manifest: Manifest) -> Result<Planned, LiveError> {
    let unusable = |error: serde_json::Error| LiveError::Process(format!("{}: {error}", manifest.source));
    let wanted: StarRocksCluster = serde_json::from_value(manifest.object.clone()).map_err(unusable)?;
    let namespace = wanted.namespace().unwrap_or_else(|| namespace.to_owned());
    let name = wanted.name_any();
    let clusters: Api<StarRocksCluster> = Api::namespaced(client.clone(), &namespace);
    let live =
        clusters.get_opt(&name).await.map_err(LiveError::api(format!("reading the cluster {name}")))?;
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    let asked = match &live {
        Some(live) => clusters.replace(&name, &dry, &merged(live, &wanted)).await,
        None => clusters.create(&dry, &wanted).await,
    };
    let cluster = format!("{namespace}/{name}");
    let accepted = match asked {
        Ok(accepted) => accepted,
        // The spec is refused; anything else that goes wrong says nothing about it.
        Err(kube::Error::Api(status)) if matches!(status.code, 400 | 403 | 422) => {
            return Ok(Planned { denied: Some(status.message.clone()), ..Planned::of(cluster, None) });
        }
        Err(error) => return Err(LiveError::api(format!("asking the API server about {cluster}"))(error)),
    };
    let mut spec = accepted;
    spec.status = live.and_then(|live| live.status);
    let observer = Observer::new(client.clone(), Profile::default(), DATABASE_TIMEOUT);
    let observation = Box::pin(observer.observe_as(spec)).await;
    let observation = observation.map_err(|error| LiveError::Process(format!("{cluster}: {error}")))?;
    let preview = preview(&observation, &Tuning::default(), Timestamp::now())
        .map_err(|error| LiveError::Process(format!("{cluster}: {error}")))?;
    Ok(Planned::of(cluster, Some(preview)))
}

/// The live object with the manifest's spec, and its annotations and labels beside those that are there.
fn merged(live: &StarRocksCluster, wanted: &StarRocksCluster) -> StarRocksCluster {
    let mut merged = live.clone();
    merged.spec = wanted.spec.clone();
    merged.annotations_mut().extend(wanted.annotations().clone());
    merged.labels_mut().extend(wanted.labels().clone());
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_found_among_other_objects_and_in_lists() {
        let text = "kind: ConfigMap\napiVersion: v1\n---\nkind: List\napiVersion: v1\nitems:\n- {kind: \
                    StarRocksCluster, apiVersion: starrocks.com/v1, metadata: {name: a}}\n---\n";
        let found = clusters("x.yaml", text.as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].object.pointer("/metadata/name").unwrap(), "a");
        assert!(
            clusters("x.yaml", b"kind: Pod\n").unwrap_err().contains("x.yaml: there is no StarRocksCluster")
        );
        assert!(clusters("x.yaml", b"a: [").unwrap_err().starts_with("x.yaml: "));
        assert!(clusters("x.yaml", b"\xff").unwrap_err().contains("not UTF-8"));
    }

    #[test]
    fn what_the_manifest_says_replaces_the_spec_and_nothing_else() {
        let object = |image: &str, annotations: Value| -> StarRocksCluster {
            serde_json::from_value(serde_json::json!({
                "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
                "metadata": {"name": "a", "resourceVersion": "7", "annotations": annotations},
                "spec": {"starRocksFeSpec": {"image": image}},
            }))
            .unwrap()
        };
        let live = object("old", serde_json::json!({"kept": "1"}));
        let merged = merged(&live, &object("new", serde_json::json!({"added": "2"})));
        assert_eq!(merged.resource_version().as_deref(), Some("7"));
        assert_eq!(merged.annotations().len(), 2);
        assert_eq!(serde_json::to_value(&merged.spec).unwrap()["starRocksFeSpec"]["image"], "new");
    }
}
