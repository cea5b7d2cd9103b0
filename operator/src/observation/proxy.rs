//! The FE proxy's objects in Kubernetes.

use std::collections::BTreeMap;

/// The FE proxy's objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedProxy {
    /// Its Deployment.
    pub deployment: Option<ObservedDeployment>,
    /// The hash of what its ConfigMap was rendered from, where there is one; empty when somebody else made it.
    pub config_map: Option<String>,
    /// The hash of what its Service was rendered from, where there is one; empty when somebody else made it.
    pub service: Option<String>,
    /// Its pods, by name.
    pub pods: Vec<ObservedInstance>,
}

/// A Deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObservedDeployment {
    /// Counts changes of its spec.
    pub generation: i64,
    /// The last generation that the Deployment controller has seen.
    pub observed_generation: i64,
    /// How many pods it is to have.
    pub replicas: i32,
    /// How many pods it has, those of earlier templates included.
    pub present: i32,
    /// How many of them come from the present template.
    pub updated: i32,
    /// How many are available.
    pub available: i32,
    /// Why its rollout doesn't go on, in the words of Kubernetes, when it has waited for `progressDeadlineSeconds`.
    pub stuck: Option<String>,
    /// The hash of what it was rendered from; `None` when another operator made it.
    pub rendered_hash: Option<String>,
    /// The hash of what the user wrote, from which it was rendered.
    pub inputs_hash: Option<String>,
    /// Its selector, which can't be changed.
    pub match_labels: BTreeMap<String, String>,
    /// Who wrote its spec, other than this operator: field managers, sorted.
    pub managers: Vec<String>,
    /// The image in its present template.
    pub image: String,
}

/// A pod that has no place of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObservedInstance {
    /// Its name.
    pub name: String,
    /// Whether it is ready and not on its way out.
    pub ready: bool,
    /// Whether it has failed: neither running, pending, nor ready.
    pub failed: bool,
    /// Why it can't start, where Kubernetes says so.
    pub cannot_start: Option<String>,
}
