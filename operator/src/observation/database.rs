//! What the database says of itself.

use crate::sql::Refusal;
use hookgate_api::status::Tablets;
use std::collections::BTreeMap;

/// What the database says, when it was asked.
#[derive(Clone, Debug, Default)]
#[allow(clippy::large_enum_variant, reason = "there is one in a pass, and never a list of them")]
pub enum Database {
    /// Nothing is in flight: an idle cluster isn't asked.
    #[default]
    NotAsked,
    /// What its FEs answered.
    Asked(DatabaseFacts),
}

/// What the FEs answered in one pass.
#[derive(Clone, Debug)]
pub struct DatabaseFacts {
    /// Every FE pod that has an address, each asked by itself: FE settings live in each one's memory.
    pub frontends: Vec<Frontend>,
    /// The user that they were asked as.
    pub user: String,
    /// What an FE refused whose way out is known: the first of them.
    pub refusal: Option<DatabaseRefusal>,
    /// The members as one of the FEs sees them; the last error when none answered.
    pub members: Result<Members, String>,
    /// Tablets that aren't as they should be; `None` when they weren't asked for.
    pub tablets: Option<Result<Tablets, String>>,
    /// The tables that have one replica, as `database.table`; `None` when they weren't asked for.
    pub single_replica_tables: Option<Result<Vec<String>, String>>,
}

/// A refusal whose way out is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseRefusal {
    /// What it means.
    pub meaning: Refusal,
    /// The FE and its words.
    pub message: String,
}

/// What is asked of an FE beside its settings and the members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Questions {
    /// How many tablets aren't as they should be.
    pub tablets: bool,
    /// Which tables have one replica.
    pub single_replica_tables: bool,
}

/// One FE pod, and what it answered.
#[derive(Clone, Debug)]
pub struct Frontend {
    /// The pod's name.
    pub pod: String,
    /// The pod's uid.
    pub uid: String,
    /// How often its container has restarted.
    pub restarts: i32,
    /// The pod's address.
    pub ip: String,
    /// The answer, or why there is none.
    pub answer: Result<FrontendAnswer, String>,
}

/// What an FE said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontendAnswer {
    /// The settings that an upgrade may hold, by canonical name. One that the version doesn't have isn't in here.
    pub settings: BTreeMap<String, Setting>,
}

/// A setting of an FE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name that this FE's version knows it by.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// The members of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// `SHOW FRONTENDS`.
    pub frontends: Vec<Member>,
    /// `SHOW BACKENDS`.
    pub backends: Vec<Member>,
    /// `SHOW COMPUTE NODES`.
    pub compute_nodes: Vec<Member>,
}

/// One member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Its host: a pod's full name in DNS, or an address.
    pub host: String,
    /// Whether it answers heartbeats.
    pub alive: bool,
    /// Its version, as `3.2.2-269e832`.
    pub version: String,
    /// What it is among the FEs.
    pub role: MemberRole,
    /// Whether its tablets are being moved away (`SystemDecommissioned`).
    pub decommissioned: bool,
    /// When it started, in the database's own words (`StartTime` of an FE); empty where they aren't known.
    pub started_at: String,
}

/// What a member is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberRole {
    /// The FE that writes.
    Leader,
    /// An FE that votes.
    Follower,
    /// An FE that doesn't.
    Observer,
    /// A backend or compute node.
    #[default]
    Worker,
}

impl Member {
    /// Whether this member runs in that pod.
    pub fn is_pod(&self, pod: &str, ip: Option<&str>) -> bool {
        self.host == pod
            || self.host.strip_prefix(pod).is_some_and(|rest| rest.starts_with('.'))
            || ip.is_some_and(|ip| self.host == ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_found_by_name_or_address_and_never_by_a_prefix() {
        let member = |host: &str| Member { host: host.to_owned(), alive: true, ..Member::default() };
        assert!(member("c-be-1.c-be-search.n.svc.cluster.local").is_pod("c-be-1", None));
        assert!(!member("c-be-10.c-be-search.n.svc.cluster.local").is_pod("c-be-1", None));
        assert!(member("10.0.0.7").is_pod("c-be-1", Some("10.0.0.7")));
        assert!(!member("10.0.0.70").is_pod("c-be-1", Some("10.0.0.7")));
    }
}
