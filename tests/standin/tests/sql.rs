//! Logins, passwords, statements, and what comes over the wire from clients that aren't well.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use support::{Cluster, builder, eventually, set_faults, statements};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn refusal(cluster: &Cluster, fe: usize, user: &str, password: &str) -> String {
    Conn::new(builder(cluster.fes[fe].query.port(), user, password)).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_root_with_the_right_password_gets_in() {
    let cluster = Cluster::start(1, &[]).await;
    let denied = "Access denied for user 'root' (using password: YES)";
    let refused = refusal(&cluster, 0, "root", "x").await;
    assert!(refused.contains(denied) && refused.contains("1045"), "{refused}");
    assert!(
        refusal(&cluster, 0, "admin", "")
            .await
            .contains("Access denied for user 'admin' (using password: NO)")
    );
    cluster.connect_with(0, "").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_counts_on_every_fe() {
    let cluster = Cluster::start(2, &[]).await;
    let mut open = cluster.connect(1).await;
    open.query_drop("SET PASSWORD FOR 'root' = PASSWORD('one')").await.unwrap();
    for fe in 0..2 {
        assert!(refusal(&cluster, fe, "root", "").await.contains("using password: NO"));
        cluster.connect_with(fe, "one").await.unwrap();
    }
    open.query_drop("ALTER USER 'root'@'%' IDENTIFIED BY 'two'").await.unwrap();
    cluster.connect_with(0, "two").await.unwrap();
    open.query_drop("SET PASSWORD = '*14E65567ABDB5135D0CFD9A70B3032C179A49EE7'").await.unwrap();
    cluster.connect_with(0, "secret").await.unwrap();
    let bad = open.query_drop("SET PASSWORD = 'short'").await.unwrap_err().to_string();
    assert!(bad.contains("5201"), "{bad}");
    open.query_drop("SET PASSWORD = PASSWORD('')").await.unwrap();
    cluster.connect_with(1, "").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_variables() {
    let cluster = Cluster::start(1, &["--starrocks-version", "3.4.1"]).await;
    let connection = cluster.connect(0).await;
    assert_eq!(connection.server_version(), (8, 0, 33));
    drop(connection);
    assert_eq!(
        cluster.query(0, "SELECT current_version(), version(), 1 AS one").await,
        [["3.4.1-0000000", "8.0.33", "1"]]
    );
    assert_eq!(cluster.query(0, "select @@version_comment limit 1").await, [["StarRocks version 3.4.1"]]);
    assert_eq!(
        cluster.try_query(0, "SELECT @@socket").await.unwrap_err(),
        (1193, "Unknown system variable 'socket'".to_owned())
    );
    assert_eq!(cluster.query(0, "SHOW VARIABLES LIKE 'version'").await, [["version", "8.0.33"]]);
    let mut connection = cluster.connect(0).await;
    connection.query_drop("SET NAMES utf8mb4").await.unwrap();
    connection.query_drop("SET SESSION query_timeout = 7").await.unwrap();
    let timeout: Option<String> = connection.query_first("SELECT @@query_timeout").await.unwrap();
    assert_eq!(timeout.as_deref(), Some("7"));
    connection.query_drop("USE shop").await.unwrap();
    let database: Option<String> = connection.query_first("SELECT database()").await.unwrap();
    assert_eq!(database.as_deref(), Some("shop"));
    let unknown = connection.query_drop("USE nothing").await.unwrap_err().to_string();
    assert!(unknown.contains("5501") && unknown.contains("Unknown database 'nothing'"), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_understood_is_an_error_and_is_recorded() {
    let cluster = Cluster::start(1, &[]).await;
    let wrong = [
        "DROP TABLE t",
        "SHOW PROCESSLIST",
        "SELECT 1; DROP TABLE t",
        "SELECT 'x",
        "ADMIN SET REPLICA STATUS",
    ];
    for sql in wrong {
        let (code, message) = cluster.try_query(0, sql).await.unwrap_err();
        assert_eq!(code, 1064, "{sql}");
        assert!(message.starts_with("Getting syntax error at line 1, column "), "{message}");
    }
    let (code, message) = cluster.try_query(0, "SELECT * FROM mysql.user").await.unwrap_err();
    assert_eq!((code, message.as_str()), (5502, "Unknown table 'mysql.user'"));
    let (code, message) = cluster.try_query(0, "SHOW PROC '/nowhere'").await.unwrap_err();
    assert_eq!((code, message.contains("Proc path '/nowhere' doesn't exist")), (1064, true));
    let mut connection = cluster.connect(0).await;
    let prepared = connection.exec_drop("SELECT ?", (1,)).await.unwrap_err().to_string();
    assert!(prepared.contains("1295"), "{prepared}");
    connection.query_drop("SELECT 1").await.unwrap();
    let recorded = statements(&cluster.events());
    for sql in wrong {
        assert!(recorded.contains(&(sql.to_owned(), false)), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_oversized_packets_end_their_connection_only() {
    let cluster = Cluster::start(1, &[]).await;
    let port = cluster.fes[0].query.port();
    let oversized = [&[0xff, 0xff, 0xff, 1][..], &vec![b'x'; 1 << 16]].concat();
    let reserved = [5, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff];
    for garbage in
        [b"GET / HTTP/1.1\r\n\r\n".to_vec(), vec![0; 4096], vec![0xff; 4096], reserved.to_vec(), oversized]
    {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // The server may close while it's still being written to.
        stream.write_all(&garbage).await.ok();
        stream.shutdown().await.ok();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "the connection is still open after {:?}", &garbage[..4]);
    }
    // After a login as well: larger than the server takes, in a packet that is well-formed.
    let options = builder(port, "root", "").max_allowed_packet(Some(1 << 30));
    let mut connection = Conn::new(options).await.unwrap();
    let long = format!("SELECT '{}'", "x".repeat(5 << 20));
    connection.query_drop(&long).await.unwrap_err();
    assert_eq!(cluster.query(0, "SELECT 1").await, [["1"]]);
    let long = format!("SELECT '{}'", "x".repeat(100 << 10));
    assert_eq!(cluster.query(0, &long).await[0][0].len(), 100 << 10);
    let recorded = statements(&cluster.events());
    assert!(recorded.iter().any(|(text, _)| text.len() == 64 << 10), "recorded, and cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_commands_are_refused_and_the_connection_stays() {
    let cluster = Cluster::start(1, &[]).await;
    let mut stream = TcpStream::connect(("127.0.0.1", cluster.fes[0].query.port())).await.unwrap();
    let mut buffer = vec![0; 4096];
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
    // PROTOCOL_41 | SECURE_CONNECTION | PLUGIN_AUTH, no password.
    let mut login = vec![0x00, 0x82, 0x08, 0x00, 0, 0, 0, 1, 0x21];
    login.extend([0; 23]);
    login.extend(b"root\0\0mysql_native_password\0");
    let mut packet = vec![login.len() as u8, 0, 0, 1];
    packet.extend(login);
    stream.write_all(&packet).await.unwrap();
    let length = stream.read(&mut buffer).await.unwrap();
    assert_eq!(buffer[4], 0, "logged in: {:?}", &buffer[..length]);
    for (command, first) in [(0x11, 0xff), (0x09, 0xff), (0x0e, 0x00), (0x1f, 0x00)] {
        stream.write_all(&[1, 0, 0, 0, command]).await.unwrap();
        let length = stream.read(&mut buffer).await.unwrap();
        assert_eq!(buffer[4], first, "{command:#x}: {:?}", &buffer[..length]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_of_statements() {
    let cluster = Cluster::start(1, &[]).await;
    let http = cluster.fes[0].http.port();
    set_faults(
        http,
        r#"{"statements":[{"containing":"max_balancing","times":1,"error":{"code":5101,"message":"no luck"}},
            {"containing":"SELECT 2","times":1,"delay_milliseconds":300}],
            "tablets":{"unhealthy":3,"pending":7}}"#,
    )
    .await;
    let set = r#"ADMIN SET FRONTEND CONFIG ("max_balancing_tablets" = "0")"#;
    assert_eq!(cluster.try_query(0, set).await.unwrap_err(), (5101, "no luck".to_owned()));
    assert_eq!(cluster.setting(0, "tablet_sched_max_balancing_tablet_").await, "500", "nothing was done");
    cluster.query(0, set).await;
    let began = std::time::Instant::now();
    assert_eq!(cluster.query(0, "SELECT 2").await, [["2"]]);
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(cluster.query(0, "SHOW PROC '/statistic'").await[1][7], "3");
    assert!(
        cluster
            .query(0, "SHOW PROC '/cluster_balance'")
            .await
            .contains(&vec!["pending_tablets".to_owned(), "7".to_owned()])
    );
    set_faults(http, r#"{"refuse_connections": true}"#).await;
    eventually("refused", async || {
        let refused = TcpStream::connect(("127.0.0.1", cluster.fes[0].query.port())).await.err()?;
        (refused.kind() == std::io::ErrorKind::ConnectionRefused).then_some(())
    })
    .await;
    set_faults(http, "{}").await;
    eventually("served again", async || cluster.connect_with(0, "").await.ok()).await;
}
