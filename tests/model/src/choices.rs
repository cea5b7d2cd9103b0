//! What people ask of a wave: annotations whose value is the wave's id.

use crate::{
    model::{Happening, Rollout, State},
    status::Known,
};
use hookgate_api::annotations;

/// What people may ask of a wave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Choice {
    /// Another try of a wave that has failed, or that was aborted.
    Retry,
    /// No pod goes for the time being.
    Pause,
    /// The gate that the wave waits at doesn't count.
    SkipGate,
    /// What was there before comes back.
    Abort,
    /// On after the first pod.
    Continue,
    /// Everything that is held is given back, and stays so.
    Release,
}

impl Choice {
    /// Every choice.
    pub const ALL: [Self; 6] =
        [Self::Retry, Self::Pause, Self::SkipGate, Self::Abort, Self::Continue, Self::Release];

    /// The annotation.
    pub const fn annotation(self) -> &'static str {
        match self {
            Self::Retry => annotations::RETRY,
            Self::Pause => annotations::PAUSED,
            Self::SkipGate => annotations::SKIP_GATE,
            Self::Abort => annotations::ABORT,
            Self::Continue => annotations::CONTINUE,
            Self::Release => annotations::RELEASE,
        }
    }

    /// The wave that it could be about in a status; `None` where it would mean nothing.
    fn about(self, known: &Known) -> Option<u8> {
        let wave = known.wave;
        match self {
            Self::Retry if known.failed => wave,
            Self::Retry => known.aborted.filter(|_| wave.is_none()),
            Self::Pause | Self::Continue | Self::Release => wave,
            Self::SkipGate => wave.filter(|_| known.waits_at_gate),
            Self::Abort => wave.filter(|_| known.aborted.is_none()),
        }
    }

    /// Whether it lasts until it's taken back.
    const fn lasts(self) -> bool {
        matches!(self, Self::Pause | Self::Release)
    }
}

/// For each of [`Choice::ALL`] the number of the wave that it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Asked([Option<u8>; Choice::ALL.len()]);

impl Asked {
    /// The wave that a choice names.
    pub const fn of(self, choice: Choice) -> Option<u8> {
        self.0[choice as usize]
    }

    /// Whether a choice names that wave.
    pub fn names(self, choice: Choice, wave: Option<u8>) -> bool {
        wave.is_some() && self.of(choice) == wave
    }

    /// Has a choice name that wave, or none.
    pub const fn set(&mut self, choice: Choice, wave: Option<u8>) {
        self.0[choice as usize] = wave;
    }

    /// Every choice that names a wave.
    pub fn each(self) -> impl Iterator<Item = (Choice, u8)> {
        Choice::ALL.into_iter().filter_map(move |choice| Some((choice, self.of(choice)?)))
    }
}

impl Rollout {
    /// What people may do at this moment. Another try is asked for any number of times.
    pub fn choices(&self, state: &State) -> Vec<Happening> {
        let known = self.plans.statuses.get(state.world.status);
        let mut happenings = Vec::new();
        for choice in Choice::ALL {
            let may = choice == Choice::Retry
                || (state.left.choices > 0 && self.rules.scenario.choices.contains(&choice));
            let about = choice.about(&known);
            if may && about.is_some() && state.world.asked.of(choice) != about {
                happenings.push(Happening::Asks(choice));
            }
            if choice.lasts() && state.world.asked.names(choice, known.wave) {
                happenings.push(Happening::TakesBack(choice));
            }
        }
        happenings
    }

    /// People ask for something.
    pub fn ask(&self, state: &mut State, choice: Choice) {
        let about = choice.about(&self.plans.statuses.get(state.world.status));
        if choice != Choice::Retry {
            state.left.choices -= 1;
        }
        state.world.asked.set(choice, about);
        Self::changed(state);
    }

    /// People take back what they asked for.
    pub fn take_back(state: &mut State, choice: Choice) {
        state.world.asked.set(choice, None);
        Self::changed(state);
    }
}
