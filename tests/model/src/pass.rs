//! How a pass is carried out: the status is written, then every effect performed, and it may end anywhere.

use crate::{
    gates::{Broken, let_go},
    model::{Rollout, State, Statement},
    plans::{Effect, Planned},
    scenario::index,
    status::{NOW, StatusId},
    world::{Job, JobState},
};
use hookgate_api::Component;
use hookgate_operator::plan::{Outcome, settle};

/// How a pass goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pass {
    /// How many of its effects are performed before the operator dies, or the API server stops answering.
    pub done: u8,
    /// Whether the results are written down.
    pub settled: bool,
    /// The effect (a setting) that an FE applies to itself and fails to forward: error 5101.
    pub not_forwarded: Option<u8>,
    /// Whether the next effect (a setting) is under way when the operator dies.
    pub under_way: bool,
}

/// A pass in which nothing goes wrong; of its effects none, until somebody says how many.
pub const WHOLE: Pass = Pass { done: 0, settled: true, not_forwarded: None, under_way: false };

/// How an effect ended.
enum End {
    /// As it should, with a result that must be written down or none.
    Done(Option<Outcome>),
    /// It could not be performed: the pass ends.
    Failed,
}

impl Rollout {
    /// Every way in which a pass with that plan can go.
    pub fn passes(&self, state: &State, planned: &Planned) -> Vec<Pass> {
        let effects = planned.effects.len();
        let first = usize::from(planned.status == state.world.status);
        let mut passes = Vec::new();
        for done in first..=effects {
            let results = planned.effects[..done].iter().any(|effect| {
                matches!(
                    effect,
                    Effect::Sql { .. } | Effect::DryRun { .. } | Effect::CreateImage | Effect::CreateJob(_)
                )
            });
            let done = u8::try_from(done).unwrap();
            passes.push(Pass { done, ..WHOLE });
            if results {
                passes.push(Pass { done, settled: false, ..WHOLE });
            }
        }
        if state.left.faults > 0 {
            let is_set = |(_, effect): &(usize, &Effect)| matches!(effect, Effect::Set(_));
            for (place, _) in planned.effects.iter().enumerate().filter(is_set) {
                let (done, place) = (u8::try_from(effects).unwrap(), u8::try_from(place).unwrap());
                passes.push(Pass { done, not_forwarded: Some(place), ..WHOLE });
                passes.push(Pass { done: place + 1, settled: false, not_forwarded: Some(place), ..WHOLE });
                if self.rules.scenario.late && state.under_way.is_none() {
                    passes.push(Pass { done: place, settled: false, under_way: true, ..WHOLE });
                }
            }
        }
        passes
    }

    /// A pass from reading to its end.
    pub fn pass(&self, state: &mut State, pass: Pass) {
        let planned = self.plans.of(&self.rules, &state.world, self.taken(state));
        if let Some(held_up) = state.held_up.as_mut() {
            held_up.replaced = true;
        }
        state.broken = state.broken.or(planned.broken);
        if pass.not_forwarded.is_some() || pass.under_way {
            state.left.faults -= 1;
        }
        let wave = self.plans.statuses.get(state.world.status).wave;
        self.write(state, planned.status);
        self.perform(state, &planned.effects[..usize::from(pass.done)], wave, pass);
        if pass.under_way
            && let Some(Effect::Set(statement)) = planned.effects.get(usize::from(pass.done))
        {
            state.under_way = Some(*statement);
        }
    }

    /// The statement that was under way is executed, if there is still somebody to execute it.
    pub fn lands(&self, state: &mut State) {
        let Some(Statement { pod, uid, setting, value }) = state.under_way.take() else { return };
        let there = state.world.pods[usize::from(pod)];
        if there.answers() && there.uid == uid {
            let before = state.world.clone();
            state.world.set_config(&self.rules, usize::from(pod), setting, value, true);
            state.world.excuse(&before, |_, _| false);
        }
    }

    pub(crate) fn write(&self, state: &mut State, status: StatusId) {
        if status != state.world.status {
            state.world.status = status;
            Self::changed(state);
        }
    }

    /// The cluster has another resourceVersion.
    pub fn changed(state: &mut State) {
        if let Some(held_up) = state.held_up.as_mut() {
            held_up.changed = true;
        }
    }

    pub(crate) fn perform(&self, state: &mut State, effects: &[Effect], wave: Option<u8>, pass: Pass) {
        let mut outcomes = Vec::new();
        for (place, effect) in effects.iter().enumerate() {
            let forwarded = pass.not_forwarded.map(usize::from) != Some(place);
            self.let_go(state, effect);
            match self.effect(state, effect, wave, forwarded) {
                End::Done(outcome) => outcomes.extend(outcome),
                End::Failed => break,
            }
        }
        if pass.settled && !outcomes.is_empty() {
            let status = self.plans.statuses.get(state.world.status).status.clone();
            let status = self.plans.statuses.add(&settle(status, &outcomes, NOW));
            self.write(state, status);
        }
    }

    /// Notes the pods that work and go.
    fn let_go(&self, state: &mut State, effect: &Effect) {
        for pod in let_go(&self.rules, &state.world, effect) {
            if !state.world.pods[pod].answers() {
                continue;
            }
            if state.away & !(1 << pod) != 0 {
                state.broken = state.broken.or(Some(Broken::TwoAtOnce));
            }
            state.away |= 1 << pod;
        }
    }

    fn effect(&self, state: &mut State, effect: &Effect, wave: Option<u8>, forwarded: bool) -> End {
        let world = &mut state.world;
        match effect {
            Effect::Apply { component, template, strategy, rolling, reverted } => {
                let set = &mut world.sets[index(*component)];
                set.rolling = *rolling;
                set.reverted = *reverted;
                if (set.template, set.strategy) != (*template, *strategy) {
                    set.template = *template;
                    set.strategy = *strategy;
                    set.observed = false;
                }
            }
            Effect::Delete { pod, uid, read_ready } => {
                let there = world.pods[usize::from(*pod)];
                if there.exists() && (there.uid, there.answers()) == (*uid, *read_ready) {
                    world.terminate(usize::from(*pod));
                }
            }
            Effect::Set(Statement { pod, uid, setting, value }) => {
                let there = world.pods[usize::from(*pod)];
                if !there.answers() || there.uid != *uid {
                    return End::Failed;
                }
                world.set_config(&self.rules, usize::from(*pod), *setting, *value, forwarded);
                let name = self.rules.settings[usize::from(*setting)].name.to_owned();
                let error = || "ERROR 5101: Set config failed".to_owned();
                let refused = || Outcome::SettingRefused { setting: name, error: error(), meaning: None };
                return End::Done((!forwarded).then(refused));
            }
            Effect::Sql { index } => {
                return End::Done(Some(Outcome::Sql { index: *index, result: Ok(()) }));
            }
            Effect::DryRun { component, target } => {
                let (component, target) = (*component, target.clone());
                return End::Done(Some(Outcome::DryRun { component, target, refused: None }));
            }
            Effect::CreateImage => return End::Done(Some(Outcome::Image(Ok(())))),
            Effect::CreateJob(name) => return Self::create_job(state, name, wave),
            Effect::DeleteJob(name) => world.jobs.retain(|job| job.name != *name),
            Effect::Finalizer(present) => world.set_finalizer(*present),
        }
        End::Done(None)
    }

    fn create_job(state: &mut State, name: &str, wave: Option<u8>) -> End {
        let created = || Some(Outcome::RunStarted("the uid".to_owned()));
        // The one that is there was made by a pass that ended before it was written down.
        let (Some(wave), false) = (wave, state.world.jobs.iter().any(|job| job.name == name)) else {
            return End::Done(created());
        };
        if state.world.jobs.iter().any(|job| matches!(job.state, JobState::Running | JobState::Set)) {
            state.broken = state.broken.or(Some(Broken::TwoScripts));
        }
        state.world.jobs.push(Job { name: name.to_owned(), wave, state: JobState::Running });
        state.world.jobs.sort();
        if state.started.iter().any(|(started, _)| started == name) {
            state.broken = state.broken.or(Some(Broken::RanTwice));
        } else {
            state.started.push((name.to_owned(), wave));
            state.started.sort();
        }
        End::Done(created())
    }

    /// Whether the cluster has that component.
    pub fn has(&self, component: Component) -> bool {
        self.rules.replicas(component) > 0
    }
}
