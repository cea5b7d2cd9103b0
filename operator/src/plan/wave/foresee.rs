//! What a wave that has not begun would wait for, as far as that is known before.

use super::{preflight, steer};
use crate::plan::{View, readiness};
use hookgate_api::{Component, status::Wave};

/// The window that is closed, and what the database lacks before a server may go, each with the way out.
pub(in crate::plan) fn waits(view: &View<'_>, wave: &Wave) -> Vec<String> {
    let window = steer::within_window(view, wave).err();
    let has_fe = wave.components.iter().any(|step| step.component == Component::Fe);
    let database = wave.components.first().and_then(|first| {
        let members = readiness::members(view).ok()?;
        preflight::facts(view, members, first.component, has_fe).err()
    });
    window.into_iter().chain(database).map(|wait| wait.message).collect()
}
