//! A small world that actions change: StatefulSets that let pods go, FEs that forget, settings that are forwarded.
//!
//! It stands in for Kubernetes and StarRocks so that the rules can be taken through whole upgrades without either.

use hookgate_api::{
    Component, StarRocksCluster,
    status::{Tablets, UpgradePhase},
};
use hookgate_operator::{
    observation::{
        Database, DatabaseFacts, DatabaseRefusal, Frontend, FrontendAnswer, Member, MemberRole, Members,
        Observation, ObservedBudgets, ObservedComponent, ObservedJob, ObservedPod, ObservedPolicy,
        ObservedScript, ObservedStatefulSet, OtherWaves, Setting,
    },
    plan::{Action, HELD_SETTINGS, Outcome, Plan, Tuning, plan, questions, settle, wants_versions},
    render::{Rollout, UpdateStrategy},
    sql::Refusal,
};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::{apps::v1::StatefulSet, core::v1::PodTemplateSpec};
use kube::ResourceExt;
use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

/// What an FE's settings are after a start.
pub const FILE: [(&str, &str); 4] = [
    ("tablet_sched_max_scheduling_tablets", "4321"),
    ("tablet_sched_max_balancing_tablets", "77"),
    ("tablet_sched_disable_balance", "false"),
    ("tablet_sched_disable_colocate_balance", "false"),
];

/// Something that happened in the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    Created(Component),
    Patched(Component),
    LetGo(String),
    Set { pod: String, setting: String, value: String },
    Sql(String),
    Job(String),
    Finalizer(bool),
}

pub struct World {
    pub cluster: StarRocksCluster,
    pub components: BTreeMap<Component, ObservedComponent>,
    /// Each FE's memory, by pod.
    pub memory: BTreeMap<String, BTreeMap<String, String>>,
    pub leader: i32,
    /// The revision that a pod below the partition comes back at.
    current: BTreeMap<Component, String>,
    pub scripts: BTreeMap<Component, ObservedScript>,
    pub policy: ObservedPolicy,
    pub jobs: BTreeMap<String, ObservedJob>,
    /// How a custom script's run ends, by the function's part of the Job's name.
    pub job_result: fn(&str) -> ObservedJob,
    /// What the statements of the preparation set.
    pub statement_sets: Option<(&'static str, &'static str)>,
    /// What custom scripts set: a part of the Job's name, the setting and the value.
    pub script_sets: Vec<(&'static str, &'static str, &'static str)>,
    /// A BE whose tablets are being moved away.
    pub decommissioned: Option<&'static str>,
    /// Members that are registered, have no pod and aren't Alive.
    pub gone: Vec<(Component, &'static str)>,
    /// An FE that calls itself the leader beside the one that is.
    pub second_leader: Option<i32>,
    /// Tablets that aren't as they should be.
    pub tablets: Tablets,
    pub single_replica_tables: Vec<String>,
    /// Where in the log the leader was asked for an image of the metadata.
    pub images: Vec<usize>,
    /// The error that it answers with.
    pub image_answer: Option<String>,
    /// `StartTime` of FEs, by pod.
    pub started: BTreeMap<String, String>,
    /// The waves of other clusters.
    pub others: OtherWaves,
    /// How many waves may go on at the same time; 0 is no limit.
    pub most_waves: u32,
    /// Whether FEs answer.
    pub reachable: bool,
    /// What the API server says to a StatefulSet.
    pub refuses_objects: Option<String>,
    /// An FE that nobody can reach, and that runs on.
    pub cut_off: Option<&'static str>,
    /// The PodDisruptionBudgets.
    pub budgets: BTreeMap<Component, ObservedBudgets>,
    /// The templates that there have been, by revision.
    pub templates: BTreeMap<String, PodTemplateSpec>,
    /// Whether the StatefulSets are `OrderedReady`.
    pub ordered_ready: bool,
    /// The versions of servers whose image's tag isn't one.
    pub versions: BTreeMap<&'static str, &'static str>,
    /// An error that FEs answer settings with.
    pub refuses: Option<String>,
    /// What FEs refuse before they are asked anything.
    pub refuses_login: Option<DatabaseRefusal>,
    pub now: Timestamp,
    pub log: Vec<Happening>,
    pub events: Vec<(&'static str, String)>,
    uid: u32,
}

impl World {
    pub fn new(cluster: serde_json::Value) -> Self {
        Self {
            cluster: serde_json::from_value(cluster).unwrap(),
            components: BTreeMap::new(),
            memory: BTreeMap::new(),
            leader: 0,
            current: BTreeMap::new(),
            scripts: BTreeMap::new(),
            policy: ObservedPolicy::default(),
            jobs: BTreeMap::new(),
            job_result: |_| ObservedJob::Succeeded,
            statement_sets: None,
            script_sets: Vec::new(),
            decommissioned: None,
            gone: Vec::new(),
            second_leader: None,
            tablets: Tablets::default(),
            single_replica_tables: Vec::new(),
            images: Vec::new(),
            image_answer: None,
            started: BTreeMap::new(),
            others: OtherWaves::default(),
            most_waves: 0,
            reachable: true,
            refuses_objects: None,
            cut_off: None,
            budgets: BTreeMap::new(),
            templates: BTreeMap::new(),
            ordered_ready: false,
            versions: BTreeMap::new(),
            refuses: None,
            refuses_login: None,
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            log: Vec::new(),
            events: Vec::new(),
            uid: 0,
        }
    }

    pub fn tuning() -> Tuning {
        Tuning {
            hook_attempts: 3,
            hook_backoff: Duration::from_secs(10),
            database_poll: Duration::from_secs(1),
            lease: Duration::from_secs(15),
            max_concurrent_waves: None,
        }
    }

    pub fn observation(&self) -> Observation {
        let status = self.cluster.status.clone().unwrap_or_default();
        let asked = status.wave.is_some() || !status.held_settings.is_empty();
        let mut observation = Observation {
            cluster: self.cluster.clone(),
            components: self.components.clone(),
            configurations: BTreeMap::new(),
            database: Database::NotAsked,
            scripts: self.scripts.clone(),
            policy: self.policy.clone(),
            jobs: self.jobs.clone(),
            previous: self.previous(),
            budgets: status.wave.is_none().then(|| self.budgets.clone()),
            others: self.others.clone(),
        };
        if asked || wants_versions(&observation) {
            observation.database = Database::Asked(self.facts());
        }
        observation
    }

    fn previous(&self) -> BTreeMap<Component, PodTemplateSpec> {
        let revisions = hookgate_operator::plan::revisions_to_read(&self.cluster).into_iter();
        revisions.filter_map(|(of, name)| Some((of, self.templates.get(&name)?.clone()))).collect()
    }

    fn facts(&self) -> DatabaseFacts {
        let fe = self.components.get(&Component::Fe).cloned().unwrap_or_default();
        let frontends = fe.pods.iter().map(|pod| Frontend {
            pod: pod.name.clone(),
            uid: pod.uid.clone(),
            restarts: 0,
            ip: pod.ip.clone().unwrap(),
            answer: if self.reachable && pod.ready && self.cut_off != Some(pod.name.as_str()) {
                Ok(self.answer(&pod.name))
            } else {
                Err("connection refused".to_owned())
            },
        });
        let asked = questions(&self.cluster);
        let answers = self.reachable && fe.pods.iter().any(|pod| pod.ready);
        DatabaseFacts {
            tablets: (asked.tablets && answers).then_some(Ok(self.tablets)),
            single_replica_tables: (asked.single_replica_tables && answers)
                .then(|| Ok(self.single_replica_tables.clone())),
            frontends: frontends.collect(),
            user: "root".to_owned(),
            refusal: self.refuses_login.clone(),
            members: if self.reachable && fe.pods.iter().any(|pod| pod.ready) {
                Ok(self.members())
            } else {
                Err("connection refused".to_owned())
            },
        }
    }

    fn answer(&self, pod: &str) -> FrontendAnswer {
        let settings = self.memory[pod]
            .iter()
            .map(|(key, value)| (key.clone(), Setting { key: key.clone(), value: value.clone() }));
        FrontendAnswer { settings: settings.collect() }
    }

    fn members(&self) -> Members {
        let of = |component: Component| -> Vec<Member> {
            let Some(observed) = self.components.get(&component) else { return vec![] };
            let version = |pod: &ObservedPod| {
                let tag = pod.revision.rsplit_once('|').unwrap().1;
                self.versions.get(tag).copied().unwrap_or(tag).to_owned()
            };
            let member = |pod: &ObservedPod| Member {
                host: format!("{}.search.ns.svc.cluster.local", pod.name),
                alive: pod.ready && self.cut_off != Some(pod.name.as_str()),
                version: version(pod),
                decommissioned: self.decommissioned == Some(pod.name.as_str()),
                started_at: self.started.get(&pod.name).cloned().unwrap_or_default(),
                role: match component {
                    Component::Fe
                        if pod.ordinal == self.leader || Some(pod.ordinal) == self.second_leader =>
                    {
                        MemberRole::Leader
                    }
                    Component::Fe => MemberRole::Follower,
                    _ => MemberRole::Worker,
                },
            };
            let gone = self.gone.iter().filter(|(of, _)| *of == component).map(|(_, host)| Member {
                host: (*host).to_owned(),
                role: if component == Component::Fe { MemberRole::Follower } else { MemberRole::Worker },
                ..Member::default()
            });
            observed.pods.iter().map(member).chain(gone).collect()
        };
        Members {
            frontends: of(Component::Fe),
            backends: of(Component::Be),
            compute_nodes: of(Component::Cn),
        }
    }

    /// One pass of the operator; `true` when it found nothing to do.
    pub fn pass(&mut self) -> bool {
        let observation = self.observation();
        let tuning = Tuning { max_concurrent_waves: NonZeroU32::new(self.most_waves), ..Self::tuning() };
        let planned: Plan = plan(&observation, &tuning, self.now).unwrap();
        let idle = self.cluster.status.as_ref() == Some(&planned.status) && planned.actions.is_empty();
        self.events.extend(planned.events.iter().map(|event| (event.reason, event.note.clone())));
        self.cluster.status = Some(planned.status);
        let mut outcomes = Vec::new();
        for action in planned.actions {
            outcomes.extend(self.perform(action));
        }
        if !outcomes.is_empty() {
            let status = self.cluster.status.take().unwrap();
            self.cluster.status = Some(settle(status, &outcomes, self.now));
        }
        idle
    }

    /// Passes until nothing is left to do; between them time goes by and Kubernetes does its part.
    pub fn settle(&mut self) {
        // Longer than any retry waits.
        let mut quiet = 0;
        for _ in 0..1000 {
            let idle = self.pass();
            let moved = self.kubernetes();
            self.now += SignedDuration::from_secs(1);
            quiet = if idle && !moved { quiet + 1 } else { 0 };
            if quiet > 60 {
                return;
            }
        }
        panic!("the world does not settle: {:#?}", self.cluster.status);
    }

    /// What the controllers of Kubernetes do in a while; `true` when they did something.
    pub fn kubernetes(&mut self) -> bool {
        let mut moved = false;
        for component in Component::ALL {
            let Some(mut observed) = self.components.remove(&component) else { continue };
            moved |= self.statefulset_controller(component, &mut observed);
            self.components.insert(component, observed);
        }
        if self.leader_is_gone()
            && let Some(pod) =
                self.components.get(&Component::Fe).and_then(|fe| fe.pods.iter().find(|pod| pod.ready))
        {
            self.leader = pod.ordinal;
        }
        moved
    }

    fn leader_is_gone(&self) -> bool {
        self.components.get(&Component::Fe).and_then(|fe| fe.pod(self.leader)).is_none_or(|pod| !pod.ready)
    }

    fn statefulset_controller(&mut self, component: Component, observed: &mut ObservedComponent) -> bool {
        let before = format!("{observed:?}");
        let set = observed.statefulset.as_mut().unwrap();
        set.observed_generation = set.generation;
        let target = format!(
            "{}|{}",
            set.rendered_hash.clone().unwrap_or_default(),
            set.image.rsplit_once(':').unwrap().1
        );
        set.update_revision.clone_from(&target);
        let (replicas, rollout) = (set.replicas, set.rollout);
        let starting = |pod: &&mut ObservedPod| !pod.ready && !pod.revision.ends_with("broken");
        // OrderedReady: nothing above a pod that isn't ready is made or replaced, nor is that pod itself.
        let stopped_at =
            observed.pods.iter().find(|pod| pod.revision.ends_with("broken")).map(|pod| pod.ordinal);
        let missing = (0..replicas).find(|ordinal| observed.pod(*ordinal).is_none());
        let is_stopped = self.ordered_ready
            && stopped_at.is_some_and(|stopped| missing.is_none_or(|missing| missing > stopped));
        if is_stopped {
            // It waits for somebody to delete the pod.
        } else if let Some(pod) = observed.pods.iter_mut().find(starting) {
            pod.ready = true;
        } else if let Some(missing) = (0..replicas).find(|ordinal| observed.pod(*ordinal).is_none()) {
            let keeps_back = matches!(rollout, Rollout::Partition(partition) if missing < partition);
            let revision = if keeps_back { self.current[&component].clone() } else { target.clone() };
            self.start(component, observed, missing, &revision);
        } else if let Rollout::Partition(partition) = rollout {
            let outdated = (partition..replicas)
                .rev()
                .find(|ordinal| observed.pod(*ordinal).unwrap().revision != target);
            if let Some(ordinal) = outdated {
                self.let_go(observed, ordinal);
            }
        }
        observed.pods.retain(|pod| pod.ordinal < replicas);
        if observed.pods.iter().all(|pod| pod.revision == target) {
            self.current.insert(component, target);
        }
        observed.ready_endpoints = observed.pods.iter().filter(|pod| pod.ready).count();
        let available = i32::try_from(observed.ready_endpoints).unwrap();
        observed.statefulset.as_mut().unwrap().available = available;
        before != format!("{observed:?}")
    }

    /// Everything is as if an earlier version of the operator had made it, which rendered the same spec differently.
    pub fn rendered_by_an_earlier_version(&mut self) {
        for observed in self.components.values_mut() {
            let set = observed.statefulset.as_mut().unwrap();
            set.rendered_hash = Some("earlier".to_owned());
            for revision in observed.pods.iter_mut().map(|pod| &mut pod.revision) {
                *revision = format!("earlier|{}", revision.rsplit_once('|').unwrap().1);
            }
        }
        self.kubernetes();
    }

    /// Everything is as if another operator had made it.
    pub fn made_by_another_operator(&mut self, manager: &str) {
        for observed in self.components.values_mut() {
            let set = observed.statefulset.as_mut().unwrap();
            set.rendered_hash = None;
            set.inputs_hash = None;
            set.managers = vec![manager.to_owned()];
            observed.services.values_mut().for_each(|hash| *hash = None);
            for revision in observed.pods.iter_mut().map(|pod| &mut pod.revision) {
                *revision = format!("|{}", revision.rsplit_once('|').unwrap().1);
            }
        }
        self.kubernetes();
    }

    /// A pod goes, for a reason of its own: a user, or a node.
    pub fn delete_pod(&mut self, component: Component, ordinal: i32) {
        let observed = self.components.get_mut(&component).unwrap();
        observed.pods.retain(|pod| pod.ordinal != ordinal);
        observed.ready_endpoints = observed.pods.iter().filter(|pod| pod.ready).count();
    }

    fn let_go(&mut self, observed: &mut ObservedComponent, ordinal: i32) {
        self.log.push(Happening::LetGo(observed.pod(ordinal).unwrap().name.clone()));
        observed.pods.retain(|pod| pod.ordinal != ordinal);
    }

    fn start(
        &mut self,
        component: Component,
        observed: &mut ObservedComponent,
        ordinal: i32,
        revision: &str,
    ) {
        self.uid += 1;
        let name = format!("c-{}-{ordinal}", component.as_str());
        if component == Component::Fe {
            let file = FILE.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            self.memory.insert(name.clone(), file);
        }
        observed.pods.push(ObservedPod {
            name,
            ordinal,
            uid: format!("uid-{}", self.uid),
            revision: revision.to_owned(),
            ready: false,
            terminating: false,
            failed: false,
            ip: Some(format!("10.0.0.{}", self.uid)),
            restarts: 0,
            cannot_start: revision.ends_with("broken").then(|| "ImagePullBackOff".to_owned()),
        });
        observed.pods.sort_by_key(|pod| pod.ordinal);
    }

    fn perform(&mut self, action: Action) -> Option<Outcome> {
        match action {
            Action::ApplyService(service) => {
                let component = component_of(&service.name_any());
                let hash = service.annotations().get("hookgate.dev/rendered-hash").cloned();
                self.components.entry(component).or_default();
                if self.components[&component].statefulset.is_none() {
                    self.components.remove(&component);
                } else if let Some(observed) = self.components.get_mut(&component) {
                    observed.services.insert(service.name_any(), hash);
                }
                None
            }
            Action::ApplyStatefulSet(set) => {
                if let Some(message) = &self.refuses_objects {
                    let object = format!("StatefulSet {}", set.name_any());
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
            Action::DeletePod { name, uid } => {
                let component = component_of(&name);
                let mut observed = self.components.remove(&component).unwrap();
                let is_meant = |pod: &&ObservedPod| pod.name == name && pod.uid == uid;
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
            Action::CreateJob(job) => Some(self.run_job(job.name_any())),
            Action::DeleteJob(name) => {
                self.jobs.remove(&name);
                None
            }
        }
    }

    fn run_job(&mut self, name: String) -> Outcome {
        self.log.push(Happening::Job(name.clone()));
        for (part, setting, value) in self.script_sets.clone() {
            if name.contains(part) {
                self.set_by_hand(setting, value);
            }
        }
        let result = (self.job_result)(&name);
        self.jobs.insert(name, result);
        Outcome::JobCreated
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
        let reached = |other: &&ObservedPod| other.ready && self.cut_off != Some(other.name.as_str());
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

    pub fn phase(&self, component: Component) -> Option<UpgradePhase> {
        Some(self.cluster.status.as_ref()?.component(component)?.upgrade_state.as_ref()?.phase)
    }

    /// Whether every FE has what its file says.
    pub fn has_originals(&self) -> bool {
        HELD_SETTINGS.iter().all(|(name, _)| {
            let file = FILE.iter().find(|(key, _)| key == name).unwrap().1;
            self.memory.values().all(|memory| memory[*name] == file)
        })
    }
}

fn component_of(name: &str) -> Component {
    Component::ALL
        .into_iter()
        .find(|component| name.starts_with(&format!("c-{}", component.as_str())))
        .unwrap()
}
