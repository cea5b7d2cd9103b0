//! `hookgate.dev/skip-gate`: the audited way past a gate.
//!
//! One annotation opens one gate: the one that the wave waits at when the annotation is seen; none, when it waits at none.
//! For another gate it has to be taken away and set once more. So one that is left in place doesn't open every gate there
//! is, and one that was set too early doesn't lie in wait for the first pod that takes a moment.

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
    let gate = wave.skipping.as_deref().filter(|gate| !gate.is_empty())?;
    is_asked_for(cluster, wave).then_some(gate)
}

fn is_asked_for(cluster: &StarRocksCluster, wave: &Wave) -> bool {
    cluster.annotations().get(annotations::SKIP_GATE) == Some(&wave.id)
}

/// What the user is told of an annotation that was set while the wave waited at no gate.
pub(in crate::plan) fn ignored(cluster: &StarRocksCluster, wave: &Wave) -> Option<String> {
    let opens_none = is_asked_for(cluster, wave) && wave.skipping.as_deref() == Some("");
    opens_none.then(|| {
        format!(
            "annotation {skip} does nothing: the wave waited at no gate when it was set, or the spec has asked for something \
             else since. Take it away (kubectl annotate src {name} {skip}-), and set it again when status.wave.waitingFor has \
             a gate",
            skip = annotations::SKIP_GATE,
            name = cluster.name_any(),
        )
    })
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
        wave.skipping = Some(String::new());
        return;
    };
    wave.skipping = Some(gate.clone());
    wave.skipped_gates.push(SkippedGate { gate, message, at: view.time() });
    let superfluous = wave.skipped_gates.len().saturating_sub(REMEMBERED);
    wave.skipped_gates.drain(..superfluous);
}
