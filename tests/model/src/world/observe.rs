//! What the operator reads of a world.

use super::{Deletion, JobState, Life, World};
use crate::{
    scenario::{Place, REVERTED, Rules, index},
    status::{NOW, Statuses, long_ago, uid, wave_id},
};
use hookgate_api::{Component, StarRocksCluster, annotations};
use hookgate_operator::observation::{
    Database, DatabaseFacts, Frontend, FrontendAnswer, Judgement, Member, MemberRole, Members, Observation,
    ObservedComponent, ObservedJob, ObservedPod, ObservedPolicy, ObservedScript, ObservedStatefulSet,
    Setting, Touched,
};
use hookgate_operator::{
    plan::{revisions_to_read, wants_versions},
    render::UpdateStrategy,
};
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use std::collections::{BTreeMap, BTreeSet};

/// What a pass reads: the API server's objects from `world`, and what the database says from `database`. The two
/// differ when something happens while the pass reads.
pub fn observe(rules: &Rules, statuses: &Statuses, world: &World, database: &World) -> Observation {
    let spec = &rules.specs[usize::from(world.spec)];
    let mut cluster = spec.cluster.clone();
    let status = statuses.get(world.status).status.clone();
    let asked = status.wave.is_some() || !status.held_settings.is_empty();
    let asked_for = world.asked.each().map(|(choice, wave)| (choice.annotation().to_owned(), wave_id(wave)));
    cluster.metadata.annotations = Some(asked_for.collect());
    cluster.metadata.finalizers = world.finalizer.then(|| vec![annotations::HELD_FINALIZER.to_owned()]);
    cluster.status = Some(status);
    cluster.metadata.deletion_timestamp = match world.deletion {
        Deletion::No | Deletion::Gone => None,
        Deletion::Asked => Some(Time(NOW)),
        Deletion::LongAgo => Some(Time(long_ago())),
    };
    let components = cluster.spec.components().map(|one| (one, component(rules, world, one))).collect();
    let accepted =
        || ObservedScript::Accepted { sha256: "the only one".to_owned(), judgement: Judgement::default() };
    let scripts: BTreeMap<_, _> = cluster.custom_hooks().map(|(of, ..)| (of, accepted())).collect();
    let mut observation = Observation {
        scripts: if asked { scripts } else { BTreeMap::new() },
        jobs: if asked { jobs(database) } else { BTreeMap::new() },
        components,
        configurations: BTreeMap::new(),
        database: Database::NotAsked,
        fe_address: Some("10.96.0.7".to_owned()),
        nonce: "nobody forges Jobs here".to_owned(),
        previous: previous(rules, &cluster),
        policy: ObservedPolicy {
            script_settings: script_settings(rules, &cluster),
            ..ObservedPolicy::default()
        },
        cluster,
        ..Observation::default()
    };
    if asked || wants_versions(&observation) {
        observation.database = Database::Asked(facts(rules, world, database));
    }
    observation
}

/// What scripts are known to set.
fn script_settings(rules: &Rules, cluster: &StarRocksCluster) -> BTreeMap<Component, Touched> {
    let [_, held, literal] = rules.settings[0].values.map(str::to_owned);
    let values = BTreeMap::from([(rules.settings[0].name.to_owned(), BTreeSet::from([held, literal]))]);
    let touched = Touched { values, complete: true };
    let scripts = cluster.custom_hooks().filter(|_| rules.scenario.scripts_set);
    scripts.map(|(of, ..)| (of, touched.clone())).collect()
}

/// The templates that a wave which is aborted goes back to; each revision is still there.
fn previous(rules: &Rules, cluster: &StarRocksCluster) -> BTreeMap<Component, PodTemplateSpec> {
    let read = revisions_to_read(cluster).into_iter();
    let template = |(component, revision): (Component, String)| {
        let known = rules.templates[index(component)].iter().find(|template| template.hash == revision);
        (component, known.unwrap().pod.clone())
    };
    read.map(template).collect()
}

fn component(rules: &Rules, world: &World, component: Component) -> ObservedComponent {
    let set = world.set(component);
    let template = rules.template(component, set.template);
    let existing = rules.pods_of(component).filter(|pod| world.pods[*pod].life != Life::Absent);
    let pods: Vec<_> = existing.map(|pod| observed_pod(rules, world, pod)).collect();
    let ready = pods.iter().filter(|pod| pod.ready).count();
    let hash = |service: &k8s_openapi::api::core::v1::Service| {
        service.annotations().get(annotations::RENDERED_HASH).cloned()
    };
    let services = rules.specs[usize::from(world.spec)].desired.services();
    ObservedComponent {
        statefulset: Some(ObservedStatefulSet {
            generation: 2,
            observed_generation: if set.observed { 2 } else { 1 },
            replicas: rules.replicas(component).into(),
            available: i32::try_from(ready).unwrap(),
            // Until the controller has seen the spec, its status speaks of the one before.
            update_revision: rules.template(component, set.seen).hash.clone(),
            rendered_hash: Some(template.hash.clone()),
            inputs_hash: Some(if set.reverted { REVERTED.to_owned() } else { template.inputs.clone() }),
            rollout: set.strategy.rollout(),
            own_strategy: set.rolling.then(UpdateStrategy::default),
            image: template.image.clone(),
            ..ObservedStatefulSet::default()
        }),
        ready_endpoints: ready,
        services: services
            .filter(|(of, _)| *of == component)
            .map(|(_, service)| (service.name_any(), hash(service)))
            .collect(),
        pods,
        has_orphans: false,
    }
}

fn address(pod: usize, number: u8) -> String {
    format!("10.0.{pod}.{number}")
}

fn observed_pod(rules: &Rules, world: &World, place: usize) -> ObservedPod {
    let (pod, Place { component, ordinal, name }) = (world.pods[place], &rules.pods[place]);
    ObservedPod {
        name: name.clone(),
        ordinal: (*ordinal).into(),
        uid: uid(name, pod.uid),
        resource_version: String::new(),
        revision: rules.template(*component, pod.template).hash.clone(),
        ready: pod.answers(),
        terminating: pod.life == Life::Terminating,
        failed: false,
        cannot_start: (pod.life == Life::Starting && !rules.template(*component, pod.template).works)
            .then(|| "ImagePullBackOff".to_owned()),
        ip: Some(address(place, pod.uid)),
        restarts: pod.restarts.into(),
    }
}

fn facts(rules: &Rules, world: &World, database: &World) -> DatabaseFacts {
    let asked = rules.pods_of(Component::Fe).filter(|pod| world.pods[*pod].exists());
    let frontends: Vec<_> = asked.map(|place| frontend(rules, world, database, place)).collect();
    let answers = frontends.iter().any(|frontend| frontend.answer.is_ok());
    DatabaseFacts {
        user: "root".to_owned(),
        refusal: None,
        frontends,
        tablets: None,
        single_replica_tables: None,
        members: if answers { Ok(members(rules, database)) } else { Err("connection refused".to_owned()) },
    }
}

fn frontend(rules: &Rules, world: &World, database: &World, place: usize) -> Frontend {
    let (pod, present, name) = (world.pods[place], database.pods[place], &rules.pods[place].name);
    let settings = rules.settings.iter().zip(present.memory).map(|(setting, value)| {
        let value = setting.values[usize::from(value)].to_owned();
        (setting.name.to_owned(), Setting { key: setting.name.to_owned(), value })
    });
    let answer = FrontendAnswer { settings: settings.collect() };
    Frontend {
        pod: name.clone(),
        uid: uid(name, pod.uid),
        restarts: pod.restarts.into(),
        ip: address(place, pod.uid),
        // A pod that has come back since has another address.
        answer: if present.answers() && present.uid == pod.uid {
            Ok(answer)
        } else {
            Err("connection refused".to_owned())
        },
    }
}

fn members(rules: &Rules, world: &World) -> Members {
    let member = |place: usize| {
        let (pod, Place { component, name, .. }) = (world.pods[place], &rules.pods[place]);
        let leads = world.leader.map(usize::from) == Some(place);
        Member {
            host: format!("{name}.c-{}-search.ns.svc.cluster.local", component.as_str()),
            alive: pod.life == Life::Serving,
            version: rules.template(*component, pod.template).version.clone(),
            role: match component {
                Component::Fe if leads => MemberRole::Leader,
                Component::Fe => MemberRole::Follower,
                Component::Be | Component::Cn => MemberRole::Worker,
            },
            ..Member::default()
        }
    };
    let of = |component| rules.pods_of(component).map(member).collect();
    Members { frontends: of(Component::Fe), backends: of(Component::Be), compute_nodes: of(Component::Cn) }
}

fn jobs(world: &World) -> BTreeMap<String, ObservedJob> {
    let observed = |state| match state {
        JobState::Running | JobState::Set => ObservedJob::Running,
        JobState::Succeeded => ObservedJob::Succeeded,
        JobState::Failed => {
            ObservedJob::Failed { deadline_exceeded: false, message: "exit code 1".to_owned() }
        }
    };
    world.jobs.iter().map(|job| (job.name.clone(), observed(job.state))).collect()
}
