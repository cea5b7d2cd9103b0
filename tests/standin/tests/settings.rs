//! ADMIN SET and SHOW FRONTEND CONFIG over the wire.

mod support;

use hookgate_standin::event::{Occurrence, Origin};
use support::{Cluster, Folder, statements};

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_has_an_alias_and_its_columns() {
    let cluster = Cluster::start(1, &[]).await;
    cluster.query(0, r#"ADMIN SET FRONTEND CONFIG ("max_scheduling_tablets" = "0")"#).await;
    let by_alias = cluster.query(0, "ADMIN SHOW FRONTEND CONFIG LIKE 'max_scheduling_tablets'").await;
    let expected =
        ["tablet_sched_max_scheduling_tablets", "[max_scheduling_tablets]", "0", "int", "true", ""];
    assert_eq!(by_alias, [expected]);
    let by_name =
        cluster.query(0, "ADMIN SHOW FRONTEND CONFIG LIKE 'tablet_sched_max_scheduling_tablets';").await;
    assert_eq!(by_name, by_alias);
    let some = cluster.column(0, "admin show frontend config like '%balance'", "Key").await;
    assert_eq!(some, ["tablet_sched_disable_balance", "tablet_sched_disable_colocate_balance"]);
    assert!(cluster.query(0, "ADMIN SHOW FRONTEND CONFIG LIKE 'nothing'").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_reaches_live_fes_and_is_forgotten_by_a_restarted_one() {
    let mut cluster = Cluster::start(3, &[]).await;
    let follower = (0..3).find(|n| *n != 0).unwrap();
    cluster.kill(2).await;
    support::eventually("the FE counts as dead", async || {
        let alive = cluster.column(follower, "SHOW FRONTENDS", "Alive").await;
        alive.contains(&"false".to_owned()).then_some(())
    })
    .await;
    // From a follower: to the leader as well, and past the dead FE without a word.
    cluster.query(follower, r#"ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")"#).await;
    assert_eq!(cluster.setting(0, "disable_balance").await, "true");
    assert_eq!(cluster.setting(1, "disable_balance").await, "true");
    cluster.restart(2, &[]).await;
    cluster.healthy(2).await;
    assert_eq!(cluster.setting(2, "disable_balance").await, "false", "each FE answers for itself");
    cluster.query(2, r#"ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")"#).await;
    cluster.kill(2).await;
    cluster.restart(2, &[]).await;
    cluster.healthy(2).await;
    assert_eq!(cluster.setting(2, "disable_balance").await, "false", "values are in memory only");
    let changes: Vec<_> = cluster
        .events()
        .into_iter()
        .filter_map(|recorded| match recorded.event.what {
            Occurrence::ConfigChanged { key, old, new, origin } => {
                Some((recorded.event.pod, key, old, new, origin == Origin::Local))
            }
            _ => None,
        })
        .take(2)
        .collect();
    let change = |pod: &str, local| {
        (
            pod.to_owned(),
            "tablet_sched_disable_balance".to_owned(),
            "false".to_owned(),
            "true".to_owned(),
            local,
        )
    };
    assert_eq!(changes, [change("c-fe-1", true), change("c-fe-0", false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_forward_is_an_error_after_the_local_fe_has_changed() {
    // With heartbeats this slow, a killed FE counts as alive for the rest of the test.
    let slow = ["--heartbeat-milliseconds", "60000", "--election-milliseconds", "240000"];
    let mut cluster = Cluster::start(2, &slow).await;
    support::eventually("all FEs count as alive", async || {
        let alive = cluster.column(0, "SHOW FRONTENDS", "Alive").await;
        (alive == ["true", "true"]).then_some(())
    })
    .await;
    cluster.kill(1).await;
    let error = cluster
        .try_query(0, r#"ADMIN SET FRONTEND CONFIG ("max_balancing_tablets" = "0")"#)
        .await
        .unwrap_err();
    assert_eq!(error.0, 5101);
    assert!(error.1.starts_with("Set config failed: set config for fe[127.0.0.1] failed: "), "{}", error.1);
    assert_eq!(cluster.setting(0, "max_balancing_tablets").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_verbatim_and_change_nothing() {
    let cluster = Cluster::start(1, &[]).await;
    let set = async |text: &str| {
        cluster.try_query(0, &format!("ADMIN SET FRONTEND CONFIG ({text})")).await.unwrap_err()
    };
    for key in ["nonsense", "run_mode"] {
        let error = set(&format!(r#""{key}" = "1""#)).await;
        assert_eq!(error, (5102, format!("Config '{key}' does not exist or is not mutable")));
    }
    let error = set(r#""max_balancing_tablets" = "many""#).await;
    assert_eq!(
        error,
        (1064, "Failed to set config 'max_balancing_tablets'. err: For input string: \"many\"".to_owned())
    );
    let error = set(r#""max_balancing_tablets" = "1", "disable_balance" = "true""#).await;
    assert_eq!(error.1, "Getting analyzing error. Detail message: config parameter size is not equal to 1.");
    let error = set(r#""max_balancing_tablets" = "1") WITH PERSISTENT ("#).await;
    assert_eq!(error.0, 1064, "a syntax error");
    assert_eq!(cluster.setting(0, "max_balancing_tablets").await, "500");
    assert_eq!(cluster.setting(0, "disable_balance").await, "false");
    assert_eq!(statements(&cluster.events()).iter().filter(|(_, ok)| !ok).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn originals_come_from_fe_conf_and_from_the_environment() {
    let folder = Folder::new("conf");
    std::fs::write(
        folder.0.join("fe.conf"),
        "# originals\ntablet_sched_max_balancing_tablets = 100\ndisable_balance=true\nJAVA_OPTS=\"-Xmx1g\"\n",
    )
    .unwrap();
    let arguments = [
        "--configmap-mount-path",
        &folder.text(),
        "--fe-config",
        "max_scheduling_tablets=2000,disable_balance=false",
    ];
    let cluster = Cluster::start(1, &arguments).await;
    for (name, value) in
        [("max_balancing_tablets", "100"), ("max_scheduling_tablets", "2000"), ("disable_balance", "false")]
    {
        assert_eq!(cluster.setting(0, name).await, value, "{name}");
    }
}
