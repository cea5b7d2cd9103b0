//! FEs, BEs and a recorder on free ports of the loopback, in this process.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use hookgate_standin::event::{NodeKind, Occurrence, Recorded};
use hookgate_standin::fe::{Fe, FeOptions, LOOPBACK, Listeners};
use hookgate_standin::node::{Node, NodeOptions};
use hookgate_standin::record::{Recorder, RecorderOptions};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, Row};

/// Nothing takes longer than this.
pub const LIMIT: Duration = Duration::from_secs(20);

#[derive(Parser)]
struct FeArguments {
    #[command(flatten)]
    options: FeOptions,
}

#[derive(Parser)]
struct NodeArguments {
    #[command(flatten)]
    options: NodeOptions,
}

#[derive(Parser)]
struct RecorderArguments {
    #[command(flatten)]
    options: RecorderOptions,
}

/// A recorder on free ports.
pub async fn recorder(arguments: &[&str]) -> Recorder {
    let free = ["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    recorder_at(&[&free[..], arguments].concat()).await
}

/// A recorder where the arguments say, once the ports are free.
pub async fn recorder_at(arguments: &[&str]) -> Recorder {
    let all = [&["recorder", "--print", "false"], arguments].concat();
    let options = RecorderArguments::parse_from(all).options;
    eventually("the ports are free", async || Recorder::start(&options).await.ok()).await
}

/// Waits for a condition.
pub async fn eventually<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = check().await {
            return value;
        }
        assert!(began.elapsed() < LIMIT, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An FE and what it takes to start it again.
pub struct Place {
    pub number: usize,
    pub http: SocketAddr,
    pub query: SocketAddr,
    pub arguments: Vec<String>,
    pub fe: Option<Fe>,
}

/// Some FEs and their recorder.
pub struct Cluster {
    pub fes: Vec<Place>,
    pub recorder: Recorder,
}

fn fe_options(arguments: &[String]) -> FeOptions {
    FeArguments::parse_from(std::iter::once("fe".to_owned()).chain(arguments.iter().cloned())).options
}

impl Cluster {
    /// Starts FEs that know of each other, and waits until all are healthy.
    pub async fn start(count: usize, arguments: &[&str]) -> Self {
        Self::start_with(count, |_| arguments.iter().map(|argument| (*argument).to_owned()).collect()).await
    }

    pub async fn start_with(count: usize, arguments: impl Fn(usize) -> Vec<String>) -> Self {
        let recorder = recorder(&[]).await;
        let mut waiting = Vec::new();
        for number in 0..count {
            let mut own: Vec<String> = [
                "--pod-name",
                &format!("c-fe-{number}"),
                "--host",
                "127.0.0.1",
                "--starrocks-version",
                "3.2.2",
                "--heartbeat-milliseconds",
                "100",
                "--election-milliseconds",
                "600",
                "--meta-dir",
                "/nonexistent",
                "--recorder",
                &recorder.address.to_string(),
                "--print",
                "false",
            ]
            .into_iter()
            .chain(LOOPBACK)
            .map(str::to_owned)
            .collect();
            let given = arguments(number);
            // An argument given replaces the common one.
            for pair in given.chunks(2) {
                if let Some(at) = own.iter().position(|argument| *argument == pair[0]) {
                    own.drain(at..at + 2);
                }
            }
            own.extend(given);
            let listeners = Listeners::bind(&fe_options(&own)).await.unwrap();
            waiting.push((number, own, listeners));
        }
        let peers: Vec<_> = waiting.iter().map(|(_, _, l)| l.http_address().to_string()).collect();
        let mut fes = Vec::new();
        for (number, mut own, listeners) in waiting {
            let (http, query) = (listeners.http_address(), listeners.query_address());
            let edit_log_port = http.port().to_string();
            own.extend(["--peers".to_owned(), peers.join(","), "--edit-log-port".to_owned(), edit_log_port]);
            let fe = Fe::start(fe_options(&own), listeners).await.unwrap();
            fes.push(Place { number, http, query, arguments: own, fe: Some(fe) });
        }
        let cluster = Self { fes, recorder };
        for number in 0..count {
            cluster.healthy(number).await;
        }
        cluster
    }

    pub async fn healthy(&self, number: usize) {
        eventually("healthy", async || (self.health(number).await == 200).then_some(())).await;
    }

    /// The status of `/api/health`, 0 when there's no answer.
    pub async fn health(&self, number: usize) -> u16 {
        health(self.fes[number].http.port()).await
    }

    /// Kills an FE without a farewell, as SIGKILL does.
    pub async fn kill(&mut self, number: usize) {
        let query = self.fes[number].query;
        self.fes[number].fe = None;
        eventually("the port is closed", async || tokio::net::TcpStream::connect(query).await.err()).await;
    }

    /// Starts a killed FE on its old ports.
    pub async fn restart(&mut self, number: usize, arguments: &[&str]) {
        let place = &mut self.fes[number];
        let mut own = place.arguments.clone();
        for (flag, port) in [("--http-port", place.http.port()), ("--query-port", place.query.port())] {
            let at = own.iter().position(|argument| argument == flag).unwrap();
            own[at + 1] = port.to_string();
        }
        for pair in arguments.chunks(2) {
            if let Some(at) = own.iter().position(|argument| *argument == pair[0]) {
                own.drain(at..at + 2);
            }
        }
        own.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let options = fe_options(&own);
        let listeners = eventually("the ports are free", async || Listeners::bind(&options).await.ok()).await;
        place.fe = Some(Fe::start(options, listeners).await.unwrap());
    }

    pub async fn connect(&self, number: usize) -> Conn {
        self.connect_with(number, "").await.unwrap()
    }

    pub async fn connect_with(&self, number: usize, password: &str) -> mysql_async::Result<Conn> {
        Conn::new(builder(self.fes[number].query.port(), "root", password)).await
    }

    /// Does a statement at an FE and gives the rows as text.
    pub async fn query(&self, number: usize, sql: &str) -> Vec<Vec<String>> {
        self.try_query(number, sql).await.unwrap()
    }

    pub async fn try_query(&self, number: usize, sql: &str) -> Result<Vec<Vec<String>>, (u16, String)> {
        let mut connection = self.connect(number).await;
        let result: mysql_async::Result<Vec<Row>> = connection.query(sql).await;
        match result {
            Ok(rows) => Ok(rows.into_iter().map(texts).collect()),
            Err(mysql_async::Error::Server(error)) => Err((error.code, error.message)),
            Err(error) => panic!("{error}"),
        }
    }

    /// A column of all rows.
    pub async fn column(&self, number: usize, sql: &str, name: &str) -> Vec<String> {
        let mut connection = self.connect(number).await;
        let rows: Vec<Row> = connection.query(sql).await.unwrap();
        rows.iter().map(|row| row.get::<Option<String>, _>(name).unwrap().unwrap_or_default()).collect()
    }

    /// A setting's value at an FE.
    pub async fn setting(&self, number: usize, name: &str) -> String {
        let values = self.column(number, &format!("ADMIN SHOW FRONTEND CONFIG LIKE '{name}'"), "Value").await;
        assert_eq!(values.len(), 1, "{name}");
        values[0].clone()
    }

    /// The numbers of the FEs that an FE shows as the leader.
    pub async fn leaders(&self, number: usize) -> Vec<usize> {
        let roles = self.column(number, "SHOW FRONTENDS", "Role").await;
        let ports = self.column(number, "SHOW FRONTENDS", "QueryPort").await;
        let leads = roles.iter().zip(ports).filter(|(role, _)| *role == "LEADER");
        leads.map(|(_, port)| self.by_port(&port)).collect()
    }

    fn by_port(&self, port: &str) -> usize {
        self.fes.iter().position(|place| place.query.port().to_string() == port).unwrap()
    }

    pub fn events(&self) -> Vec<Recorded> {
        self.recorder.events()
    }

    /// Starts a BE or CN that registers at an FE.
    pub async fn node(&self, kind: NodeKind, number: usize, fe: usize, arguments: &[&str]) -> Node {
        let (word, recorder) = (if kind == NodeKind::Backend { "be" } else { "cn" }, self.recorder.address);
        let own = [
            word,
            "127.0.0.1",
            "--fe-query-port",
            &self.fes[fe].query.port().to_string(),
            "--pod-name",
            &format!("c-{word}-{number}"),
            "--host",
            "127.0.0.1",
            "--listen",
            "127.0.0.1",
            "--recorder",
            &recorder.to_string(),
            "--print",
            "false",
        ]
        .map(str::to_owned);
        let mut own = own.to_vec();
        for (flag, value) in
            [("--webserver-port", "0"), ("--heartbeat-port", "0"), ("--starrocks-version", "3.2.2")]
        {
            if !arguments.contains(&flag) {
                own.extend([flag.to_owned(), value.to_owned()]);
            }
        }
        own.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let options = NodeArguments::parse_from(own).options;
        eventually("the ports are free", async || Node::start(options.clone(), kind).await.ok()).await
    }
}

pub fn builder(port: u16, user: &str, password: &str) -> OptsBuilder {
    OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(port)
        .user(Some(user))
        .pass((!password.is_empty()).then_some(password))
        .prefer_socket(false)
        .max_allowed_packet(Some(1 << 20))
        .wait_timeout(Some(60))
}

pub fn texts(row: Row) -> Vec<String> {
    let values = row.unwrap().into_iter();
    values.map(|value| mysql_async::from_value::<Option<String>>(value).unwrap_or("NULL".into())).collect()
}

/// The status of `/api/health`, 0 when there's no answer.
pub async fn health(port: u16) -> u16 {
    http(port, hyper::Method::GET, "/api/health", "").await.map_or(0, |(status, _)| status)
}

pub async fn http(port: u16, method: hyper::Method, path: &str, body: &str) -> Option<(u16, String)> {
    let address = format!("127.0.0.1:{port}");
    let body = body.as_bytes().to_vec();
    let (status, text) =
        hookgate_standin::http::request(&address, method, path, body, Duration::from_secs(5)).await.ok()?;
    Some((status.as_u16(), String::from_utf8_lossy(&text).into_owned()))
}

/// Replaces the faults of a process.
pub async fn set_faults(port: u16, faults: &str) {
    let (status, text) = http(port, hyper::Method::PUT, "/standin/fault", faults).await.unwrap();
    assert_eq!(status, 200, "{text}");
}

/// A folder of its own that is removed in the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let unique = format!("standin-{name}-{}-{:?}", std::process::id(), std::thread::current().id());
        let path = std::env::temp_dir().join(unique.replace(['(', ')'], ""));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn text(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// The statements among the events, with whether they succeeded.
pub fn statements(events: &[Recorded]) -> Vec<(String, bool)> {
    use hookgate_standin::event::Outcome;
    let found = events.iter().filter_map(|recorded| match &recorded.event.what {
        Occurrence::Statement(s) => Some((s.statement.clone(), matches!(s.outcome, Outcome::Ok { .. }))),
        _ => None,
    });
    found.collect()
}
