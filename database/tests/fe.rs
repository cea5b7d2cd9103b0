//! An FE as the operator and the command line reach it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

#[path = "../../tests/standin/tests/support/mod.rs"]
mod support;

use hookgate_database::{Connection, Refusal, SetConfig, SqlError, Target, setting};
use hookgate_standin::event::Occurrence;
use std::time::Duration;
use support::{Cluster, set_faults};

const TIMEOUT: Duration = Duration::from_secs(5);

fn target(cluster: &Cluster, password: &str) -> Target {
    Target {
        ip: "127.0.0.1".to_owned(),
        port: cluster.fes[0].query.port(),
        user: "root".to_owned(),
        password: password.to_owned(),
    }
}

fn encrypted(cluster: &Cluster) -> usize {
    let took = |what: &Occurrence| matches!(what, Occurrence::ConnectionEncrypted { .. });
    cluster.events().iter().filter(|recorded| took(&recorded.event.what)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_taken_where_the_fe_offers_it_though_its_certificate_is_its_own() {
    let cluster =
        Cluster::start_with(1, |_| ["--root-password", "secret", "--tls"].map(str::to_owned).to_vec()).await;
    let mut connection = Connection::open(&target(&cluster, "secret"), TIMEOUT).await.unwrap();
    let balance = setting(&mut connection, "tablet_sched_disable_balance", "disable_balance").await.unwrap();
    assert_eq!(balance.unwrap().value, "false");
    let statement = SetConfig::new("tablet_sched_disable_balance", "true").unwrap().to_string();
    connection.execute(&statement, TIMEOUT).await.unwrap();
    connection.close().await;
    support::eventually("recorded", async || (encrypted(&cluster) == 1).then_some(())).await;
    let refused = Connection::open(&target(&cluster, "wrong"), TIMEOUT).await.err().unwrap();
    assert_eq!(refused.refusal(), Some(Refusal::WrongPassword), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_fe_that_offers_no_tls_is_talked_to_without() {
    let cluster = Cluster::start(1, &[]).await;
    for _ in 0..2 {
        let mut connection = Connection::open(&target(&cluster, ""), TIMEOUT).await.unwrap();
        assert_eq!(connection.rows("SELECT 1 AS one").await.unwrap()[0]["one"], "1");
        assert_eq!(setting(&mut connection, "no_such", "nothing_such").await.unwrap(), None);
        connection.close().await;
    }
    assert_eq!(encrypted(&cluster), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_its_meaning() {
    let cluster = Cluster::start(1, &["--root-password", "secret"]).await;
    let refused = Connection::open(&target(&cluster, ""), TIMEOUT).await.err().unwrap();
    assert_eq!(refused.refusal(), Some(Refusal::WrongPassword), "{refused}");
    let mut connection = Connection::open(&target(&cluster, "secret"), TIMEOUT).await.unwrap();
    let unknown = SetConfig::new("no_such_setting", "0").unwrap().to_string();
    let refused = connection.execute(&unknown, TIMEOUT).await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::UnknownSetting), "{refused}");
    let words =
        "Access denied; you need (at least one of) the OPERATE privilege(s) on SYSTEM for this operation";
    let fault = format!(
        r#"{{"statements":[{{"containing":"FRONTEND","times":1,"error":{{"code":5203,"message":"{words}"}}}}]}}"#
    );
    set_faults(cluster.fes[0].http.port(), &fault).await;
    let refused = setting(&mut connection, "tablet_sched_disable_balance", "disable_balance").await;
    let refused: SqlError = refused.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::MissingPrivilege), "{refused}");
}
