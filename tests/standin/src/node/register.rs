//! Registration with the FE over MySQL, as the image's entrypoint script does it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Row};
use thiserror::Error;

use super::Shared;
use crate::event::{NodeKind, Occurrence};
use crate::identity::host_port;

/// An attempt takes at most so long: before a Service has endpoints, its packets may go nowhere.
const ATTEMPT: Duration = Duration::from_secs(2);
/// A registered node asks after its FE when it has heard nothing for so long.
const SILENCE: Duration = Duration::from_secs(3);
/// Time between such questions.
const REVISIT: Duration = Duration::from_secs(3);

/// Why an attempt failed.
#[derive(Debug, Error)]
enum RegisterError {
    #[error(transparent)]
    Mysql(#[from] mysql_async::Error),
    #[error("no answer in {} s", ATTEMPT.as_secs())]
    Deadline,
    #[error("SHOW FRONTENDS has no ClusterId")]
    NoCluster,
}

/// Registers, and again when the FE has begun another cluster: an FE that keeps its metadata nowhere forgets its
/// nodes when its pod is replaced. A node that was dropped stays dropped until it's restarted. Never returns.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut cluster: Option<String> = None;
    let mut told = None;
    loop {
        let heard = *shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if cluster.is_some() && heard.is_some_and(|at| at.elapsed() < SILENCE) {
            tokio::time::sleep(SILENCE / 4).await;
            continue;
        }
        match attempt(&shared, cluster.as_deref()).await {
            Ok(known) => {
                cluster = known.or(cluster);
                told = None;
            }
            Err(error) => {
                let text = error.to_string();
                if told.as_ref() != Some(&text) {
                    tracing::info!(fe = shared.options.fe_service, error = text, "not registered yet");
                    told = Some(text);
                }
            }
        }
        let pause = if cluster.is_some() && told.is_none() {
            REVISIT
        } else {
            Duration::from_millis(shared.options.register_milliseconds)
        };
        tokio::time::sleep(pause).await;
    }
}

/// Registers unless the FE belongs to the cluster that this node registered with. Gives the cluster.
async fn attempt(shared: &Shared, registered: Option<&str>) -> Result<Option<String>, RegisterError> {
    if shared.faults.get().never_register {
        return Ok(None);
    }
    tokio::time::timeout(ATTEMPT, Box::pin(register(shared, registered)))
        .await
        .map_err(|_| RegisterError::Deadline)?
}

async fn register(shared: &Shared, registered: Option<&str>) -> Result<Option<String>, RegisterError> {
    let options = &shared.options;
    // Nothing is asked on connecting: an FE doesn't know `@@socket`.
    let builder = OptsBuilder::default()
        .ip_or_hostname(options.fe_service.clone())
        .tcp_port(options.fe_query_port)
        .user(Some("root"))
        .pass(options.mysql_pwd.clone())
        .prefer_socket(false)
        .max_allowed_packet(Some(4 << 20))
        .wait_timeout(Some(60));
    let mut connection = Conn::new(Opts::from(builder)).await?;
    // The comment lets a reader of the recording tell these statements from the operator's.
    let by = format!("/* {} */", shared.options.place.pod().replace("*/", ""));
    let cluster = cluster_id(&mut connection, &by).await?;
    if registered != Some(cluster.as_str()) {
        let address = host_port(&shared.host, shared.heartbeat_port);
        let (show, add) = match shared.kind {
            NodeKind::ComputeNode => ("SHOW COMPUTE NODES", "COMPUTE NODE"),
            _ => ("SHOW BACKENDS", "BACKEND"),
        };
        let listed = |rows: Vec<Row>| {
            rows.iter().any(|row| {
                row.get::<String, _>("IP").as_deref() == Some(&shared.host)
                    && row.get::<String, _>("HeartbeatPort") == Some(shared.heartbeat_port.to_string())
            })
        };
        if !listed(connection.query(format!("{by} {show}")).await?) {
            connection.query_drop(format!("{by} ALTER SYSTEM ADD {add} \"{address}\"")).await?;
        }
        let fe = host_port(&options.fe_service, options.fe_query_port);
        shared.events.record(Occurrence::Registered { fe }).await;
    }
    connection.disconnect().await?;
    Ok(Some(cluster))
}

async fn cluster_id(connection: &mut Conn, by: &str) -> Result<String, RegisterError> {
    let frontends: Vec<Row> = connection.query(format!("{by} SHOW FRONTENDS")).await?;
    frontends.first().and_then(|row| row.get("ClusterId")).ok_or(RegisterError::NoCluster)
}
