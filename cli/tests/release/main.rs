//! `hookgate release` as a user runs it: a stand-in of the API server, and stand-ins of FEs.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod api_server;
#[path = "../../../tests/standin/tests/support/mod.rs"]
mod starrocks;

use api_server::ApiServer;
use serde_json::{Value, json};
use starrocks::Cluster;
use std::process::{Output, Stdio};
use tokio::process::Command;

const SCHEDULING: &str = "tablet_sched_max_scheduling_tablets";

/// A cluster in the middle of an upgrade, whose FEs have what the upgrade holds.
async fn held(frontends: &Cluster, original: &str) -> ApiServer {
    for number in 0..frontends.fes.len() {
        frontends.query(number, &format!(r#"ADMIN SET FRONTEND CONFIG ("{SCHEDULING}" = "0")"#)).await;
    }
    let pods: Vec<Value> = frontends.fes.iter().map(pod).collect();
    let memory: Vec<Value> = pods
        .iter()
        .map(|pod| json!({"pod": pod["metadata"]["name"], "uid": "u", "original": original}))
        .collect();
    let cluster = json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "sr", "namespace": "db", "uid": "u", "resourceVersion": "1",
            "finalizers": ["example.com/other", "hookgate.dev/held-settings"]},
        "spec": {"starRocksFeSpec": {"image": "fe:3.2.2", "feEnvVars": [
            {"name": "MYSQL_PWD", "valueFrom": {"secretKeyRef": {"name": "root", "key": "password"}}},
        ]}},
        "status": {
            "heldSettings": [{
                "name": SCHEDULING, "value": "0", "state": "Held", "since": "2026-01-01T00:00:00Z",
                "holders": ["be"], "frontends": memory,
            }],
            "wave": {
                "id": "g2-1", "direction": "Upgrade", "startedAt": "2026-01-01T00:00:00Z",
                "components": [{
                    "component": "be", "phase": "Rolling", "fromImage": "be:3.2.1", "toImage": "be:3.2.2",
                    "target": "t",
                }],
            },
        },
    });
    ApiServer::start(cluster, pods).await
}

fn pod(place: &starrocks::Place) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("sr-fe-{}", place.number), "namespace": "db"},
        "spec": {"containers": [{
            "name": "fe", "ports": [{"name": "query-port", "containerPort": place.query.port()}],
        }]},
        "status": {"phase": "Running", "podIP": "127.0.0.1"},
    })
}

async fn release(server: &ApiServer, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_hookgate"))
        .args([&["release", "--settle-seconds", "0"], arguments].concat())
        .env("KUBECONFIG", server.kubeconfig())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_given_back_on_every_fe_and_the_upgrade_is_stopped() {
    for way in [&["--direct"][..], &[]] {
        let frontends = Cluster::start(3, &[]).await;
        let server = held(&frontends, "4321").await;
        let arguments = [&["sr", "-n", "db", "--yes"], way].concat();
        let (code, out, errors) = release(&server, &arguments).await;
        assert_eq!(code, Some(0), "{way:?}: {out}{errors}");
        for number in 0..3 {
            assert_eq!(frontends.setting(number, SCHEDULING).await, "4321");
        }
        let cluster = server.cluster();
        assert_eq!(cluster["metadata"]["annotations"]["hookgate.dev/release"], "g2-1");
        assert_eq!(cluster["status"].get("heldSettings"), None, "{}", cluster["status"]);
        assert!(cluster["status"]["wave"].is_object(), "the rest of the status stays");
        assert!(out.contains("goes back to 4321") && out.contains("hookgate.dev/release-"), "{out}");
        // Written down before it was done; and a cluster that nothing is held of can be deleted without an operator.
        assert_eq!(server.writes(), ["annotate", "Releasing", "none", "finalizer"]);
        assert_eq!(cluster["metadata"]["finalizers"], json!(["example.com/other"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_fe_that_can_not_be_reached_stays_in_the_status_and_the_others_get_theirs() {
    let mut frontends = Cluster::start(2, &[]).await;
    let server = held(&frontends, "4321").await;
    frontends.kill(1).await;
    let (code, _, errors) = release(&server, &["--all", "--yes", "--direct"]).await;
    assert_eq!(code, Some(2));
    assert!(errors.contains("db/sr: sr-fe-1:") && errors.contains("run the same again"), "{errors}");
    assert_eq!(frontends.setting(0, SCHEDULING).await, "4321");
    assert_eq!(server.cluster()["status"]["heldSettings"][0]["state"], "Releasing");
    assert_eq!(server.cluster()["metadata"]["finalizers"].as_array().unwrap().len(), 2);
    let (code, out, _) = release(&server, &["--all", "--yes", "--direct", "--give-up-after", "20"]).await;
    assert_eq!(code, Some(0), "what runs before an uninstall never fails");
    assert!(out.contains("not everything is given back"), "{out}");
    assert_eq!(server.cluster()["metadata"]["finalizers"], json!(["example.com/other"]), "it can be deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_changes_nothing_and_names_the_way_out() {
    let frontends = Cluster::start(1, &[]).await;
    let server = held(&frontends, "1\"); DROP TABLE t").await;
    let (code, _, errors) = release(&server, &["sr", "-n", "db", "--yes", "--direct"]).await;
    assert!(code == Some(2) && errors.contains("is not a value of an FE setting"), "{errors}");
    let server = held(&frontends, "4321").await;
    let (code, _, errors) = release(&server, &["sr", "-n", "db", "--direct"]).await;
    assert!(code == Some(2) && errors.contains("Say --yes"), "{errors}");
    let (code, _, errors) = release(&server, &["other", "-n", "db", "--yes"]).await;
    assert!(code == Some(2) && errors.contains("there is sr"), "{errors}");
    assert_eq!(frontends.setting(0, SCHEDULING).await, "0");
    assert_eq!(server.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_with_the_way_out() {
    let frontends = Cluster::start(1, &[]).await;
    let server = held(&frontends, "4321").await;
    frontends.query(0, "SET PASSWORD = PASSWORD('other')").await;
    let (code, _, errors) = release(&server, &["sr", "-n", "db", "--yes", "--direct"]).await;
    assert_eq!(code, Some(2));
    assert!(errors.contains("ERROR 1045") && errors.contains("MYSQL_PWD"), "{errors}");
}

/// A Cluster with machine hooks, as far as its metadata goes.
fn machine_cluster(name: &str, finalizers: &[&str]) -> Value {
    json!({
        "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
        "metadata": {"name": name, "uid": name, "resourceVersion": "1", "finalizers": finalizers},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_with_machine_hooks_are_let_go_and_an_operator_is_told() {
    const HOOKS: &str = "hookgate.dev/machine-hooks";
    let frontends = Cluster::start(1, &[]).await;
    let finalizers =
        |server: &ApiServer, place: usize| server.machine_clusters()[place]["metadata"]["finalizers"].clone();
    let serve = async || {
        let server = held(&frontends, "4321").await;
        let mut dying = machine_cluster("dying", &[HOOKS]);
        dying["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        let clusters =
            vec![machine_cluster("a", &["tke/cluster", HOOKS]), dying, machine_cluster("b", &["x"])];
        server.serve_machine_clusters(clusters, 2);
        server
    };
    let server = serve().await;
    let (code, out, errors) = release(&server, &["--all", "--yes", "--direct"]).await;
    assert_eq!(code, Some(0), "{out}{errors}");
    let all: Vec<Value> = (0..3).map(|place| finalizers(&server, place)).collect();
    assert_eq!(all, [json!(["tke/cluster"]), json!([]), json!(["x"])]);
    let told = server.machine_clusters()[0]["metadata"]["annotations"]["hookgate.dev/release"].clone();
    assert!(told.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{told}");
    assert!(out.contains("Cluster dying has the finalizer") && out.contains("never will"), "{out}");
    assert!(out.contains("annotate clusters.platform.tkestack.io a hookgate.dev/release-"), "{out}");

    // They are in no namespace.
    let server = serve().await;
    let (code, ..) = release(&server, &["--all", "-n", "db", "--yes", "--direct"]).await;
    assert_eq!((code, finalizers(&server, 1)), (Some(0), json!([HOOKS])));
    let arguments = ["--all", "-n", "db", "--machine-hooks", "--yes", "--direct", "--give-up-after", "20"];
    let (code, ..) = release(&server, &arguments).await;
    assert_eq!((code, finalizers(&server, 1)), (Some(0), json!([])));

    // Nobody is there to ask.
    let server = serve().await;
    let (code, _, errors) = release(&server, &["--all", "--direct"]).await;
    assert!(code == Some(2) && errors.contains("Say --yes"), "{errors}");
    assert_eq!(finalizers(&server, 1), json!([HOOKS]));
}
