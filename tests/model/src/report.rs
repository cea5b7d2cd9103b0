//! What a state is, in words.

use crate::{
    gates,
    model::{Decided, HeldUp, Next, Rollout, State},
    world::{Life, World},
};
use hookgate_api::Component;
use std::fmt::Write as _;

impl Rollout {
    /// A world in one line.
    pub fn describe(&self, world: &World) -> String {
        let mut text = format!("spec {}", world.spec);
        for component in Component::ALL.into_iter().filter(|component| self.has(*component)) {
            let set = world.set(component);
            let seen = if set.observed { "" } else { ", not seen" };
            let strategy = gates::strategy(set.strategy);
            let _ = write!(text, " | {component} {} {strategy}{seen}", self.version(component, set.template));
            for pod in self.rules.pods_of(component) {
                let there = world.pods[pod];
                let _ = write!(text, ", {}: {:?}", self.rules.pods[pod].ordinal, there.life);
                if there.life != Life::Absent {
                    let _ = write!(text, " {} u{}", self.version(component, there.template), there.uid);
                }
                if component == Component::Fe {
                    let memory = &there.memory[..self.rules.settings.len()];
                    let leads = world.leader.map(usize::from) == Some(pod);
                    let _ = write!(text, " {memory:?}{}", if leads { " leads" } else { "" });
                }
            }
        }
        for job in &world.jobs {
            let _ = write!(text, " | {} {:?}", job.name, job.state);
        }
        text
    }

    /// A state in a few lines, with its status.
    pub fn describe_state(&self, state: &State) -> String {
        let status = &self.plans.statuses.get(state.world.status).status;
        let json = serde_json::to_string(status).unwrap_or_default();
        let held_up = state.held_up.as_ref().map_or_else(String::new, |held_up| {
            let HeldUp { next, replaced, changed } = held_up.as_ref();
            let next = match next {
                Next::Ask(read) => format!("asks the database; {}", self.describe(read)),
                Next::Do(Decided { write, effects, .. }) => format!("writes {write:?}, does {effects:?}"),
            };
            format!("\n    held up: {next}; replaced {replaced}, changed {changed}")
        });
        format!("{}{held_up}\n    {json}", self.describe(&state.world))
    }

    fn version(&self, component: Component, template: u8) -> String {
        format!("{}#{template}", self.rules.template(component, template).version)
    }
}
