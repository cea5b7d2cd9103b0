//! What must be true of a plan, written down a second time and independently of the operator's rules.
//!
//! What is promised about a pod that goes is promised of the moment that the pass has read: between reading and doing
//! lies a network. What happens in between by itself (an eviction, a person) can't be known; what another operator does
//! in between is excluded by the lease and by the resourceVersion, and that is checked where effects are performed
//! ([`crate::pass`]).

use crate::{
    plans::Effect,
    scenario::{HELD, PERSON, Rules, index},
    status::uid,
    world::{Life, Strategy, World},
};
use hookgate_api::{
    Component, StarRocksClusterStatus, Version,
    hooks::HookPhase,
    status::{HeldFrontend, HeldSetting, HoldState, HookResult, HookRun, UpgradePhase, Wave, WaveComponent},
};
use hookgate_operator::plan::names;
use std::cmp::Ordering;

/// A rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Broken {
    /// An effect whose intent isn't in the status that was read.
    NotWrittenDown,
    /// A pod went before the components that come first were done.
    Order,
    /// A pod went while another wasn't there.
    PeersNotReady,
    /// A pod went before the controller had seen the StatefulSet.
    NotObserved,
    /// A pod went while a setting wasn't held on an FE that is Alive.
    NotHeld,
    /// A pod went before its component's script had succeeded.
    HookNotSucceeded,
    /// Two pods went at once, or one while another that had been let go was away.
    TwoAtOnce,
    /// An original that had been written down was overwritten or forgotten.
    OriginalLost,
    /// A setting was changed on an FE without its original in the status.
    NotRemembered,
    /// One attempt of a hook ran twice.
    RanTwice,
    /// An operator that had been replaced changed something.
    NotFenced,
    /// What only people read changed what the operator does.
    WordsDecide,
}

/// What a plan breaks, judged by what its pass has read: the API server's objects and status from `world`, what the
/// database says from `database`.
pub fn of_plan(
    rules: &Rules,
    world: &World,
    database: &World,
    before: &StarRocksClusterStatus,
    after: &StarRocksClusterStatus,
    effects: &[Effect],
) -> Option<Broken> {
    if effects.iter().any(|effect| !is_written_down(rules, world, database, before, effect)) {
        return Some(Broken::NotWrittenDown);
    }
    if !keeps_originals(rules, world, database, before, after) {
        return Some(Broken::OriginalLost);
    }
    let gone: Vec<_> = effects.iter().flat_map(|effect| let_go(rules, world, effect)).collect();
    let working: Vec<_> = gone.iter().copied().filter(|pod| world.pods[*pod].answers()).collect();
    if working.len() > 1 {
        return Some(Broken::TwoAtOnce);
    }
    working.first().and_then(|pod| of_pod(rules, world, database, before, *pod, effects))
}

/// The pods that an effect lets go.
pub fn let_go(rules: &Rules, world: &World, effect: &Effect) -> Vec<usize> {
    match effect {
        Effect::Delete { pod, uid } => {
            let place = usize::from(*pod);
            let pod = world.pods[place];
            if pod.exists() && pod.uid == *uid { vec![place] } else { vec![] }
        }
        Effect::Apply { component, template, strategy, .. } => {
            let mut after = world.clone();
            after.sets[index(*component)].template = *template;
            after.sets[index(*component)].strategy = *strategy;
            let opened = |pod: &usize| after.is_open(rules, *pod) && !world.is_open(rules, *pod);
            rules.pods_of(*component).filter(opened).collect()
        }
        Effect::Set { .. }
        | Effect::Sql { .. }
        | Effect::DryRun { .. }
        | Effect::CreateImage
        | Effect::CreateJob(_)
        | Effect::DeleteJob(_)
        | Effect::Finalizer(_) => vec![],
    }
}

/// Every gate of a pod that works and is let go.
fn of_pod(
    rules: &Rules,
    world: &World,
    database: &World,
    status: &StarRocksClusterStatus,
    pod: usize,
    effects: &[Effect],
) -> Option<Broken> {
    let component = rules.pods[pod].component;
    let target = effects.iter().find_map(|effect| match effect {
        Effect::Apply { component: of, template, .. } if *of == component => Some(*template),
        _ => None,
    });
    let target = target.unwrap_or(world.set(component).template);
    let way = way(rules, component, world.pods[pod].template, target);
    let first = earlier(component, way);
    if first.iter().any(|other| !is_done(rules, world, *other)) {
        return Some(Broken::Order);
    }
    let there = |other: usize| world.pods[other].answers() && database.pods[other].life == Life::Serving;
    if (0..world.pods.len()).any(|other| other != pod && !there(other)) {
        return Some(Broken::PeersNotReady);
    }
    let has = |component: &Component| rules.replicas(*component) > 0;
    if Component::ALL.into_iter().filter(has).any(|other| !world.set(other).observed) {
        return Some(Broken::NotObserved);
    }
    if way != Ordering::Greater {
        return None;
    }
    if !is_held(rules, world, database, status, component) {
        return Some(Broken::NotHeld);
    }
    let script = rules.specs[usize::from(world.spec)].scripts[index(component)];
    if script && !script_succeeded(status, component) {
        return Some(Broken::HookNotSucceeded);
    }
    None
}

/// Which way a pod's version goes.
fn way(rules: &Rules, component: Component, from: u8, to: u8) -> Ordering {
    let version = |template| Version::parse(&rules.template(component, template).version);
    match (version(from), version(to)) {
        (Some(from), Some(to)) => to.compare(from),
        _ if from == to => Ordering::Equal,
        _ => Ordering::Greater,
    }
}

/// Who has to be done first.
const fn earlier(component: Component, way: Ordering) -> &'static [Component] {
    use Component::{Be, Cn, Fe};
    match (way, component) {
        (Ordering::Less, Fe) | (Ordering::Equal | Ordering::Greater, Be) => &[],
        (Ordering::Less, Be) => &[Fe],
        (Ordering::Less, Cn) => &[Fe, Be],
        (Ordering::Equal | Ordering::Greater, Cn) => &[Be],
        (Ordering::Equal | Ordering::Greater, Fe) => &[Be, Cn],
    }
}

/// Whether every pod of a component is what the spec wants.
fn is_done(rules: &Rules, world: &World, component: Component) -> bool {
    let wanted = world.wanted(rules, component);
    let pods = rules.pods_of(component).map(|pod| world.pods[pod]);
    rules.replicas(component) == 0
        || (world.set(component).template == wanted
            && pods.filter(|pod| pod.exists()).all(|pod| pod.template == wanted))
}

/// Whether every FE that is Alive has what the component's hooks ask for, and what the status says is held.
fn is_held(
    rules: &Rules,
    world: &World,
    database: &World,
    status: &StarRocksClusterStatus,
    component: Component,
) -> bool {
    let asked = &rules.specs[usize::from(world.spec)].needs[index(component)];
    let held = |setting: u8| {
        let name = rules.settings[usize::from(setting)].name;
        let known = status.held_settings.iter().find(|held| held.name == name);
        known.is_some_and(|held| held.state == HoldState::Held)
    };
    let settings = (0..rules.settings.len()).map(|setting| u8::try_from(setting).unwrap());
    settings.filter(|setting| asked.contains(setting) || held(*setting)).all(|setting| {
        rules
            .pods_of(Component::Fe)
            .map(|pod| database.pods[pod])
            .filter(|pod| pod.life == Life::Serving)
            .all(|pod| pod.memory[usize::from(setting)] == HELD)
    })
}

fn script_succeeded(status: &StarRocksClusterStatus, component: Component) -> bool {
    let runs = step(status, component).into_iter().flat_map(|step| &step.hooks);
    let custom = |run: &&HookRun| run.name == "custom" && run.phase == HookPhase::Pre;
    runs.filter(custom).any(|run| run.result == HookResult::Succeeded)
}

fn step(status: &StarRocksClusterStatus, component: Component) -> Option<&WaveComponent> {
    status.wave.as_ref()?.components.iter().find(|step| step.component == component)
}

/// Whether the status that was read says that this is to be done.
fn is_written_down(
    rules: &Rules,
    world: &World,
    database: &World,
    status: &StarRocksClusterStatus,
    effect: &Effect,
) -> bool {
    match effect {
        Effect::Apply { component, template, .. } => {
            let hash = &rules.template(*component, *template).hash;
            let rolling = step(status, *component)
                .filter(|step| step.phase == UpgradePhase::Rolling && step.target == *hash);
            rolling.is_some_and(|step| {
                let_go(rules, world, effect).into_iter().all(|pod| is_opened(rules, world, step, pod))
            })
        }
        Effect::Delete { pod, .. } => {
            let pod = usize::from(*pod);
            let rolling = step(status, rules.pods[pod].component);
            rolling
                .is_some_and(|step| step.phase == UpgradePhase::Rolling && is_opened(rules, world, step, pod))
        }
        Effect::Set { setting, value, .. } => {
            let name = rules.settings[usize::from(*setting)].name;
            let known = status.held_settings.iter().find(|held| held.name == name);
            known.is_some_and(|held| may_set(rules, world, database, held, *setting, *value))
        }
        Effect::Sql { index } => status
            .upgrade_preparation_status
            .as_ref()
            .and_then(|preparation| preparation.hooks.get(*index))
            .is_some_and(|run| run.result == HookResult::Running),
        Effect::DryRun { component, target } => {
            step(status, *component).is_some_and(|step| step.target == *target)
        }
        Effect::CreateImage => step(status, Component::Fe)
            .is_some_and(|step| step.image.as_ref().is_some_and(|image| !image.done)),
        Effect::CreateJob(name) => is_awaited(status, name),
        Effect::DeleteJob(name) => !is_awaited(status, name),
        Effect::Finalizer(present) => *present == status.held_settings.iter().any(HeldSetting::is_in_force),
    }
}

fn is_opened(rules: &Rules, world: &World, step: &WaveComponent, pod: usize) -> bool {
    let place = &rules.pods[pod];
    step.opened.as_ref().is_some_and(|opened| {
        opened.ordinal == i32::from(place.ordinal) && opened.uid == uid(&place.name, world.pods[pod].uid)
    })
}

/// Whether the status has the value, and what the setting was on every FE that the value is going to be forwarded to.
fn may_set(
    rules: &Rules,
    world: &World,
    database: &World,
    held: &HeldSetting,
    setting: u8,
    value: u8,
) -> bool {
    let values = rules.settings[usize::from(setting)].values;
    let says = |text: &str| text == values[usize::from(value)];
    let right = match held.state {
        HoldState::Held => says(&held.value),
        HoldState::Releasing => held.frontends.iter().any(|fe| says(&fe.original)),
        HoldState::Watched | HoldState::GivenBack => false,
    };
    let mut frontends = rules.pods_of(Component::Fe);
    right
        && frontends.all(|pod| {
            let noted = |fe: &hookgate_api::status::HeldFrontend| {
                let name = &rules.pods[pod].name;
                fe.pod == *name
                    && fe.uid == uid(name, world.pods[pod].uid)
                    && fe.restarts == i32::from(world.pods[pod].restarts)
            };
            // One that came back while the pass was reading is not known to it.
            let known = world.pods[pod].answers() && world.pods[pod].uid == database.pods[pod].uid;
            !known || database.pods[pod].life != Life::Serving || held.frontends.iter().any(noted)
        })
}

fn is_awaited(status: &StarRocksClusterStatus, name: &str) -> bool {
    let Some(wave) = &status.wave else { return false };
    let runs = wave.components.iter().flat_map(|step| step.hooks.iter().map(move |run| (step, run)));
    let mut awaited = runs.filter(|(_, run)| run.name == "custom" && run.result == HookResult::Running);
    awaited.any(|(step, run)| job_name(wave, step.component, run) == name)
}

fn job_name(wave: &Wave, component: Component, run: &HookRun) -> String {
    names::hook_job("c", "uid", &wave.id, component, run.phase, run.attempt)
}

/// Whether what was written down about every FE that still runs is written down unchanged, as long as the setting is
/// held. What a person has set since is what takes its place.
fn keeps_originals(
    rules: &Rules,
    world: &World,
    database: &World,
    before: &StarRocksClusterStatus,
    after: &StarRocksClusterStatus,
) -> bool {
    before.held_settings.iter().filter(|held| held.is_in_force()).all(|held| {
        let Some(later) = after.held_settings.iter().find(|later| later.name == held.name) else {
            return true;
        };
        let setting = rules.settings.iter().position(|setting| setting.name == held.name);
        let is_theirs = |known: &HeldFrontend| {
            let place = rules.pods.iter().position(|place| place.name == known.pod);
            let value = place.zip(setting).map(|(pod, setting)| database.pods[pod].memory[setting]);
            let theirs = setting.map(|setting| rules.settings[setting].values[usize::from(PERSON)]);
            value == Some(PERSON)
                && later.frontends.iter().any(|later| {
                    (&later.pod, &later.uid, later.restarts) == (&known.pod, &known.uid, known.restarts)
                        && Some(later.original.as_str()) == theirs
                })
        };
        held.frontends.iter().all(|known| {
            let runs = rules.pods_of(Component::Fe).any(|pod| {
                let (name, there) = (&rules.pods[pod].name, world.pods[pod]);
                known.pod == *name
                    && there.exists()
                    && known.uid == uid(name, there.uid)
                    && known.restarts == i32::from(there.restarts)
            });
            !runs || later.frontends.contains(known) || is_theirs(known)
        })
    })
}

/// Whether a setting that isn't what it was is one that the status knows of: nothing is switched off that isn't written
/// down.
pub fn remembers(rules: &Rules, world: &World, status: &StarRocksClusterStatus) -> bool {
    let known =
        |setting: usize| status.held_settings.iter().any(|held| held.name == rules.settings[setting].name);
    let frontends = rules.pods_of(Component::Fe).map(|pod| world.pods[pod]).filter(|pod| pod.exists());
    let mut frontends = frontends.collect::<Vec<_>>().into_iter();
    frontends
        .all(|pod| (0..rules.settings.len()).all(|setting| pod.memory[setting] != HELD || known(setting)))
}

/// How a strategy reads in a report.
pub fn strategy(strategy: Strategy) -> String {
    match strategy {
        Strategy::OnDelete => "OnDelete".to_owned(),
        Strategy::Partition(partition) => format!("partition {partition}"),
    }
}
