//! Facts and answers to a decision: synchronous, without I/O, and the same for the same input.

mod cluster;
mod config_map;
mod message;
mod scripts;

use hookgate_policy::Policy;

use crate::decision::Decision;
use crate::facts::{Facts, Subject};
use crate::lookup::{Answers, Questions};

/// What has to be asked before this can be decided.
#[must_use]
pub fn questions(facts: &Facts) -> Questions {
    let namespace = facts.namespace.clone();
    match &facts.subject {
        Subject::Other => Questions::default(),
        Subject::ConfigMap(change) => {
            let is_judged = config_map::is_judged(change);
            Questions {
                namespace,
                references_to: is_judged.then(|| facts.name.clone()),
                config_maps: Vec::new(),
            }
        }
        Subject::Cluster(change) => {
            Questions { namespace, references_to: None, config_maps: cluster::config_maps_to_read(change) }
        }
    }
}

/// The decision of the validating path.
#[must_use]
pub fn decide(facts: &Facts, answers: &Answers, policy: &Policy) -> Decision {
    match &facts.subject {
        Subject::Other => Decision::allow(),
        Subject::ConfigMap(change) => config_map::decide(facts, change, answers, policy),
        Subject::Cluster(change) => cluster::decide(facts, change, answers, policy),
    }
}
