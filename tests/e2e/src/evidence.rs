//! What helps to understand a failure, saved before the namespace goes.

use crate::{
    kubectl::kubectl,
    manifest::{RECORDER, RECORDER_HTTP},
    problem::Problem,
    proxy::Target,
    scenario::Scenario,
};
use http::Method;
use std::path::{Path, PathBuf};

/// Saves it under `target/e2e/<scenario>`; what can't be saved is said and no further failure.
pub async fn save(scenario: &Scenario, problem: &Problem) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e").join(&scenario.name);
    eprintln!("{}: {problem}", scenario.name);
    match write_all(scenario, &folder).await {
        Ok(()) => eprintln!("{}: what was there is in {}", scenario.name, folder.display()),
        Err(problem) => eprintln!("{}: what was there can't be saved: {problem}", scenario.name),
    }
}

async fn write_all(scenario: &Scenario, folder: &Path) -> Result<(), Problem> {
    let in_namespace = ["-n", scenario.namespace.as_str()];
    let of_operator = ["-n", "hookgate-system"];
    for (file, place, arguments) in [
        ("clusters.yaml", in_namespace, &["get", "starrocksclusters", "-o", "yaml"][..]),
        ("describe.txt", in_namespace, &["describe", "starrocksclusters"]),
        (
            "objects.txt",
            in_namespace,
            &["get", "statefulsets,pods,jobs,services,endpointslices", "-o", "wide"],
        ),
        ("pods.txt", in_namespace, &["describe", "pods"]),
        ("kubernetes-events.txt", in_namespace, &["get", "events", "--sort-by=.metadata.creationTimestamp"]),
        ("operator.log", of_operator, &["logs", "deployment/hookgate-operator", "--tail=2000"]),
        ("webhook.log", of_operator, &["logs", "deployment/hookgate-webhook", "--tail=500"]),
    ] {
        let text = kubectl(&[&place[..], arguments].concat(), None).await?.text;
        write(folder.join(file), &text).await?;
    }
    let recorder = Target::pod(&scenario.namespace, RECORDER, RECORDER_HTTP);
    let events = recorder.send(&scenario.client, Method::GET, "/events", Vec::new()).await?;
    write(folder.join("database.jsonl"), &events).await?;
    let timeline = scenario.timeline().await?;
    write(folder.join("timeline.txt"), &format!("{:#?}\n{:#?}\n", timeline.sets, timeline.pods)).await
}

async fn write(path: PathBuf, text: &str) -> Result<(), Problem> {
    let failed = |source| Problem::Io { what: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
    }
    tokio::fs::write(&path, text).await.map_err(failed)
}
