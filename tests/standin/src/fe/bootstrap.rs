//! What an FE without metadata does: join a cluster, begin one, or wait.

use std::time::Duration;

/// What was seen of another FE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It didn't answer.
    Unreachable,
    /// It answered and has no metadata either.
    Empty,
    /// It belongs to a cluster; with its leader's address if it knows one.
    Member {
        /// The HTTP address of the leader.
        leader: Option<String>,
    },
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Ask this FE to be let in.
    Join(String),
    /// Begin a cluster.
    Begin,
    /// Look again; the text says what for.
    Wait(&'static str),
}

/// Decides.
///
/// Only the first FE may begin a cluster, and only when it's sure that there is none: it sees itself in the
/// list of FEs (so that list is no older than its pod), and each other FE in it is empty, or has been silent for
/// as long as `patience`. A second cluster beside a living one is the worst that could happen.
pub fn decide(
    first: bool,
    listed: bool,
    others: &[(String, Seen)],
    waited: Duration,
    patience: Duration,
) -> Decision {
    let leader = others.iter().find_map(|(_, seen)| match seen {
        Seen::Member { leader } => leader.clone(),
        _ => None,
    });
    if let Some(leader) = leader {
        return Decision::Join(leader);
    }
    // An FE without a leader still hands its metadata to a member that has lost its own.
    if let Some((address, _)) = others.iter().find(|(_, seen)| matches!(seen, Seen::Member { .. })) {
        return Decision::Join(address.clone());
    }
    if !first {
        return Decision::Wait("another FE to join; only the first FE begins a cluster");
    }
    if !listed {
        return Decision::Wait("this FE's own address in DNS");
    }
    if waited < patience && others.iter().any(|(_, seen)| *seen == Seen::Unreachable) {
        return Decision::Wait("an FE that is in DNS and does not answer");
    }
    Decision::Begin
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    fn at(first: bool, listed: bool, others: &[Seen], waited: u64) -> Decision {
        let others: Vec<_> = others.iter().enumerate().map(|(i, s)| (format!("fe-{i}"), s.clone())).collect();
        decide(first, listed, &others, Duration::from_secs(waited), PATIENCE)
    }

    #[test]
    fn a_cluster_is_begun_only_by_the_first_and_only_when_there_is_none() {
        assert_eq!(at(true, true, &[], 0), Decision::Begin);
        assert_eq!(at(true, true, &[Seen::Empty, Seen::Empty], 0), Decision::Begin);
        assert!(matches!(at(false, true, &[Seen::Empty], 60), Decision::Wait(_)));
        assert!(matches!(at(true, false, &[], 60), Decision::Wait(_)), "DNS doesn't know this pod yet");
        assert!(matches!(at(true, true, &[Seen::Unreachable], 1), Decision::Wait(_)));
        assert_eq!(at(true, true, &[Seen::Unreachable], 3), Decision::Begin);
    }

    #[test]
    fn a_member_is_joined_by_way_of_its_leader() {
        let leader = Seen::Member { leader: Some("fe-9".into()) };
        assert_eq!(at(true, true, &[Seen::Empty, leader.clone()], 0), Decision::Join("fe-9".into()));
        assert_eq!(at(false, false, &[leader], 0), Decision::Join("fe-9".into()));
        let leaderless = Seen::Member { leader: None };
        assert_eq!(at(true, true, &[Seen::Unreachable, leaderless], 60), Decision::Join("fe-1".into()));
    }
}
