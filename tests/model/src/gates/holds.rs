//! What must be true of held settings.

use crate::{
    model::Statement,
    plans::Effect,
    scenario::{HELD, Rules, index},
    status::uid,
    world::{Life, World},
};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    status::{HeldFrontend, HeldSetting, HoldState},
};

/// Whether an effect switches something off; a script may, that isn't there already.
pub(super) fn holds(
    rules: &Rules,
    database: &World,
    status: &StarRocksClusterStatus,
    effect: &Effect,
) -> bool {
    match effect {
        Effect::Set(Statement { setting, .. }) => {
            let name = rules.settings[usize::from(*setting)].name;
            status.held_settings.iter().any(|held| held.name == name && held.state == HoldState::Held)
        }
        Effect::CreateJob(name) => database.jobs.iter().all(|job| job.name != *name),
        _ => false,
    }
}

/// Whether every FE that is Alive has what the component's hooks ask for, and what the status says is held.
pub(super) fn is_held(
    rules: &Rules,
    world: &World,
    database: &World,
    status: &StarRocksClusterStatus,
    component: Component,
) -> bool {
    let asked = &rules.specs[usize::from(world.spec)].needs[index(component)];
    let frontends = rules.pods_of(Component::Fe).map(|pod| database.pods[pod]);
    let frontends: Vec<_> = frontends.filter(|pod| pod.life == Life::Serving).collect();
    let mut settings = rules.settings.iter().enumerate();
    settings.all(|(place, setting)| {
        let all_have =
            |value: &str| frontends.iter().all(|pod| setting.values[usize::from(pod.memory[place])] == value);
        let mut known = status.held_settings.iter().filter(|held| held.name == setting.name);
        let as_it_says = known.all(|held| held.state != HoldState::Held || all_have(&held.value));
        let is_asked = asked.iter().any(|asked| usize::from(*asked) == place);
        as_it_says && (!is_asked || all_have(setting.values[usize::from(HELD)]))
    })
}

/// Whether the status has the value, and what the setting was on every FE that the value is going to be forwarded to.
pub(super) fn may_set(
    rules: &Rules,
    world: &World,
    database: &World,
    held: &HeldSetting,
    setting: u8,
    value: u8,
) -> bool {
    let values = rules.settings[usize::from(setting)].values;
    let says = |text: &str| text == values[usize::from(value)];
    let right = match held.state {
        HoldState::Held => says(&held.value),
        HoldState::Releasing => held.frontends.iter().any(|fe| says(&fe.original)),
        HoldState::Watched | HoldState::GivenBack => false,
    };
    let mut frontends = rules.pods_of(Component::Fe);
    right
        && frontends.all(|pod| {
            let noted = |fe: &hookgate_api::status::HeldFrontend| {
                let name = &rules.pods[pod].name;
                fe.pod == *name
                    && fe.uid == uid(name, world.pods[pod].uid)
                    && fe.restarts == i32::from(world.pods[pod].restarts)
            };
            // One that came back while the pass was reading is not known to it.
            let known = world.pods[pod].answers() && world.pods[pod].uid == database.pods[pod].uid;
            !known || database.pods[pod].life != Life::Serving || held.frontends.iter().any(noted)
        })
}

/// Whether what was written down about every FE that still runs is written down unchanged, as long as the setting is
/// held. Only what the FE really has may take its place, where that isn't the held value: a person has set it since, or
/// it was given back and is held anew.
pub(super) fn keeps_originals(
    rules: &Rules,
    world: &World,
    database: &World,
    before: &StarRocksClusterStatus,
    after: &StarRocksClusterStatus,
) -> bool {
    before.held_in_force().all(|held| {
        let Some(later) = after.held_settings.iter().find(|later| later.name == held.name) else {
            return true;
        };
        let Some(setting) = rules.settings.iter().position(|setting| setting.name == held.name) else {
            return true;
        };
        held.frontends.iter().all(|known| {
            let place = rules.pods.iter().position(|place| place.name == known.pod).unwrap();
            if !is_incarnation(rules, world, place, known) {
                return true;
            }
            let value = database.pods[place].memory[setting];
            let noted = later.frontends.iter().find(|later| later.pod == known.pod);
            noted.is_none_or(|noted| {
                let is_real =
                    value != HELD && noted.original == rules.settings[setting].values[usize::from(value)];
                noted.original == known.original || is_real
            }) && (noted.is_some() || value != HELD)
        })
    })
}

/// Whether an FE that was written down is the one that runs.
fn is_incarnation(rules: &Rules, world: &World, place: usize, known: &HeldFrontend) -> bool {
    let (name, there) = (&rules.pods[place].name, world.pods[place]);
    there.exists() && known.uid == uid(name, there.uid) && known.restarts == i32::from(there.restarts)
}

/// Whether a setting that isn't what it was is one that the status knows of: nothing is switched off that isn't written
/// down.
pub fn remembers(rules: &Rules, world: &World, status: &StarRocksClusterStatus) -> bool {
    let known =
        |setting: usize| status.held_settings.iter().any(|held| held.name == rules.settings[setting].name);
    let frontends = rules.pods_of(Component::Fe).map(|pod| world.pods[pod]).filter(|pod| pod.exists());
    let mut frontends = frontends.collect::<Vec<_>>().into_iter();
    frontends
        .all(|pod| (0..rules.settings.len()).all(|setting| pod.memory[setting] != HELD || known(setting)))
}
