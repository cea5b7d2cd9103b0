//! A component's objects in Kubernetes.

use crate::render::{Kept, Rollout, UpdateStrategy};
use k8s_openapi::{api::core::v1::PodTemplateSpec, apimachinery::pkg::util::intstr::IntOrString};
use std::collections::BTreeMap;

/// A component's objects.
#[derive(Clone, Debug, Default)]
pub struct ObservedComponent {
    /// Its StatefulSet.
    pub statefulset: Option<ObservedStatefulSet>,
    /// Its pods, by ordinal.
    pub pods: Vec<ObservedPod>,
    /// Whether pods are left of a StatefulSet that isn't there: one that is made takes them over.
    pub has_orphans: bool,
    /// How many ready addresses the Service that clients use has.
    pub ready_endpoints: usize,
    /// Its Services by name, with the hash of what they were rendered from.
    pub services: BTreeMap<String, Option<String>>,
}

impl ObservedComponent {
    /// Nothing exists.
    pub const EMPTY: Self = Self {
        statefulset: None,
        pods: Vec::new(),
        has_orphans: false,
        ready_endpoints: 0,
        services: BTreeMap::new(),
    };

    /// The pod with that ordinal.
    pub fn pod(&self, ordinal: i32) -> Option<&ObservedPod> {
        self.pods.iter().find(|pod| pod.ordinal == ordinal)
    }
}

/// The PodDisruptionBudgets that select a component's pods.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObservedBudgets {
    /// The hash of what the operator's own was rendered from, where there is one.
    pub ours: Option<String>,
    /// Whether somebody else has one.
    pub others: bool,
}

/// A StatefulSet.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// The hash of what the user wrote, from which it was rendered; `None` where that wasn't noted.
    pub inputs_hash: Option<String>,
    /// How it lets its pods go.
    pub rollout: Rollout,
    /// `rollingUpdate.maxUnavailable`.
    pub max_unavailable: Option<IntOrString>,
    /// The user's own update strategy, while the operator's is in its place.
    pub own_strategy: Option<UpdateStrategy>,
    /// Whether its update strategy is what the spec said when it was applied.
    pub strategy_from_spec: bool,
    /// What can't be changed on it.
    pub kept: Kept,
    /// Who wrote its spec, other than this operator: field managers, sorted.
    pub managers: Vec<String>,
    /// The image of the server in its present template.
    pub image: String,
    /// Its present template, while the operator's update strategy is in the place of the user's: what its pods are being
    /// brought to.
    pub template: Option<PodTemplateSpec>,
}

impl ObservedStatefulSet {
    /// The update strategy that it has at this moment.
    pub fn strategy(&self) -> UpdateStrategy {
        UpdateStrategy { rollout: self.rollout, max_unavailable: self.max_unavailable.clone() }
    }
}

/// A pod of a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ObservedPod {
    /// Its name.
    pub name: String,
    /// Its ordinal in the StatefulSet.
    pub ordinal: i32,
    /// Its uid; a pod that comes back has another.
    pub uid: String,
    /// Its resourceVersion; whatever happens to it, it has another.
    pub resource_version: String,
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
    /// Why it can't start, where Kubernetes says so: its image can't be pulled, its container keeps crashing or can't
    /// be made, no node takes it.
    pub cannot_start: Option<String>,
}
