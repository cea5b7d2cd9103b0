//! What is written into a run's folder before it gets its name.

use crate::runs::Run;
use hookgate_api::StarRocksCluster;
use jiff::Timestamp;
use kube::ResourceExt;
use serde::{Deserialize, Serialize};

/// Whose folder it is: the run, as far as it has to be known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claim {
    /// The run's name, which the folder has too.
    pub(super) run: String,
    /// Its nonce.
    pub(super) nonce: String,
    /// The cluster's namespace.
    pub(super) namespace: String,
    /// The cluster's name.
    pub(super) cluster: String,
    /// The cluster's uid.
    pub(super) uid: String,
    /// The SHA-256 of the script that was checked.
    pub(super) sha256: String,
    /// The function that is called.
    pub(super) function: String,
    /// When the folder was made.
    pub(super) at: Timestamp,
}

impl Claim {
    pub(super) fn new(cluster: &StarRocksCluster, run: &Run, at: Timestamp) -> Self {
        Self {
            run: run.name.clone(),
            nonce: run.nonce.clone(),
            namespace: cluster.namespace().unwrap_or_default(),
            cluster: cluster.name_any(),
            uid: cluster.uid().unwrap_or_default(),
            sha256: run.script.sha256.clone(),
            function: run.phase.function().to_owned(),
            at,
        }
    }

    /// Why a folder that is found under a run's name isn't of this run; `None` when it is.
    pub(super) fn difference(&self, found: Option<&Self>) -> Option<&'static str> {
        let Some(found) = found else { return Some("nothing in it says whose it is") };
        match found {
            found if found.uid != self.uid => Some("it does not belong to this cluster"),
            found if found.nonce != self.nonce || found.run != self.run => Some("it is not of this run"),
            found if found.sha256 != self.sha256 || found.function != self.function => {
                Some("its script is not what was to be run")
            }
            _ => None,
        }
    }

    /// Whether it is of that cluster.
    pub(super) fn is_of(&self, cluster: &StarRocksCluster) -> bool {
        cluster.uid().is_some_and(|uid| uid == self.uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::run_of_a_test;

    #[test]
    fn a_folder_is_a_runs_own_with_its_cluster_nonce_and_script() {
        let mut cluster = StarRocksCluster::new("sr", hookgate_api::StarRocksClusterSpec::default());
        cluster.metadata.uid = Some("u".to_owned());
        let own = Claim::new(&cluster, &run_of_a_test(), Timestamp::UNIX_EPOCH);
        assert_eq!(own.difference(Some(&Claim { at: Timestamp::MAX, ..own.clone() })), None);
        let other = || "other".to_owned();
        for (found, hint) in [
            (Claim { uid: other(), ..own.clone() }, "not belong to this cluster"),
            (Claim { nonce: other(), ..own.clone() }, "not of this run"),
            (Claim { run: other(), ..own.clone() }, "not of this run"),
            (Claim { sha256: other(), ..own.clone() }, "not what was to be run"),
            (Claim { function: other(), ..own.clone() }, "not what was to be run"),
        ] {
            assert!(own.difference(Some(&found)).unwrap().contains(hint), "{found:?}");
        }
        assert!(own.difference(None).unwrap().contains("whose it is"));
    }
}
