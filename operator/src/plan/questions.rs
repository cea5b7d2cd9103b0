//! What the database is to be asked beside its settings and members.

use super::wave::current;
use crate::observation::Questions;
use hookgate_api::{StarRocksCluster, gate::GateCheck, status::UpgradePhase};

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
