//! Facts and answers to a decision: synchronous, without I/O, and the same for the same input.

mod authors;
mod cluster;
mod config_map;
mod message;
mod paths;
mod platform;
mod policy;
mod scripts;
mod terms;

use crate::decision::Decision;
use crate::facts::{Facts, Subject};
use crate::lookup::{Answers, Questions};

/// What has to be asked before this can be decided.
#[must_use]
pub fn questions(facts: &Facts) -> Questions {
    let namespace = facts.namespace.clone();
    match &facts.subject {
        Subject::Other | Subject::Policy(_) | Subject::Machine(_) => Questions::default(),
        Subject::ConfigMap(change) => {
            let is_judged = config_map::is_judged(change);
            Questions {
                namespace,
                references_to: is_judged.then(|| facts.name.clone()),
                config_maps: Vec::new(),
                policy: is_judged,
                hooks_folder: None,
            }
        }
        Subject::Cluster(change) => {
            let config_maps = cluster::config_maps_to_read(change);
            let policy = !config_maps.is_empty() || cluster::needs_policy(change);
            Questions { namespace, references_to: None, config_maps, policy, hooks_folder: None }
        }
        Subject::PlatformCluster(change) => {
            Questions { hooks_folder: platform::questions(change), ..Questions::default() }
        }
    }
}

/// The policies that the requester has to be an author by, once the first answers are there.
#[must_use]
pub fn policies_to_author(facts: &Facts, answers: &Answers) -> Vec<String> {
    match &facts.subject {
        Subject::ConfigMap(change) if config_map::is_judged(change) => authors::policies(change, answers),
        _ => Vec::new(),
    }
}

/// The decision of the validating path.
#[must_use]
pub fn decide(facts: &Facts, answers: &Answers) -> Decision {
    match &facts.subject {
        Subject::Other => Decision::allow(),
        Subject::ConfigMap(change) => config_map::decide(facts, change, answers),
        Subject::Cluster(change) => cluster::decide(facts, change, answers),
        Subject::Policy(change) => policy::decide(facts, change),
        Subject::PlatformCluster(change) => platform::decide_cluster(facts, change, answers),
        Subject::Machine(change) => platform::decide_machine(facts, change),
    }
}
