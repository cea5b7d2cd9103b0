//! On which occasions hooks run and settings are held.

use crate::plan::View;
use hookgate_api::{
    Component,
    hooks::HookOccasion,
    status::{Direction, Trigger, Wave},
};

/// Which way a wave goes, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) struct Course {
    /// Which way.
    pub direction: Direction,
    /// What it began with.
    pub trigger: Trigger,
}

impl Course {
    /// That of a wave.
    pub(in crate::plan) const fn of(wave: &Wave) -> Self {
        Self { direction: wave.direction, trigger: wave.trigger }
    }

    /// Whether the hooks of a component run: for upgrades; where the component says so for the others too, but never on
    /// the way back, which no failing hook must hold up.
    pub(in crate::plan) fn runs_hooks(self, view: &View<'_>, component: Component) -> bool {
        let hooks = view.observation.cluster.spec.upgrade_hooks(component);
        let always = hooks.and_then(|hooks| hooks.when()) == Some(HookOccasion::Always);
        !self.goes_back() && (self.direction == Direction::Upgrade || always)
    }

    /// Whether the preparation of the whole cluster runs: for upgrades, and never on the way back.
    pub(in crate::plan) fn runs_preparation(self) -> bool {
        !self.goes_back() && self.direction == Direction::Upgrade
    }

    /// Whether it's the way back to what ran before a wave. That of a downgrade goes up.
    pub(in crate::plan) const fn goes_back(self) -> bool {
        matches!(self.trigger, Trigger::Rollback | Trigger::Abort)
    }
}

/// Whether the hooks of any component of a wave run.
pub(in crate::plan) fn any_runs_hooks(view: &View<'_>, wave: &Wave) -> bool {
    let course = Course::of(wave);
    wave.components.iter().any(|step| course.runs_hooks(view, step.component))
}
