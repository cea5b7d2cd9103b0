//! The ports of the servers.

use super::Configuration;
use hookgate_api::Component;

/// A server's ports: the defaults, or what its configuration file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ports {
    /// Frontend.
    Fe {
        /// HTTP, with `/api/health`; `http_port`.
        http: i32,
        /// Thrift; `rpc_port`.
        rpc: i32,
        /// The MySQL protocol; `query_port`.
        query: i32,
        /// Replication of metadata; `edit_log_port`.
        edit_log: i32,
    },
    /// Backend or compute node.
    Worker {
        /// Thrift; `be_port`, of a compute node `thrift_port`.
        thrift: i32,
        /// HTTP, with `/api/health`; `webserver_port`.
        webserver: i32,
        /// Heartbeats; `heartbeat_service_port`.
        heartbeat: i32,
        /// bRPC; `brpc_port`.
        brpc: i32,
        /// What the first port is called: `be` or `thrift`.
        thrift_name: &'static str,
    },
}

/// One port of a container or Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NamedPort {
    pub name: &'static str,
    pub number: i32,
    pub app_protocol: Option<&'static str>,
}

impl Ports {
    /// The ports of a component.
    pub fn of(component: Component, conf: &Configuration) -> Self {
        match component {
            Component::Fe => Self::Fe {
                http: conf.port("http_port", 8030),
                rpc: conf.port("rpc_port", 9020),
                query: conf.port("query_port", 9030),
                edit_log: conf.port("edit_log_port", 9010),
            },
            Component::Be | Component::Cn => {
                let thrift_name = if component == Component::Be { "be" } else { "thrift" };
                Self::Worker {
                    thrift: conf.port(&format!("{thrift_name}_port"), 9060),
                    webserver: conf.port("webserver_port", 8040),
                    heartbeat: conf.port("heartbeat_service_port", 9050),
                    brpc: conf.port("brpc_port", 8060),
                    thrift_name,
                }
            }
        }
    }

    /// All of them, in the order of their variant.
    pub(super) fn numbers(self) -> [i32; 4] {
        match self {
            Self::Fe { http, rpc, query, edit_log } => [http, rpc, query, edit_log],
            Self::Worker { thrift, webserver, heartbeat, brpc, .. } => [thrift, webserver, heartbeat, brpc],
        }
    }

    /// The port whose `/api/health` the probes ask.
    pub const fn health(self) -> i32 {
        match self {
            Self::Fe { http, .. } => http,
            Self::Worker { webserver, .. } => webserver,
        }
    }

    /// The port of the headless Service: FE's MySQL port, the workers' heartbeat.
    pub(super) const fn search(self) -> NamedPort {
        match self {
            Self::Fe { query, .. } => named("query-port", query, Some("mysql")),
            Self::Worker { heartbeat, .. } => named("heartbeat", heartbeat, None),
        }
    }

    /// The ports of the Service that clients use. The container has the same, but for FE's edit log.
    pub(super) fn external(self) -> Vec<NamedPort> {
        match self {
            Self::Fe { http, rpc, query, edit_log } => vec![
                named("http", http, None),
                named("rpc", rpc, None),
                named("query", query, Some("mysql")),
                named("edit-log", edit_log, None),
            ],
            Self::Worker { thrift, webserver, heartbeat, brpc, thrift_name } => vec![
                named(thrift_name, thrift, None),
                named("webserver", webserver, None),
                named("heartbeat", heartbeat, None),
                named("brpc", brpc, None),
            ],
        }
    }
}

const fn named(name: &'static str, number: i32, app_protocol: Option<&'static str>) -> NamedPort {
    NamedPort { name, number, app_protocol }
}
