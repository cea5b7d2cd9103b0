//! What `plan` says to a world, in the words of the model; each moment is judged once and remembered.

use crate::{
    choices::Choice,
    gates::{self, Broken},
    model::Statement,
    scenario::{REVERTED, Rules, index},
    status::{Digest, NOW, StatusId, Statuses, digest, disguise, uid_number},
    world::{Strategy, World, observe},
};
use hookgate_api::{Component, annotations};
use hookgate_operator::{
    observation::Observation,
    plan::{Action, plan_with},
};
use jiff::SignedDuration;
use k8s_openapi::api::apps::v1::StatefulSet;
use kube::ResourceExt;
use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

/// An action, in the words of the model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Makes a StatefulSet what it should be.
    Apply {
        /// Its component.
        component: Component,
        /// Its template.
        template: u8,
        /// How it lets its pods go.
        strategy: Strategy,
        /// Whether that is the operator's way.
        rolling: bool,
        /// Whether it's noted that an aborted wave brought the template back.
        reverted: bool,
    },
    /// Deletes a pod.
    Delete {
        /// The pod.
        pod: u8,
        /// Its uid.
        uid: u8,
        /// Whether it was ready when it was read; with that its resourceVersion changes.
        read_ready: bool,
    },
    /// Sets an FE's setting.
    Set(Statement),
    /// Runs a statement of the preparation.
    Sql {
        /// The hook's place.
        index: usize,
    },
    /// Has the API server try a patch.
    DryRun {
        /// The component.
        component: Component,
        /// The target of the patch.
        target: String,
    },
    /// Has the leader write an image of the metadata.
    CreateImage,
    /// Starts the run of a script.
    CreateJob(String),
    /// Removes a Job.
    DeleteJob(String),
    /// Puts the finalizer of held settings on the cluster, or takes it away.
    Finalizer(bool),
}

/// What a pass is to do.
#[derive(Debug)]
pub struct Planned {
    /// The status to write.
    pub status: StatusId,
    /// What to do then.
    pub effects: Vec<Effect>,
    /// A rule that the plan breaks, wherever it's carried out.
    pub broken: Option<Broken>,
}

/// Every moment that was judged.
pub struct Plans {
    /// Every status that was seen.
    pub statuses: Statuses,
    known: Mutex<HashMap<Digest, Arc<Planned>>>,
}

impl Plans {
    /// None yet.
    pub fn new(rules: &Rules) -> Self {
        let gates = rules.scenario.choices.contains(&Choice::SkipGate);
        let canary = rules.specs.iter().any(|spec| spec.canary.contains(&true));
        let statuses = Statuses::new(gates, rules.scenario.hold_limit, canary);
        Self { statuses, known: Mutex::default() }
    }

    /// What `plan` says to that world. A wave that begins gets a number that isn't among the bits of `taken`.
    pub fn of(&self, rules: &Rules, world: &World, taken: u32) -> Arc<Planned> {
        let free = self.free(world, taken);
        self.remembered(digest(&(world, free)), || self.judge(rules, world, world, free))
    }

    /// What `plan` says when the API server was read earlier than the database.
    pub fn of_torn(&self, rules: &Rules, world: &World, database: &World, taken: u32) -> Arc<Planned> {
        let free = self.free(world, taken);
        let members = database.pods.iter().map(|pod| (pod.life, pod.template, pod.uid, pod.memory));
        let read = (members.collect::<Vec<_>>(), database.leader, &database.jobs);
        self.remembered(digest(&(world, read, free)), || self.judge(rules, world, database, free))
    }

    /// The number of a wave that begins: the least that nobody remembers.
    fn free(&self, world: &World, taken: u32) -> u8 {
        u8::try_from((taken | self.waves(world)).trailing_ones()).unwrap()
    }

    fn remembered(&self, moment: Digest, judge: impl FnOnce() -> Planned) -> Arc<Planned> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&moment).map(Arc::clone);
        known.unwrap_or_else(|| {
            let planned = Arc::new(judge());
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(moment, Arc::clone(&planned));
            planned
        })
    }

    /// The numbers of waves that a world remembers, as bits.
    pub fn waves(&self, world: &World) -> u32 {
        world.asked.each().fold(self.waves_in_use(world), |bits, (_, wave)| bits | 1 << wave)
    }

    /// The numbers of waves that a world remembers, and that aren't only names in what people have asked.
    pub fn waves_in_use(&self, world: &World) -> u32 {
        let known = self.statuses.get(world.status);
        let jobs = world.jobs.iter().map(|job| job.wave);
        jobs.chain(known.wave).chain(known.aborted).fold(0, |bits, wave| bits | 1 << wave)
    }

    /// How many moments were judged.
    pub fn len(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn judge(&self, rules: &Rules, world: &World, database: &World, wave: u8) -> Planned {
        let observation = observe(rules, &self.statuses, world, database);
        let mut planned = self.plan(rules, world, database, &observation, wave);
        if !is_sample(world) {
            return planned;
        }
        let mut other = observation;
        other.cluster.status = other.cluster.status.as_ref().map(disguise);
        let disguised = self.plan(rules, world, database, &other, wave);
        if (planned.status, &planned.effects) != (disguised.status, &disguised.effects) {
            planned.broken = Some(Broken::WordsDecide);
        }
        planned
    }

    fn plan(
        &self,
        rules: &Rules,
        world: &World,
        database: &World,
        observation: &Observation,
        wave: u8,
    ) -> Planned {
        let now = NOW + SignedDuration::from_millis(wave.into());
        let desired = &rules.specs[usize::from(world.spec)].desired;
        let plan = plan_with(desired, observation, &Rules::tuning(), now);
        let before = observation.cluster.status.clone().unwrap_or_default();
        let effects: Vec<_> = plan.actions.iter().map(|action| effect(rules, world, action)).collect();
        let broken = gates::of_plan(rules, world, database, &before, &plan.status, &effects);
        Planned { status: self.statuses.add(&plan.status), effects, broken }
    }
}

/// Whether a world is among the few (one of eight) that are judged twice, the second time with other words.
fn is_sample(world: &World) -> bool {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish().is_multiple_of(8)
}

fn effect(rules: &Rules, world: &World, action: &Action) -> Effect {
    let place = |name: &str| rules.pods.iter().position(|place| place.name == *name).unwrap();
    match action {
        Action::ApplyStatefulSet(set) => apply(rules, set),
        Action::AdjustStatefulSet { component, .. } => panic!("no StatefulSet is scaled: {component}"),
        Action::DeletePod { name, uid, .. } => Effect::Delete {
            pod: u8::try_from(place(name)).unwrap(),
            uid: uid_number(name, uid).unwrap(),
            read_ready: world.pods[place(name)].answers(),
        },
        Action::SetFrontendConfig { pod, setting, value, .. } => {
            let pod = place(pod);
            let setting = rules.settings.iter().position(|known| known.name == *setting).unwrap();
            let values = rules.settings[setting].values;
            // Equal values of a setting are the same value, and the held one is told from the file's.
            let value = values.iter().position(|known| known == value).unwrap();
            Effect::Set(Statement {
                pod: u8::try_from(pod).unwrap(),
                uid: world.pods[pod].uid,
                setting: u8::try_from(setting).unwrap(),
                value: u8::try_from(value).unwrap(),
            })
        }
        Action::ExecuteSql { index, .. } => Effect::Sql { index: *index },
        Action::DryRunStatefulSet { component, target, .. } => {
            Effect::DryRun { component: *component, target: target.clone() }
        }
        Action::CreateImage { .. } => Effect::CreateImage,
        Action::StartRun(run) => Effect::CreateJob(run.name.clone()),
        Action::DeleteRun(name) => Effect::DeleteJob(name.clone()),
        Action::HoldFinalizer { present } => Effect::Finalizer(*present),
        Action::ApplyService(service) => panic!("a Service is as it should be: {}", service.name_any()),
        Action::ApplyBudget(_) | Action::DeleteBudget(_) => panic!("budgets aren't looked at"),
        Action::ApplyConfigMap(_)
        | Action::ApplyDeployment(_)
        | Action::ScaleProxy(_)
        | Action::DeleteProxy => panic!("no cluster has an FE proxy"),
        Action::DeleteComponent(component) => panic!("no component is taken away: {component}"),
    }
}

fn apply(rules: &Rules, set: &StatefulSet) -> Effect {
    let named = |component: &Component| set.name_any() == format!("c-{}", component.as_str());
    let component = Component::ALL.into_iter().find(named).unwrap();
    let hash = &set.annotations()[annotations::RENDERED_HASH];
    let templates = &rules.templates[index(component)];
    let template = templates.iter().position(|template| template.hash == *hash).unwrap();
    let strategy = set.spec.as_ref().and_then(|spec| spec.update_strategy.as_ref()).unwrap();
    let partition = strategy.rolling_update.as_ref().and_then(|rolling| rolling.partition);
    Effect::Apply {
        component,
        template: u8::try_from(template).unwrap(),
        rolling: set.annotations().contains_key(annotations::OWN_UPDATE_STRATEGY),
        reverted: set.annotations()[annotations::INPUTS_HASH] == REVERTED,
        strategy: partition
            .map_or(Strategy::OnDelete, |partition| Strategy::Partition(u8::try_from(partition).unwrap())),
    }
}
