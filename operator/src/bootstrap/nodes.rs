//! Waiting until all nodes are Ready.

use k8s_openapi::api::core::v1::Node;
use kube::{Api, Client, ResourceExt, api::ListParams};
use std::{fmt, time::Duration};

/// How long between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// More nodes than these aren't named.
const MOST_NAMED: usize = 10;

/// Why the nodes can't be waited for any longer.
#[derive(Debug, thiserror::Error)]
pub enum NodesError {
    /// There is no way to the API server.
    #[error("no API server: {0}. Inside a cluster a service account is needed, outside set KUBECONFIG")]
    Client(#[source] Box<kube::Error>),
    /// It may not, or can't, list them.
    #[error("the nodes cannot be listed: {0}")]
    List(#[source] Box<kube::Error>),
    /// They are not Ready in time.
    #[error("after {0} s, {1}")]
    TimedOut(u64, NodeReadiness),
}

/// Which nodes are Ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeReadiness {
    ready: usize,
    waiting: Vec<String>,
}

impl NodeReadiness {
    /// Of these nodes.
    pub fn of(nodes: &[Node]) -> Self {
        let waiting = nodes.iter().filter(|node| !is_ready(node)).map(ResourceExt::name_any);
        let waiting: Vec<String> = waiting.collect();
        Self { ready: nodes.len() - waiting.len(), waiting }
    }

    /// Whether there are nodes, and all of them are Ready.
    pub fn is_complete(&self) -> bool {
        self.ready > 0 && self.waiting.is_empty()
    }
}

impl fmt::Display for NodeReadiness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ready, waiting } = self;
        let all = ready + waiting.len();
        if all == 0 {
            return formatter.write_str("there is no node");
        }
        write!(formatter, "{ready} of {all} nodes are Ready")?;
        let named = waiting.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
        match waiting.len().saturating_sub(MOST_NAMED) {
            _ if waiting.is_empty() => Ok(()),
            0 => write!(formatter, "; not yet: {named}"),
            more => write!(formatter, "; not yet: {named} and {more} more"),
        }
    }
}

fn is_ready(node: &Node) -> bool {
    let conditions = node.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Returns when all nodes are Ready; says how far they are whenever that changes.
pub(super) async fn wait(timeout: Duration) -> Result<(), NodesError> {
    let client = Client::try_default().await.map_err(|error| NodesError::Client(Box::new(error)))?;
    let nodes: Api<Node> = Api::all(client);
    let end = tokio::time::Instant::now() + timeout;
    let mut said = None;
    loop {
        // An API server that is coming up may refuse connections: that is waited for as well.
        let found = nodes.list(&ListParams::default()).await.map(|list| NodeReadiness::of(&list.items));
        match &found {
            Ok(readiness) if readiness.is_complete() => {
                tracing::info!("{readiness}");
                return Ok(());
            }
            Err(error @ kube::Error::Api(status)) if matches!(status.code, 401 | 403) => {
                tracing::error!("the nodes cannot be listed: {error}");
                return found.map(drop).map_err(|error| NodesError::List(Box::new(error)));
            }
            _ => {}
        }
        let words = match &found {
            Ok(readiness) => format!("waiting for the nodes: {readiness}"),
            Err(error) => format!("waiting for the API server: {error}"),
        };
        if said.as_ref() != Some(&words) {
            tracing::info!("{words}");
            said = Some(words);
        }
        if tokio::time::Instant::now() + PAUSE > end {
            return match found {
                Ok(readiness) => Err(NodesError::TimedOut(timeout.as_secs(), readiness)),
                Err(error) => Err(NodesError::List(Box::new(error))),
            };
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(name: &str, conditions: &serde_json::Value) -> Node {
        serde_json::from_value(json!({"metadata": {"name": name}, "status": {"conditions": conditions}}))
            .unwrap()
    }

    #[test]
    fn all_nodes_have_to_be_ready_and_there_has_to_be_one() {
        let ready = node("a", &json!([{"type": "Ready", "status": "True"}]));
        let not_ready = node(
            "b",
            &json!([{"type": "Ready", "status": "False"}, {"type": "DiskPressure", "status": "True"}]),
        );
        let unknown = node("c", &json!([{"type": "Ready", "status": "Unknown"}]));
        let new = node("d", &json!([]));
        assert!(NodeReadiness::of(std::slice::from_ref(&ready)).is_complete());
        assert!(!NodeReadiness::of(&[]).is_complete());
        assert_eq!(NodeReadiness::of(&[]).to_string(), "there is no node");
        let some = NodeReadiness::of(&[ready, not_ready, unknown, new]);
        assert!(!some.is_complete());
        assert_eq!(some.to_string(), "1 of 4 nodes are Ready; not yet: b, c, d");
        let many: Vec<Node> = (0..12).map(|number| node(&format!("n{number}"), &json!([]))).collect();
        assert!(NodeReadiness::of(&many).to_string().ends_with("n9 and 2 more"));
    }
}
