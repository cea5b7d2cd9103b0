//! Random walks through worlds that are too large to be explored to their end.

use crate::{
    Happening, Rollout, State,
    pass::{Pass, WHOLE},
    world::Life,
};
use stateright::Model;

/// Numbers that a seed repeats (SplitMix64).
pub struct Seeded(u64);

impl Seeded {
    /// Numbers of that seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which isn't 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).unwrap_or(0)
    }
}

/// How a walk ended.
pub struct Walk {
    /// Every step, and the state after it.
    pub steps: Vec<(Option<Happening>, State)>,
    /// What was broken.
    pub broken: Option<String>,
}

/// Walks until nothing is left to happen, or for so many steps.
pub fn walk(model: &Rollout, numbers: &mut Seeded, most: usize) -> Walk {
    let starts = model.init_states();
    let mut state = starts[numbers.below(starts.len())].clone();
    let mut steps = vec![(None, state.clone())];
    let mut broken = None;
    for _ in 0..most {
        broken = wrong(model, &state);
        let mut happenings = Vec::new();
        model.actions(&state, &mut happenings);
        if broken.is_some() || happenings.is_empty() {
            break;
        }
        let happening = pick(model, &state, &happenings, numbers);
        let Some(next) = model.next_state(&state, happening) else { continue };
        state = next;
        steps.push((Some(happening), state.clone()));
    }
    Walk { steps, broken: broken.or_else(|| wrong(model, &state)) }
}

fn wrong(model: &Rollout, state: &State) -> Option<String> {
    let broken = state.broken.map(|broken| format!("{broken:?}"));
    broken.or_else(|| model.ends_well(state).err())
}

/// What goes on by itself is likelier than what goes wrong, or no walk would come to the end of a wave.
fn pick(model: &Rollout, state: &State, happenings: &[Happening], numbers: &mut Seeded) -> Happening {
    let all_is_well = state.world.pods.iter().all(|pod| pod.life == Life::Serving);
    let weight = |happening: &Happening| match happening {
        Happening::Change(_) => 20,
        Happening::Pass(pass) if Pass { done: 0, ..*pass } == WHOLE => 10,
        Happening::Spec(_) if all_is_well && model.plans.statuses.get(state.world.status).wave.is_none() => {
            10
        }
        Happening::GoOn => 3,
        _ => 1,
    };
    let mut place = numbers.below(happenings.iter().map(weight).sum());
    for happening in happenings {
        match place.checked_sub(weight(happening)) {
            Some(rest) => place = rest,
            None => return *happening,
        }
    }
    happenings[0]
}
