//! BEs and CNs: registration, life and death, tablets.

mod support;

use std::time::Duration;

use hookgate_standin::event::{NodeKind, Occurrence};
use support::{Cluster, eventually, health, http, set_faults};

async fn alive(cluster: &Cluster, fe: usize, expected: &[&str]) {
    eventually("the BEs are as expected", async || {
        (cluster.column(fe, "SHOW BACKENDS", "Alive").await == expected).then_some(())
    })
    .await;
}

async fn total(cluster: &Cluster, column: usize) -> String {
    let rows = cluster.query(0, "SHOW PROC '/statistic'").await;
    let last = &rows[rows.len() - 1];
    assert_eq!(last[0], "Total");
    last[column].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_registers_dies_and_returns_with_its_new_version() {
    let cluster = Cluster::start(2, &["--unhealthy-seconds", "2"]).await;
    let first = cluster.node(NodeKind::Backend, 0, 1, &[]).await;
    alive(&cluster, 1, &["true"]).await;
    let second = cluster.node(NodeKind::Backend, 1, 0, &[]).await;
    let computing = cluster.node(NodeKind::ComputeNode, 0, 0, &[]).await;
    alive(&cluster, 1, &["true", "true"]).await;
    eventually("the CN is alive", async || {
        (cluster.column(1, "SHOW COMPUTE NODES", "Alive").await == ["true"]).then_some(())
    })
    .await;
    assert_eq!(health(computing.http_port()).await, 200);
    assert_eq!(total(&cluster, 7).await, "0");
    let started = cluster.column(0, "SHOW BACKENDS", "LastStartTime").await;
    let ports = (second.http_port().to_string(), second.heartbeat_port().to_string());
    drop(second);
    alive(&cluster, 0, &["true", "false"]).await;
    assert_eq!(total(&cluster, 7).await, "12", "a dead BE's tablets are unhealthy");
    let arguments =
        ["--webserver-port", &ports.0, "--heartbeat-port", &ports.1, "--starrocks-version", "3.3.0"];
    // LastStartTime has seconds.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let second = cluster.node(NodeKind::Backend, 1, 0, &arguments).await;
    alive(&cluster, 0, &["true", "true"]).await;
    assert_eq!(total(&cluster, 7).await, "12", "and for a while after its return");
    assert_eq!(cluster.column(0, "SHOW BACKENDS", "Version").await, ["3.2.2-0000000", "3.3.0-0000000"]);
    alive(&cluster, 1, &["true", "true"]).await;
    let again = cluster.column(0, "SHOW BACKENDS", "LastStartTime").await;
    assert!(again[0] == started[0] && again[1] != started[1], "{started:?} {again:?}");
    eventually("the tablets are healthy", async || (total(&cluster, 7).await == "0").then_some(())).await;
    drop((first, second));
    let told: Vec<_> = cluster
        .events()
        .into_iter()
        .filter_map(|recorded| match recorded.event.what {
            Occurrence::NodeAlive { kind: NodeKind::Backend, node, version } => Some((node, version)),
            Occurrence::NodeDead { kind: NodeKind::Backend, node, .. } => Some((node, "dead".to_owned())),
            _ => None,
        })
        .filter(|(node, _)| node.ends_with(&ports.1))
        .map(|(_, version)| version)
        .collect();
    assert_eq!(told, ["3.2.2-0000000", "dead", "3.3.0-0000000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_backend_stays_dropped_until_it_is_restarted() {
    let cluster = Cluster::start(1, &[]).await;
    let backend = cluster.node(NodeKind::Backend, 0, 0, &[]).await;
    alive(&cluster, 0, &["true"]).await;
    let (http_port, port) = (backend.http_port().to_string(), backend.heartbeat_port().to_string());
    cluster.query(0, &format!(r#"ALTER SYSTEM DROP BACKEND "127.0.0.1:{port}""#)).await;
    // Longer than the silence after which it asks for its FE.
    tokio::time::sleep(Duration::from_millis(4500)).await;
    assert!(cluster.query(0, "SHOW BACKENDS").await.is_empty());
    drop(backend);
    let ports = ["--webserver-port", &http_port, "--heartbeat-port", &port];
    let _again = cluster.node(NodeKind::Backend, 0, 0, &ports).await;
    alive(&cluster, 0, &["true"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_fe_that_lost_everything_gets_its_backends_back() {
    let mut cluster = Cluster::start(1, &[]).await;
    let _backend = cluster.node(NodeKind::Backend, 0, 0, &[]).await;
    alive(&cluster, 0, &["true"]).await;
    let before = cluster.column(0, "SHOW FRONTENDS", "ClusterId").await;
    cluster.kill(0).await;
    cluster.restart(0, &[]).await;
    cluster.healthy(0).await;
    assert_ne!(cluster.column(0, "SHOW FRONTENDS", "ClusterId").await, before);
    alive(&cluster, 0, &["true"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_without_the_password_is_not_let_in() {
    let cluster = Cluster::start(1, &["--mysql-pwd", "right"]).await;
    let _backend = cluster.node(NodeKind::Backend, 0, 0, &["--mysql-pwd", "wrong"]).await;
    eventually("a refused login", async || {
        let refused =
            |what: &Occurrence| matches!(what, Occurrence::LoginRefused { user, .. } if user == "root");
        cluster.events().iter().any(|recorded| refused(&recorded.event.what)).then_some(())
    })
    .await;
    let _admitted = cluster.node(NodeKind::Backend, 1, 0, &["--mysql-pwd", "right"]).await;
    eventually("registered", async || {
        let mut events = cluster.events().into_iter();
        events.find(|recorded| matches!(recorded.event.what, Occurrence::Registered { .. }))
    })
    .await;
    let registered =
        cluster.events().into_iter().filter(|r| matches!(r.event.what, Occurrence::Registered { .. }));
    assert!(registered.map(|r| r.event.pod).all(|pod| pod == "c-be-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_a_backend() {
    let cluster = Cluster::start(1, &[]).await;
    let faults = r#"{"never_register": true}"#;
    let backend = cluster.node(NodeKind::Backend, 0, 0, &["--faults", faults]).await;
    assert_eq!(health(backend.http_port()).await, 200);
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert!(cluster.query(0, "SHOW BACKENDS").await.is_empty());
    set_faults(backend.http_port(), "{}").await;
    alive(&cluster, 0, &["true"]).await;
    set_faults(backend.http_port(), r#"{"ignore_heartbeats": true, "unhealthy": true}"#).await;
    alive(&cluster, 0, &["false"]).await;
    assert_eq!(health(backend.http_port()).await, 500);
    let (status, text) =
        http(backend.http_port(), hyper::Method::DELETE, "/standin/fault", "").await.unwrap();
    assert_eq!((status, text.contains("\"unhealthy\":false")), (200, true));
    alive(&cluster, 0, &["true"]).await;
    let misspelt =
        http(backend.http_port(), hyper::Method::PUT, "/standin/fault", r#"{"sick":true}"#).await.unwrap();
    assert_eq!((misspelt.0, misspelt.1.contains("sick")), (422, true), "{}", misspelt.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_with_one_replica_are_found() {
    let cluster = Cluster::start(1, &["--single-replica-tables", "shop.carts,log.lines"]).await;
    let sql = "SELECT COUNT(*) FROM information_schema.partitions_meta WHERE REPLICATION_NUM = 1 AND DB_NAME = 'log'";
    assert_eq!(cluster.query(0, sql).await, [["1"]]);
    let sql = "SELECT DISTINCT DB_NAME, TABLE_NAME FROM information_schema.partitions_meta \
               WHERE REPLICATION_NUM <= 1 ORDER BY TABLE_NAME LIMIT 2";
    assert_eq!(cluster.query(0, sql).await, [["shop", "carts"], ["log", "lines"]]);
}
