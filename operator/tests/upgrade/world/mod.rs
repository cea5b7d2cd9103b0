//! A small world that actions change: StatefulSets that let pods go, FEs that forget, settings that are forwarded.
//!
//! It stands in for Kubernetes and StarRocks so that the rules can be taken through whole upgrades without either.

mod actions;
mod controllers;
mod proxy;

use hookgate_api::{
    Component, StarRocksCluster,
    status::{Tablets, UpgradePhase},
};
use hookgate_operator::{
    observation::{
        Database, DatabaseFacts, DatabaseRefusal, Frontend, FrontendAnswer, Member, MemberRole, Members,
        Observation, ObservedBudgets, ObservedComponent, ObservedJob, ObservedPod, ObservedPolicy,
        ObservedProxy, ObservedRun, ObservedRunner, ObservedScript, OtherWaves, Setting,
    },
    plan::{HELD_SETTINGS, Plan, Tuning, plan, questions, settle, wants_versions},
    runs::Runner,
};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::{batch::v1::Job, core::v1::PodTemplateSpec};
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
    Set {
        pod: String,
        setting: String,
        value: String,
    },
    Sql(String),
    Job(String),
    Finalizer(bool),
    /// The proxy got a template with that image.
    Proxy(String),
    ProxyScaled(i32),
    ProxyDeleted,
}

pub struct World {
    pub cluster: StarRocksCluster,
    pub components: BTreeMap<Component, ObservedComponent>,
    /// The FE proxy.
    pub proxy: ObservedProxy,
    /// Whether Jobs that are deleted stay, as their pods take their time.
    pub keeps_jobs: bool,
    /// The address of FE's Service, without which no script can be started.
    pub fe_address: Option<String>,
    /// Each FE's memory, by pod.
    pub memory: BTreeMap<String, BTreeMap<String, String>>,
    pub leader: i32,
    /// The revision that a pod below the partition comes back at.
    current: BTreeMap<Component, String>,
    pub scripts: BTreeMap<Component, ObservedScript>,
    pub policy: ObservedPolicy,
    pub jobs: BTreeMap<String, ObservedJob>,
    /// What their pods say.
    pub runs: BTreeMap<String, ObservedRun>,
    /// Jobs that somebody else has made, without the labels by which the operator's are found.
    pub forged: Vec<Job>,
    /// The FE's addresses that runs were given.
    pub started_at: Vec<String>,
    /// The Jobs that were made.
    pub made: Vec<Job>,
    /// What runs scripts.
    pub runner: Runner,
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
    /// A component whose pods Kubernetes calls not ready, while the database sees them all.
    pub blip: Option<Component>,
    /// How many StatefulSets the API server has refused.
    pub refused_objects: usize,
    /// An FE that answers, and that its peers have not heard of since it started.
    pub unheard: Option<&'static str>,
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
            proxy: ObservedProxy::default(),
            keeps_jobs: false,
            fe_address: Some("10.96.0.7".to_owned()),
            memory: BTreeMap::new(),
            leader: 0,
            current: BTreeMap::new(),
            scripts: BTreeMap::new(),
            policy: ObservedPolicy::default(),
            jobs: BTreeMap::new(),
            runs: BTreeMap::new(),
            made: Vec::new(),
            forged: Vec::new(),
            runner: Runner::Job,
            started_at: Vec::new(),
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
            unheard: None,
            blip: None,
            refused_objects: 0,
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
            components: self.observed(),
            proxy: self.proxy.clone(),
            configurations: BTreeMap::new(),
            database: Database::NotAsked,
            scripts: self.scripts.clone(),
            policy: self.policy.clone(),
            runner: ObservedRunner { kind: self.runner, ..ObservedRunner::default() },
            fe_address: self.fe_address.clone(),
            nonce: format!("nonce-{}", self.log.len()),
            jobs: self.jobs.clone(),
            runs: self.runs.clone(),
            previous: self.previous(),
            budgets: status.wave.is_none().then(|| self.budgets.clone()),
            others: self.others.clone(),
        };
        if asked || wants_versions(&observation) {
            observation.database = Database::Asked(self.facts());
        }
        observation
    }

    /// The components, with the template of each that is being rolled.
    fn observed(&self) -> BTreeMap<Component, ObservedComponent> {
        let mut components = self.components.clone();
        for observed in components.values_mut().filter(|observed| observed.statefulset.is_none()) {
            observed.has_orphans = !std::mem::take(&mut observed.pods).is_empty();
        }
        let sets = components.values_mut().filter_map(|observed| observed.statefulset.as_mut());
        for set in sets.filter(|set| set.own_strategy.is_some()) {
            let tag = set.image.rsplit_once(':').unwrap().1;
            let of_image = |revision: &str| revision.rsplit_once('|').unwrap().1 == tag;
            let mut templates =
                self.templates.iter().filter(|(revision, _)| of_image(revision)).map(|(_, it)| it);
            let is_its_own = |template: &&PodTemplateSpec| {
                template.spec.as_ref().unwrap().containers[0].image.as_ref() == Some(&set.image)
            };
            set.template = templates.find(is_its_own).cloned();
        }
        if let Some(observed) = self.blip.and_then(|component| components.get_mut(&component)) {
            observed.pods.iter_mut().for_each(|pod| pod.ready = false);
            observed.ready_endpoints = 0;
            observed.statefulset.as_mut().unwrap().available = 0;
        }
        components
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
            restarts: pod.restarts,
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
                alive: pod.ready && ![self.cut_off, self.unheard].contains(&Some(pod.name.as_str())),
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
