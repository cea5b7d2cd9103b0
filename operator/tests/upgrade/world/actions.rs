//! What the operator's actions do to the world.

use super::{Happening, World};
use hookgate_api::Component;
use hookgate_operator::{
    observation::{ObservedPod, ObservedStatefulSet},
    plan::{Action, Outcome},
    render::{UpdateStrategy, difference, hook_job},
    runs::{Run, RunnerImage},
    sql::Refusal,
};
use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::Service};
use kube::ResourceExt;

impl World {
    pub(super) fn perform(&mut self, action: Action) -> Option<Outcome> {
        match self.perform_on_proxy(action)? {
            Action::ApplyConfigMap(_)
            | Action::ApplyDeployment(_)
            | Action::ScaleProxy(_)
            | Action::DeleteProxy => None,
            Action::ApplyService(service) => {
                self.apply_service(&service);
                None
            }
            Action::ApplyStatefulSet(set) => {
                if let Some(message) = &self.refuses_objects {
                    let object = format!("StatefulSet {}", set.name_any());
                    self.refused_objects += 1;
                    return Some(Outcome::ObjectRefused { object, message: message.clone() });
                }
                self.apply(&set);
                None
            }
            Action::HoldFinalizer { present } => {
                self.log.push(Happening::Finalizer(present));
                let finalizer = "hookgate.dev/held-settings".to_owned();
                self.cluster.metadata.finalizers = present.then(|| vec![finalizer]);
                None
            }
            Action::DeletePod { name, uid, resource_version } => {
                let component = component_of(&name);
                let mut observed = self.components.remove(&component).unwrap();
                let is_meant = |pod: &&ObservedPod| {
                    (&pod.name, &pod.uid, &pod.resource_version) == (&name, &uid, &resource_version)
                };
                if let Some(ordinal) = observed.pods.iter().find(is_meant).map(|pod| pod.ordinal) {
                    self.let_go(&mut observed, ordinal);
                }
                self.components.insert(component, observed);
                None
            }
            Action::AdjustStatefulSet { component, replicas, strategy, from_spec } => {
                let live = self.components.get_mut(&component).unwrap().statefulset.as_mut().unwrap();
                live.replicas = replicas;
                live.rollout = strategy.rollout;
                live.max_unavailable = strategy.max_unavailable;
                live.strategy_from_spec = from_spec;
                live.generation += 1;
                None
            }
            Action::ApplyBudget(budget) => {
                let hash = budget.annotations().get("hookgate.dev/rendered-hash").cloned();
                self.budgets.entry(component_of(&budget.name_any())).or_default().ours = hash;
                None
            }
            Action::DeleteBudget(component) => {
                self.budgets.get_mut(&component).unwrap().ours = None;
                None
            }
            Action::DeleteComponent(component) => {
                self.components.remove(&component);
                None
            }
            Action::SetFrontendConfig { pod, setting, value, .. } => self.set(pod, setting, value),
            Action::DryRunStatefulSet { component, target, .. } => {
                Some(Outcome::DryRun { component, target, refused: self.refuses_objects.clone() })
            }
            Action::CreateImage { .. } => {
                self.images.push(self.log.len());
                Some(Outcome::Image(self.image_answer.clone().map_or(Ok(()), Err)))
            }
            Action::ExecuteSql { index, statement, .. } => Some(self.execute(index, statement)),
            Action::StartRun(run) => Some(self.start_run(&run)),
            Action::DeleteRun(name) => {
                if !self.keeps_jobs {
                    self.jobs.remove(&name);
                }
                None
            }
        }
    }

    fn apply_service(&mut self, service: &Service) {
        let component = component_of(&service.name_any());
        let hash = service.annotations().get("hookgate.dev/rendered-hash").cloned();
        let of_component = self.components.get_mut(&component).filter(|one| one.statefulset.is_some());
        if let Some(observed) = of_component {
            observed.services.insert(service.name_any(), hash);
        }
    }

    fn start_run(&mut self, run: &Run) -> Outcome {
        self.started_at.push(run.frontend.address.clone());
        let job = hook_job(&self.cluster, run, &RunnerImage::default());
        let name = job.name_any();
        if let Some(found) = self.forged.iter().find(|forged| forged.name_any() == name) {
            let difference = difference(&job, found).unwrap();
            return Outcome::RunForeign { what: format!("the Job {name}"), difference };
        }
        self.made.push(job);
        self.log.push(Happening::Job(name.clone()));
        for (part, setting, value) in self.script_sets.clone() {
            if name.contains(part) {
                self.set_by_hand(setting, value);
            }
        }
        let result = (self.job_result)(&name);
        self.jobs.insert(name, result);
        Outcome::RunStarted(format!("uid of {}", self.log.len()))
    }

    fn execute(&mut self, index: usize, statement: String) -> Outcome {
        if let Some((setting, value)) = self.statement_sets {
            self.set_by_hand(setting, value);
        }
        self.log.push(Happening::Sql(statement));
        Outcome::Sql { index, result: self.refuses.clone().map_or(Ok(()), Err) }
    }

    /// A person sets a setting, by way of any FE.
    pub fn set_by_hand(&mut self, setting: &str, value: &str) {
        for memory in self.memory.values_mut() {
            memory.insert(setting.to_owned(), value.to_owned());
        }
    }

    /// As an FE does it: on itself, and forwarded to every other that is alive.
    fn set(&mut self, pod: String, setting: String, value: String) -> Option<Outcome> {
        if let Some(error) = &self.refuses {
            let meaning = error.contains("not mutable").then_some(Refusal::UnknownSetting);
            return Some(Outcome::SettingRefused { setting, error: error.clone(), meaning });
        }
        let fe = self.components.get(&Component::Fe).unwrap();
        let reached = |other: &&ObservedPod| {
            other.ready && ![self.cut_off, self.unheard].contains(&Some(other.name.as_str()))
        };
        let alive: Vec<_> = fe.pods.iter().filter(reached).map(|other| other.name.clone()).collect();
        for name in alive {
            self.memory.get_mut(&name).unwrap().insert(setting.clone(), value.clone());
        }
        self.log.push(Happening::Set { pod, setting, value });
        None
    }

    fn apply(&mut self, set: &StatefulSet) {
        let component = component_of(&set.name_any());
        let spec = set.spec.as_ref().unwrap();
        let strategy = UpdateStrategy::from(spec.update_strategy.as_ref().unwrap());
        let note = |name: &str| set.annotations().get(name).cloned();
        let hash = note("hookgate.dev/rendered-hash");
        let image = spec.template.spec.as_ref().unwrap().containers[0].image.clone().unwrap();
        let revision = format!("{}|{}", hash.clone().unwrap(), image.rsplit_once(':').unwrap().1);
        self.templates.insert(revision, spec.template.clone());
        let observed = self.components.entry(component).or_default();
        match observed.statefulset.as_mut() {
            None => {
                self.log.push(Happening::Created(component));
                observed.statefulset = Some(ObservedStatefulSet {
                    generation: 1,
                    observed_generation: 0,
                    replicas: spec.replicas.unwrap(),
                    available: 0,
                    update_revision: String::new(),
                    rendered_hash: hash,
                    image,
                    ..ObservedStatefulSet::default()
                });
            }
            Some(live) => {
                if live.rendered_hash != hash {
                    self.log.push(Happening::Patched(component));
                }
                live.generation += 1;
                live.rendered_hash = hash;
                live.image = image;
                live.replicas = spec.replicas.unwrap();
            }
        }
        let live = observed.statefulset.as_mut().unwrap();
        live.inputs_hash = note("hookgate.dev/inputs-hash");
        live.own_strategy =
            note("hookgate.dev/own-update-strategy").map(|text| UpdateStrategy::from_json(&text));
        live.strategy_from_spec = note("hookgate.dev/update-strategy-from-spec").is_some();
        live.rollout = strategy.rollout;
        live.max_unavailable = strategy.max_unavailable;
        live.kept.service_name.clone_from(&spec.service_name);
        live.kept.pod_management_policy.clone_from(&spec.pod_management_policy);
    }
}

fn component_of(name: &str) -> Component {
    Component::ALL
        .into_iter()
        .find(|component| name.starts_with(&format!("c-{}", component.as_str())))
        .unwrap()
}
