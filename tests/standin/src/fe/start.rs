//! Starting an FE.

use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;

use super::core::Shared;
use super::meta::{MetaError, MetaStore};
use super::options::FeOptions;
use super::settings::{SettingError, Settings, parse_conf, parse_pairs};
use super::state::Frontend;
use super::{beats, cluster, mysql, web};
use crate::event::{Component, Occurrence};
use crate::record::{EventSink, SinkOptions};
use crate::version::{Version, VersionError};

/// Why an FE didn't start.
#[derive(Debug, Error)]
pub enum FeError {
    /// No version to play.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A setting of fe.conf or the environment has a bad value.
    #[error("the FE's configuration: {0}")]
    Setting(#[from] SettingError),
    /// STANDIN_FE_CONFIG can't be read.
    #[error("STANDIN_FE_CONFIG: {0}")]
    Pairs(String),
    /// fe.conf can't be read.
    #[error("can't read {path}: {source}")]
    Conf {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Metadata can't be read.
    #[error(transparent)]
    Meta(#[from] MetaError),
    /// A port can't be had.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
}

/// The ports of an FE, taken before it starts, so that FEs of one test can know of each other.
#[derive(Debug)]
pub struct Listeners {
    http: TcpListener,
    query: TcpSocket,
    http_address: SocketAddr,
    query_address: SocketAddr,
    settings: Settings,
}

impl Listeners {
    /// Takes the ports: those of the options, or else of the configuration.
    ///
    /// # Errors
    /// When the configuration can't be read or a port can't be had.
    pub async fn bind(options: &FeOptions) -> Result<Self, FeError> {
        let settings = read_settings(options)?;
        let port = |given: Option<u16>, key: &str, default: u16| {
            given.or_else(|| settings.get(key)?.parse().ok()).unwrap_or(default)
        };
        let address = SocketAddr::new(options.listen, port(options.http_port, "http_port", 8030));
        let listen = |source| FeError::Listen { address, source };
        let http = TcpListener::bind(address).await.map_err(listen)?;
        let http_address = http.local_addr().map_err(listen)?;
        let address = SocketAddr::new(options.listen, port(options.query_port, "query_port", 9030));
        let listen = |source| FeError::Listen { address, source };
        let query = mysql::server::bind(address).map_err(listen)?;
        let query_address = query.local_addr().map_err(listen)?;
        Ok(Self { http, query, http_address, query_address, settings })
    }

    /// Where HTTP is served.
    pub fn http_address(&self) -> SocketAddr {
        self.http_address
    }

    /// Where MySQL will be served.
    pub fn query_address(&self) -> SocketAddr {
        self.query_address
    }
}

/// A running FE; it dies when it's dropped.
#[derive(Debug)]
pub struct Fe {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

impl Fe {
    /// Starts an FE on its ports.
    ///
    /// # Errors
    /// When its version, configuration or metadata can't be read.
    pub async fn start(options: FeOptions, listeners: Listeners) -> Result<Self, FeError> {
        let version = Version::detect(options.starrocks_version.as_deref(), &options.version_file)?;
        let events = EventSink::start(SinkOptions {
            pod: options.place.pod().to_owned(),
            component: Component::Fe,
            recorder: options.recorder.clone(),
            print: options.print,
        });
        let store = MetaStore::new(&options.meta_dir);
        store.check()?;
        let stored = store.load()?;
        let host = options.place.host();
        let configured = |key: &str, default: u16| {
            listeners.settings.get(key).and_then(|port| port.parse().ok()).unwrap_or(default)
        };
        let edit_log_port = options.edit_log_port.unwrap_or_else(|| configured("edit_log_port", 9010));
        let me = Frontend {
            name: format!("{host}_{edit_log_port}_{}", jiff::Timestamp::now().as_millisecond()),
            host,
            edit_log_port,
            http_port: listeners.http_address.port(),
            query_port: listeners.query_address.port(),
            rpc_port: configured("rpc_port", 9020),
        };
        let current_version = version.current_version();
        tracing::info!(version = current_version, fe = me.id(), "FE starts");
        let shared = Arc::new(Shared::new(options, me, version, listeners.settings, events, store));
        shared.events.note(Occurrence::ProcessStarted { version: current_version });
        let mut tasks = JoinSet::new();
        let router = web::router(Arc::clone(&shared));
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listeners.http, router).await {
                tracing::error!(%error, "the HTTP server ended");
            }
        });
        tasks.spawn(cluster::run(Arc::clone(&shared), stored));
        tasks.spawn(beats::run(Arc::clone(&shared)));
        let sql = mysql::server::run(Arc::clone(&shared), listeners.query);
        tasks.spawn(async move {
            if let Err(error) = sql.await {
                tracing::error!(%error, "the MySQL server ended");
            }
        });
        Ok(Self { shared, tasks })
    }

    /// Waits until a part of the FE ends, which none should.
    pub async fn failed(&mut self) {
        self.tasks.join_next().await;
    }

    /// Tells that the process stops.
    pub async fn stopping(&self, reason: &str) {
        self.shared.events.record(Occurrence::ProcessStopping { reason: reason.to_owned() }).await;
    }
}

fn read_settings(options: &FeOptions) -> Result<Settings, FeError> {
    let mounted = options.configmap_mount_path.as_ref().map(|folder| folder.join("fe.conf"));
    let mut text = String::new();
    for path in mounted.iter().chain([&options.fe_conf]) {
        match std::fs::read_to_string(path) {
            Ok(content) => {
                text = content;
                break;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(FeError::Conf { path: path.display().to_string(), source }),
        }
    }
    let pairs = parse_pairs(&options.fe_config).map_err(FeError::Pairs)?;
    Ok(Settings::new(parse_conf(&text).into_iter().chain(pairs))?)
}
