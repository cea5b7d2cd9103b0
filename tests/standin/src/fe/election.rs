//! Who leads: the decisions of one FE, without clock or network.
//!
//! The rules are those of Raft's elections with a preliminary vote (D. Ongaro, "Consensus: Bridging Theory and
//! Practice", sections 3.4 and 9.6): an FE that still hears its leader votes for nobody, so leadership stays
//! where it is until the leader is really gone, and an FE that comes back doesn't disturb it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::state::Position;

/// A request for votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// The term that the candidate wants to lead.
    pub term: u64,
    /// Whether it only asks if it would win.
    pub preliminary: bool,
    /// The candidate's id.
    pub candidate: String,
    /// How far its metadata has come.
    pub position: Position,
}

/// What an FE is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It follows, or looks for a leader.
    Follower,
    /// It leads.
    Leader,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Ask the others for their votes, then call [`Election::count`].
    Campaign(Ballot),
    /// It has led until now and no longer does.
    SteppedDown {
        /// The term in which it led.
        term: u64,
        /// Why.
        reason: String,
    },
}

/// What a count of votes led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// The preliminary vote was won: ask again in earnest.
    Campaign(Ballot),
    /// It leads from here on.
    Won,
    /// Nothing changes.
    Lost,
}

/// One FE's view of the election. Times are milliseconds of one steady clock.
#[derive(Debug, Clone)]
pub struct Election {
    me: String,
    /// How long an FE waits for its leader; a leader waits as long for a majority.
    patience: u64,
    term: u64,
    voted_for: Option<String>,
    role: Role,
    leader: Option<String>,
    heard: u64,
    ticked: u64,
    acknowledged: BTreeMap<String, u64>,
}

impl Election {
    /// Starts as a follower that has just heard from a leader, so that it doesn't campaign at once.
    pub fn new(me: String, term: u64, voted_for: Option<String>, patience: u64, now: u64) -> Self {
        Self {
            me,
            patience,
            term,
            voted_for,
            role: Role::Follower,
            leader: None,
            heard: now,
            ticked: now,
            acknowledged: BTreeMap::new(),
        }
    }

    /// The current term.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// Whom it voted for in this term.
    pub fn voted_for(&self) -> Option<&str> {
        self.voted_for.as_deref()
    }

    /// Whether it leads.
    pub fn leads(&self) -> bool {
        self.role == Role::Leader
    }

    /// The leader it knows of, itself included.
    pub fn leader(&self) -> Option<&str> {
        self.leader.as_deref()
    }

    /// To be called often; `members` are all FEs, itself included.
    pub fn tick(&mut self, now: u64, members: &[String], position: Position) -> Option<Action> {
        let gap = now.saturating_sub(self.ticked);
        self.ticked = now;
        if gap > self.patience / 2 {
            // This process stood still, so its silence says nothing about the others.
            self.heard += gap;
            self.acknowledged.values_mut().for_each(|at| *at += gap);
        }
        match self.role {
            Role::Leader => {
                let fresh = members
                    .iter()
                    .filter(|id| {
                        **id == self.me
                            || self
                                .acknowledged
                                .get(*id)
                                .is_some_and(|at| now.saturating_sub(*at) <= self.patience)
                    })
                    .count();
                if fresh >= majority(members.len()) {
                    return None;
                }
                let reason = format!("only {fresh} of {} FEs answer", members.len());
                Some(self.step_down(now, reason))
            }
            Role::Follower => {
                if !members.contains(&self.me) {
                    return None;
                }
                let silent = now.saturating_sub(self.heard);
                if silent > self.patience {
                    self.leader = None;
                }
                if members.len() > 1 && silent < self.patience + self.jitter() {
                    return None;
                }
                self.heard = now;
                Some(Action::Campaign(Ballot {
                    term: self.term + 1,
                    preliminary: true,
                    candidate: self.me.clone(),
                    position,
                }))
            }
        }
    }

    /// Answers another FE's request; true grants the vote. The term and vote must be stored before it's sent.
    pub fn vote(&mut self, now: u64, ballot: &Ballot, position: Position) -> bool {
        let has_leader =
            self.leads() || (self.leader.is_some() && now.saturating_sub(self.heard) <= self.patience);
        if has_leader || ballot.term < self.term || ballot.position < position {
            return false;
        }
        if ballot.preliminary {
            return ballot.term > self.term;
        }
        if ballot.term == self.term {
            return match &self.voted_for {
                Some(voted) => *voted == ballot.candidate,
                None => {
                    self.voted_for = Some(ballot.candidate.clone());
                    self.heard = now;
                    true
                }
            };
        }
        self.term = ballot.term;
        self.voted_for = Some(ballot.candidate.clone());
        self.leader = None;
        self.heard = now;
        true
    }

    /// Takes the votes for a ballot, its own not among them. `highest` is the highest term among the answers.
    pub fn count(
        &mut self,
        now: u64,
        ballot: &Ballot,
        granted: &[String],
        members: &[String],
        highest: u64,
    ) -> Counted {
        let stale =
            self.leads() || self.leader.is_some() && now.saturating_sub(self.heard) < self.patience / 2;
        if stale || ballot.term < self.term || (!ballot.preliminary && ballot.term != self.term) {
            return Counted::Lost;
        }
        if highest > self.term && highest > ballot.term {
            self.term = highest;
            self.voted_for = None;
            return Counted::Lost;
        }
        let votes = 1 + granted.iter().filter(|id| members.contains(id) && **id != self.me).count();
        if votes < majority(members.len()) {
            return Counted::Lost;
        }
        if ballot.preliminary {
            self.term = ballot.term;
            self.voted_for = Some(self.me.clone());
            self.leader = None;
            return Counted::Campaign(Ballot { preliminary: false, ..ballot.clone() });
        }
        self.role = Role::Leader;
        self.leader = Some(self.me.clone());
        self.acknowledged = granted.iter().map(|id| (id.clone(), now)).collect();
        Counted::Won
    }

    /// A leader has spoken. Gives whether it's accepted, and whether this FE has led until now.
    pub fn follow(&mut self, now: u64, term: u64, leader: &str) -> (bool, Option<Action>) {
        // Two leaders of one term can be only after an FE has lost its metadata; the smaller id gives way.
        let rival = self.leads() && term == self.term && leader <= self.me.as_str();
        if term < self.term || rival {
            return (false, None);
        }
        let stepped = self.leads().then(|| self.step_down(now, format!("{leader} leads term {term}")));
        if term > self.term {
            self.term = term;
            self.voted_for = None;
        }
        self.leader = Some(leader.to_owned());
        self.heard = now;
        (true, stepped)
    }

    /// A follower has accepted this leader.
    pub fn acknowledge(&mut self, now: u64, from: &str) {
        self.acknowledged.insert(from.to_owned(), now);
    }

    /// A follower has refused this leader, being in the given term and following the given leader.
    pub fn refused(&mut self, now: u64, term: u64, leader: Option<&str>) -> Option<Action> {
        let rival = term == self.term && leader.is_some_and(|leader| leader != self.me);
        if !self.leads() || (term <= self.term && !rival) {
            return None;
        }
        let action = self.step_down(now, format!("another FE is in term {term}"));
        if term > self.term {
            self.term = term;
            self.voted_for = None;
        }
        Some(action)
    }

    fn step_down(&mut self, now: u64, reason: String) -> Action {
        self.role = Role::Follower;
        self.leader = None;
        self.heard = now;
        self.acknowledged.clear();
        Action::SteppedDown { term: self.term, reason }
    }

    /// Different for each FE and term, so that two candidates seldom meet: less than the patience.
    fn jitter(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.me.bytes().chain(self.term.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        (hash >> 20) % self.patience.max(1)
    }
}

/// More than half.
pub fn majority(members: usize) -> usize {
    members / 2 + 1
}

#[cfg(test)]
#[path = "election_tests.rs"]
mod tests;
