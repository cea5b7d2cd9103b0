//! Rolling a component: one pod at a time, the next one only when the last is really back.

use super::{
    Course, Step, Wait,
    gate::{self, Passage},
    others_ready,
    preflight::PATCH_REFUSED,
    repair::broken,
    versions,
};
use crate::{
    observation::{ObservedComponent, ObservedPod, ObservedStatefulSet},
    plan::{View, holds, readiness, strategy},
};
use hookgate_api::{
    Component, StarRocksClusterStatus, names,
    status::{OpenedPod, UpgradePhase, WaveComponent},
};
use kube::ResourceExt;

/// Whether an ordinal still has to be replaced.
pub(in crate::plan) fn is_outdated(
    observed: &ObservedComponent,
    set: &ObservedStatefulSet,
    ordinal: i32,
) -> bool {
    observed.pod(ordinal).is_none_or(|pod| pod.revision != set.update_revision)
}

/// The ordinals that still have to be replaced, split by whose turn it is: the operator's, and the user's, whose own
/// update strategy keeps them back.
pub(in crate::plan) fn turn(
    view: &View<'_>,
    component: Component,
    observed: &ObservedComponent,
    set: &ObservedStatefulSet,
) -> (Vec<i32>, Vec<i32>) {
    (0..set.replicas)
        .filter(|ordinal| is_outdated(observed, set, *ordinal))
        .partition(|ordinal| strategy::is_open(view, component, *ordinal))
}

/// Pods that the user's own update strategy keeps at the old revision.
pub(in crate::plan) const WAITING_FOR_USER: &str = "WaitingForUser";

pub(super) fn roll(
    view: &View<'_>,
    passage: &Passage,
    course: Course,
    component: &mut WaveComponent,
    go: &Step,
    status: &StarRocksClusterStatus,
) -> Step {
    let observed = view.observation.component(component.component);
    let Some(set) = observed.statefulset.as_ref() else {
        return Err(Wait::new("ComponentNotReady", readiness::NotReady::Missing.to_string()));
    };
    // What the spec asks for is refused: the target is the one before it, which is worked towards no longer.
    let is_refused =
        view.desired.statefulset(component.component).is_none_or(|wanted| wanted.hash() != component.target);
    let accepted = if is_refused { go.clone() } else { Ok(()) };
    is_patched(view, component, set, &accepted)?;
    let (outdated, kept_back) = turn(view, component.component, observed, set);
    // A pod that was to go and is still there is judged anew: the reasons for it may be old. So is one that came back as
    // it was: evicted before it could be let go, it came back from the template that the partition keeps.
    let is_there = |opened: &OpenedPod| {
        observed.pod(opened.ordinal).is_some_and(|pod| {
            !pod.terminating && (pod.uid == opened.uid || pod.revision != set.update_revision)
        })
    };
    let before = component.opened.clone();
    let away = before.as_ref().filter(|opened| !is_there(opened));
    let repaired = broken(view, component, observed, set, &outdated)
        .filter(|pod| accepted.is_ok() && may_be_repaired(view, passage, component, pod));
    if let Some(pod) = repaired {
        let opened = OpenedPod { name: pod.name.clone(), ordinal: pod.ordinal, uid: pod.uid.clone() };
        gate::open_broken(view, passage, component, opened, away);
        return Err(not_ready(view, component, &readiness::NotReady::pod(&pod.name, "is not ready")));
    }
    if let Some(opened) = away {
        let name = pod_name(view, component.component, opened.ordinal);
        let view = &view.in_turn_of(&name);
        is_back(view, component, observed, set, opened)
            .map_err(|reason| not_ready(view, component, &reason))
            .and_then(|()| gate::check(view, component, opened))
            .map_err(|wait| gate::or_timed_out(view, component, opened, wait))?;
        if opened.ordinal < set.replicas {
            gate::passed(view, component);
        }
    }
    component.opened = None;
    accepted?;
    let Some(highest) = outdated.last() else {
        if !kept_back.is_empty() {
            readiness::workload_ready(view, component.component)
                .map_err(|reason| not_ready(view, component, &reason))?;
            let message = strategy::way_out(view, component.component, observed, &kept_back);
            return Err(Wait::new(WAITING_FOR_USER, message));
        }
        gate::after_last(view, passage, component)?;
        return finish(view, component, set);
    };
    go.clone()?;
    let name = pod_name(view, component.component, *highest);
    let view = &view.in_turn_of(&name);
    let next = next(view, component.component, observed, *highest, &outdated);
    let name = pod_name(view, component.component, *next.as_ref().unwrap_or(highest));
    let view = &view.in_turn_of(&name);
    gate::between(view, passage, component)?;
    others_ready(view, component)?;
    if course.runs_hooks(view, component.component) && !view.skips_holds() {
        holds::verified(view, status)
            .map_err(|error| Wait::gate("SettingsNotHeld", view.gate(holds::GATE), error))?;
    }
    let next = next.map_err(|reason| not_ready(view, component, &reason))?;
    peers_ready(view, component.component, observed, set, next)
        .map_err(|reason| not_ready(view, component, &reason))?;
    let pod = observed.pod(next);
    let opened = OpenedPod {
        name: pod.map_or_else(String::new, |pod| pod.name.clone()),
        ordinal: next,
        uid: pod.map_or_else(String::new, |pod| pod.uid.clone()),
    };
    gate::open(view, component, opened, before.as_ref())
}

/// Whether a broken pod may go out of turn. The user may have stopped the wave. And one that the wave didn't make waits for
/// the user's word after the first pod like any other.
fn may_be_repaired(view: &View<'_>, passage: &Passage, component: &WaveComponent, pod: &ObservedPod) -> bool {
    let is_the_waves = pod.revision != component.from_revision;
    passage.stopped.is_ok() && (is_the_waves || gate::after_last(view, passage, component).is_ok())
}

/// The StatefulSet is what the step is to make of it, and its controller has seen that.
fn is_patched(
    view: &View<'_>,
    component: &mut WaveComponent,
    set: &ObservedStatefulSet,
    accepted: &Step,
) -> Step {
    if set.rendered_hash.as_deref() != Some(component.target.as_str()) {
        component.opened = None;
        accepted.clone()?;
        if !component.message.is_empty() {
            return Err(Wait::new(PATCH_REFUSED, component.message.clone()));
        }
        return Err(Wait::new("Patching", format!("patching StatefulSet of {}", component.component)));
    }
    component.message.clear();
    // Read live, so it is at least the one that the patch made.
    component.patched_generation.get_or_insert(set.generation);
    if set.observed_generation < set.generation {
        return Err(not_ready(view, component, &readiness::NotReady::NotObserved));
    }
    component.target_revision.clone_from(&set.update_revision);
    Ok(())
}

/// The name of a component's pod, whether it exists or not.
fn pod_name(view: &View<'_>, component: Component, ordinal: i32) -> String {
    names::pod(&view.observation.cluster.name_any(), component, ordinal)
}

/// The pods that stay have to carry the load. A broken pod carries none, so it may go while others are broken as well;
/// those that have been replaced have to be back.
fn peers_ready(
    view: &View<'_>,
    component: Component,
    observed: &ObservedComponent,
    set: &ObservedStatefulSet,
    next: i32,
) -> Result<(), readiness::NotReady> {
    if observed.pod(next).is_some_and(|pod| pod.ready) {
        readiness::workload_ready_but(view, component, Some(next))?;
        return readiness::members_alive(view, component, Some(next));
    }
    match observed.pods.iter().find(|pod| pod.revision == set.update_revision && !pod.ready) {
        Some(pod) if view.skips_pod(&pod.name) => Ok(()),
        Some(pod) => Err(readiness::NotReady::pod(&pod.name, "is not ready")),
        None => Ok(()),
    }
}

/// Every pod is at the target: the component has to be ready as a whole, and gets its own strategy back.
fn finish(view: &View<'_>, component: &mut WaveComponent, set: &ObservedStatefulSet) -> Step {
    readiness::workload_ready(view, component.component)
        .and_then(|()| readiness::members_alive(view, component.component, None))
        .map_err(|reason| not_ready(view, component, &reason))?;
    for pod in &view.observation.component(component.component).pods {
        at_version(view, component, pod).map_err(|reason| not_ready(view, component, &reason))?;
    }
    if !strategy::is_given_back(view, component.component, set) {
        return Err(Wait::new("RestoringStrategy", "giving the update strategy of the StatefulSet back"));
    }
    component.phase = UpgradePhase::Finalizing;
    Ok(())
}

/// The pod that was let go is back: another pod, at the target revision, ready, and Alive at the target's version.
fn is_back(
    view: &View<'_>,
    component: &WaveComponent,
    observed: &ObservedComponent,
    set: &ObservedStatefulSet,
    opened: &OpenedPod,
) -> Result<(), readiness::NotReady> {
    // It was scaled away since.
    if opened.ordinal >= set.replicas {
        return Ok(());
    }
    let gone = || readiness::NotReady::InProgress(format!("ordinal {} has been let go", opened.ordinal));
    let pod = observed.pod(opened.ordinal).ok_or_else(gone)?;
    if pod.uid == opened.uid || pod.revision != set.update_revision {
        return Err(gone());
    }
    if view.skips_pod(&pod.name) {
        return Ok(());
    }
    if !pod.ready {
        return Err(readiness::NotReady::pod(&pod.name, "is not ready"));
    }
    // Those that are broken and still have to be replaced can't be available.
    let can_not = observed.pods.iter().filter(|other| other.revision != set.update_revision && !other.ready);
    let expected = set.replicas - i32::try_from(can_not.count()).unwrap_or(set.replicas);
    if set.available < expected {
        let message = format!("{} of {expected} pods available", set.available);
        return Err(readiness::NotReady::InProgress(message));
    }
    at_version(view, component, pod)
}

/// The database has the pod as a member that is Alive, at the target's version.
fn at_version(
    view: &View<'_>,
    component: &WaveComponent,
    pod: &ObservedPod,
) -> Result<(), readiness::NotReady> {
    if view.skips_pod(&pod.name) || view.skips_in_turn(readiness::DATABASE_GATE) {
        return Ok(());
    }
    let members = readiness::members(view)?;
    let member = readiness::alive(members, component.component, &pod.name, pod.ip.as_deref())?;
    versions::agrees(view, component, &pod.name, &member.version)
        .map_err(|detail| readiness::NotReady::Member { pod: pod.name.clone(), detail })
}

/// Which pod goes next. A broken one first; then the highest ordinal; among the FEs the leader goes last.
fn next(
    view: &View<'_>,
    component: Component,
    observed: &ObservedComponent,
    highest: i32,
    outdated: &[i32],
) -> Result<i32, readiness::NotReady> {
    if component != Component::Fe {
        return Ok(highest);
    }
    let broken = outdated.iter().rev().find(|ordinal| observed.pod(**ordinal).is_none_or(|pod| !pod.ready));
    if let Some(ordinal) = broken {
        return Ok(*ordinal);
    }
    let members = match readiness::members(view) {
        Err(_) if view.skips_in_turn(readiness::DATABASE_GATE) => return Ok(highest),
        members => members?,
    };
    let leader = readiness::leader(members)
        .ok_or_else(|| readiness::NotReady::Database("no FE is the leader".to_owned()))?;
    let is_leader =
        |ordinal: i32| observed.pod(ordinal).is_some_and(|pod| leader.is_pod(&pod.name, pod.ip.as_deref()));
    Ok(outdated.iter().rev().find(|ordinal| !is_leader(**ordinal)).copied().unwrap_or(highest))
}

fn not_ready(view: &View<'_>, component: &WaveComponent, reason: &readiness::NotReady) -> Wait {
    Wait::not_ready(view, component.component, reason)
}
