//! The deprecated annotations `starrocks.com/prepare-upgrade` and `starrocks.com/upgrade-hooks`: a request for the hooks of
//! the next upgrade, and of no other. The spec isn't rewritten; it is judged as if it had these hooks as well.

use crate::observation::Observation;
use hookgate_api::{
    Component, StarRocksCluster, StarRocksClusterStatus, annotations,
    hooks::{PredefinedHook, UpgradeHooks},
    status::{Direction, Wave},
    validate::Violation,
};
use std::borrow::Cow;

/// What the annotations ask for at this moment, in the words that they have; empty when they ask for nothing.
fn asked(cluster: &StarRocksCluster) -> Vec<String> {
    annotations::requested_hooks(|name| cluster.metadata.annotations.as_ref()?.get(name).map(String::as_str))
}

/// What the next upgrade is to have: what is asked for, and no upgrade has had yet.
fn pending(cluster: &StarRocksCluster) -> Vec<String> {
    let asked = asked(cluster);
    let honoured = cluster.status.as_ref().is_some_and(|status| status.honoured_hook_request == asked);
    if honoured { Vec::new() } else { asked }
}

fn wave(cluster: &StarRocksCluster) -> Option<&Wave> {
    cluster.status.as_ref()?.wave.as_ref()
}

/// What a wave that begins at this moment is to have.
pub(super) fn of_new_wave(cluster: &StarRocksCluster, direction: Direction) -> Vec<String> {
    if direction == Direction::Upgrade { pending(cluster) } else { Vec::new() }
}

/// A name that is no predefined hook, as long as a wave could begin with it.
pub(super) fn violations(cluster: &StarRocksCluster) -> Vec<Violation> {
    if wave(cluster).is_some() {
        return Vec::new();
    }
    let unknown = pending(cluster).into_iter().filter_map(|name| name.parse::<PredefinedHook>().err());
    let violation = |error: hookgate_api::hooks::UnknownHook| Violation {
        path: format!("annotation {}", annotations::UPGRADE_HOOKS),
        message: format!(
            "{error}; the annotation is deprecated: take it away, and write the hooks into the spec"
        ),
    };
    unknown.map(violation).collect()
}

/// The same with the requested hooks in the spec: those of the wave in flight, or of the one that could begin.
pub(super) fn effective(observation: &Observation) -> Cow<'_, Observation> {
    let cluster = &observation.cluster;
    let names = wave(cluster).map_or_else(|| pending(cluster), |wave| wave.requested_hooks.clone());
    if names.is_empty() {
        return Cow::Borrowed(observation);
    }
    let mut effective = observation.clone();
    for component in Component::ALL {
        let Some(server) = effective.cluster.spec.server_mut(component) else { continue };
        let hooks = server.upgrade_hooks.get_or_insert_with(UpgradeHooks::default);
        let missing = names.iter().filter(|name| !hooks.predefined.contains(name)).cloned();
        let missing: Vec<_> = missing.collect();
        hooks.predefined.extend(missing);
    }
    Cow::Owned(effective)
}

/// Writes down that a wave has the request, so that no other gets it; forgets what is no longer asked for.
pub(super) fn note(cluster: &StarRocksCluster, status: &mut StarRocksClusterStatus) {
    if status.honoured_hook_request != asked(cluster) {
        status.honoured_hook_request.clear();
    }
    let begun = status.wave.as_ref().filter(|_| wave(cluster).is_none());
    if let Some(wave) = begun.filter(|wave| !wave.requested_hooks.is_empty()) {
        status.honoured_hook_request.clone_from(&wave.requested_hooks);
    }
}

/// What is said of a wave that has a request.
pub(super) fn words(wave: &Wave) -> Option<String> {
    let names = &wave.requested_hooks;
    (!names.is_empty()).then(|| {
        format!(
            "wave {} has the hooks of the deprecated annotations {} and {}, and no other wave will: {}",
            wave.id,
            annotations::PREPARE_UPGRADE,
            annotations::UPGRADE_HOOKS,
            annotations::instead_of_request(names)
        )
    })
}
