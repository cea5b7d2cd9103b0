//! What a run without faults comes to, from any state.

use crate::{
    choices::Choice,
    model::{Rollout, State},
    pass::{Pass, WHOLE},
    scenario::{FILE, PERSON},
    status::Later,
    world::{Deletion, Life, Strategy, World},
};
use hookgate_api::{
    Component,
    status::{UpgradePhase, WaveComponent},
};
use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Where runs without faults lead.
#[derive(Default)]
pub struct Fair {
    /// For each world that such a run went through, how many steps were left.
    known: Mutex<HashMap<u64, u16>>,
    longest: AtomicUsize,
}

impl Fair {
    /// The most steps that such a run took.
    pub fn longest(&self) -> usize {
        self.longest.load(Ordering::Relaxed)
    }
}

/// What people do for a wave that waits for them.
enum Help {
    /// What is theirs to do: they stopped it, are to be asked, or have asked for what can't work.
    Theirs,
    /// What nobody has to do where nothing goes wrong.
    Needless,
}

/// More steps than a run may take.
const BOUND: usize = 400;

/// How often people help.
const HELP: usize = 8;

fn fingerprint(world: &World, person: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    (world, person).hash(&mut hasher);
    hasher.finish()
}

impl Rollout {
    /// Whether a run without faults from here ends the wave with everything as it should be, within [`BOUND`] steps. In
    /// each step the operator makes a pass, and everything that can happen by itself happens; when nothing is left to
    /// happen, time goes by. A wave that waits for people is helped by them, once nothing is switched off any more: what
    /// they asked for is taken back, what failed is tried anew, a spec that can't work is given up. An upgrade that has
    /// not begun needs no such help.
    ///
    /// # Errors
    /// What isn't as it should be in the end.
    pub fn ends_well(&self, state: &State) -> Result<usize, String> {
        if state.held_up.is_some() {
            // The pass that is held up ends first, and how it goes from there is asked of the state that comes of it.
            return Ok(0);
        }
        let mut state = state.clone();
        state.under_way = None;
        state.started.clear();
        let (mut path, mut helped) = (Vec::new(), 0);
        let begins = state.world.status == self.idle;
        loop {
            let print = fingerprint(&state.world, state.person);
            let left = self.known().get(&print).copied().filter(|_| !begins);
            if let Some(left) = left {
                return Ok(self.learn(&path, left.into()));
            }
            path.push(print);
            if path.len() > BOUND {
                return Err(format!("no end after {BOUND} steps: {}", self.describe(&state.world)));
            }
            if state.world.deletion == Deletion::Gone {
                return self.originals(&state).map(|()| self.learn(&path, 0));
            }
            if self.step(&mut state) {
                continue;
            }
            match self.is_as_it_should_be(&state) {
                Ok(()) => return Ok(self.learn(&path, 0)),
                Err(wrong) => {
                    // Whatever it waits for: nobody waits with the lights off.
                    self.originals(&state).map_err(|off| format!("{wrong}, and {off}"))?;
                    match self.help(&mut state) {
                        Some(Help::Needless) if begins => {
                            return Err(format!("nothing has happened, and people have to help: {wrong}"));
                        }
                        Some(_) if helped < HELP => helped += 1,
                        _ => return Err(wrong),
                    }
                }
            }
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<u64, u16>> {
        self.fair.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers how many steps were left from each world of the path; gives the number of the first.
    fn learn(&self, path: &[u64], left: usize) -> usize {
        let mut known = self.known();
        for (place, print) in path.iter().enumerate() {
            known.insert(*print, u16::try_from(left + path.len() - place).unwrap_or(u16::MAX));
        }
        self.fair.longest.fetch_max(left + path.len(), Ordering::Relaxed);
        left + path.len()
    }

    /// One step; `false` when nothing is left to happen.
    fn step(&self, state: &mut State) -> bool {
        let before = state.world.clone();
        let effects = self.plans.of(&self.rules, &state.world, 0).effects.len();
        let done = u8::try_from(effects).unwrap_or(u8::MAX);
        self.pass(state, Pass { done, ..WHOLE });
        state.started.clear();
        for change in state.world.changes(&self.rules) {
            // What became possible together may have become impossible one after the other.
            if state.world.changes(&self.rules).contains(&change) {
                let seen = state.clone();
                state.world.change(&self.rules, change, |world, pod| self.fresh_uid(&seen, world, pod));
            }
        }
        if state.world != before {
            return true;
        }
        match self.plans.statuses.get(state.world.status).later {
            Later::Same => false,
            Later::Other(later) => {
                state.world.status = later;
                true
            }
        }
    }

    /// People help a wave that can't go on by itself; `None` when there is nothing that would help.
    fn help(&self, state: &mut State) -> Option<Help> {
        let known = self.plans.statuses.get(state.world.status);
        let asked = &mut state.world.asked;
        for choice in [Choice::Pause, Choice::Release] {
            if asked.names(choice, known.wave) {
                asked.set(choice, None);
                return Some(Help::Theirs);
            }
        }
        // What they said of one first pod is said of no other.
        let is_past = known.status.wave.as_ref().is_some_and(|wave| {
            let canary = wave.continued.as_ref();
            canary.is_some_and(|canary| {
                let of = |step: &WaveComponent| {
                    step.component == canary.component
                        && step.target == canary.target
                        && step.phase != UpgradePhase::Completed
                };
                !wave.components.iter().any(of)
            })
        });
        if is_past && asked.names(Choice::Continue, known.wave) {
            asked.set(Choice::Continue, None);
            return Some(Help::Theirs);
        }
        let stops = self.rules.specs[usize::from(state.world.spec)].canary.contains(&true);
        for (choice, useful) in [(Choice::Retry, known.failed), (Choice::Continue, stops)] {
            if useful && known.wave.is_some() && !asked.names(choice, known.wave) {
                asked.set(choice, known.wave);
                return Some(if choice == Choice::Continue { Help::Theirs } else { Help::Needless });
            }
        }
        let works = |component: &Component| {
            let wanted = state.world.wanted(&self.rules, *component);
            !self.has(*component) || self.rules.template(*component, wanted).works
        };
        if Component::ALL.iter().all(works) {
            return None;
        }
        state.world.spec = 0;
        Some(Help::Theirs)
    }

    fn is_as_it_should_be(&self, state: &State) -> Result<(), String> {
        let world = &state.world;
        let known = self.plans.statuses.get(world.status);
        let describe = || self.describe(world);
        if let Some(wave) = &known.status.wave {
            let phases: Vec<_> = wave.components.iter().map(|step| (step.component, step.phase)).collect();
            let failed = phases.iter().any(|(_, phase)| *phase == UpgradePhase::Failed);
            return Err(format!("the wave doesn't end (failed: {failed}): {phases:?}; {}", describe()));
        }
        for (place, pod) in world.pods.iter().enumerate() {
            let wanted = world.goal(&self.rules, &known.status, self.rules.pods[place].component);
            if pod.life != Life::Serving || pod.template != wanted {
                return Err(format!("{} is not back: {}", self.rules.pods[place].name, describe()));
            }
        }
        for component in Component::ALL.into_iter().filter(|component| self.has(*component)) {
            let set = world.set(component);
            if set.rolling
                || set.strategy != Strategy::Partition(0)
                || set.template != world.goal(&self.rules, &known.status, component)
            {
                return Err(format!("the StatefulSet of {component} is not itself: {}", describe()));
            }
        }
        if !known.status.held_settings.is_empty() {
            return Err(format!("settings are held: {}", describe()));
        }
        self.originals(state)
    }

    /// Every FE has its file's value; what a person has set, where each FE that runs has been told since it started. FEs
    /// that had different values can't each have their own, as what is set on one is forwarded to the others: then it's
    /// either of the two.
    pub(crate) fn originals(&self, state: &State) -> Result<(), String> {
        let is_theirs = |setting: usize| {
            let mut frontends = self.rules.pods_of(Component::Fe).map(|pod| state.world.pods[pod]);
            frontends.all(|pod| pod.theirs & (1 << setting) != 0)
        };
        for place in self.rules.pods_of(Component::Fe) {
            for (number, setting) in self.rules.settings.iter().enumerate() {
                let value = state.world.pods[place].memory[number];
                let right = match value {
                    FILE => !is_theirs(number),
                    PERSON => state.person,
                    _ => !state.world.pods[place].exists(),
                };
                if !right {
                    let name = &self.rules.pods[place].name;
                    let value = setting.values[usize::from(value)];
                    return Err(format!(
                        "{} is {value} on {name}: {}",
                        setting.name,
                        self.describe(&state.world)
                    ));
                }
            }
        }
        Ok(())
    }
}
