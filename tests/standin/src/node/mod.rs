//! The backend and the compute node: health, heartbeats, and registration with the FE.

mod register;
mod web;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use clap::Args;
use jiff::Timestamp;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::event::{Component, NodeKind, Occurrence};
use crate::fault::FaultSwitch;
use crate::identity::Place;
use crate::record::{EventSink, SinkOptions};
use crate::version::{Version, VersionError};

/// How a BE or CN runs.
#[derive(Debug, Clone, Args)]
pub struct NodeOptions {
    /// The FE Service.
    #[arg(env = "FE_SERVICE_NAME")]
    pub fe_service: String,
    /// The FE's MySQL port.
    #[arg(long, env = "FE_QUERY_PORT", default_value_t = 9030)]
    pub fe_query_port: u16,
    /// Where this process is.
    #[command(flatten)]
    pub place: Place,
    /// Listen on this address.
    #[arg(long, env = "STANDIN_LISTEN", default_value = "0.0.0.0")]
    pub listen: IpAddr,
    /// HTTP port; 0 takes a free one.
    #[arg(long, env = "STANDIN_WEBSERVER_PORT")]
    pub webserver_port: Option<u16>,
    /// Heartbeat port; 0 takes a free one.
    #[arg(long, env = "STANDIN_HEARTBEAT_PORT")]
    pub heartbeat_port: Option<u16>,
    /// The folder of a mounted be.conf or cn.conf, which may change the ports.
    #[arg(long, env = "CONFIGMAP_MOUNT_PATH")]
    pub configmap_mount_path: Option<PathBuf>,
    /// The version to play.
    #[arg(long, env = "STARROCKS_VERSION")]
    pub starrocks_version: Option<String>,
    /// The file that has the version otherwise.
    #[arg(long, env = "STANDIN_VERSION_FILE", default_value = "/opt/starrocks/VERSION")]
    pub version_file: PathBuf,
    /// Root's password at the FE.
    #[arg(long, env = "MYSQL_PWD", hide_env_values = true)]
    pub mysql_pwd: Option<String>,
    /// This node's tablets count as unhealthy for so long after its return; without it, the FE decides.
    #[arg(long, env = "STANDIN_UNHEALTHY_SECONDS")]
    pub unhealthy_seconds: Option<u64>,
    /// Time between attempts to register, in milliseconds.
    #[arg(long, env = "STANDIN_REGISTER_MILLISECONDS", default_value_t = 300)]
    pub register_milliseconds: u64,
    /// The faults to begin with, as JSON.
    #[arg(long, env = "STANDIN_FAULTS", value_parser = crate::fault::parse)]
    pub faults: Option<crate::fault::Faults>,
    /// Host and port of the recorder.
    #[arg(long, env = "STANDIN_RECORDER")]
    pub recorder: Option<String>,
    /// Print events on stdout.
    #[arg(long, env = "STANDIN_PRINT_EVENTS", default_value_t = true, action = clap::ArgAction::Set)]
    pub print: bool,
}

/// Why a BE or CN didn't start.
#[derive(Debug, Error)]
pub enum NodeError {
    /// No version to play.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A port can't be had.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// be.conf or cn.conf can't be read.
    #[error("can't read {path}: {source}")]
    Conf {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
}

/// What the parts of one node share.
#[derive(Debug)]
struct Shared {
    options: NodeOptions,
    kind: NodeKind,
    host: String,
    http_port: u16,
    heartbeat_port: u16,
    be_port: u16,
    brpc_port: u16,
    version: Version,
    started: Timestamp,
    events: EventSink,
    faults: Arc<FaultSwitch>,
    /// When an FE last sent a heartbeat.
    heard: Mutex<Option<Instant>>,
}

/// A running BE or CN; it dies when it's dropped.
#[derive(Debug)]
pub struct Node {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

impl Node {
    /// Starts a BE ([`NodeKind::Backend`]) or a CN.
    ///
    /// # Errors
    /// When its version can't be read or a port can't be had.
    pub async fn start(options: NodeOptions, kind: NodeKind) -> Result<Self, NodeError> {
        let version = Version::detect(options.starrocks_version.as_deref(), &options.version_file)?;
        let component = if kind == NodeKind::ComputeNode { Component::Cn } else { Component::Be };
        let conf = read_conf(&options, component)?;
        let configured = |keys: &[&str], default: u16| {
            let pairs = crate::fe::parse_conf(&conf);
            let found = pairs.iter().rev().find(|(key, _)| keys.contains(key));
            found.and_then(|(_, port)| port.parse().ok()).unwrap_or(default)
        };
        let port =
            |given: Option<u16>, keys: &[&str], default| given.unwrap_or_else(|| configured(keys, default));
        let webserver_port = port(options.webserver_port, &["webserver_port", "be_http_port"], 8040);
        let web = listen(options.listen, webserver_port).await?;
        let heartbeat =
            listen(options.listen, port(options.heartbeat_port, &["heartbeat_service_port"], 9050)).await?;
        let (http_port, heartbeat_port) = (web.1, heartbeat.1);
        let events = EventSink::start(SinkOptions {
            pod: options.place.pod().to_owned(),
            component,
            recorder: options.recorder.clone(),
            print: options.print,
        });
        let faults = FaultSwitch::new(options.faults.clone().unwrap_or_default(), events.clone());
        let shared = Arc::new(Shared {
            kind,
            host: options.place.host(),
            http_port,
            heartbeat_port,
            be_port: configured(&["be_port", "thrift_port"], 9060),
            brpc_port: configured(&["brpc_port"], 8060),
            version,
            started: Timestamp::now(),
            events,
            faults: Arc::new(faults),
            heard: Mutex::new(None),
            options,
        });
        let current_version = shared.version.current_version();
        tracing::info!(version = current_version, host = shared.host, "{component:?} starts");
        shared.events.note(Occurrence::ProcessStarted { version: current_version });
        let mut tasks = JoinSet::new();
        for (listener, router) in
            [(web.0, web::public(Arc::clone(&shared))), (heartbeat.0, web::heartbeat(Arc::clone(&shared)))]
        {
            tasks.spawn(async move {
                if let Err(error) = axum::serve(listener, router).await {
                    tracing::error!(%error, "an HTTP server ended");
                }
            });
        }
        tasks.spawn(register::run(Arc::clone(&shared)));
        Ok(Self { shared, tasks })
    }

    /// The HTTP port.
    pub fn http_port(&self) -> u16 {
        self.shared.http_port
    }

    /// The heartbeat port.
    pub fn heartbeat_port(&self) -> u16 {
        self.shared.heartbeat_port
    }

    /// Waits until a part of the node ends, which none should.
    pub async fn failed(&mut self) {
        self.tasks.join_next().await;
    }

    /// Tells that the process stops.
    pub async fn stopping(&self, reason: &str) {
        self.shared.events.record(Occurrence::ProcessStopping { reason: reason.to_owned() }).await;
    }
}

async fn listen(address: IpAddr, port: u16) -> Result<(TcpListener, u16), NodeError> {
    let address = SocketAddr::new(address, port);
    let error = |source| NodeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let port = listener.local_addr().map_err(error)?.port();
    Ok((listener, port))
}

fn read_conf(options: &NodeOptions, component: Component) -> Result<String, NodeError> {
    let file = if component == Component::Cn { "cn.conf" } else { "be.conf" };
    let Some(path) = options.configmap_mount_path.as_ref().map(|folder| folder.join(file)) else {
        return Ok(String::new());
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(NodeError::Conf { path: path.display().to_string(), source }),
    }
}
