//! The model: states, what can happen in each, and what must never be.

use crate::{
    choices::Choice,
    fair::Fair,
    gates::{self, Broken},
    pass::Pass,
    plans::{Effect, Plans},
    scenario::{Limits, Rules, Scenario},
    status::{Later, StatusId},
    world::{Change, Deletion, Fault, JobState, World},
};
use hookgate_api::StarRocksClusterStatus;
use stateright::{Model, Property};

/// A world, what is held up in it, and what may still go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// What is true.
    pub world: World,
    /// A pass that has begun and not ended.
    pub held_up: Option<Box<HeldUp>>,
    /// A statement that an operator sent before it died, and that no FE has executed yet.
    pub under_way: Option<Statement>,
    /// What may still go wrong.
    pub left: Limits,
    /// The pods that the operator let go while they worked, and that have not been back since; as bits.
    pub away: u16,
    /// Whether a person changed a setting.
    pub person: bool,
    /// The Jobs of hooks that were ever started, as long as their wave is remembered: name and wave.
    pub started: Vec<(String, u8)>,
    /// A rule that was broken on the way here.
    pub broken: Option<Broken>,
}

/// `ADMIN SET FRONTEND CONFIG`, sent to one FE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// The FE.
    pub pod: u8,
    /// Its uid; a pod that has come back has another address.
    pub uid: u8,
    /// The setting.
    pub setting: u8,
    /// The value.
    pub value: u8,
}

/// A pass that is held up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HeldUp {
    /// How it goes on.
    pub next: Next,
    /// Whether another operator has made a pass since.
    pub replaced: bool,
    /// Whether the cluster has another resourceVersion since.
    pub changed: bool,
}

/// How a pass goes on that is held up. Nothing is kept that it doesn't stand on, so that many passes are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// It asks the database, beside what it has read of the API server.
    Ask(World),
    /// It does what it has decided.
    Do(Decided),
}

/// What a pass has decided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decided {
    /// The status that it writes, where that isn't the one that it has read.
    pub write: Option<StatusId>,
    /// What it does then.
    pub effects: Vec<Effect>,
    /// The number of the wave that it has read.
    pub wave: Option<u8>,
    /// Of which pods, and settings, it has seen that a person has set them; as bits, four for each pod.
    pub theirs: u32,
}

/// Where a pass is held up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Point {
    /// It has read the API server, and not yet the database.
    Reading,
    /// It has read everything, and written nothing.
    Read,
    /// It has written the status, and done nothing.
    Written,
}

/// Something that can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Happening {
    /// A pass of the operator.
    Pass(Pass),
    /// A pass begins and is held up.
    HoldUp(Point),
    /// The pass that was held up goes on.
    GoOn,
    /// The statement that was under way is executed.
    Lands,
    /// Something happens by itself.
    Change(Change),
    /// Something goes wrong.
    Fault(Fault),
    /// A Job fails.
    Fails(u8),
    /// Time goes by until every deadline is over.
    Time,
    /// The user changes the spec.
    Spec(u8),
    /// People ask something of a wave.
    Asks(Choice),
    /// People take back what they asked.
    TakesBack(Choice),
    /// People delete the cluster.
    Delete,
}

/// The model.
pub struct Rollout {
    /// What is explored.
    pub rules: Rules,
    /// What `plan` said.
    pub plans: Plans,
    /// Where runs without faults lead.
    pub fair: Fair,
    /// The status before anything has happened.
    pub(crate) idle: StatusId,
}

impl Rollout {
    /// The model of a scenario.
    pub fn new(scenario: Scenario) -> Self {
        let rules = Rules::new(scenario);
        let plans = Plans::new(&rules);
        let idle = plans.statuses.add(&StarRocksClusterStatus::default());
        Self { plans, rules, fair: Fair::default(), idle }
    }

    /// The numbers of waves that anybody in this state remembers, as bits.
    pub fn taken(&self, state: &State) -> u32 {
        let held_up = state.held_up.as_ref().map_or(0, |held_up| self.waves_of(&held_up.next));
        held_up | state.started.iter().fold(0, |bits, (_, wave)| bits | 1 << wave)
    }

    fn spec_changes(&self, state: &State) -> impl Iterator<Item = Happening> {
        let specs = u8::try_from(self.rules.specs.len()).unwrap_or(u8::MAX);
        let present = state.world.spec;
        let left = state.left.spec_changes > 0;
        (0..specs).filter(move |spec| left && *spec != present).map(Happening::Spec)
    }

    /// After each thing that happened: what is over is forgotten.
    fn tidy(&self, state: &mut State) {
        if state.world.deletion == Deletion::Gone {
            // Nobody is there to give anything back any more.
            let switched_off = self.originals(state).is_err() && !state.person;
            state.broken = state.broken.or(switched_off.then_some(Broken::GoneTooSoon));
            return;
        }
        for (place, pod) in state.world.pods.iter().enumerate() {
            if pod.life == crate::world::Life::Serving {
                state.away &= !(1 << place);
            }
        }
        self.drop_void(state);
        let mut remembered = self.plans.waves_in_use(&state.world);
        if let Some(held_up) = &state.held_up {
            remembered |= self.waves_of(&held_up.next);
        }
        // What people asked of a wave that is over means nothing, and its id never comes back.
        for (choice, wave) in state.world.asked.each() {
            if remembered & (1 << wave) == 0 {
                state.world.asked.set(choice, None);
            }
        }
        state.started.retain(|(_, wave)| remembered & (1 << wave) != 0);
        let status = &self.plans.statuses.get(state.world.status).status;
        if state.broken.is_none() && !gates::remembers(&self.rules, &state.world, status) {
            state.broken = Some(Broken::NotRemembered);
        }
    }
}

impl Model for Rollout {
    type State = State;
    type Action = Happening;

    fn init_states(&self) -> Vec<State> {
        let idle = World::idle(&self.rules, self.idle);
        let starts = 1..=self.rules.scenario.starts;
        let state = |spec: usize| State {
            world: World { spec: u8::try_from(spec).unwrap_or(0), ..idle.clone() },
            held_up: None,
            under_way: None,
            left: self.rules.scenario.limits,
            away: 0,
            person: false,
            started: Vec::new(),
            broken: None,
        };
        starts.map(state).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Happening>) {
        if state.broken.is_some() || state.world.deletion == Deletion::Gone {
            return;
        }
        let planned = self.plans.of(&self.rules, &state.world, self.taken(state));
        actions.extend(self.passes(state, &planned).into_iter().map(Happening::Pass));
        let does = planned.status != state.world.status || !planned.effects.is_empty();
        match &state.held_up {
            None if state.left.held_up > 0 && does => {
                actions.extend([Happening::HoldUp(Point::Reading), Happening::HoldUp(Point::Read)]);
                if !planned.effects.is_empty() && planned.status != state.world.status {
                    actions.push(Happening::HoldUp(Point::Written));
                }
            }
            None => {}
            Some(_) => actions.push(Happening::GoOn),
        }
        actions.extend(state.world.changes(&self.rules).into_iter().map(Happening::Change));
        if state.left.faults > 0 {
            actions.extend(state.world.faults(&self.rules).into_iter().map(Happening::Fault));
        }
        for (place, job) in state.world.jobs.iter().enumerate() {
            if state.left.failing_jobs > 0 && matches!(job.state, JobState::Running | JobState::Set) {
                actions.push(Happening::Fails(u8::try_from(place).unwrap_or(u8::MAX)));
            }
        }
        let known = self.plans.statuses.get(state.world.status);
        let waits = state.under_way.is_some() || state.world.deletion == Deletion::Asked;
        if known.later != Later::Same || waits {
            actions.push(Happening::Time);
        }
        actions.extend(state.under_way.map(|_| Happening::Lands));
        actions.extend(self.spec_changes(state));
        actions.extend(self.choices(state));
        let may_delete = self.rules.scenario.deletes && state.left.choices > 0;
        if may_delete && state.world.deletion == Deletion::No {
            actions.push(Happening::Delete);
        }
    }

    fn next_state(&self, state: &State, action: Happening) -> Option<State> {
        let mut next = state.clone();
        match action {
            Happening::Pass(pass) => self.pass(&mut next, pass),
            Happening::HoldUp(point) => self.hold_up(&mut next, point),
            Happening::GoOn => self.go_on(&mut next),
            Happening::Change(change) => {
                let fresh = |world: &World, pod| self.fresh_uid(state, world, pod);
                next.world.change(&self.rules, change, fresh);
            }
            Happening::Fault(fault) => {
                next.left.faults -= 1;
                next.person |= matches!(fault, Fault::Person { .. });
                let script =
                    !state.world.jobs.is_empty() || self.plans.statuses.get(state.world.status).script_runs;
                let fresh = |world: &World, pod| self.fresh_restarts(state, world, pod);
                next.world.fault(&self.rules, fault, script, fresh);
            }
            Happening::Fails(job) => {
                next.left.failing_jobs -= 1;
                next.world.jobs[usize::from(job)].state = JobState::Failed;
            }
            Happening::Lands => self.lands(&mut next),
            Happening::Time => {
                // Its time limit is over, and so is the lease that it was sent under.
                next.under_way = None;
                if next.world.deletion == Deletion::Asked {
                    next.world.deletion = Deletion::LongAgo;
                }
                if let Later::Other(later) = self.plans.statuses.get(state.world.status).later {
                    next.world.status = later;
                }
            }
            Happening::Spec(spec) => {
                next.left.spec_changes -= 1;
                next.world.spec = spec;
                Self::changed(&mut next);
            }
            Happening::Delete => {
                next.left.choices -= 1;
                next.world.deletion = if next.world.finalizer { Deletion::Asked } else { Deletion::Gone };
                Self::changed(&mut next);
            }
            Happening::Asks(choice) => self.ask(&mut next, choice),
            Happening::TakesBack(choice) => Self::take_back(&mut next, choice),
        }
        self.tidy(&mut next);
        (next != *state).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        macro_rules! never {
            ($name:literal, $broken:ident) => {
                Property::always($name, |_, state: &State| state.broken != Some(Broken::$broken))
            };
        }
        vec![
            never!("no effect without its intent in the status just read", NotWrittenDown),
            never!("BE, CN, FE in an upgrade, FE, BE, CN in a downgrade", Order),
            never!("a pod goes only when every other is ready and Alive", PeersNotReady),
            never!("a pod goes only when the controller has seen every StatefulSet", NotObserved),
            never!("a pod goes only when its settings are held on every FE that is Alive", NotHeld),
            never!("a pod goes only when its component's script has succeeded", HookNotSucceeded),
            never!(
                "a script starts only before its component's pods go or after they are back",
                HookOutOfTurn
            ),
            never!("a pod goes only when people let it", Unasked),
            never!("never two pods, so never two components, at once", TwoAtOnce),
            never!("an original is never overwritten", OriginalLost),
            never!(
                "nothing is switched off while the cluster can be gone without its being given back",
                NoFinalizer
            ),
            never!("nothing is switched off that isn't written down", NotRemembered),
            never!(
                "a cluster isn't gone before everything is given back, unless it has waited for long",
                GoneTooSoon
            ),
            never!("no attempt of a hook runs twice", RanTwice),
            never!("never two scripts at once", TwoScripts),
            never!("an operator that was replaced does nothing", NotFenced),
            never!("what only people read decides nothing", WordsDecide),
            Property::always(
                "a run without faults ends the wave, with every setting at its original",
                |model: &Self, state: &State| state.broken.is_some() || model.ends_well(state).is_ok(),
            ),
        ]
    }
}

impl Limits {
    /// No faults at all.
    pub const NONE: Self = Self { spec_changes: 0, held_up: 0, faults: 0, failing_jobs: 0, choices: 0 };
}
