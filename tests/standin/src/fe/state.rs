//! The cluster's metadata, which the leader changes and every FE holds a copy of.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::event::NodeKind;
use crate::identity::host_port;

/// How far metadata has come: the leader's term, then the journal's number. A greater one is newer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The term of the leader that wrote it.
    pub term: u64,
    /// The journal's number.
    pub journal: u64,
}

/// The cluster's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Made when the first FE starts the cluster.
    pub cluster_id: u32,
    /// How far it has come.
    pub position: Position,
    /// `SHA1(SHA1(password))` in hexadecimal digits as MySQL keeps it; empty for an empty password.
    pub root_password: String,
    /// All FEs, the first one first.
    pub frontends: Vec<Frontend>,
    /// All BEs and CNs in the order they were added.
    pub nodes: Vec<Node>,
    /// The next node's id.
    pub next_id: u64,
}

/// An FE of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frontend {
    /// `<host>_<edit log port>_<milliseconds>`, as StarRocks makes it.
    pub name: String,
    /// Name or address.
    pub host: String,
    /// 9010; with the host, it identifies the FE.
    pub edit_log_port: u16,
    /// 8030.
    pub http_port: u16,
    /// 9030.
    pub query_port: u16,
    /// 9020.
    pub rpc_port: u16,
}

impl Frontend {
    /// What identifies the FE: host and edit log port.
    pub fn id(&self) -> String {
        host_port(&self.host, self.edit_log_port)
    }
}

/// A BE or CN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its number, unique in the cluster.
    pub id: u64,
    /// BE or CN.
    pub kind: NodeKind,
    /// Name or address.
    pub host: String,
    /// 9050.
    pub heartbeat_port: u16,
    /// Whether it's being emptied.
    pub decommissioned: bool,
}

impl Node {
    /// Host and heartbeat port.
    pub fn address(&self) -> String {
        host_port(&self.host, self.heartbeat_port)
    }
}

/// A change of the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// Sets root's password, as [`State::root_password`] holds it.
    SetRootPassword {
        /// The hash.
        hash: String,
    },
    /// Adds a BE or CN.
    AddNode {
        /// BE or CN.
        kind: NodeKind,
        /// Name or address.
        host: String,
        /// Its port.
        heartbeat_port: u16,
    },
    /// Removes a BE or CN.
    DropNode {
        /// BE or CN.
        kind: NodeKind,
        /// Name or address.
        host: String,
        /// Its port.
        heartbeat_port: u16,
    },
    /// Begins or cancels the emptying of a BE.
    Decommission {
        /// Name or address.
        host: String,
        /// Its port.
        heartbeat_port: u16,
        /// Begin or cancel.
        begin: bool,
    },
    /// Adds an FE, or renews what is known of it.
    AddFrontend {
        /// The FE.
        frontend: Frontend,
    },
    /// Removes an FE.
    DropFrontend {
        /// Name or address.
        host: String,
        /// Its port.
        edit_log_port: u16,
    },
    /// Writes a checkpoint.
    CreateImage,
}

/// Why a change wasn't made. The texts follow StarRocks' `SystemInfoService.java` and `NodeMgr.java`.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum ChangeError {
    /// It's there already.
    #[error("Same {kind} already exists[{address}]")]
    Exists {
        /// The kind in StarRocks' words.
        kind: String,
        /// Host and port.
        address: String,
    },
    /// There's no such thing.
    #[error("{kind} does not exist[{address}]")]
    Missing {
        /// The kind in StarRocks' words.
        kind: String,
        /// Host and port.
        address: String,
    },
    /// The FE that is to be removed is the leader.
    #[error("can not drop current master node.")]
    IsLeader,
    /// There's no leader, or it can't be reached.
    #[error(
        "Node catalog is not ready, please wait for a while. To get more information, try again later: {reason}"
    )]
    NoLeader {
        /// What stands in the way.
        reason: String,
    },
    /// Most FEs didn't take the change.
    #[error("the change was not acknowledged by a majority of FEs ({acknowledged} of {members})")]
    NoQuorum {
        /// How many took it.
        acknowledged: usize,
        /// How many there are.
        members: usize,
    },
    /// The leader couldn't store it.
    #[error("the metadata can not be written: {reason}")]
    Storage {
        /// The cause.
        reason: String,
    },
}

impl State {
    /// A cluster of one FE.
    pub fn first(cluster_id: u32, frontend: Frontend, root_password: String) -> Self {
        Self {
            cluster_id,
            position: Position { term: 1, journal: 1 },
            root_password,
            frontends: vec![frontend],
            nodes: Vec::new(),
            next_id: 10_001,
        }
    }

    /// The FE with this id.
    pub fn frontend(&self, id: &str) -> Option<&Frontend> {
        self.frontends.iter().find(|frontend| frontend.id() == id)
    }

    /// The ids of all FEs.
    pub fn frontend_ids(&self) -> Vec<String> {
        self.frontends.iter().map(Frontend::id).collect()
    }

    /// The metadata after a change that the leader of `term` makes.
    ///
    /// # Errors
    /// When the change doesn't fit.
    pub fn apply(&self, change: &Change, term: u64) -> Result<Self, ChangeError> {
        let mut next = self.clone();
        next.position = Position { term, journal: self.position.journal + 1 };
        match change {
            Change::SetRootPassword { hash } => next.root_password.clone_from(hash),
            Change::CreateImage => {}
            Change::AddNode { kind, host, heartbeat_port } => {
                if let Some(node) = self.node(host, *heartbeat_port) {
                    return Err(exists(node.kind, &node.address()));
                }
                let (id, host) = (self.next_id, host.clone());
                next.nodes.push(Node {
                    id,
                    kind: *kind,
                    host,
                    heartbeat_port: *heartbeat_port,
                    decommissioned: false,
                });
                next.next_id += 1;
            }
            Change::DropNode { kind, host, heartbeat_port } => {
                let node = self.node(host, *heartbeat_port).filter(|node| node.kind == *kind);
                let id = node.ok_or_else(|| missing(*kind, host, *heartbeat_port))?.id;
                next.nodes.retain(|node| node.id != id);
            }
            Change::Decommission { host, heartbeat_port, begin } => {
                let node = next.nodes.iter_mut().find(|node| {
                    node.kind == NodeKind::Backend
                        && node.host == *host
                        && node.heartbeat_port == *heartbeat_port
                });
                node.ok_or_else(|| missing(NodeKind::Backend, host, *heartbeat_port))?.decommissioned =
                    *begin;
            }
            Change::AddFrontend { frontend } => {
                match next.frontends.iter_mut().find(|known| known.id() == frontend.id()) {
                    // The name stays: a restarted FE is the same one.
                    Some(known) => *known = Frontend { name: known.name.clone(), ..frontend.clone() },
                    None => next.frontends.push(frontend.clone()),
                }
            }
            Change::DropFrontend { host, edit_log_port } => {
                let id = host_port(host, *edit_log_port);
                self.frontend(&id).ok_or_else(|| missing(NodeKind::Frontend, host, *edit_log_port))?;
                next.frontends.retain(|frontend| frontend.id() != id);
            }
        }
        Ok(next)
    }

    fn node(&self, host: &str, port: u16) -> Option<&Node> {
        self.nodes.iter().find(|node| node.host == host && node.heartbeat_port == port)
    }
}

fn words(kind: NodeKind) -> String {
    match kind {
        NodeKind::Frontend => "frontend",
        NodeKind::Backend => "backend",
        NodeKind::ComputeNode => "compute node",
    }
    .to_owned()
}

fn exists(kind: NodeKind, address: &str) -> ChangeError {
    ChangeError::Exists { kind: words(kind), address: address.to_owned() }
}

fn missing(kind: NodeKind, host: &str, port: u16) -> ChangeError {
    ChangeError::Missing { kind: words(kind), address: host_port(host, port) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frontend(host: &str) -> Frontend {
        Frontend {
            name: format!("{host}_9010_1"),
            host: host.into(),
            edit_log_port: 9010,
            http_port: 8030,
            query_port: 9030,
            rpc_port: 9020,
        }
    }

    fn add(host: &str) -> Change {
        Change::AddNode { kind: NodeKind::Backend, host: host.into(), heartbeat_port: 9050 }
    }

    #[test]
    fn a_backend_is_added_once_and_every_change_moves_the_position() {
        let state = State::first(7, frontend("a"), String::new()).apply(&add("be-0"), 3).unwrap();
        assert_eq!(state.position, Position { term: 3, journal: 2 });
        let error = state.apply(&add("be-0"), 3).unwrap_err();
        assert_eq!(error.to_string(), "Same backend already exists[be-0:9050]");
        let drop =
            Change::DropNode { kind: NodeKind::ComputeNode, host: "be-0".into(), heartbeat_port: 9050 };
        assert_eq!(
            state.apply(&drop, 3).unwrap_err().to_string(),
            "compute node does not exist[be-0:9050]",
            "a backend isn't dropped as a compute node"
        );
    }

    #[test]
    fn a_frontend_that_comes_again_keeps_its_name() {
        let state = State::first(7, frontend("a"), String::new());
        let again = Frontend { name: "a_9010_2".into(), http_port: 1, ..frontend("a") };
        let state = state.apply(&Change::AddFrontend { frontend: again }, 1).unwrap();
        assert_eq!(state.frontends.len(), 1);
        assert_eq!((state.frontends[0].name.as_str(), state.frontends[0].http_port), ("a_9010_1", 1));
    }
}
