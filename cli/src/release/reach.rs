//! How each FE is reached: through the API server, or at its own address.

use super::original::Original;
use crate::live::LiveError;
use hookgate_api::{Component, StarRocksCluster, names};
use hookgate_database::{Connection, Credentials, SetConfig, SqlError, Target, setting};
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::time::Duration;
use tokio::net::TcpListener;

/// FE's port for the MySQL protocol, where its pod doesn't say another.
const QUERY_PORT: u16 = 9030;

/// How an FE is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The API server forwards: works from everywhere where kubectl works.
    PortForward,
    /// The pod's own address: from inside the cluster.
    Direct,
}

/// An FE that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frontend {
    /// The pod's name.
    pub(super) pod: String,
    namespace: String,
    ip: String,
    port: u16,
}

/// Why an FE has not been given back what it had.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReachError {
    /// It can't be reached, or refuses.
    #[error("{error}{}", way_out(error))]
    Database {
        /// What went wrong.
        #[source]
        error: SqlError,
    },
    /// No way to it.
    #[error("no port is forwarded to it: {0}")]
    Forward(#[from] std::io::Error),
    /// It has another value after it was set.
    #[error("{name} is {found} after it was set to {wanted}: somebody else sets it too")]
    Other {
        /// The setting.
        name: String,
        /// The value that was found.
        found: String,
        /// The value that it should have.
        wanted: String,
    },
}

impl From<SqlError> for ReachError {
    fn from(error: SqlError) -> Self {
        Self::Database { error }
    }
}

fn way_out(error: &SqlError) -> String {
    error.refusal().map(|refusal| format!(". The way out: {}", refusal.way_out())).unwrap_or_default()
}

/// The FEs that run: one that doesn't has no memory of what it was told.
pub(super) async fn frontends(
    client: &Client,
    cluster: &StarRocksCluster,
) -> Result<Vec<Frontend>, LiveError> {
    let namespace = cluster.namespace().unwrap_or_default();
    let pods: Api<Pod> = Api::namespaced(client.clone(), &namespace);
    let owner = names::statefulset(&cluster.name_any(), Component::Fe);
    let selector =
        format!("{}={},{}={owner}", names::COMPONENT_LABEL, Component::Fe.as_str(), names::OWNER_LABEL);
    let list = pods.list(&ListParams::default().labels(&selector)).await;
    let list = list.map_err(LiveError::api("reading the FE pods"))?;
    Ok(list.iter().filter_map(frontend).collect())
}

fn frontend(pod: &Pod) -> Option<Frontend> {
    let status = pod.status.as_ref()?;
    if status.phase.as_deref() != Some("Running") {
        return None;
    }
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let mut ports = containers.flat_map(|container| container.ports.iter().flatten());
    let port = ports.find(|port| port.name.as_deref() == Some(names::FE_QUERY_PORT));
    Some(Frontend {
        pod: pod.name_any(),
        namespace: pod.namespace().unwrap_or_default(),
        ip: status.pod_ip.clone()?,
        port: port.and_then(|port| u16::try_from(port.container_port).ok()).unwrap_or(QUERY_PORT),
    })
}

/// Sets every original that the FE doesn't have, and reads it back. What was changed, one line each.
pub(super) async fn give_back(
    client: &Client,
    way: Way,
    frontend: &Frontend,
    credentials: &Credentials,
    originals: &[Original],
    timeout: Duration,
) -> Result<Vec<String>, ReachError> {
    let target = |ip: &str, port| Target {
        ip: ip.to_owned(),
        port,
        user: credentials.user.clone(),
        password: credentials.password.clone(),
    };
    match way {
        Way::Direct => set(&target(&frontend.ip, frontend.port), originals, timeout).await,
        Way::PortForward => {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let here = target("127.0.0.1", listener.local_addr()?.port());
            tokio::select! {
                given = set(&here, originals, timeout) => given,
                error = forward(client, frontend, &listener) => Err(ReachError::Forward(error)),
            }
        }
    }
}

async fn set(target: &Target, originals: &[Original], timeout: Duration) -> Result<Vec<String>, ReachError> {
    let mut connection = Connection::open(target, timeout).await?;
    let mut changed = Vec::new();
    for Original { name, alias, value } in originals {
        let Some(before) = setting(&mut connection, name, alias).await? else { continue };
        if same(&before.value, value) {
            continue;
        }
        let statement = SetConfig::new(&before.key, value).map_err(SqlError::from)?.to_string();
        let executed = connection.execute(&statement, timeout).await;
        let after = setting(&mut connection, name, alias).await?.map(|after| after.value).unwrap_or_default();
        if !same(&after, value) {
            // Where another FE couldn't be told, this one refuses though it has the value: what it has is what counts.
            executed?;
            return Err(ReachError::Other { name: name.clone(), found: after, wanted: value.clone() });
        }
        changed.push(format!("{name} was {}, is {value}", before.value));
    }
    connection.close().await;
    Ok(changed)
}

fn same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// Forwards every connection to the pod, until it can't.
async fn forward(client: &Client, frontend: &Frontend, listener: &TcpListener) -> std::io::Error {
    let pods: Api<Pod> = Api::namespaced(client.clone(), &frontend.namespace);
    loop {
        let mut local = match listener.accept().await {
            Ok((local, _)) => local,
            Err(error) => return error,
        };
        let mut forwarder = match pods.portforward(&frontend.pod, &[frontend.port]).await {
            Ok(forwarder) => forwarder,
            Err(error) => return std::io::Error::other(error),
        };
        let Some(mut remote) = forwarder.take_stream(frontend.port) else {
            return std::io::Error::other("the API server opened no stream");
        };
        tokio::spawn(async move {
            // A connection that breaks is told by the statement that is under way on it.
            drop(tokio::io::copy_bidirectional(&mut local, &mut remote).await);
        });
    }
}
