//! Passes that are held up between reading and doing: an operator that reads stale, or a second one.

use crate::{
    gates::Broken,
    model::{Decided, HeldUp, Next, Point, Rollout, State, Statement},
    pass::{Pass, WHOLE},
    plans::Effect,
    scenario::PERSON,
    status::uid,
    world::World,
};

impl Rollout {
    /// A pass begins, and is held up.
    pub fn hold_up(&self, state: &mut State, point: Point) {
        state.left.held_up -= 1;
        let next = if point == Point::Reading {
            Next::Ask(state.world.of_api_server())
        } else {
            let planned = self.plans.of(&self.rules, &state.world, self.taken(state));
            state.broken = state.broken.or(planned.broken);
            let wave = self.plans.statuses.get(state.world.status).wave;
            let theirs = theirs(&state.world);
            let changes = planned.status != state.world.status;
            let write = (changes && point == Point::Read).then_some(planned.status);
            if point == Point::Written {
                self.write(state, planned.status);
            }
            Next::Do(Decided { write, effects: planned.effects.clone(), wave, theirs })
        };
        state.held_up = Some(Box::new(HeldUp { next, replaced: false, changed: false }));
    }

    /// The pass that was held up goes on to its end.
    pub fn go_on(&self, state: &mut State) {
        let taken = self.taken(state) | self.plans.waves(&state.world);
        let Some(held_up) = state.held_up.take() else { return };
        let HeldUp { next, replaced, changed } = *held_up;
        let safeguards = self.rules.scenario.safeguards;
        let decided = match next {
            Next::Do(decided) => decided,
            Next::Ask(read) => {
                let planned = self.plans.of_torn(&self.rules, &read, &state.world, taken);
                state.broken = state.broken.or(planned.broken);
                Decided {
                    write: (planned.status != read.status).then_some(planned.status),
                    effects: planned.effects.clone(),
                    wave: self.plans.statuses.get(read.status).wave,
                    theirs: theirs(&state.world),
                }
            }
        };
        if let Some(status) = decided.write {
            if changed && safeguards.conflicts {
                return;
            }
            self.write(state, status);
        }
        if replaced && safeguards.fencing {
            return;
        }
        let before = state.world.clone();
        let pass = Pass { settled: !changed, ..WHOLE };
        self.perform(state, &decided.effects, decided.wave, pass);
        state.world.excuse(&before, |pod, setting| decided.theirs & (1 << (4 * pod + setting)) != 0);
        if replaced && state.world != before {
            state.broken = state.broken.or(Some(Broken::NotFenced));
        }
    }

    /// A pass that can't do anything any more is over, and what it can't do any more is forgotten.
    pub(crate) fn drop_void(&self, state: &mut State) {
        let safeguards = self.rules.scenario.safeguards;
        let Some(held_up) = state.held_up.as_mut() else { return };
        let stopped = held_up.replaced && safeguards.fencing;
        let refused = held_up.changed && safeguards.conflicts;
        let is_void = match &mut held_up.next {
            Next::Ask(_) => stopped && refused,
            Next::Do(decided) => {
                if stopped {
                    decided.effects.clear();
                }
                if decided.effects.is_empty() {
                    (decided.wave, decided.theirs) = (None, 0);
                }
                if !decided.effects.iter().any(has_result) && decided.write.is_none() {
                    held_up.changed = false;
                }
                if decided.write.is_some() { refused } else { decided.effects.is_empty() }
            }
        };
        if is_void {
            state.held_up = None;
        }
    }

    /// The numbers of waves that a pass that is held up remembers, as bits.
    pub(crate) fn waves_of(&self, next: &Next) -> u32 {
        match next {
            Next::Ask(world) => self.plans.waves_in_use(world),
            Next::Do(decided) => {
                let known = decided.write.map(|status| self.plans.statuses.get(status));
                let waves = known.iter().flat_map(|known| known.wave.into_iter().chain(known.aborted));
                waves.chain(decided.wave).fold(0, |bits, wave| bits | 1 << wave)
            }
        }
    }

    /// A uid that nobody remembers.
    pub fn fresh_uid(&self, state: &State, world: &World, pod: usize) -> u8 {
        let name = &self.rules.pods[pod].name;
        let known = self.plans.statuses.get(world.status);
        let next = state.held_up.as_ref().map(|held_up| &held_up.next);
        let read = next.and_then(|next| self.status_of(next));
        let used = |uid: u8| {
            known.remembers(name, uid)
                || read.as_ref().is_some_and(|known| known.remembers(name, uid))
                || next.is_some_and(|next| is_named(next, pod, uid))
        };
        (0..).find(|uid| !used(*uid)).unwrap()
    }

    /// A number of restarts that nobody remembers of that pod.
    pub fn fresh_restarts(&self, state: &State, world: &World, pod: usize) -> u8 {
        let there = world.pods[pod];
        let name = &self.rules.pods[pod].name;
        let uid = uid(name, there.uid);
        let next = state.held_up.as_ref().map(|held_up| &held_up.next);
        let mut used = vec![i32::from(there.restarts)];
        if let Some(Next::Ask(read)) = next {
            used.push(i32::from(read.pods[pod].restarts));
        }
        let read = next.and_then(|next| self.status_of(next));
        for known in [Some(self.plans.statuses.get(world.status)), read].into_iter().flatten() {
            let frontends = known.status.held_settings.iter().flat_map(|held| &held.frontends);
            used.extend(frontends.filter(|fe| fe.pod == *name && fe.uid == uid).map(|fe| fe.restarts));
        }
        (0..).find(|number| !used.contains(&i32::from(*number))).unwrap()
    }

    /// The status that a pass goes on with.
    fn status_of(&self, next: &Next) -> Option<std::sync::Arc<crate::status::Known>> {
        let status = match next {
            Next::Ask(world) => Some(world.status),
            Next::Do(decided) => decided.write,
        };
        status.map(|status| self.plans.statuses.get(status))
    }
}

/// Whether a pass knows a pod by that uid.
fn is_named(next: &Next, pod: usize, uid: u8) -> bool {
    match next {
        Next::Ask(world) => world.pods[pod].uid == uid,
        Next::Do(decided) => decided.effects.iter().any(|effect| match effect {
            Effect::Delete { pod: named, uid: known, .. } => (usize::from(*named), *known) == (pod, uid),
            Effect::Set(Statement { pod: named, uid: known, .. }) => {
                (usize::from(*named), *known) == (pod, uid)
            }
            _ => false,
        }),
    }
}

/// Whether an effect has a result that is written down.
const fn has_result(effect: &Effect) -> bool {
    matches!(effect, Effect::Sql { .. } | Effect::DryRun { .. } | Effect::CreateImage | Effect::CreateJob(_))
}

/// What a person has set, as bits: four for each pod.
fn theirs(world: &World) -> u32 {
    let mut bits = 0;
    for (place, pod) in world.pods.iter().enumerate() {
        for (setting, value) in pod.memory.iter().enumerate() {
            bits |= u32::from(*value == PERSON) << (4 * place + setting);
        }
    }
    bits
}
