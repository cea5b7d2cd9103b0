//! How a live StatefulSet stands to what the spec renders to, and whose doing a difference is.

use super::{Desired, View};
use crate::observation::Observation;
use hookgate_api::{Component, StarRocksCluster, annotations};
use kube::ResourceExt;

/// The version of the rendering. It rises whenever a spec that was rendered before renders to something else, so that
/// people can say which rendering they agree to have their pods restarted for.
pub const RENDER_VERSION: &str = "1";

/// How a live StatefulSet differs from the rendered one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// Not at all.
    Same,
    /// What the user wrote has changed, and renders to the same: only the note of it is old.
    InputsOnly,
    /// This version of Hookgate renders differently what the user hasn't changed. That restarts nobody by itself.
    Rendering,
    /// The user has changed something, or has agreed to the rendering.
    Change,
    /// Another operator made it, and nobody has said that this one is to take over.
    Foreign,
}

/// The difference of a component that exists and that the spec has.
pub(super) fn difference(view: &View<'_>, component: Component) -> Option<Difference> {
    of(view.desired, view.observation, component)
}

/// The same, of what was rendered and what is there.
pub(super) fn of(desired: &Desired, observation: &Observation, component: Component) -> Option<Difference> {
    let live = observation.component(component).statefulset.as_ref()?;
    let rendered = desired.statefulset(component)?;
    let hashes = (rendered.hash(), rendered.inputs());
    Some(compare(&observation.cluster, live.rendered_hash.as_deref(), live.inputs_hash.as_deref(), hashes))
}

/// The difference of an object by the hashes that it carries, and by those of what it is to be: of what is rendered, and
/// of what the user wrote.
pub(super) fn compare(
    cluster: &StarRocksCluster,
    known: Option<&str>,
    inputs: Option<&str>,
    (rendered_hash, rendered_inputs): (&str, &str),
) -> Difference {
    let annotations = cluster.annotations();
    let Some(known) = known else {
        return if is_adopted(cluster) { Difference::Change } else { Difference::Foreign };
    };
    // An object from before inputs were noted was rendered as it would be today.
    let same_inputs = inputs.map(|inputs| inputs == rendered_inputs);
    let agreed = annotations.get(annotations::APPLY_RENDERING).is_some_and(|value| value == RENDER_VERSION);
    match (known == rendered_hash, same_inputs) {
        (true, Some(false)) => Difference::InputsOnly,
        (true, _) => Difference::Same,
        (false, Some(true)) if !agreed => Difference::Rendering,
        (false, _) => Difference::Change,
    }
}

/// Whether the user has said that what another operator made is to be taken over.
pub(crate) fn is_adopted(cluster: &StarRocksCluster) -> bool {
    let uid = cluster.uid();
    uid.is_some() && cluster.annotations().get(annotations::ADOPT) == uid.as_ref()
}

/// The components whose pods run what an earlier version of Hookgate rendered.
pub(super) fn waiting_for_user(view: &View<'_>) -> Vec<Component> {
    let waits = |component: &Component| difference(view, *component) == Some(Difference::Rendering);
    Component::ALL.into_iter().filter(waits).collect()
}

/// The components that another operator made and that are left alone.
pub(super) fn foreign(view: &View<'_>) -> Vec<Component> {
    let live = |component: &Component| {
        let set = view.observation.component(*component).statefulset.as_ref();
        // A component that the spec has no more is looked at as well: it isn't ours to delete.
        set.is_some_and(|set| set.rendered_hash.is_none())
            && difference(view, *component).is_none_or(|difference| difference == Difference::Foreign)
    };
    Component::ALL.into_iter().filter(live).collect()
}

/// That an object is in another operator's hands, what is spared for it, and how it's taken over.
pub(super) fn managed_by_another(view: &View<'_>, object: &str, managers: &[String], spared: &str) -> String {
    let managers = managers.join(", ");
    let who = if managers.is_empty() { String::new() } else { format!(" ({managers})") };
    let cluster = &view.observation.cluster;
    format!(
        "{object} is managed by another operator{who}, and {spared}. Stop that operator, then: kubectl annotate src {} \
         {}={}",
        cluster.name_any(),
        annotations::ADOPT,
        cluster.uid().unwrap_or_default()
    )
}
