//! What is said of the FE proxy.

use super::{NAME, deployment_name, difference, is_foreign, size, waits_for};
use crate::{
    observation::ObservedInstance,
    plan::{
        View,
        difference::{Difference, managed_by_another},
    },
};
use hookgate_api::{
    StarRocksClusterStatus, names,
    status::{ComponentStatus, cap},
};
use kube::ResourceExt;

/// Why it isn't what the spec says, or isn't there; `None` when it is, and when the spec has none.
pub(in crate::plan) fn not_ready(view: &View<'_>, status: &StarRocksClusterStatus) -> Option<String> {
    let rendered = view.desired.proxy()?;
    let words = |words: &str| Some(format!("{NAME}: component not ready: {words}"));
    let waits = || waits_for(view, status).map(|what| format!("it waits for {what}"));
    let Some(live) = &view.observation.proxy.deployment else {
        return words(&waits().unwrap_or_else(|| "Deployment not created yet".to_owned()));
    };
    if difference(view) == Some(Difference::Change) {
        return words(&waits().unwrap_or_else(|| "its pods are about to be replaced".to_owned()));
    }
    if let Some((from, to)) = size(view).filter(|(from, to)| from != to) {
        return words(&format!("it is scaled from {from} to {to} pods"));
    }
    if live.observed_generation < live.generation {
        return words("Deployment spec change not yet observed");
    }
    let wanted = rendered.replicas();
    if live.updated >= wanted && live.available >= wanted && live.present <= live.updated {
        return None;
    }
    let counts = format!("{} of {wanted} pods replaced, {} available", live.updated, live.available);
    let Some(stuck) = &live.stuck else {
        return words(&format!("Deployment rollout in progress ({counts})"));
    };
    let pods = &view.observation.proxy.pods;
    let down =
        pods.iter().find_map(|pod| Some(format!("; pod {}: {}", pod.name, pod.cannot_start.as_ref()?)));
    words(&format!(
        "Deployment rollout does not go on ({counts}): {stuck}{}. Correct spec.starRocksFeProxySpec; what is wrong says: \
         kubectl describe deployment {}",
        down.unwrap_or_default(),
        deployment_name(view)
    ))
}

/// Who has the Deployment in its hands, and how it's taken over; `None` when it is ours.
pub(in crate::plan) fn not_adopted(view: &View<'_>) -> Option<String> {
    let live = view.observation.proxy.deployment.as_ref().filter(|_| is_foreign(view))?;
    let object = format!("Deployment {}", deployment_name(view));
    Some(managed_by_another(view, &object, &live.managers, "is not touched"))
}

/// Brings its place in the status up to date.
pub(in crate::plan) fn summarise(view: &View<'_>, status: &mut StarRocksClusterStatus) {
    let observed = &view.observation.proxy;
    if view.desired.proxy().is_none() {
        if observed.deployment.is_none() {
            status.star_rocks_fe_proxy_status = None;
        }
        return;
    }
    let cluster = view.observation.cluster.name_any();
    let with = |keep: fn(&ObservedInstance) -> bool| -> Vec<String> {
        observed.pods.iter().filter(|pod| keep(pod)).map(|pod| pod.name.clone()).collect()
    };
    let failed_instances = with(|pod| !pod.ready && pod.failed);
    let not_ready = not_adopted(view).or_else(|| not_ready(view, status));
    let phase = match &not_ready {
        _ if !failed_instances.is_empty() => "failed",
        None => "running",
        Some(_) => "reconciling",
    };
    status.star_rocks_fe_proxy_status = Some(ComponentStatus {
        phase: phase.to_owned(),
        reason: not_ready.unwrap_or_default(),
        service_name: names::fe_proxy_service(&cluster),
        resource_names: vec![names::fe_proxy(&cluster)],
        running_instances: with(|pod| pod.ready),
        creating_instances: with(|pod| !pod.ready && !pod.failed),
        failed_instances,
        ..ComponentStatus::default()
    });
    let follows = matches!(difference(view), None | Some(Difference::Change)) && !is_foreign(view);
    if let Some(wave) = status.wave.as_mut().filter(|_| follows) {
        wave.next = cap(&format!("{}, then the {NAME}", wave.next));
    }
}
