//! The recorder: takes events from all processes, keeps their order of arrival, and serves them.

use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Args;
use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::MAX_LINE;
use crate::event::{Component, Event, Occurrence, Recorded};

/// How the recorder runs.
#[derive(Debug, Clone, Args)]
pub struct RecorderOptions {
    /// Takes events here: JSON lines, each answered by `ok SEQUENCE`.
    #[arg(long, env = "STANDIN_RECORDER_LISTEN", default_value = "0.0.0.0:7000")]
    pub listen: SocketAddr,
    /// Serves them here: `GET /events`, `GET /events?after=SEQUENCE`, `GET /api/health`.
    #[arg(long, env = "STANDIN_RECORDER_HTTP", default_value = "0.0.0.0:7001")]
    pub http: SocketAddr,
    /// Keep at most so many bytes of events in memory.
    #[arg(long, env = "STANDIN_RECORDER_LIMIT", default_value_t = 256 << 20)]
    pub limit: usize,
    /// Print events on stdout.
    #[arg(long, env = "STANDIN_PRINT_EVENTS", default_value_t = true, action = clap::ArgAction::Set)]
    pub print: bool,
}

/// A running recorder; stops when dropped.
#[derive(Debug)]
pub struct Recorder {
    /// Where it takes events.
    pub address: SocketAddr,
    /// Where it serves them.
    pub http: SocketAddr,
    store: Arc<Mutex<Store>>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Store {
    lines: Vec<String>,
    bytes: usize,
    limit: usize,
    print: bool,
    dropped: u64,
    // The last number taken from each instance: what comes again after a broken connection isn't kept twice.
    numbers: HashMap<String, u64>,
}

impl Recorder {
    /// Listens and starts serving.
    ///
    /// # Errors
    /// When an address can't be listened on.
    pub async fn start(options: &RecorderOptions) -> std::io::Result<Self> {
        let store = Arc::new(Mutex::new(Store {
            lines: Vec::new(),
            bytes: 0,
            limit: options.limit,
            print: options.print,
            dropped: 0,
            numbers: HashMap::new(),
        }));
        let listener = TcpListener::bind(options.listen).await?;
        let http_listener = TcpListener::bind(options.http).await?;
        let (address, http) = (listener.local_addr()?, http_listener.local_addr()?);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&store)));
        let router = axum::Router::new()
            .route("/events", get(serve))
            .route("/api/health", get(async || "ok\n"))
            .with_state(Arc::clone(&store));
        tasks.spawn(async move {
            if let Err(error) = axum::serve(http_listener, router).await {
                tracing::error!(%error, "the recorder's HTTP server ended");
            }
        });
        Ok(Self { address, http, store, _tasks: tasks })
    }

    /// All events so far, in their order of arrival.
    pub fn events(&self) -> Vec<Recorded> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }
}

impl Store {
    /// Keeps an event and gives its place, or 0 when it's not kept.
    fn take(&mut self, event: Event) -> Result<u64, serde_json::Error> {
        let known = self.numbers.entry(event.instance.clone()).or_default();
        if event.number <= *known {
            return Ok(0);
        }
        *known = event.number;
        let sequence = self.lines.len() as u64 + 1;
        let line = serde_json::to_string(&Recorded { sequence, event })?;
        if self.print {
            print(&line);
        }
        if self.bytes + line.len() > self.limit {
            self.dropped += 1;
            if self.dropped == 1 {
                tracing::error!(limit = self.limit, "the recorder is full and keeps no more events");
            }
            return Ok(0);
        }
        self.bytes += line.len();
        self.lines.push(line);
        Ok(sequence)
    }

    /// What follows the given place, as lines; says at the end when something was turned away.
    fn after(&self, sequence: usize) -> String {
        let mut text = String::new();
        for line in self.lines.iter().skip(sequence) {
            text.push_str(line);
            text.push('\n');
        }
        if self.dropped > 0 {
            let full = Recorded {
                sequence: self.lines.len() as u64 + 1,
                event: Event {
                    time: Timestamp::now(),
                    pod: "recorder".to_owned(),
                    component: Component::Recorder,
                    instance: "recorder".to_owned(),
                    number: 1,
                    what: Occurrence::RecorderFull { dropped: self.dropped },
                },
            };
            match serde_json::to_string(&full) {
                Ok(line) => {
                    text.push_str(&line);
                    text.push('\n');
                }
                Err(error) => tracing::error!(%error, "an event can't be written as JSON"),
            }
        }
        text
    }
}

fn print(line: &str) {
    if let Err(error) = writeln!(std::io::stdout().lock(), "{line}") {
        tracing::error!(%error, "can't write to stdout");
    }
}

async fn accept(listener: TcpListener, store: Arc<Mutex<Store>>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let store = Arc::clone(&store);
                connections.spawn(async move {
                    if let Err(error) = receive(stream, &store).await {
                        tracing::warn!(%error, %peer, "a connection to the recorder failed");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accepting failed");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn receive(stream: TcpStream, store: &Mutex<Store>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut reader).take(MAX_LINE as u64 + 1).read_until(b'\n', &mut line).await?;
        if read == 0 {
            return Ok(());
        }
        if line.last() != Some(&b'\n') {
            let problem = if read > MAX_LINE { "line too long" } else { "line not ended" };
            writer
                .write_all(format!("error {problem}; at most {MAX_LINE} bytes a line\n").as_bytes())
                .await?;
            return Ok(());
        }
        let taken = serde_json::from_slice::<Event>(&line)
            .and_then(|event| store.lock().unwrap_or_else(PoisonError::into_inner).take(event));
        match taken {
            Ok(sequence) => writer.write_all(format!("ok {sequence}\n").as_bytes()).await?,
            Err(error) => {
                writer.write_all(format!("error not an event: {error}\n").as_bytes()).await?;
                return Ok(());
            }
        }
    }
}

async fn serve(State(store): State<Arc<Mutex<Store>>>, RawQuery(query): RawQuery) -> Response {
    let after = match query.as_deref() {
        None | Some("") => Ok(0),
        Some(query) => query.strip_prefix("after=").unwrap_or(query).parse::<usize>(),
    };
    match after {
        Ok(after) => {
            let text = store.lock().unwrap_or_else(PoisonError::into_inner).after(after);
            ([(CONTENT_TYPE, "application/x-ndjson")], text).into_response()
        }
        Err(_) => (StatusCode::BAD_REQUEST, "ask for /events or /events?after=SEQUENCE\n").into_response(),
    }
}
