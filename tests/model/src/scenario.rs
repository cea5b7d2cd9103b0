//! What is explored: clusters, the specs that they are given, and how many faults a run may have.

use crate::choices::Choice;
use hookgate_api::{
    Component, StarRocksCluster,
    gate::Canary,
    hooks::{HookOccasion, HookPhase},
};
use hookgate_operator::{
    observation::Observation,
    plan::{Desired, HELD_SETTINGS, Tuning},
    render::{RenderedStatefulSet, Replicas, Strategy, UpdateStrategy},
};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Value, json};
use std::time::Duration;

/// How many faults and changes a run may have. An operator that dies may do so any number of times: it remembers
/// nothing, so that a crash is a pass that ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Changes of the spec after the first.
    pub spec_changes: u8,
    /// Passes that are held up between reading and doing: an operator that reads stale, or a second one.
    pub held_up: u8,
    /// Evicted pods, restarted containers, lost heartbeats, leaders that move, settings that are forwarded to nobody
    /// (5101), people who change a setting: together.
    pub faults: u8,
    /// Runs of a custom script that fail.
    pub failing_jobs: u8,
    /// What people ask of waves, beside another try.
    pub choices: u8,
}

/// Which of the safeguards outside of `plan` are in place. Without one, the checker has to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Safeguards {
    /// An operator that has lost its lease does nothing any more.
    pub fencing: bool,
    /// A status is written only on the resourceVersion that was read.
    pub conflicts: bool,
}

/// A world to explore.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it's called on the command line.
    pub name: &'static str,
    /// What it's about.
    pub about: &'static str,
    /// The specs: the first is what runs, every other one is what a run may change to.
    pub specs: Vec<Value>,
    /// How many of the specs after the first a run may begin with.
    pub starts: usize,
    /// The settings that are looked at: places in [`HELD_SETTINGS`].
    pub settings: Vec<usize>,
    /// What people may ask of waves, beside another try.
    pub choices: Vec<Choice>,
    /// Whether time goes by until settings have been held for longer than `maxHoldSeconds`.
    pub hold_limit: bool,
    /// Whether scripts set the first setting by themselves, to the held value before and to a literal afterwards.
    pub scripts_set: bool,
    /// Whether the cluster may be deleted, as one of people's choices.
    pub deletes: bool,
    /// Whether a statement may be executed after the operator that sent it has died.
    pub late: bool,
    /// How many faults.
    pub limits: Limits,
    /// What protects against two operators.
    pub safeguards: Safeguards,
}

/// A template that a component's StatefulSet may have.
#[derive(Clone, Debug)]
pub struct Template {
    /// As in the annotation of the StatefulSet.
    pub hash: String,
    /// The hash of what the user wrote.
    pub inputs: String,
    /// The server's image.
    pub image: String,
    /// The image's tag.
    pub version: String,
    /// Whether its pods ever get ready.
    pub works: bool,
    /// What its pods are made from.
    pub pod: PodTemplateSpec,
}

/// One of the specs, rendered.
pub struct Spec {
    /// The cluster with this spec.
    pub cluster: StarRocksCluster,
    /// The objects.
    pub desired: Desired,
    /// Each component's template, as a place in [`Rules::templates`].
    pub templates: [u8; 3],
    /// The settings (places in [`Rules::settings`]) that each component's hooks ask to be held.
    pub needs: [Vec<u8>; 3],
    /// Whether each component has a script of its own.
    pub scripts: [bool; 3],
    /// Whether each component stops after its first pod.
    pub canary: [bool; 3],
    /// Whether each component's hooks run for all changes.
    pub always: [bool; 3],
}

/// A setting and the values that it can have.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The canonical name.
    pub name: &'static str,
    /// What FE's file says, what a hold says, what a person says.
    pub values: [&'static str; 3],
}

/// A place in [`Setting::values`]: what the FE's file says.
pub const FILE: u8 = 0;
/// What a hold says.
pub const HELD: u8 = 1;
/// What a person says.
pub const PERSON: u8 = 2;

/// A pod of the world.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its component.
    pub component: Component,
    /// Its ordinal.
    pub ordinal: u8,
    /// Its name.
    pub name: String,
}

/// Everything about a scenario that doesn't change while it's explored.
pub struct Rules {
    /// The scenario.
    pub scenario: Scenario,
    /// The specs, rendered.
    pub specs: Vec<Spec>,
    /// Each component's templates.
    pub templates: [Vec<Template>; 3],
    /// The pods.
    pub pods: Vec<Place>,
    /// The settings.
    pub settings: Vec<Setting>,
}

/// What is noted as the user's inputs where an aborted wave has brought a template back.
pub const REVERTED: &str = "aborted";

/// A component's place in arrays.
pub const fn index(component: Component) -> usize {
    match component {
        Component::Fe => 0,
        Component::Be => 1,
        Component::Cn => 2,
    }
}

impl Rules {
    /// Renders the specs of a scenario.
    pub fn new(scenario: Scenario) -> Self {
        let mut templates: [Vec<Template>; 3] = Default::default();
        let values = |name: &str| match name {
            "tablet_sched_max_scheduling_tablets" => ["4321", "0", "7"],
            "tablet_sched_max_balancing_tablets" => ["77", "0", "5"],
            // A person can't set a switch to anything that is neither the file's value nor the held one.
            _ => ["false", "true", "false"],
        };
        let settings: Vec<_> = scenario.settings.iter().map(|place| HELD_SETTINGS[*place].0).collect();
        let settings: Vec<_> =
            settings.into_iter().map(|name| Setting { name, values: values(name) }).collect();
        let mut specs: Vec<_> =
            scenario.specs.iter().map(|spec| rendered(spec, &mut templates, &settings)).collect();
        for spec in specs.iter_mut().filter(|_| scenario.scripts_set) {
            for (needs, _) in spec.needs.iter_mut().zip(spec.scripts).filter(|(_, script)| *script) {
                needs.push(0);
            }
        }
        let spec = &specs[0].cluster.spec;
        let mut pods = Vec::new();
        for component in spec.components() {
            let replicas = spec.server(component).map_or(0, |server| server.common.replicas());
            for ordinal in 0..u8::try_from(replicas).unwrap() {
                let name = format!("c-{}-{ordinal}", component.as_str());
                pods.push(Place { component, ordinal, name });
            }
        }
        Self { scenario, specs, templates, pods, settings }
    }

    /// The places of a component's pods.
    pub fn pods_of(&self, component: Component) -> impl DoubleEndedIterator<Item = usize> {
        let of = move |(place, pod): (usize, &Place)| (pod.component == component).then_some(place);
        self.pods.iter().enumerate().filter_map(of)
    }

    /// How many pods a component has.
    pub fn replicas(&self, component: Component) -> u8 {
        u8::try_from(self.pods_of(component).count()).unwrap()
    }

    /// A component's template.
    pub fn template(&self, component: Component, template: u8) -> &Template {
        &self.templates[index(component)][usize::from(template)]
    }

    /// The operator's patience.
    pub const fn tuning() -> Tuning {
        Tuning {
            hook_attempts: 2,
            hook_backoff: Duration::from_secs(10),
            database_poll: Duration::from_secs(1),
            lease: Duration::from_secs(15),
            max_concurrent_waves: None,
        }
    }
}

fn rendered(spec: &Value, templates: &mut [Vec<Template>; 3], settings: &[Setting]) -> Spec {
    let cluster: StarRocksCluster = serde_json::from_value(json!({
        "apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
        "metadata": {"name": "c", "namespace": "ns", "uid": "uid", "generation": 1},
        "spec": spec,
    }))
    .unwrap();
    let observation = Observation { cluster: cluster.clone(), ..Observation::default() };
    let desired = Desired::render(&observation).unwrap();
    let mut places = [0; 3];
    let mut needs: [Vec<u8>; 3] = Default::default();
    let (mut scripts, mut canary, mut always) = ([false; 3], [false; 3], [false; 3]);
    for component in cluster.spec.components() {
        let set = desired.statefulset(component).unwrap();
        let known = &mut templates[index(component)];
        let place = known.iter().position(|template| template.hash == set.hash()).unwrap_or_else(|| {
            let version = set.image().rsplit_once(':').unwrap().1.to_owned();
            let works = !version.contains("broken");
            let (hash, inputs) = (set.hash().to_owned(), set.inputs().to_owned());
            known.push(Template {
                hash,
                inputs,
                image: set.image().to_owned(),
                version,
                works,
                pod: pod_template(set),
            });
            known.len() - 1
        });
        assert_eq!(known[place].inputs, set.inputs(), "specs that render alike are written alike");
        places[index(component)] = u8::try_from(place).unwrap();
        needs[index(component)] = needs_of(&cluster, component, settings);
        let hooks = cluster.spec.upgrade_hooks(component);
        scripts[index(component)] = hooks.is_some_and(|hooks| hooks.custom.is_some());
        always[index(component)] = hooks.is_some_and(|hooks| hooks.when() == Some(HookOccasion::Always));
        canary[index(component)] = cluster.spec.rollout_gate(component).canary() == Some(Canary::Stop);
    }
    Spec { cluster, desired, templates: places, needs, scripts, canary, always }
}

fn pod_template(set: &RenderedStatefulSet) -> PodTemplateSpec {
    let own = Strategy::Own { own: UpdateStrategy::default(), from_spec: false };
    set.object(Replicas::FromSpec, &own).spec.unwrap().template
}

/// What a component's pre-hooks hold, read off the manifest.
fn needs_of(cluster: &StarRocksCluster, component: Component, settings: &[Setting]) -> Vec<u8> {
    let names: Vec<_> = match cluster.spec.upgrade_hooks(component) {
        None => HELD_SETTINGS.iter().map(|(name, _)| *name).collect(),
        Some(hooks) => hooks
            .predefined_hooks()
            .filter(|hook| hook.phase() == HookPhase::Pre)
            .flat_map(|hook| hook.held_settings().iter().map(|(name, _)| *name))
            .collect(),
    };
    let place = |name: &&str| settings.iter().position(|setting| setting.name == *name);
    names.iter().filter_map(place).map(|place| u8::try_from(place).unwrap()).collect()
}
