//! What is kept of an object.

use hookgate_api::{Component, names};
use k8s_openapi::api::{
    apps::v1::StatefulSet,
    batch::v1::Job,
    core::v1::{Pod, PodTemplateSpec},
};
use kube::ResourceExt;
use std::collections::BTreeMap;

/// A component's StatefulSet.
#[derive(Clone, Debug, PartialEq)]
pub struct SetState {
    /// Its component.
    pub component: Component,
    /// Its uid.
    pub uid: String,
    /// Counts the changes of its spec.
    pub generation: i64,
    /// The pods that it makes.
    pub template: PodTemplateSpec,
}

/// A component's pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodState {
    /// Its name.
    pub name: String,
    /// Its component.
    pub component: Component,
    /// Its uid: a pod that comes back has another.
    pub uid: String,
    /// The image of its server.
    pub image: String,
    /// Whether Kubernetes calls it ready.
    pub ready: bool,
    /// Whether it has been told to go.
    pub terminating: bool,
}

/// The Job of a custom hook.
#[derive(Clone, Debug, PartialEq)]
pub struct JobState {
    /// Its name.
    pub name: String,
    /// `pre-upgrade` or `post-upgrade`.
    pub phase: String,
    /// The component whose hook it is.
    pub component: Component,
    /// Its pod.
    pub template: PodTemplateSpec,
}

impl SetState {
    /// `None` when it belongs to no component.
    pub fn of(set: &StatefulSet) -> Option<Self> {
        Some(Self {
            component: component(set.labels())?,
            uid: set.uid().unwrap_or_default(),
            generation: set.metadata.generation.unwrap_or_default(),
            template: set.spec.as_ref()?.template.clone(),
        })
    }

    /// The image of its server.
    pub fn image(&self) -> &str {
        let pod = self.template.spec.as_ref();
        pod.and_then(|pod| pod.containers.first()?.image.as_deref()).unwrap_or_default()
    }
}

impl PodState {
    /// `None` when it belongs to no component.
    pub fn of(pod: &Pod) -> Option<Self> {
        let spec = pod.spec.as_ref()?;
        let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
        let ready = conditions.is_some_and(|conditions| {
            conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
        });
        Some(Self {
            name: pod.name_any(),
            component: component(pod.labels())?,
            uid: pod.uid().unwrap_or_default(),
            image: spec.containers.first()?.image.clone().unwrap_or_default(),
            ready,
            terminating: pod.metadata.deletion_timestamp.is_some(),
        })
    }
}

impl JobState {
    /// `None` when it's not a hook's.
    pub fn of(job: &Job) -> Option<Self> {
        Some(Self {
            name: job.name_any(),
            phase: job.labels().get("hookgate.dev/phase")?.clone(),
            component: component(job.labels())?,
            template: job.spec.as_ref()?.template.clone(),
        })
    }
}

fn component(labels: &BTreeMap<String, String>) -> Option<Component> {
    let name = labels.get(names::COMPONENT_LABEL)?;
    Component::ALL.into_iter().find(|component| component.as_str() == name)
}
