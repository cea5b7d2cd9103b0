//! The world at one moment: what is true, whoever has read it or not.

mod environment;
mod observe;

use crate::{
    choices::{Asked, Choice},
    scenario::{FILE, Rules, index},
    status::{StatusId, wave_id},
};
use hookgate_api::{Component, StarRocksClusterStatus};
use hookgate_operator::render::Rollout;

pub use environment::{Change, Fault};
pub use observe::observe;

/// What is true at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    /// The spec, as a place in [`Rules::specs`].
    pub spec: u8,
    /// What people ask of waves.
    pub asked: Asked,
    /// The status that the API server has.
    pub status: StatusId,
    /// Whether the cluster has the finalizer of held settings.
    pub finalizer: bool,
    /// How far the cluster's deletion is.
    pub deletion: Deletion,
    /// The StatefulSets of FE, BE and CN.
    pub sets: [Set; 3],
    /// The pods, in the order of [`Rules::pods`].
    pub pods: Vec<Pod>,
    /// The FE that leads, as a place in [`Rules::pods`].
    pub leader: Option<u8>,
    /// The Jobs of hooks, by name.
    pub jobs: Vec<Job>,
}

/// How far the cluster's deletion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// Nobody has asked for it.
    No,
    /// It waits for finalizers.
    Asked,
    /// It has waited for as long as the operator may have it wait.
    LongAgo,
    /// The cluster is gone.
    Gone,
}

/// A StatefulSet. Its number of pods never changes here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Set {
    /// Its template.
    pub template: u8,
    /// The template that pods below the partition come back with (`currentRevision`).
    pub current: u8,
    /// How it lets its pods go.
    pub strategy: Strategy,
    /// Whether the strategy is the operator's, with the user's own noted beside it.
    pub rolling: bool,
    /// Whether it's noted that an aborted wave brought the template back, and not the spec.
    pub reverted: bool,
    /// Whether the controller has seen its spec.
    pub observed: bool,
    /// The template that the controller has seen (`updateRevision`).
    pub seen: u8,
}

/// `updateStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// A pod is replaced when it's deleted.
    OnDelete,
    /// Pods from this ordinal on are replaced by the controller.
    Partition(u8),
}

impl Strategy {
    /// The same in the operator's words.
    pub fn rollout(self) -> Rollout {
        match self {
            Self::OnDelete => Rollout::OnDelete,
            Self::Partition(partition) => Rollout::Partition(partition.into()),
        }
    }
}

/// How far a pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Life {
    /// There is none.
    Absent,
    /// On its way out.
    Terminating,
    /// It has an address and doesn't answer.
    Starting,
    /// It answers, and the database hasn't noticed it yet, or has lost it.
    Ready,
    /// It answers and is Alive.
    Serving,
}

/// A pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pod {
    /// How far it is.
    pub life: Life,
    /// The template that it was made from.
    pub template: u8,
    /// Tells it from the pods of the same name before.
    pub uid: u8,
    /// How often its container has restarted.
    pub restarts: u8,
    /// An FE's settings: for each of [`Rules::settings`] a place among its values.
    pub memory: [u8; 4],
    /// The settings (as bits) that a person has set on this FE since it started: what has to be there in the end.
    pub theirs: u8,
}

impl Pod {
    /// Whether it answers.
    pub fn answers(self) -> bool {
        self.life >= Life::Ready
    }

    /// Its memory is its file's.
    pub const fn forget(&mut self) {
        self.memory = [FILE; 4];
        self.theirs = 0;
    }

    /// Whether it is there to be let go.
    pub fn exists(self) -> bool {
        self.life >= Life::Starting
    }
}

/// How a Job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobState {
    /// It has not ended.
    Running,
    /// It has set what it sets, and has not ended.
    Set,
    /// It ended well.
    Succeeded,
    /// It did not.
    Failed,
}

/// A Job; its name is that of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// The number of the wave that it belongs to.
    pub wave: u8,
    /// How it stands.
    pub state: JobState,
}

impl World {
    /// Everything runs the first spec, and nothing is in flight.
    pub fn idle(rules: &Rules, status: StatusId) -> Self {
        let templates = rules.specs[0].templates;
        let set = |place: usize| Set {
            template: templates[place],
            current: templates[place],
            strategy: Strategy::Partition(0),
            rolling: false,
            reverted: false,
            observed: true,
            seen: templates[place],
        };
        let pods = rules.pods.iter().map(|place| Pod {
            life: Life::Serving,
            template: templates[index(place.component)],
            uid: 0,
            restarts: 0,
            memory: [FILE; 4],
            theirs: 0,
        });
        Self {
            spec: 0,
            asked: Asked::default(),
            status,
            finalizer: false,
            deletion: Deletion::No,
            sets: [set(0), set(1), set(2)],
            pods: pods.collect(),
            leader: Some(0),
            jobs: Vec::new(),
        }
    }

    /// What the API server says of it, and nothing else: what the database says is asked later.
    pub fn of_api_server(&self) -> Self {
        let mut read = self.clone();
        read.leader = None;
        read.jobs.clear();
        for pod in &mut read.pods {
            pod.forget();
            pod.life = pod.life.min(Life::Ready);
        }
        read
    }

    /// A component's StatefulSet.
    pub fn set(&self, component: Component) -> &Set {
        &self.sets[index(component)]
    }

    /// The template that the spec wants a component to have.
    pub fn wanted(&self, rules: &Rules, component: Component) -> u8 {
        rules.specs[usize::from(self.spec)].templates[index(component)]
    }

    /// The template that a component is to have in the end: that from before a wave that was aborted, as long as the
    /// spec asks for the same as then and nobody wants it tried again.
    pub fn goal(&self, rules: &Rules, status: &StarRocksClusterStatus, component: Component) -> u8 {
        let wanted = |component| rules.template(component, self.wanted(rules, component));
        let aborted = status.aborted.as_ref().filter(|aborted| {
            let again = self.asked.of(Choice::Retry).is_some_and(|wave| wave_id(wave) == aborted.wave);
            !again && aborted.components.iter().all(|one| wanted(one.component).inputs == one.inputs)
        });
        let before = aborted.and_then(|aborted| {
            let one = aborted.components.iter().find(|one| one.component == component)?;
            rules.templates[index(component)].iter().position(|template| template.hash == one.target)
        });
        before.map_or_else(|| self.wanted(rules, component), |before| u8::try_from(before).unwrap())
    }

    /// Whether the StatefulSet controller replaces a pod by itself.
    pub fn is_open(&self, rules: &Rules, pod: usize) -> bool {
        let place = &rules.pods[pod];
        let set = self.set(place.component);
        let outdated = self.pods[pod].exists() && self.pods[pod].template != set.template;
        outdated && matches!(set.strategy, Strategy::Partition(partition) if partition <= place.ordinal)
    }

    /// The cluster's finalizer is put there or taken away. One that is being deleted is gone without.
    pub fn set_finalizer(&mut self, present: bool) {
        self.finalizer = present;
        // Who has waited for long enough may let it go with settings held.
        if !present && self.deletion == Deletion::LongAgo {
            self.pods.iter_mut().for_each(Pod::forget);
        }
        if !present && self.deletion != Deletion::No {
            self.deletion = Deletion::Gone;
        }
    }

    /// The FEs that lost their leader elect another only when somebody does so: nobody leads.
    pub fn forget_leader(&mut self) {
        if self.leader.is_some_and(|leader| self.pods[usize::from(leader)].life != Life::Serving) {
            self.leader = None;
        }
    }
}
