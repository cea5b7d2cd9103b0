//! A component's objects in Kubernetes.

use crate::render::Rollout;
use std::collections::BTreeMap;

/// A component's objects.
#[derive(Clone, Debug, Default)]
pub struct ObservedComponent {
    /// Its StatefulSet.
    pub statefulset: Option<ObservedStatefulSet>,
    /// Its pods, by ordinal.
    pub pods: Vec<ObservedPod>,
    /// How many ready addresses the Service that clients use has.
    pub ready_endpoints: usize,
    /// Its Services by name, with the hash of what they were rendered from.
    pub services: BTreeMap<String, Option<String>>,
}

impl ObservedComponent {
    /// Nothing exists.
    pub const EMPTY: Self =
        Self { statefulset: None, pods: Vec::new(), ready_endpoints: 0, services: BTreeMap::new() };

    /// The pod with that ordinal.
    pub fn pod(&self, ordinal: i32) -> Option<&ObservedPod> {
        self.pods.iter().find(|pod| pod.ordinal == ordinal)
    }
}

/// A StatefulSet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedStatefulSet {
    /// Counts changes of its spec.
    pub generation: i64,
    /// The last generation that the StatefulSet controller has seen.
    pub observed_generation: i64,
    /// How many pods it is to have.
    pub replicas: i32,
    /// How many of them are available (`minReadySeconds` counted).
    pub available: i32,
    /// The revision of its present template.
    pub update_revision: String,
    /// The hash of what it was rendered from; `None` when another operator made it.
    pub rendered_hash: Option<String>,
    /// How it lets its pods go.
    pub rollout: Rollout,
    /// The image of the server in its present template.
    pub image: String,
}

/// A pod of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedPod {
    /// Its name.
    pub name: String,
    /// Its ordinal in the StatefulSet.
    pub ordinal: i32,
    /// Its uid; a pod that comes back has another.
    pub uid: String,
    /// The revision of the template that it was made from.
    pub revision: String,
    /// Whether it is ready and not on its way out.
    pub ready: bool,
    /// Whether it is on its way out.
    pub terminating: bool,
    /// Whether it has failed: neither running, pending, nor ready.
    pub failed: bool,
    /// Its address.
    pub ip: Option<String>,
    /// How often the server's container has restarted.
    pub restarts: i32,
}
