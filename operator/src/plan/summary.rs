//! The part of the status that people and tools read: phases and conditions.

use super::{
    View,
    difference::{RENDER_VERSION, foreign, managed_by_another, waiting_for_user},
    ending::ending,
    holds, proxy, readiness, refusals, wave,
};
use crate::observation::ObservedComponent;
use hookgate_api::{
    Component, StarRocksClusterStatus, annotations, names,
    status::{
        Aborted, ComponentStatus, ConditionType, UpgradePhase, UpgradeState, Wave, WaveComponent, condition,
        set_condition,
    },
    unserved::unserved_fields,
    validate::Violation,
};
use kube::ResourceExt;

const RUNNING: &str = "running";
const RECONCILING: &str = "reconciling";
const FAILED: &str = "failed";

/// Why the operator can't go on without the user.
pub(super) struct Stalled {
    /// One word, for the condition.
    pub(super) reason: &'static str,
    /// What is the matter, and the way out.
    pub(super) message: String,
}

pub(super) fn summarise(
    view: &View<'_>,
    violations: &[Violation],
    status: &mut StarRocksClusterStatus,
    notes: &mut Vec<String>,
) {
    let cluster = &view.observation.cluster;
    status.observed_generation = cluster.metadata.generation;
    if let Some(wave) = status.wave.as_mut() {
        wave::describe(view, wave);
    }
    let wave = status.wave.clone();
    for component in Component::ALL {
        let place = status.component_mut(component);
        if view.desired.statefulset(component).is_some() {
            let before = place.take().unwrap_or_default();
            *place = Some(component_status(view, component, before, wave.as_ref()));
        } else if view.observation.component(component).statefulset.is_none() {
            *place = None;
        }
    }
    if let Some(waiting) = wave.as_ref().and_then(|wave| wave.waiting_for.as_ref()) {
        notes.push(format!("{}: {}", wave::WAITING_FOR_ROLLOUT, waiting.message));
    }
    proxy::summarise(view, status);
    status.render_version = RENDER_VERSION.to_owned();
    summarise_phase(status);
    refusals::set(view, status);
    holds::say(view, status);
    let stalled = stalled(view, violations, wave.as_ref(), status.aborted.as_ref());
    set_conditions(view, status, stalled.as_ref());
}

fn component_status(
    view: &View<'_>,
    component: Component,
    before: ComponentStatus,
    wave: Option<&Wave>,
) -> ComponentStatus {
    let name = view.observation.cluster.name_any();
    let observed = view.observation.component(component);
    let with = |keep: fn(&crate::observation::ObservedPod) -> bool| -> Vec<String> {
        observed.pods.iter().filter(|pod| keep(pod)).map(|pod| pod.name.clone()).collect()
    };
    let running_instances = with(|pod| pod.ready);
    let failed_instances = with(|pod| !pod.ready && pod.failed);
    let creating_instances = with(|pod| !pod.ready && !pod.failed);
    let not_ready = readiness::workload_ready(view, component).err();
    let rolling = wave.and_then(|wave| wave.components.iter().find(|step| step.component == component));
    let busy = rolling.is_some_and(|step| step.phase == UpgradePhase::Rolling);
    let phase = match &not_ready {
        _ if !failed_instances.is_empty() => FAILED,
        None if !busy => RUNNING,
        _ => RECONCILING,
    };
    ComponentStatus {
        phase: phase.to_owned(),
        reason: not_ready.map(|reason| reason.to_string()).unwrap_or_default(),
        service_name: names::external_service(&name, component),
        resource_names: vec![names::statefulset(&name, component)],
        running_instances,
        creating_instances,
        failed_instances,
        replicas: (component == Component::Cn).then(|| live_replicas(observed)),
        selector: if component == Component::Cn { selector(&name, component) } else { String::new() },
        upgrade_state: match (wave, rolling) {
            (Some(wave), Some(step)) => Some(upgrade_state(wave, step)),
            // One that left its wave before it was done has no upgrade, neither in flight nor last.
            _ => before.upgrade_state.filter(|state| state.phase == UpgradePhase::Completed),
        },
        hpa_name: String::new(),
        horizontal_scaler: None,
    }
}

fn live_replicas(observed: &ObservedComponent) -> i32 {
    observed.statefulset.as_ref().map_or(0, |set| set.replicas)
}

fn selector(cluster: &str, component: Component) -> String {
    format!(
        "{}={},{}={}",
        names::COMPONENT_LABEL,
        component.as_str(),
        names::OWNER_LABEL,
        names::statefulset(cluster, component)
    )
}

fn upgrade_state(wave: &Wave, step: &WaveComponent) -> UpgradeState {
    UpgradeState {
        wave: wave.id.clone(),
        phase: step.phase,
        direction: wave.direction,
        from_image: step.from_image.clone(),
        to_image: step.to_image.clone(),
        started_at: step.started_at.clone(),
        completed_at: step.completed_at.clone(),
        hooks: step.hooks.clone(),
        message: step.message.clone(),
    }
}

/// Upstream's rule: the first of FE, BE, CN that isn't running speaks for the whole.
fn summarise_phase(status: &mut StarRocksClusterStatus) {
    let components = Component::ALL.into_iter().filter_map(|component| status.component(component));
    let spokesman = components.clone().find(|component| component.phase == FAILED);
    let spokesman = spokesman.or_else(|| components.clone().find(|component| component.phase != RUNNING));
    let (phase, reason) = match spokesman {
        Some(component) => (component.phase.clone(), component.reason.clone()),
        None if components.count() == 0 => (RECONCILING.to_owned(), String::new()),
        None if status.wave.is_some() => (RECONCILING.to_owned(), String::new()),
        None => (RUNNING.to_owned(), String::new()),
    };
    status.phase = phase;
    status.reason = reason;
}

fn stalled(
    view: &View<'_>,
    violations: &[Violation],
    wave: Option<&Wave>,
    aborted: Option<&Aborted>,
) -> Option<Stalled> {
    const REASONS: [&str; 9] = [
        "AbortImpossible",
        "HookFailed",
        "HookScriptMissing",
        "HookScriptRefused",
        "HookApprovalRequired",
        "PreparationRefused",
        "PatchRefused",
        wave::GATE_TIMED_OUT,
        wave::WAITING_FOR_USER,
    ];
    if !violations.is_empty() {
        let message = violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let abort = format!("annotation {}", annotations::ABORT);
        let aborted = violations.iter().all(|one| one.path == abort);
        return Some(Stalled { reason: if aborted { "AbortImpossible" } else { "InvalidSpec" }, message });
    }
    if let Some(refused) = refused(view) {
        return Some(refused);
    }
    if wave.is_none()
        && let Some(aborted) = aborted
    {
        return Some(Stalled {
            reason: "Aborted",
            message: wave::aborted_message(&view.observation.cluster, aborted),
        });
    }
    if wave.is_none()
        && let Some(message) = proxy::not_adopted(view)
    {
        return Some(Stalled { reason: "NotAdopted", message });
    }
    let waiting = wave?.waiting_for.as_ref()?;
    let reason = REASONS.into_iter().find(|reason| *reason == waiting.reason)?;
    Some(Stalled { reason, message: waiting.message.clone() })
}

/// Why nothing is touched though the spec is valid.
pub(super) fn refused(view: &View<'_>) -> Option<Stalled> {
    if let Some(component) = foreign(view).first() {
        return Some(Stalled { reason: "NotAdopted", message: not_adopted(view, *component) });
    }
    let wave::Refused { reason, message } = wave::refused(view)?;
    Some(Stalled { reason, message })
}

/// Who has a StatefulSet in its hands, and how it's taken over.
fn not_adopted(view: &View<'_>, component: Component) -> String {
    let cluster = &view.observation.cluster;
    let name = names::statefulset(&cluster.name_any(), component);
    let live = view.observation.component(component).statefulset.as_ref();
    let managers = live.map_or(&[][..], |live| live.managers.as_slice());
    managed_by_another(view, &format!("StatefulSet {name}"), managers, "nothing of this cluster is touched")
}

fn set_conditions(view: &View<'_>, status: &mut StarRocksClusterStatus, stalled: Option<&Stalled>) {
    let generation = status.observed_generation;
    let now = view.time();
    let not_ready = view.observation.cluster.spec.components().find_map(|component| {
        let why = readiness::workload_ready(view, component).err();
        why.map(|why| format!("{component}: {why}")).or_else(|| wave::scaling(view, component))
    });
    let not_ready = not_ready.or_else(|| proxy::not_ready(view, status));
    let ready = stalled.is_none() && not_ready.is_none() && status.wave.is_none();
    let waiting = status.wave.as_ref().and_then(|wave| wave.waiting_for.as_ref());
    let (reason, message) = match (stalled, &not_ready, waiting) {
        (Some(stalled), ..) => (stalled.reason, stalled.message.clone()),
        (None, _, Some(waiting)) => ("UpgradeInProgress", waiting.message.clone()),
        (None, Some(message), None) => ("ComponentNotReady", message.clone()),
        (None, None, None) if ready => ("Ready", "every component runs what the spec says".to_owned()),
        (None, None, None) => ("UpgradeInProgress", "an upgrade is in flight".to_owned()),
    };
    let (upgrading, upgrade_reason, upgrade_message) = upgrading(view, status);
    let mut misused = annotations::misused(view.observation.cluster.annotations());
    misused.extend(status.wave.as_ref().and_then(|wave| wave::ignored(&view.observation.cluster, wave)));
    let unserved = unserved_fields(&view.observation.cluster.spec);
    let conditions = &mut status.conditions;
    let mut set = |type_, status, reason: &str, message: &str| {
        set_condition(conditions, type_, status, reason, message, generation, &now);
    };
    set(ConditionType::Ready, ready, reason, &message);
    set(ConditionType::Reconciling, !ready && stalled.is_none(), reason, &message);
    match stalled {
        Some(stalled) => set(ConditionType::Stalled, true, stalled.reason, &stalled.message),
        None => set(ConditionType::Stalled, false, "NotStalled", ""),
    }
    set(ConditionType::Upgrading, upgrading, &upgrade_reason, &upgrade_message);
    let mut outdated: Vec<_> = waiting_for_user(view).iter().map(ToString::to_string).collect();
    outdated.extend(proxy::is_outdated(view).then(|| proxy::NAME.to_owned()));
    if outdated.is_empty() {
        set(ConditionType::RenderingOutdated, false, "Current", "");
    } else {
        let message = format!(
            "this version of Hookgate would give {} other pod templates; they get them with your next change of the \
             component, or at once by: kubectl annotate src {} {}={RENDER_VERSION}",
            outdated.join(", "),
            view.observation.cluster.name_any(),
            annotations::APPLY_RENDERING,
        );
        set(ConditionType::RenderingOutdated, true, "WaitingForUser", &message);
    }
    if misused.is_empty() {
        set(ConditionType::IgnoredAnnotations, false, "NoneIgnored", "");
    } else {
        set(ConditionType::IgnoredAnnotations, true, "InvalidValue", &misused.join("; "));
    }
    if unserved.is_empty() {
        set(ConditionType::UnservedFields, false, "AllServed", "");
    } else {
        let message = format!("this version of Hookgate does not act upon {}", unserved.join(", "));
        set(ConditionType::UnservedFields, true, "NotServed", &message);
    }
}

/// What the upgrade is doing, or how the last one ended.
fn upgrading(view: &View<'_>, status: &StarRocksClusterStatus) -> (bool, String, String) {
    let Some(wave) = &status.wave else {
        let read = view.observation.cluster.status.as_ref();
        if let Some(ended) = read.and_then(|read| read.wave.as_ref()).map(ending) {
            return (false, ended.reason.to_owned(), format!("the upgrade is {}", ended.words));
        }
        let before = condition(&status.conditions, ConditionType::Upgrading);
        return match before {
            Some(before) => (false, before.reason.clone(), before.message.clone()),
            None => (false, "NoUpgrade".to_owned(), String::new()),
        };
    };
    let message = wave.waiting_for.as_ref().map(|waiting| waiting.message.clone()).unwrap_or_default();
    match wave::current(wave).and_then(|index| wave.components.get(index)) {
        Some(step) => (true, format!("{:?}{}", step.phase, step.component), message),
        None => (true, "GivingBackSettings".to_owned(), message),
    }
}
