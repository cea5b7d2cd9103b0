//! `hookgate.dev/abort`: what a wave has changed goes back to what it was, though the spec asks for something else.
//!
//! The spec is the user's and stays as it is. So for as long as it asks for the same, the components of the wave have
//! as their target what they ran before; a change of the spec, or the annotation `hookgate.dev/retry` with the id of
//! the aborted wave, ends that.

use super::{Step, Wait};
use crate::{
    observation::Observation,
    plan::{Desired, View},
};
use hookgate_api::{
    Component, StarRocksCluster, StarRocksClusterStatus, annotations,
    status::{Aborted, AbortedComponent, Origin, Trigger, Wave, WaveComponent},
};
use kube::ResourceExt;

/// The revisions whose templates are needed: those from before a wave that is aborted, or was.
#[must_use]
pub fn revisions_to_read(cluster: &StarRocksCluster) -> Vec<(Component, String)> {
    let Some(status) = cluster.status.as_ref() else { return Vec::new() };
    if let Some(aborted) = &status.aborted {
        let revisions = aborted.components.iter();
        return revisions.map(|one| (one.component, one.revision.clone())).collect();
    }
    let wave = status.wave.as_ref().filter(|wave| is_asked_for(cluster, wave));
    let origins = wave.into_iter().flat_map(Wave::all_origins);
    origins.map(|origin| (origin.component, origin.revision)).collect()
}

fn is_asked_for(cluster: &StarRocksCluster, wave: &Wave) -> bool {
    cluster.annotations().get(annotations::ABORT) == Some(&wave.id)
}

/// The aborted wave, as long as the spec asks for what it asked for then.
pub(in crate::plan) fn in_force<'a>(
    cluster: &'a StarRocksCluster,
    from_spec: &Desired,
) -> Option<&'a Aborted> {
    let aborted = cluster.status.as_ref()?.aborted.as_ref()?;
    let again = cluster.annotations().get(annotations::RETRY) == Some(&aborted.wave);
    let unchanged = aborted.components.iter().all(|one| {
        from_spec.statefulset(one.component).is_some_and(|rendered| rendered.inputs() == one.inputs)
    });
    (unchanged && !again).then_some(aborted)
}

/// What the objects are to be while an aborted wave is in force.
///
/// # Errors
/// The revision that is gone, without which nothing can go back.
pub(in crate::plan) fn targets(
    from_spec: &Desired,
    observation: &Observation,
    aborted: &Aborted,
) -> Result<Desired, String> {
    let mut desired = from_spec.clone();
    for one in &aborted.components {
        let Some(rendered) = from_spec.statefulset(one.component) else { continue };
        let template = observation.previous.get(&one.component).ok_or_else(|| gone(&one.revision))?;
        let live = observation.component(one.component).statefulset.as_ref();
        let is_back = live.filter(|live| live.rendered_hash.as_ref() == Some(&one.target));
        // Not the spec's: the spec is another change as soon as it counts again.
        let inputs =
            is_back.and_then(|live| live.inputs_hash.clone()).unwrap_or_else(|| "aborted".to_owned());
        desired.replace(one.component, rendered.reverted(template, &one.target, inputs));
    }
    Ok(desired)
}

fn gone(revision: &str) -> String {
    format!("the revision {revision} can't be read any more: go back by setting the images in the spec")
}

/// Writes down that the wave is aborted, or that an aborted one is in force no longer.
pub(super) fn note(view: &View<'_>, wave: &mut Wave, status: &mut StarRocksClusterStatus) -> Step {
    if status.aborted.is_some() || !is_asked_for(&view.observation.cluster, wave) {
        return Ok(());
    }
    let unread = |origin: &Origin| !view.observation.previous.contains_key(&origin.component);
    let no_way = |origin: &Origin| unread(origin) || has_no_way_back(wave, origin);
    if let Some(origin) = origins(view, wave).find(no_way) {
        return Err(Wait::new("AbortImpossible", gone(&origin.revision)));
    }
    abort(view, wave, "", status);
    Ok(())
}

/// Writes down that a wave whose canary failed goes back by itself. Where it can't, its gate stays shut and says so.
pub(super) fn by_itself(view: &View<'_>, wave: &mut Wave, why: &str, status: &mut StarRocksClusterStatus) {
    if origins(view, wave).any(|origin| has_no_way_back(wave, &origin)) {
        return;
    }
    abort(view, wave, why, status);
}

fn abort(view: &View<'_>, wave: &mut Wave, why: &str, status: &mut StarRocksClusterStatus) {
    let known = origins(view, wave).filter(|origin| !origin.target.is_empty());
    let components = known.filter_map(|origin| {
        let inputs = view.desired.statefulset(origin.component)?.inputs().to_owned();
        let Origin { component, image, revision, target } = origin;
        Some(AbortedComponent { component, inputs, target, revision, image })
    });
    let components = components.collect();
    let message = why.to_owned();
    status.aborted = Some(Aborted { wave: wave.id.clone(), at: view.time(), message, components });
    wave.trigger = Trigger::Abort;
}

/// What the components ran that the spec still has.
fn origins(view: &View<'_>, wave: &Wave) -> impl Iterator<Item = Origin> {
    let is_wanted = |origin: &Origin| view.desired.statefulset(origin.component).is_some();
    wave.all_origins().into_iter().filter(is_wanted).collect::<Vec<_>>().into_iter()
}

/// What another operator had made has no target to go back to.
fn has_no_way_back(wave: &Wave, origin: &Origin) -> bool {
    let mut steps = wave.components.iter().filter(|step| step.component == origin.component);
    let is_kept = wave.origins.iter().any(|kept| kept.component == origin.component);
    origin.target.is_empty() && (is_kept || steps.any(WaveComponent::is_touched))
}

/// What the user is told once everything is back.
pub(in crate::plan) fn message(cluster: &StarRocksCluster, aborted: &Aborted) -> String {
    let images: Vec<_> =
        aborted.components.iter().map(|one| format!("{} runs {}", one.component, one.image)).collect();
    let why = if aborted.message.is_empty() {
        "was aborted".to_owned()
    } else {
        format!("went back by itself, for {}", aborted.message)
    };
    format!(
        "wave {wave} {why}: {images}, and the spec asks for something else. Change the spec, or have it tried \
         again: kubectl annotate src {name} --overwrite {retry}={wave}",
        wave = aborted.wave,
        images = images.join(", "),
        name = cluster.name_any(),
        retry = annotations::RETRY,
    )
}
