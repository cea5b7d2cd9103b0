//! What the objects of the cluster should be.

use crate::{
    observation::Observation,
    render::{self, Configuration, RenderError, RenderedProxy, RenderedStatefulSet},
};
use hookgate_api::Component;
use k8s_openapi::api::{core::v1::Service, policy::v1::PodDisruptionBudget};
use std::collections::BTreeMap;

/// Everything rendered from the spec.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    statefulsets: BTreeMap<Component, RenderedStatefulSet>,
    services: BTreeMap<Component, Vec<Service>>,
    budgets: BTreeMap<Component, PodDisruptionBudget>,
    proxy: Option<RenderedProxy>,
}

impl Desired {
    /// Renders every component of the spec.
    ///
    /// # Errors
    /// When an object can't be turned into JSON.
    pub fn render(observation: &Observation) -> Result<Self, RenderError> {
        let mut desired = Self::default();
        let none = Configuration::default();
        for component in observation.cluster.spec.components() {
            let configurations = &observation.configurations;
            let live = observation.component(component).statefulset.as_ref();
            let kept = live.map(|live| &live.kept);
            if let Some(set) = render::statefulset(&observation.cluster, component, configurations, kept)? {
                desired.statefulsets.insert(component, set);
            }
            let configuration = configurations.get(&component).unwrap_or(&none);
            let services = render::services(&observation.cluster, component, configuration)?;
            desired.services.insert(component, services);
            desired.budgets.insert(component, render::budget(&observation.cluster, component)?);
        }
        let fe = observation.configurations.get(&Component::Fe).unwrap_or(&none);
        let live = observation.proxy.deployment.as_ref().map(|live| &live.match_labels);
        desired.proxy = render::proxy(&observation.cluster, fe, live)?;
        Ok(desired)
    }

    /// The StatefulSet of a component that the spec has.
    pub fn statefulset(&self, component: Component) -> Option<&RenderedStatefulSet> {
        self.statefulsets.get(&component)
    }

    /// Puts another StatefulSet in the place of a component's.
    pub(super) fn replace(&mut self, component: Component, statefulset: RenderedStatefulSet) {
        self.statefulsets.insert(component, statefulset);
    }

    /// The PodDisruptionBudget of a component that the spec has.
    pub fn budget(&self, component: Component) -> Option<&PodDisruptionBudget> {
        self.budgets.get(&component)
    }

    /// The FE proxy, when the spec has one.
    pub const fn proxy(&self) -> Option<&RenderedProxy> {
        self.proxy.as_ref()
    }

    /// The Services of all components.
    pub fn services(&self) -> impl Iterator<Item = (Component, &Service)> {
        self.services
            .iter()
            .flat_map(|(component, services)| services.iter().map(|service| (*component, service)))
    }
}
