//! The FE proxy: the last in every order. It has no hooks, no members in the database and no gate, and so no step in a
//! wave: it waits until there's none.

mod status;

pub(super) use status::{not_adopted, not_ready, summarise};

use super::{
    Action, View,
    difference::{self, Difference, compare, foreign},
    readiness, summary, wave,
};
use hookgate_api::{StarRocksClusterStatus, annotations, names};
use kube::ResourceExt;

/// What people call it.
pub(super) const NAME: &str = "FE proxy";

/// How the live Deployment differs from the rendered one; `None` when one of them isn't there.
pub(super) fn difference(view: &View<'_>) -> Option<Difference> {
    let live = view.observation.proxy.deployment.as_ref()?;
    let rendered = view.desired.proxy()?;
    let hashes = (rendered.hash(), rendered.inputs());
    Some(compare(
        &view.observation.cluster,
        live.rendered_hash.as_deref(),
        live.inputs_hash.as_deref(),
        hashes,
    ))
}

/// Whether another operator made the Deployment, and nobody has said that this one is to take over.
pub(super) fn is_foreign(view: &View<'_>) -> bool {
    let live = view.observation.proxy.deployment.as_ref();
    live.is_some_and(|live| live.rendered_hash.is_none())
        && difference(view).is_none_or(|difference| difference == Difference::Foreign)
}

/// Whether its pods run what an earlier version of Hookgate rendered.
pub(super) fn is_outdated(view: &View<'_>) -> bool {
    difference(view) == Some(Difference::Rendering)
}

/// What brings its objects about, changes them, and takes them away.
pub(super) fn actions(view: &View<'_>, status: &StarRocksClusterStatus) -> Vec<Action> {
    if !foreign(view).is_empty() || is_foreign(view) {
        return Vec::new();
    }
    let observed = &view.observation.proxy;
    let Some(rendered) = view.desired.proxy() else {
        let is_ours = |hash: &Option<String>| hash.as_ref().is_some_and(|hash| !hash.is_empty());
        let exists =
            observed.deployment.is_some() || is_ours(&observed.config_map) || is_ours(&observed.service);
        return if exists { vec![Action::DeleteProxy] } else { Vec::new() };
    };
    let difference = difference(view);
    let is_replaced = matches!(difference, None | Some(Difference::Change));
    let has_to_wait = is_replaced && waits_for(view, status).is_some();
    if has_to_wait && observed.deployment.is_none() {
        return Vec::new();
    }
    let mut actions = Vec::new();
    // A pod that comes up without its configuration waits, or has another: it comes first.
    let wanted = rendered.config_map().annotations().get(annotations::RENDERED_HASH);
    let stays = has_to_wait || difference == Some(Difference::Rendering);
    if observed.config_map.is_none() || (!stays && observed.config_map.as_ref() != wanted) {
        actions.push(Action::ApplyConfigMap(Box::new(rendered.config_map().clone())));
    }
    actions.extend(service(view));
    if (is_replaced && !has_to_wait) || difference == Some(Difference::InputsOnly) {
        actions.push(Action::ApplyDeployment(Box::new(rendered.deployment().clone())));
    } else {
        actions.extend(scaled(view));
    }
    actions
}

/// Its Service, where that isn't as it should be.
fn service(view: &View<'_>) -> Option<Action> {
    let rendered = view.desired.proxy()?.service();
    let wanted = rendered.annotations().get(annotations::RENDERED_HASH);
    (view.observation.proxy.service.as_ref() != wanted)
        .then(|| Action::ApplyService(Box::new(rendered.clone())))
}

/// Another number of pods alone waits for nothing: their template stays as it is.
fn scaled(view: &View<'_>) -> Option<Action> {
    let (live, wanted) = size(view)?;
    (live != wanted).then_some(Action::ScaleProxy(wanted))
}

/// How many pods there are to be: by the live Deployment, and by the spec.
pub(super) fn size(view: &View<'_>) -> Option<(i32, i32)> {
    Some((view.observation.proxy.deployment.as_ref()?.replicas, view.desired.proxy()?.replicas()))
}

/// What has to be over before its pods are made, or replaced; `None` when it's its turn.
pub(super) fn waits_for(view: &View<'_>, status: &StarRocksClusterStatus) -> Option<String> {
    if let Some(wave) = &status.wave {
        return Some(format!("the wave {}: the {NAME} comes last", wave.id));
    }
    if let Some(refused) = summary::refused(view) {
        return Some(format!("the other components: {}", refused.message));
    }
    if let Some(aborted) = &status.aborted {
        return Some(format!(
            "another spec, or another try: {}",
            wave::aborted_message(&view.observation.cluster, aborted)
        ));
    }
    let is_new = view.observation.proxy.deployment.is_none();
    view.observation.cluster.spec.components().find_map(|component| {
        let exists = view.observation.component(component).statefulset.is_some();
        let changes = difference::difference(view, component) == Some(Difference::Change);
        let why = match readiness::workload_ready(view, component) {
            _ if changes => "it is about to change".to_owned(),
            Err(why) if is_new || !exists => why.to_string(),
            _ => return None,
        };
        Some(format!("{component}: {why}"))
    })
}

/// What would happen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreviewedProxy {
    /// It would be created with so many pods, after all other components.
    Created(i32),
    /// It would be deleted.
    Deleted,
    /// Its pods would be replaced, after all other components: the image before and after.
    Rolled(String, String),
    /// Its number of pods would change, from and to.
    Scaled(i32, i32),
    /// This version of Hookgate renders it differently, and it is left as it is until the user's next change of it.
    LeftAlone,
    /// Another operator has it in its hands: what the status says.
    NotAdopted(String),
}

impl PreviewedProxy {
    /// Whether it stays as it is.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::LeftAlone | Self::NotAdopted(_))
    }
}

/// What would happen to it, in that order.
pub(super) fn preview(view: &View<'_>) -> Vec<PreviewedProxy> {
    if let Some(message) = not_adopted(view) {
        return vec![PreviewedProxy::NotAdopted(message)];
    }
    let live = view.observation.proxy.deployment.as_ref();
    let mut all = match (view.desired.proxy(), live, difference(view)) {
        (Some(rendered), None, _) => return vec![PreviewedProxy::Created(rendered.replicas())],
        (None, Some(_), _) => return vec![PreviewedProxy::Deleted],
        (Some(rendered), Some(live), Some(Difference::Change)) => {
            vec![PreviewedProxy::Rolled(live.image.clone(), rendered.image().to_owned())]
        }
        (_, _, Some(Difference::Rendering)) => vec![PreviewedProxy::LeftAlone],
        _ => Vec::new(),
    };
    all.extend(size(view).filter(|(from, to)| from != to).map(|(from, to)| PreviewedProxy::Scaled(from, to)));
    all
}

/// What it is called in the cluster.
fn deployment_name(view: &View<'_>) -> String {
    names::fe_proxy(&view.observation.cluster.name_any())
}
