//! How an FE runs.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;

use crate::identity::Place;

/// Arguments of an FE that listens on this machine alone, at free ports.
pub const LOOPBACK: [&str; 6] = ["--listen", "127.0.0.1", "--http-port", "0", "--query-port", "0"];

/// How an FE runs.
#[derive(Debug, Clone, Args)]
pub struct FeOptions {
    /// The FE Service, as the operator passes it. Kept for the command line's sake: FEs find each other by the
    /// headless Service.
    pub fe_service: Option<String>,
    /// Where this process is.
    #[command(flatten)]
    pub place: Place,
    /// Listen on this address.
    #[arg(long, env = "STANDIN_LISTEN", default_value = "0.0.0.0")]
    pub listen: IpAddr,
    /// HTTP port; 0 takes a free one.
    #[arg(long, env = "STANDIN_FE_HTTP_PORT")]
    pub http_port: Option<u16>,
    /// MySQL port; 0 takes a free one.
    #[arg(long, env = "STANDIN_FE_QUERY_PORT")]
    pub query_port: Option<u16>,
    /// Edit log port. Nothing listens there: it's part of the FE's identity.
    #[arg(long, env = "STANDIN_FE_EDIT_LOG_PORT")]
    pub edit_log_port: Option<u16>,
    /// HTTP addresses of all FEs, instead of looking them up in DNS.
    #[arg(long, env = "STANDIN_PEERS", value_delimiter = ',')]
    pub peers: Vec<String>,
    /// The version to play.
    #[arg(long, env = "STARROCKS_VERSION")]
    pub starrocks_version: Option<String>,
    /// The file that has the version otherwise.
    #[arg(long, env = "STANDIN_VERSION_FILE", default_value = "/opt/starrocks/VERSION")]
    pub version_file: PathBuf,
    /// Metadata goes here if the folder exists.
    #[arg(long, env = "STANDIN_META_DIR", default_value = "/opt/starrocks/fe/meta")]
    pub meta_dir: PathBuf,
    /// The folder of a mounted fe.conf.
    #[arg(long, env = "CONFIGMAP_MOUNT_PATH")]
    pub configmap_mount_path: Option<PathBuf>,
    /// The fe.conf when none is mounted.
    #[arg(long, env = "STANDIN_FE_CONF", default_value = "/opt/starrocks/fe/conf/fe.conf")]
    pub fe_conf: PathBuf,
    /// Settings that go before fe.conf's: `k=v,k=v`.
    #[arg(long, env = "STANDIN_FE_CONFIG", default_value = "")]
    pub fe_config: String,
    /// Root's password when the cluster begins.
    #[arg(long, env = "STANDIN_ROOT_PASSWORD", hide_env_values = true)]
    pub root_password: Option<String>,
    /// Root's password when the cluster begins, as the operator's users set it.
    #[arg(long, env = "MYSQL_PWD", hide_env_values = true)]
    pub mysql_pwd: Option<String>,
    /// Offer TLS on the MySQL port, with a certificate of its own making.
    #[arg(long, env = "STANDIN_TLS")]
    pub tls: bool,
    /// Time between heartbeats, in milliseconds.
    #[arg(long, env = "STANDIN_HEARTBEAT_MILLISECONDS", default_value_t = 300)]
    pub heartbeat_milliseconds: u64,
    /// A leader is gone when it's silent for so long, in milliseconds; it's replaced within twice that.
    #[arg(long, env = "STANDIN_ELECTION_MILLISECONDS", default_value_t = 1200)]
    pub election_milliseconds: u64,
    /// The first FE begins a cluster although others in DNS don't answer, after so long, in milliseconds.
    #[arg(long, env = "STANDIN_BOOTSTRAP_MILLISECONDS", default_value_t = 3000)]
    pub bootstrap_milliseconds: u64,
    /// A BE's tablets count as unhealthy for so long after its return.
    #[arg(long, env = "STANDIN_UNHEALTHY_SECONDS", default_value_t = 1)]
    pub unhealthy_seconds: u64,
    /// Repairs of a dead BE's tablets are scheduled after so long.
    #[arg(long, env = "STANDIN_REPAIR_DELAY_SECONDS", default_value_t = 60)]
    pub repair_delay_seconds: u64,
    /// Tables with a single replica: `db.table,db.table`.
    #[arg(long, env = "STANDIN_SINGLE_REPLICA_TABLES", value_delimiter = ',')]
    pub single_replica_tables: Vec<String>,
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
