//! `hookgate.dev/skip-gate`: the audited way past a gate.
//!
//! One annotation opens one gate: the one that the wave waits at when the annotation is seen. For another gate it has to
//! be taken away and set once more. So one that is left in place doesn't open every gate there is.

use crate::plan::View;
use hookgate_api::{
    StarRocksCluster, annotations,
    status::{SkippedGate, Wave},
};
use kube::ResourceExt;

/// How many skipped gates a wave remembers.
const REMEMBERED: usize = 16;

/// The gate that the status has as skipped, as long as the annotation names the wave.
pub(in crate::plan) fn skipping(cluster: &StarRocksCluster) -> Option<&str> {
    let wave = cluster.status.as_ref()?.wave.as_ref()?;
    is_asked_for(cluster, wave).then_some(wave.skipping.as_deref()?)
}

fn is_asked_for(cluster: &StarRocksCluster, wave: &Wave) -> bool {
    cluster.annotations().get(annotations::SKIP_GATE) == Some(&wave.id)
}

/// Writes down which gate the annotation opens; an annotation that is gone opens none.
pub(super) fn note(view: &View<'_>, wave: &mut Wave) {
    if !is_asked_for(&view.observation.cluster, wave) {
        wave.skipping = None;
        return;
    }
    if wave.skipping.is_some() {
        return;
    }
    let Some((gate, message)) =
        wave.waiting_for.as_ref().and_then(|waiting| Some((waiting.gate.clone()?, waiting.message.clone())))
    else {
        return;
    };
    wave.skipping = Some(gate.clone());
    wave.skipped_gates.push(SkippedGate { gate, message, at: view.time() });
    let superfluous = wave.skipped_gates.len().saturating_sub(REMEMBERED);
    wave.skipped_gates.drain(..superfluous);
}
