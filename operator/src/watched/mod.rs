//! What the watches say of the objects of clusters, kept at hand.
//!
//! A pass that would change something reads the API server first: nothing is done or written down on the word of a
//! watch. That there is nothing to do is believed.

mod prune;
mod shelf;

pub use shelf::Key;
pub(crate) use shelf::Shelf;

use futures::Stream;
use hookgate_api::{Component, names};
use k8s_openapi::api::{
    apps::v1::{Deployment, StatefulSet},
    batch::v1::Job,
    core::v1::{ConfigMap, Pod, Service},
    discovery::v1::EndpointSlice,
    policy::v1::PodDisruptionBudget,
};
use kube::runtime::watcher::{self, Event};
use kube::{Resource, ResourceExt, core::PartialObjectMeta};

/// The label that names the Service of an EndpointSlice.
pub(crate) const SERVICE_LABEL: &str = "kubernetes.io/service-name";

/// What the watches say.
#[derive(Clone, Default)]
pub struct Watched {
    pub(crate) sets: Shelf<StatefulSet>,
    pub(crate) services: Shelf<Service>,
    pub(crate) pods: Shelf<Pod>,
    pub(crate) slices: Shelf<EndpointSlice>,
    pub(crate) jobs: Shelf<Job>,
    pub(crate) deployments: Shelf<Deployment>,
    /// Those that clusters own: the user's are read by name.
    pub(crate) config_maps: Shelf<PartialObjectMeta<ConfigMap>>,
    /// By namespace: those of others count as well. The name of the place is empty.
    pub(crate) budgets: Shelf<PodDisruptionBudget>,
}

impl Watched {
    /// Whether every watch has listed everything once.
    pub(crate) fn is_complete(&self) -> bool {
        self.sets.is_complete()
            && self.services.is_complete()
            && self.pods.is_complete()
            && self.slices.is_complete()
            && self.jobs.is_complete()
            && self.deployments.is_complete()
            && self.config_maps.is_complete()
            && self.budgets.is_complete()
    }

    pub(crate) fn follow_sets(
        self,
        events: impl Stream<Item = watcher::Result<Event<StatefulSet>>>,
    ) -> impl Stream<Item = watcher::Result<Event<StatefulSet>>> {
        self.sets.follow(events, owner_of_object, prune::set)
    }

    pub(crate) fn follow_services(
        self,
        events: impl Stream<Item = watcher::Result<Event<Service>>>,
    ) -> impl Stream<Item = watcher::Result<Event<Service>>> {
        self.services.follow(events, owner_of_object, prune::service)
    }

    pub(crate) fn follow_pods(
        self,
        events: impl Stream<Item = watcher::Result<Event<Pod>>>,
    ) -> impl Stream<Item = watcher::Result<Event<Pod>>> {
        self.pods.follow(events, owner_of_pod, prune::pod)
    }

    pub(crate) fn follow_slices(
        self,
        events: impl Stream<Item = watcher::Result<Event<EndpointSlice>>>,
    ) -> impl Stream<Item = watcher::Result<Event<EndpointSlice>>> {
        self.slices.follow(events, owner_of_slice, prune::slice)
    }

    pub(crate) fn follow_jobs(
        self,
        events: impl Stream<Item = watcher::Result<Event<Job>>>,
    ) -> impl Stream<Item = watcher::Result<Event<Job>>> {
        self.jobs.follow(events, owner_of_object, prune::job)
    }

    pub(crate) fn follow_deployments(
        self,
        events: impl Stream<Item = watcher::Result<Event<Deployment>>>,
    ) -> impl Stream<Item = watcher::Result<Event<Deployment>>> {
        self.deployments.follow(events, owner_of_object, prune::deployment)
    }

    pub(crate) fn follow_config_maps(
        self,
        events: impl Stream<Item = watcher::Result<Event<PartialObjectMeta<ConfigMap>>>>,
    ) -> impl Stream<Item = watcher::Result<Event<PartialObjectMeta<ConfigMap>>>> {
        self.config_maps.follow(events, owner_of_object, prune::config_map)
    }

    pub(crate) fn follow_budgets(
        self,
        events: impl Stream<Item = watcher::Result<Event<PodDisruptionBudget>>>,
    ) -> impl Stream<Item = watcher::Result<Event<PodDisruptionBudget>>> {
        self.budgets.follow(events, namespace_of, prune::budget)
    }
}

/// The cluster that an object's label names.
fn owner_of_object<K: Resource>(object: &K) -> Option<Key> {
    Some(Key::new(object.namespace()?, object.labels().get(names::OWNER_LABEL)?))
}

/// The cluster of a pod.
pub(crate) fn owner_of_pod(pod: &Pod) -> Option<Key> {
    let owner = pod.labels().get(names::OWNER_LABEL)?;
    let of_server = names::owner_of_pod(owner).map(|(cluster, _)| cluster);
    let cluster = of_server.or_else(|| names::cluster_of_fe_proxy(owner))?;
    Some(Key::new(pod.namespace()?, cluster))
}

/// The cluster whose Service an EndpointSlice is of.
pub(crate) fn owner_of_slice(slice: &EndpointSlice) -> Option<Key> {
    let service = slice.labels().get(SERVICE_LABEL)?;
    let cluster = Component::ALL.iter().find_map(|component| {
        service.strip_suffix("-service")?.strip_suffix(component.as_str())?.strip_suffix('-')
    })?;
    Some(Key::new(slice.namespace()?, cluster))
}

fn namespace_of<K: Resource>(object: &K) -> Option<Key> {
    Some(Key::new(object.namespace()?, ""))
}

#[cfg(test)]
impl Watched {
    /// Watches that have listed everything, of which there is nothing.
    pub(crate) async fn of_nothing() -> Self {
        use futures::{StreamExt, stream::iter};
        let watched = Self::default();
        watched.clone().follow_sets(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched.clone().follow_services(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched.clone().follow_pods(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched.clone().follow_slices(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched.clone().follow_jobs(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched.clone().follow_deployments(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched.clone().follow_config_maps(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched.clone().follow_budgets(iter([Ok(Event::Init), Ok(Event::InitDone)])).count().await;
        watched
    }
}
