//! What to do about what is known: pure functions from an [`Observation`] to a [`Plan`].
//!
//! All rules of an upgrade live here, one file each. Nothing in this module does I/O or reads a clock, so that a
//! fault in the rules is reproduced by a unit test without cluster, clock or database.
//!
//! A pass either writes down what is to be done, or does what it finds written: as long as a transition changes the
//! intents in the status, no effect on the database or on running pods is planned.

mod action;
mod budget;
mod deployment;
mod desired;
mod difference;
mod effects;
mod ending;
mod events;
mod holding;
mod holds;
mod leaving;
pub mod names;
mod policy;
mod preparation;
mod preview;
mod proxy;
mod questions;
mod readiness;
mod refusals;
mod rendering;
mod request;
mod retry;
mod rolling;
mod script_runs;
mod settle;
mod strategy;
mod summary;
mod wave;

pub use action::{Action, Outcome};
pub use desired::Desired;
pub use difference::RENDER_VERSION;
pub(crate) use difference::is_adopted;
pub use events::{PlannedEvent, Severity};
pub use hookgate_api::hooks::HELD_SETTINGS;
pub use preview::{Preview, PreviewedStep, PreviewedWave, preview};
pub use proxy::PreviewedProxy;
pub use questions::{questions, settings_to_read};
use script_runs::frontend_address;
pub(crate) use script_runs::{ScriptRun, job_of, script_runs};
pub use settle::settle;
pub(crate) use wave::{CUSTOM, DEADLINE_EXCEEDED};
pub use wave::{Standing, revisions_to_read, standing, wants_versions};

use crate::{observation::Observation, render::RenderError};
use hookgate_api::{
    StarRocksClusterStatus, annotations,
    status::{UpgradePhase, Wave},
    validate::{Violation, validate},
};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::{num::NonZeroU32, time::Duration};

/// How patient the operator is.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// How often a failing pre-hook is tried in all, at least 1.
    pub hook_attempts: u32,
    /// The wait before the second try; it doubles with each further one.
    pub hook_backoff: Duration,
    /// How often the database is asked while an upgrade is in flight; it can't be watched.
    pub database_poll: Duration,
    /// How long the operator's lease holds: a statement that another operator had under way has arrived by then.
    pub lease: Duration,
    /// How many clusters' waves may go on at the same time; `None` when they don't wait for each other.
    pub max_concurrent_waves: Option<NonZeroU32>,
}

impl Tuning {
    fn lease(&self) -> SignedDuration {
        SignedDuration::try_from(self.lease).unwrap_or(SignedDuration::MAX)
    }
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            hook_attempts: 4,
            hook_backoff: Duration::from_secs(10),
            database_poll: Duration::from_secs(1),
            lease: Duration::from_secs(15),
            max_concurrent_waves: None,
        }
    }
}

/// What a pass is to do: write the status, then perform the actions.
#[derive(Debug)]
pub struct Plan {
    /// The status to write.
    pub status: StarRocksClusterStatus,
    /// What to do once it is written.
    pub actions: Vec<Action>,
    /// What to tell the user once it is written.
    pub events: Vec<PlannedEvent>,
    /// Sentences for the log, each said once as long as it stays true.
    pub notes: Vec<String>,
    /// When to look again, where no watch tells.
    pub look_again: Option<Duration>,
    /// Whether the status says something else of what is to be done than the one that was read.
    pub changes_intents: bool,
}

impl Plan {
    /// Whether something is done, or written down to be done: that stands on nothing but a fresh read.
    pub const fn needs_fresh_facts(&self) -> bool {
        self.changes_intents || !self.actions.is_empty()
    }
}

/// What the rules look at.
struct View<'a> {
    observation: &'a Observation,
    desired: &'a Desired,
    tuning: &'a Tuning,
    now: Timestamp,
    /// The gate that the user lets the wave past, as the status that was read has it.
    skipping: Option<&'a str>,
    /// Whose turn it is: a component, or while it's rolled one of its pods. Gates that stand before each of them are named
    /// by it, for who passes one of them has not passed the next.
    turn: &'a str,
}

/// The name of the gate that a pod keeps shut by not being ready.
fn pod_gate(pod: &str) -> String {
    format!("Pod:{pod}")
}

impl<'a> View<'a> {
    /// The same when it's the turn of that component, or of that pod.
    fn in_turn_of<'b>(&self, turn: &'b str) -> View<'b>
    where
        'a: 'b,
    {
        View { turn, ..*self }
    }

    /// The name of a gate that everybody has to pass by himself, for the one whose turn it is.
    fn gate(&self, gate: &str) -> String {
        format!("{gate}:{}", self.turn)
    }

    /// Whether the user lets the one whose turn it is past that gate.
    fn skips_in_turn(&self, gate: &str) -> bool {
        self.skipping.is_some() && self.skips(&self.gate(gate))
    }

    /// Whether the one whose turn it is may go though settings aren't held: the user lets it past that gate, or past that
    /// of a database which doesn't answer, and so can't be asked for settings either.
    fn skips_holds(&self) -> bool {
        let nobody_answers = || readiness::members(self).is_err();
        self.skips_in_turn(holds::GATE) || (self.skips_in_turn(readiness::DATABASE_GATE) && nobody_answers())
    }

    /// Whether the user lets the wave past that gate.
    fn skips(&self, gate: &str) -> bool {
        self.skipping == Some(gate)
    }

    fn skips_pod(&self, pod: &str) -> bool {
        self.skipping.is_some() && self.skips(&pod_gate(pod))
    }

    /// The same step, with a wait that the user lets the wave past left out.
    fn pass(&self, step: wave::Step) -> wave::Step {
        match step {
            Err(wave::Wait { gate: Some(gate), .. }) if self.skips(&gate) => Ok(()),
            step => step,
        }
    }

    const fn time(&self) -> Time {
        Time(self.now)
    }
}

/// How many times longer an idle cluster's database is left in peace, while the version of its images isn't known.
const IDLE_POLLS: u32 = 30;

/// How many times longer the database is left in peace while a pod isn't ready.
const AWAY_POLLS: u32 = 5;

/// More transitions than a pass can need; a cycle in the rules ends here instead of never.
const MAX_TRANSITIONS: usize = 32;

/// Judges what is known.
///
/// # Errors
/// When an object can't be rendered.
pub fn plan(observation: &Observation, tuning: &Tuning, now: Timestamp) -> Result<Plan, RenderError> {
    if let Some(why) = leaving::why(observation) {
        return Ok(leaving::plan(observation, tuning, now, why));
    }
    Ok(plan_with(&Desired::render(observation)?, observation, tuning, now))
}

/// The same with objects that were rendered before: they depend on nothing but the spec and the servers'
/// configuration files, so who judges many moments of one cluster renders once.
pub fn plan_with(desired: &Desired, observation: &Observation, tuning: &Tuning, now: Timestamp) -> Plan {
    let cluster = &observation.cluster;
    let before = cluster.status.clone().unwrap_or_default();
    if let Some(why) = leaving::why(observation) {
        return leaving::plan(observation, tuning, now, why);
    }
    let mut status = before.clone();
    if wave::in_force(cluster, desired).is_none() {
        status.aborted = None;
    }
    let Wanted { reverted, violations } = wanted(desired, observation);
    let desired = reverted.as_ref().unwrap_or(desired);
    let effective = request::effective(observation);
    let observation = effective.as_ref();
    let view = View { observation, desired, tuning, now, skipping: wave::skipping(cluster), turn: "" };
    let mut notes = Vec::new();
    let mut actions = Vec::new();
    if !violations.is_empty() {
        // Nothing is touched, and nobody waits with the lights off.
        holds::transition(&view, &mut status, holds::Wish::LetGo);
        if intents(&before) == intents(&status) {
            actions.extend(holds::effects(&view, &status));
        }
    } else {
        wave::remember(&view, &mut status);
        for _ in 0..MAX_TRANSITIONS {
            let (wave, held) = (status.wave.clone(), status.held_settings.clone());
            let preparation = status.upgrade_preparation_status.clone();
            wave::transition(&view, &mut status);
            holds::transition(&view, &mut status, holds::Wish::AsTheWaveNeeds);
            if (wave, held, preparation)
                == (
                    status.wave.clone(),
                    status.held_settings.clone(),
                    status.upgrade_preparation_status.clone(),
                )
            {
                break;
            }
        }
        // Holds come first: an object that the API server refuses must not keep settings from being given back.
        if intents(&before) == intents(&status) {
            actions.extend(effects::effects(&view, &status));
            preparation::note_started(&actions, &mut status);
        }
        actions.extend(deployment::actions(&view, &status, &mut notes));
        actions.extend(budget::actions(&view));
        actions.extend(proxy::actions(&view, &status));
    }
    request::note(cluster, &mut status);
    summary::summarise(&view, &violations, &mut status, &mut notes);
    let look_again = look_again(&view, &before, &status);
    let mut events = events::events(&before, &status);
    policy::tell(&view, &actions, &mut events, &mut notes);
    let changes_intents = intents(&before) != intents(&status);
    Plan { status, actions, events, notes, look_again, changes_intents }
}

/// What is asked for.
struct Wanted {
    /// What an aborted wave goes back to, or what another version of the operator has begun to roll, instead of what the spec
    /// renders to.
    reverted: Option<Desired>,
    /// What is wrong with either. When there is anything, nothing is touched.
    violations: Vec<Violation>,
}

fn wanted(desired: &Desired, observation: &Observation) -> Wanted {
    let cluster = &observation.cluster;
    let mut violations = validate(&cluster.spec);
    violations.extend(request::violations(cluster));
    let aborted = wave::in_force(cluster, desired);
    let as_begun = || rendering::as_begun(desired, observation);
    let reverted = match aborted.map(|aborted| wave::aborted_targets(desired, observation, aborted)) {
        Some(Ok(reverted)) => Some(reverted),
        Some(Err(message)) => {
            violations.push(Violation { path: format!("annotation {}", annotations::ABORT), message });
            None
        }
        None => as_begun(),
    };
    Wanted { reverted, violations }
}

/// The part of a status that effects stand on: everything but what the wave says of itself.
fn intents(status: &StarRocksClusterStatus) -> impl PartialEq {
    let mut wave = status.wave.clone();
    if let Some(wave) = wave.as_mut() {
        wave.waiting_for = None;
        wave.step = None;
        wave.next.clear();
        wave.next_opening = None;
        wave.components.iter_mut().for_each(|component| component.attempt = 1);
    }
    let aborted = status.aborted.clone();
    (wave, status.held_settings.clone(), status.upgrade_preparation_status.clone(), aborted)
}

fn look_again(
    view: &View<'_>,
    before: &StarRocksClusterStatus,
    status: &StarRocksClusterStatus,
) -> Option<Duration> {
    if intents(before) != intents(status) {
        return Some(Duration::ZERO);
    }
    let in_force = status.held_in_force().next().is_some();
    if status.wave.is_none()
        && !in_force
        && let Some(next) = holds::next_look(view, status)
    {
        return Some(next);
    }
    if in_force && !holds::finalizer_is_there(&view.observation.cluster) {
        // What is held waits for it, and nothing watches it.
        return Some(Duration::ZERO);
    }
    if status.wave.is_none() && status.held_settings.is_empty() {
        return wave::wants_versions(view.observation)
            .then(|| view.tuning.database_poll.saturating_mul(IDLE_POLLS));
    }
    let retry = status.wave.iter().flat_map(|wave| &wave.components).filter_map(|component| {
        let wait = component.next_retry_at.as_ref()?.0.duration_since(view.now);
        Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
    });
    if let Some(wave) = status.wave.as_ref().filter(|wave| wave::is_suspended(wave))
        && !in_force
    {
        // Annotations and objects are watched; the clock is not.
        let idle = view.tuning.database_poll.saturating_mul(IDLE_POLLS);
        let opening = wave.next_opening.as_ref().map(|opening| opening.0.duration_since(view.now));
        let opening = opening.and_then(|wait| Duration::try_from(wait).ok());
        return Some(opening.map_or(idle, |opening| opening.clamp(view.tuning.database_poll, idle)));
    }
    let polls = if status.wave.as_ref().is_some_and(|wave| pod_is_away(view, wave)) { AWAY_POLLS } else { 1 };
    Some(retry.fold(view.tuning.database_poll.saturating_mul(polls), Duration::min))
}

/// Whether a pod of the component that is rolled isn't ready. Kubernetes tells when it is; until then the database has no
/// news that would matter.
fn pod_is_away(view: &View<'_>, wave: &Wave) -> bool {
    let rolling = wave.components.iter().find(|step| step.phase == UpgradePhase::Rolling);
    let Some(step) = rolling else { return false };
    let observed = view.observation.component(step.component);
    let replicas = observed.statefulset.as_ref().map_or(0, |set| set.replicas);
    (0..replicas).any(|ordinal| observed.pod(ordinal).is_none_or(|pod| !pod.ready))
}
