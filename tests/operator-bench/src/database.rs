//! One stand-in for the FEs of all clusters. Connections are counted on their way to it.

use clap::Parser;
use hookgate_database::{Connection, Target};
use hookgate_e2e::Problem;
use hookgate_standin::fe::{Fe, FeOptions, LOOPBACK, Listeners};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};

/// FE's port for the MySQL protocol.
const QUERY_PORT: u16 = 9030;
/// How long the stand-in may take to lead and to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the stand-in is told: it is known to nobody but the counter before it.
const ARGUMENTS: [&str; 11] = [
    "fe",
    "--pod-name",
    "operator-bench-fe-0",
    "--host",
    "127.0.0.1",
    "--starrocks-version",
    "3.3.0",
    "--meta-dir",
    "/nonexistent",
    "--print",
    "false",
];

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    fe: FeOptions,
}

/// The FE, until it is dropped.
pub struct Database {
    connections: Arc<AtomicU32>,
    _fe: Fe,
    _accepting: JoinSet<()>,
}

impl Database {
    /// Answers at FE's port on every address of this machine.
    ///
    /// # Errors
    /// When the port is taken, or the stand-in doesn't start.
    pub async fn start() -> Result<Self, Problem> {
        let said = |error: &dyn std::fmt::Display| Problem::Unexpected(format!("the FE: {error}"));
        let read = |peers: &[&str]| {
            Options::try_parse_from(ARGUMENTS.iter().chain(&LOOPBACK).chain(peers))
                .map_err(|error| said(&error))
        };
        let listeners = Listeners::bind(&read(&[])?.fe).await.map_err(|error| said(&error))?;
        let (itself, query) = (listeners.http_address().to_string(), listeners.query_address());
        let fe = Fe::start(read(&["--peers", &itself])?.fe, listeners).await.map_err(|error| said(&error))?;
        until_it_answers(query).await?;
        let listener = TcpListener::bind(("0.0.0.0", QUERY_PORT)).await.map_err(Problem::io("FE's port"))?;
        let connections = Arc::new(AtomicU32::new(0));
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, query, Arc::clone(&connections)));
        Ok(Self { connections, _fe: fe, _accepting: accepting })
    }

    /// Forgets the connections so far.
    pub fn forget(&self) {
        self.connections.store(0, Ordering::Relaxed);
    }

    /// How many connections there were since it was told to forget them.
    pub fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }
}

/// An FE answers nobody before it leads.
async fn until_it_answers(query: SocketAddr) -> Result<(), Problem> {
    let target = target(query.port());
    let begun = Instant::now();
    loop {
        match Connection::open(&target, PATIENCE).await {
            Ok(connection) => {
                connection.close().await;
                return Ok(());
            }
            Err(error) if begun.elapsed() > PATIENCE => {
                return Err(Problem::Unexpected(format!("the FE doesn't answer: {error}")));
            }
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

fn target(port: u16) -> Target {
    Target { ip: "127.0.0.1".to_owned(), port, user: "root".to_owned(), password: String::new() }
}

async fn accept(listener: TcpListener, query: SocketAddr, connections: Arc<AtomicU32>) {
    let mut open = JoinSet::new();
    while let Ok((mut from, _)) = listener.accept().await {
        connections.fetch_add(1, Ordering::Relaxed);
        open.spawn(async move {
            let Ok(mut to) = TcpStream::connect(query).await else { return };
            // Either side may end it: the other one sees that.
            let _ended = copy_bidirectional(&mut from, &mut to).await;
        });
        while open.try_join_next().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn it_answers_sql_and_counts_who_asks() {
        let database = Database::start().await.unwrap();
        for _ in 0..2 {
            let mut connection = Connection::open(&target(QUERY_PORT), PATIENCE).await.unwrap();
            assert_eq!(connection.rows("SELECT 1 AS one").await.unwrap()[0]["one"], "1");
            connection.close().await;
        }
        // The first look at whether an FE offers TLS is a connection of its own.
        assert_eq!(database.connections(), 3);
        database.forget();
        assert_eq!(database.connections(), 0);
    }
}
