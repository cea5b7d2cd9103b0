//! What the database is to be asked beside its settings and members.

use super::wave::current;
use crate::observation::{Observation, Questions, Touched};
use hookgate_api::{
    StarRocksCluster,
    gate::GateCheck,
    hooks::{HELD_SETTINGS, may_be_held},
    status::UpgradePhase,
};
use std::collections::BTreeSet;

/// The settings that every FE is asked for: those that an upgrade holds, and those that hooks may change.
#[must_use]
pub fn settings_to_read(observation: &Observation) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = HELD_SETTINGS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let status = observation.cluster.status.iter();
    names.extend(status.flat_map(|status| &status.held_settings).map(|held| held.name.clone()));
    let policy = &observation.policy;
    let touched = policy.script_settings.values().chain(policy.statement_settings.values());
    names.extend(touched.flat_map(Touched::names));
    names.retain(|name| may_be_held(name));
    names
}

/// What the next pass will want to know of this cluster's database.
#[must_use]
pub fn questions(cluster: &StarRocksCluster) -> Questions {
    let wave = cluster.status.as_ref().and_then(|status| status.wave.as_ref());
    let Some(wave) = wave else { return Questions::default() };
    let Some(step) = current(wave).and_then(|index| wave.components.get(index)) else {
        return Questions::default();
    };
    let checks_tablets = cluster.spec.rollout_gate(step.component).check() == Some(GateCheck::Tablets);
    let rolls = matches!(step.phase, UpgradePhase::Ready | UpgradePhase::Rolling);
    Questions {
        tablets: checks_tablets && rolls,
        single_replica_tables: step.phase == UpgradePhase::Detected && !wave.preflight.tables_read,
    }
}
