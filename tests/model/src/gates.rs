//! What must be true of a plan, written down a second time and independently of the operator's rules.
//!
//! What is promised about a pod that goes is promised of the moment that the pass has read: between reading and doing
//! lies a network. What happens in between by itself (an eviction, a person) can't be known; what another operator does
//! in between is excluded by the lease and by the resourceVersion, and that is checked where effects are performed
//! ([`crate::pass`]).

mod holds;

pub use holds::remembers;

use crate::{
    choices::Choice,
    model::Statement,
    plans::Effect,
    scenario::{Rules, index},
    status::{uid, wave_id},
    world::{Deletion, Life, Strategy, World},
};
use holds::{holds, is_held, keeps_originals, may_set};
use hookgate_api::{
    Component, StarRocksClusterStatus, Version,
    hooks::HookPhase,
    status::{HeldSetting, HookResult, HookRun, Trigger, UpgradePhase, Wave, WaveComponent},
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
    /// A script was started that isn't what its component's step is at.
    HookOutOfTurn,
    /// A pod went though people had said that none is to go, or after the first one without their word.
    Unasked,
    /// Two pods went at once, or one while another that had been let go was away.
    TwoAtOnce,
    /// An original that had been written down was overwritten or forgotten.
    OriginalLost,
    /// A setting was held though the cluster could be deleted without its being given back.
    NoFinalizer,
    /// The cluster was gone while FEs had other settings than their own.
    GoneTooSoon,
    /// A setting was changed on an FE without its original in the status.
    NotRemembered,
    /// One attempt of a hook ran twice.
    RanTwice,
    /// Two scripts ran at once.
    TwoScripts,
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
    let may_hold = world.finalizer || !effects.iter().any(|effect| holds(rules, database, before, effect));
    if !may_hold {
        return Some(Broken::NoFinalizer);
    }
    if effects.iter().any(|effect| matches!(effect, Effect::CreateJob(name) if !is_its_turn(before, name))) {
        return Some(Broken::HookOutOfTurn);
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
        Effect::Delete { pod, uid, read_ready } => {
            let place = usize::from(*pod);
            let pod = world.pods[place];
            if pod.exists() && (pod.uid, pod.answers()) == (*uid, *read_ready) { vec![place] } else { vec![] }
        }
        Effect::Apply { component, template, strategy, .. } => {
            let mut after = world.clone();
            after.sets[index(*component)].template = *template;
            after.sets[index(*component)].strategy = *strategy;
            let opened = |pod: &usize| after.is_open(rules, *pod) && !world.is_open(rules, *pod);
            rules.pods_of(*component).filter(opened).collect()
        }
        Effect::Set(_)
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
    if first.iter().any(|other| !is_done(rules, world, status, *other)) {
        return Some(Broken::Order);
    }
    if !is_allowed(rules, world, status, component) {
        return Some(Broken::Unasked);
    }
    let skips = |gate: &str| is_skipped(world, status, gate);
    let in_turn = |gate: &str| format!("{gate}:{}", rules.pods[pod].name);
    let there = |other: usize| {
        let alive = database.pods[other].life == Life::Serving || skips(&in_turn("Database"));
        (world.pods[other].answers() && alive) || skips(&format!("Pod:{}", rules.pods[other].name))
    };
    if (0..world.pods.len()).any(|other| other != pod && !there(other)) {
        return Some(Broken::PeersNotReady);
    }
    let has = |component: &Component| rules.replicas(*component) > 0;
    if Component::ALL.into_iter().filter(has).any(|other| !world.set(other).observed) {
        return Some(Broken::NotObserved);
    }
    let goes_up = way == Ordering::Greater && !goes_back(status);
    if !goes_up && !runs_always(rules, world, status, component) {
        return None;
    }
    let without_hooks = skipped_hooks(status, component);
    if !skips(&in_turn("SettingsHeld"))
        && !without_hooks
        && !is_held(rules, world, database, status, component)
    {
        return Some(Broken::NotHeld);
    }
    let script = rules.specs[usize::from(world.spec)].scripts[index(component)];
    if script && !without_hooks && !script_succeeded(status, component) {
        return Some(Broken::HookNotSucceeded);
    }
    None
}

/// Whether a component's hooks run whichever way its version goes; never for going back.
fn runs_always(rules: &Rules, world: &World, status: &StarRocksClusterStatus, component: Component) -> bool {
    rules.specs[usize::from(world.spec)].always[index(component)] && !goes_back(status)
}

/// Whether the wave goes back to what ran before: the way back from a downgrade goes up, and runs no hooks.
fn goes_back(status: &StarRocksClusterStatus) -> bool {
    status.wave.as_ref().is_some_and(|wave| matches!(wave.trigger, Trigger::Rollback | Trigger::Abort))
}

/// Whether people let a pod go: they haven't stopped the wave, and after the first pod they have said so, where they are
/// to be asked.
fn is_allowed(rules: &Rules, world: &World, status: &StarRocksClusterStatus, component: Component) -> bool {
    let Some((wave, step)) = status.wave.as_ref().zip(step(status, component)) else { return false };
    let asked = |choice| world.asked.of(choice).is_some_and(|named| wave_id(named) == wave.id);
    let stops = rules.specs[usize::from(world.spec)].canary[index(component)]
        && step.gate.passed == 1
        && !matches!(wave.trigger, Trigger::Rollback | Trigger::Abort);
    let canary = wave.continued.as_ref();
    let continued =
        canary.is_some_and(|canary| canary.component == component && canary.target == step.target);
    let told =
        (asked(Choice::Continue) && continued) || is_skipped(world, status, &format!("Canary:{component}"));
    !asked(Choice::Pause) && !asked(Choice::Release) && (!stops || told)
}

/// Whether people let the wave past that gate at this moment: they ask for it, and it's written down that it is this one.
fn is_skipped(world: &World, status: &StarRocksClusterStatus, gate: &str) -> bool {
    status.wave.as_ref().is_some_and(|wave| {
        let asked = world.asked.of(Choice::SkipGate).is_some_and(|named| wave_id(named) == wave.id);
        asked && wave.skipping.as_deref() == Some(gate)
    })
}

/// Whether people have let a component go on without its hooks: they failed, or there was no FE to run them.
fn skipped_hooks(status: &StarRocksClusterStatus, component: Component) -> bool {
    let (failed, unled) = (format!("HookFailed:{component}"), format!("Database:{component}"));
    let skipped = status.wave.iter().flat_map(|wave| &wave.skipped_gates);
    skipped.into_iter().any(|one| one.gate == failed || one.gate == unled)
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

/// Whether every pod of a component is what it is to be in the end.
fn is_done(rules: &Rules, world: &World, status: &StarRocksClusterStatus, component: Component) -> bool {
    let wanted = world.goal(rules, status, component);
    let pods = rules.pods_of(component).map(|pod| world.pods[pod]);
    rules.replicas(component) == 0
        || (world.set(component).template == wanted
            && pods.filter(|pod| pod.exists()).all(|pod| pod.template == wanted))
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
        Effect::Apply { component, template, strategy, rolling, .. } => {
            let (hash, set) = (&rules.template(*component, *template).hash, world.set(*component));
            // Only the note of what the user wrote changes, which disturbs nobody.
            if (*template, *strategy, *rolling) == (set.template, set.strategy, set.rolling) {
                return true;
            }
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
        Effect::Set(Statement { setting, value, .. }) => {
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
        Effect::Finalizer(false) if world.deletion == Deletion::LongAgo => true,
        Effect::Finalizer(present) => *present == status.held_settings.iter().any(HeldSetting::is_in_force),
    }
}

fn is_opened(rules: &Rules, world: &World, step: &WaveComponent, pod: usize) -> bool {
    let place = &rules.pods[pod];
    step.opened.as_ref().is_some_and(|opened| {
        opened.ordinal == i32::from(place.ordinal) && opened.uid == uid(&place.name, world.pods[pod].uid)
    })
}

/// Whether a script runs before its component's pods go, or after they are back.
fn is_its_turn(status: &StarRocksClusterStatus, name: &str) -> bool {
    let Some(wave) = &status.wave else { return false };
    wave.components.iter().any(|step| {
        let mut runs = step.hooks.iter();
        let phase = match step.phase {
            UpgradePhase::Preparing => HookPhase::Pre,
            UpgradePhase::Finalizing => HookPhase::Post,
            _ => return false,
        };
        runs.any(|run| run.phase == phase && job_name(wave, step.component, run) == name)
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

/// How a strategy reads in a report.
pub fn strategy(strategy: Strategy) -> String {
    match strategy {
        Strategy::OnDelete => "OnDelete".to_owned(),
        Strategy::Partition(partition) => format!("partition {partition}"),
    }
}
