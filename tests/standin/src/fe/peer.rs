//! What FEs say to each other, over HTTP at `/standin/peer/…`.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::election::Ballot;
use super::health::Health;
use super::state::{Change, ChangeError, Frontend, Position, State};

/// Who speaks to whom. Addresses of pods are used again by pods of other clusters, so every message says for
/// whom it's meant, and an FE that isn't meant refuses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The cluster's name: its headless Service.
    pub service: String,
    /// The id of the FE that it's meant for, when that's known.
    pub to: Option<String>,
    /// The id of the FE that speaks.
    pub from: String,
    /// Where that FE is reached, when DNS may not know it yet.
    pub address: Option<IpAddr>,
    /// What it says.
    pub message: T,
}

/// Asks what an FE is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {}

/// What an FE is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Greeting {
    /// Its id.
    pub id: String,
    /// Whether it has metadata.
    pub member: bool,
    /// The HTTP address of the leader that it knows.
    pub leader: Option<String>,
}

/// Asks to be let into the cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Join {
    /// Who asks.
    pub frontend: Frontend,
}

/// The answer to [`Join`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joined {
    /// Here is the metadata.
    Welcome {
        /// The term.
        term: u64,
        /// The metadata.
        state: State,
        /// What is known of the others.
        health: Health,
    },
    /// Not from this one, or not at this time.
    Refused {
        /// Why.
        reason: String,
    },
}

/// Asks for a vote.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VoteRequest {
    /// The cluster.
    pub cluster_id: u32,
    /// What for.
    pub ballot: Ballot,
}

/// The answer to [`VoteRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vote {
    /// The term of the FE that answers.
    pub term: u64,
    /// Whether it grants the vote.
    pub granted: bool,
}

/// The leader's heartbeat, with everything there is to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lead {
    /// The leader's term.
    pub term: u64,
    /// Rises with every message of a leader: one that was overtaken by a later one tells nothing.
    pub sequence: u64,
    /// The metadata.
    pub state: State,
    /// What the leader knows of the others.
    pub health: Health,
}

/// The answer to [`Lead`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Led {
    /// Whether it's accepted.
    pub accepted: bool,
    /// The term of the FE that answers.
    pub term: u64,
    /// The leader that it follows.
    pub leader: Option<String>,
    /// How far its metadata has come.
    pub position: Position,
    /// Its version.
    pub version: String,
    /// When it started.
    pub started: jiff::Timestamp,
}

/// Asks the leader for a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangeRequest {
    /// The change.
    pub change: Change,
}

/// The answer to [`ChangeRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Done, at this position.
    Done(Position),
    /// Not done.
    Failed(ChangeError),
}

/// Forwards a setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetConfig {
    /// The name as it was given.
    pub key: String,
    /// The value as it was given.
    pub value: String,
}

/// The answer to [`SetConfig`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConfigSet {
    /// Why it failed, if it did.
    pub error: Option<String>,
}

/// The leader's heartbeat to a BE or CN, at `/standin/heartbeat`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeHeartbeat {
    /// The host under which the node is listed; another node at its old address refuses.
    pub host: String,
    /// The cluster.
    pub cluster_id: u32,
}

/// The answer to [`NodeHeartbeat`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NodeAnswer {
    /// Its version.
    pub version: String,
    /// When it started.
    pub started: jiff::Timestamp,
    /// 8040.
    pub http_port: u16,
    /// 9060.
    pub be_port: u16,
    /// 8060.
    pub brpc_port: u16,
    /// How long its tablets count as unhealthy after its return, when it has a say.
    pub unhealthy_seconds: Option<u64>,
}
