//! What the stand-in tells about itself: one JSON object a line, on stdout and to the recorder.
//!
//! The end-to-end tests read these to judge what the operator did to the database.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

/// Something that happened in one process of the stand-in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened, in UTC with microseconds. For a statement: when it arrived.
    #[serde(serialize_with = "with_microseconds")]
    pub time: Timestamp,
    /// The pod's name.
    pub pod: String,
    /// Which program it was.
    pub component: Component,
    /// One run of one process; differs after a restart.
    pub instance: String,
    /// Counts the events of one `instance`, from 1.
    pub number: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: Occurrence,
}

/// An event as the recorder keeps it: with its place in the order of arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Place in the recorder's order of arrival, from 1.
    pub sequence: u64,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// A program of the stand-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Component {
    /// Frontend.
    Fe,
    /// Backend.
    Be,
    /// Compute node.
    Cn,
    /// The recorder itself.
    Recorder,
}

/// What happened; `type` names it in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Occurrence {
    /// The process has started.
    ProcessStarted {
        /// The version that it plays, as `current_version()` gives it.
        version: String,
    },
    /// The process was told to stop and does so.
    ProcessStopping {
        /// Who told it: the signal's name.
        reason: String,
    },
    /// An FE has answered, or is about to answer, a statement.
    Statement(StatementEvent),
    /// A login was refused.
    LoginRefused {
        /// The user name that was sent.
        user: String,
        /// The client's address and port.
        client: String,
    },
    /// A client took TLS.
    ConnectionEncrypted {
        /// The client's address and port.
        client: String,
    },
    /// This FE has become the leader.
    LeadershipGained {
        /// The election's number, rising.
        term: u64,
    },
    /// This FE is no longer the leader.
    LeadershipLost {
        /// The election's number in which it led.
        term: u64,
        /// Why.
        reason: String,
    },
    /// The leader sees a node that it took for dead, or that is new, alive; or sees that it was restarted.
    NodeAlive {
        /// What the node is.
        kind: NodeKind,
        /// Its host and heartbeat port (FE: edit log port).
        node: String,
        /// The version that it says it has.
        version: String,
    },
    /// The leader takes a node for dead.
    NodeDead {
        /// What the node is.
        kind: NodeKind,
        /// Its host and heartbeat port (FE: edit log port).
        node: String,
        /// The last heartbeat's error.
        reason: String,
    },
    /// A setting of this FE was set, whether or not that changed its value.
    ConfigChanged {
        /// The canonical name.
        key: String,
        /// The value before.
        old: String,
        /// The value after.
        new: String,
        /// How it came here.
        #[serde(flatten)]
        origin: Origin,
    },
    /// A BE or CN found itself in the FE's list, after registering where needed.
    Registered {
        /// The FE's address that was used.
        fe: String,
    },
    /// The faults that this process is to show were replaced.
    FaultsChanged {
        /// The faults from here on.
        faults: crate::fault::Faults,
    },
    /// Events were lost because the recorder was away for too long.
    EventsLost {
        /// How many.
        count: u64,
    },
    /// The recorder has reached its limit and keeps no more.
    RecorderFull {
        /// How many events it has turned away so far.
        dropped: u64,
    },
}

/// What an FE was asked and what it answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatementEvent {
    /// The user who is logged in.
    pub user: String,
    /// The client's address and port.
    pub client: String,
    /// The connection's number within this FE.
    pub connection: u32,
    /// The statement, verbatim; cut after 64 KiB.
    pub statement: String,
    /// Time until the answer was ready, in microseconds.
    pub elapsed_microseconds: u64,
    /// The answer.
    pub outcome: Outcome,
}

/// How a statement ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    /// It succeeded.
    Ok {
        /// The number of rows in the answer.
        rows: u64,
    },
    /// It failed.
    Error {
        /// The MySQL error code.
        code: u16,
        /// The message.
        message: String,
    },
}

/// A kind of node that the leader watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// FE.
    Frontend,
    /// BE.
    Backend,
    /// CN.
    ComputeNode,
}

/// How the change of a setting came to an FE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "origin", rename_all = "snake_case")]
pub enum Origin {
    /// By a statement on this FE.
    Local,
    /// By a statement on another FE, which forwarded it.
    Forwarded {
        /// The host of that FE.
        from: String,
    },
}

fn with_microseconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(what: Occurrence) -> Event {
        Event {
            time: "2025-01-02T03:04:05.000006Z".parse().unwrap(),
            pod: "c-fe-0".into(),
            component: Component::Fe,
            instance: "i".into(),
            number: 7,
            what,
        }
    }

    #[test]
    fn a_statement_is_one_flat_object_with_microseconds_and_reads_back() {
        let recorded = Recorded {
            sequence: 3,
            event: event(Occurrence::Statement(StatementEvent {
                user: "root".into(),
                client: "10.0.0.1:5".into(),
                connection: 2,
                statement: "SELECT 1".into(),
                elapsed_microseconds: 9,
                outcome: Outcome::Error { code: 5102, message: "no".into() },
            })),
        };
        let text = serde_json::to_string(&recorded).unwrap();
        assert_eq!(
            text,
            r#"{"sequence":3,"time":"2025-01-02T03:04:05.000006Z","pod":"c-fe-0","component":"fe","instance":"i","number":7,"type":"statement","user":"root","client":"10.0.0.1:5","connection":2,"statement":"SELECT 1","elapsed_microseconds":9,"outcome":{"status":"error","code":5102,"message":"no"}}"#
        );
        assert_eq!(serde_json::from_str::<Recorded>(&text).unwrap(), recorded);
    }

    #[test]
    fn a_config_change_says_where_it_came_from() {
        let forwarded = event(Occurrence::ConfigChanged {
            key: "k".into(),
            old: "1".into(),
            new: "2".into(),
            origin: Origin::Forwarded { from: "fe-1".into() },
        });
        let text = serde_json::to_string(&forwarded).unwrap();
        assert!(text.ends_with(r#""origin":"forwarded","from":"fe-1"}"#), "{text}");
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), forwarded);
    }
}
