//! Several FEs: election, replication, persistence.

mod support;

use hookgate_standin::event::Occurrence;
use hookgate_standin::fe::LOOPBACK;
use support::{Cluster, Folder, eventually};

/// The terms in which FEs became leaders, in the order of arrival.
fn terms(cluster: &Cluster) -> Vec<(String, u64)> {
    let events = cluster.events().into_iter();
    let gained = events.filter_map(|recorded| match recorded.event.what {
        Occurrence::LeadershipGained { term } => Some((recorded.event.pod, term)),
        _ => None,
    });
    gained.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_fes_show_one_leader_and_the_real_columns() {
    let cluster = Cluster::start(3, &[]).await;
    for number in 0..3 {
        assert_eq!(cluster.leaders(number).await, [0], "the first FE begins the cluster and leads");
        let frontends = cluster.query(number, "SHOW FRONTENDS").await;
        assert_eq!(frontends, cluster.query(number, "SHOW PROC '/frontends'").await);
        for row in frontends {
            let host_and_port = format!("127.0.0.1_{}_", row[2]);
            assert!(row[0].starts_with(&host_and_port), "{}", row[0]);
        }
    }
    eventually("all FEs are alive with their version", async || {
        let versions = cluster.column(2, "SHOW FRONTENDS", "Version").await;
        let alive = cluster.column(2, "SHOW FRONTENDS", "Alive").await;
        (versions == ["3.2.2-0000000"; 3] && alive == ["true"; 3]).then_some(())
    })
    .await;
    assert_eq!(terms(&cluster), [("c-fe-0".to_owned(), 1)], "letting FEs in costs no election");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_leader_is_replaced_and_comes_back_as_a_follower() {
    let mut cluster = Cluster::start(3, &[]).await;
    cluster.kill(0).await;
    let new =
        eventually("a new leader", async || cluster.leaders(1).await.into_iter().find(|leader| *leader != 0))
            .await;
    eventually("the old leader counts as dead", async || {
        let alive = cluster.column(new, "SHOW FRONTENDS", "Alive").await;
        (alive == ["false", "true", "true"]).then_some(())
    })
    .await;
    cluster.restart(0, &["--starrocks-version", "3.3.0"]).await;
    cluster.healthy(0).await;
    eventually("all agree", async || {
        let mut seen = Vec::new();
        for number in 0..3 {
            seen.push(cluster.leaders(number).await);
        }
        (seen == [[new], [new], [new]]).then_some(())
    })
    .await;
    let versions = cluster.column(new, "SHOW FRONTENDS", "Version").await;
    assert_eq!(versions, ["3.3.0-0000000", "3.2.2-0000000", "3.2.2-0000000"]);
    let terms = terms(&cluster);
    assert_eq!(terms.len(), 2, "the new leader stays: {terms:?}");
    assert!(terms[1].1 > terms[0].1, "{terms:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_majority_nothing_is_changed_and_the_fe_says_so() {
    let mut cluster = Cluster::start(3, &[]).await;
    cluster.kill(1).await;
    cluster.kill(2).await;
    eventually("no leader", async || cluster.leaders(0).await.is_empty().then_some(())).await;
    assert_eq!(cluster.health(0).await, 503);
    let error = cluster.try_query(0, r#"ALTER SYSTEM ADD BACKEND "x:9050""#).await.unwrap_err();
    assert!(error.1.contains("not ready") && error.1.contains("no FE is elected"), "{}", error.1);
    assert!(cluster.query(0, "SHOW BACKENDS").await.is_empty());
    cluster.restart(1, &[]).await;
    cluster.healthy(0).await;
    cluster.query(0, r#"ALTER SYSTEM ADD BACKEND "x:9050""#).await;
    assert_eq!(
        cluster.column(1, "SHOW BACKENDS", "IP").await,
        ["x"],
        "the one that lost its metadata has it again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_go_through_any_fe_and_survive_a_restart_of_all() {
    let folders: Vec<_> = (0..3).map(|n| Folder::new(&format!("meta-{n}"))).collect();
    let mut cluster = Cluster::start_with(3, |n| vec!["--meta-dir".to_owned(), folders[n].text()]).await;
    cluster.query(2, r#"ALTER SYSTEM ADD BACKEND "be-0.example:9050""#).await;
    cluster.query(1, r#"ALTER SYSTEM ADD COMPUTE NODE "cn-0.example:9050""#).await;
    cluster.query(2, "ALTER SYSTEM CREATE IMAGE").await;
    let error = cluster.try_query(1, r#"ALTER SYSTEM ADD BACKEND "be-0.example:9050""#).await.unwrap_err();
    assert_eq!(error, (1064, "Same backend already exists[be-0.example:9050]".to_owned()));
    let cluster_id = cluster.column(0, "SHOW FRONTENDS", "ClusterId").await;
    for number in 0..3 {
        cluster.kill(number).await;
    }
    for number in 0..3 {
        cluster.restart(number, &[]).await;
    }
    for number in 0..3 {
        cluster.healthy(number).await;
        assert_eq!(cluster.column(number, "SHOW BACKENDS", "IP").await, ["be-0.example"]);
        assert_eq!(cluster.column(number, "SHOW COMPUTE NODES", "IP").await, ["cn-0.example"]);
        assert_eq!(cluster.column(number, "SHOW FRONTENDS", "ClusterId").await, cluster_id);
    }
    cluster.query(1, r#"ALTER SYSTEM DROP BACKEND "be-0.example:9050""#).await;
    assert!(cluster.query(0, "SHOW BACKENDS").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_fe_can_be_dropped_and_the_leader_can_not() {
    let mut cluster = Cluster::start(3, &[]).await;
    let ports = cluster.column(0, "SHOW FRONTENDS", "EditLogPort").await;
    let error =
        cluster.try_query(1, &format!(r#"ALTER SYSTEM DROP FOLLOWER "127.0.0.1:{}""#, ports[0])).await;
    assert_eq!(error.unwrap_err().1, "can not drop current master node.");
    let last = cluster.fes[2].http.port();
    cluster.kill(2).await;
    cluster.query(0, &format!(r#"ALTER SYSTEM DROP FOLLOWER "127.0.0.1:{last}""#)).await;
    assert_eq!(cluster.query(1, "SHOW FRONTENDS").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_metadata_stops_the_start_and_names_the_way_out() {
    let folder = Folder::new("damaged");
    let mut cluster = Cluster::start(1, &["--meta-dir", &folder.text()]).await;
    cluster.kill(0).await;
    let file = folder.0.join("standin.json");
    std::fs::write(&file, "{\"term\":").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_standin"))
        .arg("fe")
        .args(LOOPBACK)
        .args(["--starrocks-version", "3.2.2", "--meta-dir", &folder.text()])
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        message.contains("is not the metadata of a stand-in") && message.contains("remove it"),
        "{message}"
    );
}
