//! Which components change, and which way.

use super::{
    Course, anew,
    direction::{direction, warnings},
    repair,
};
use crate::plan::{
    View,
    difference::{Difference, difference},
    rendering, request,
};
use hookgate_api::{
    Component,
    hooks::HookPhase,
    status::{
        Aborted, Direction, GateProgress, Origin, Preflight, Trigger, UpgradePhase, Wave, WaveComponent,
    },
};
use sha2::{Digest, Sha256};

/// A component whose StatefulSet isn't what the spec renders to.
pub(super) struct Pending {
    pub(super) component: Component,
    pub(super) from_image: String,
    pub(super) to_image: String,
    pub(super) from_revision: String,
    from_target: String,
    pub(super) target: String,
    scales_after: Option<i32>,
}

pub(super) fn pending(view: &View<'_>) -> Vec<Pending> {
    let of_component = |component| {
        (difference(view, component)? == Difference::Change).then(|| pending_of(view, component))?
    };
    Component::ALL.into_iter().filter_map(of_component).collect()
}

fn pending_of(view: &View<'_>, component: Component) -> Option<Pending> {
    let live = view.observation.component(component).statefulset.as_ref()?;
    let rendered = view.desired.statefulset(component)?;
    Some(Pending {
        component,
        from_image: live.image.clone(),
        to_image: rendered.image().to_owned(),
        from_revision: live.update_revision.clone(),
        from_target: live.rendered_hash.clone().unwrap_or_default(),
        target: rendered.hash().to_owned(),
        scales_after: scales_after(view, component),
    })
}

/// Whether a component's StatefulSet has the operator's update strategy and needs nothing else. When no wave knows of it,
/// somebody has taken the status away: giving the strategy back would let all pods go at once, so the component is
/// rolled to its end.
fn is_unfinished(view: &View<'_>, component: Component) -> bool {
    let same = matches!(difference(view, component), Some(Difference::Same | Difference::InputsOnly));
    let live = view.observation.component(component).statefulset.as_ref();
    same && live.is_some_and(|live| live.own_strategy.is_some())
}

/// A wave of all components that are pending; `None` when there are none, or when they contradict each other. While an
/// aborted wave is in force, what it had changed goes back.
pub(in crate::plan) fn new_wave(view: &View<'_>, aborted: Option<&Aborted>) -> Option<Wave> {
    let mut pending = pending(view);
    let unfinished = Component::ALL.into_iter().filter(|component| is_unfinished(view, *component));
    pending.extend(unfinished.filter_map(|component| pending_of(view, component)));
    if pending.is_empty() {
        return None;
    }
    let direction = direction(view, &pending, None).ok()?;
    let warnings = warnings(view, &pending);
    let trigger = if anew::is_of_abort(aborted, &pending) { Trigger::Abort } else { Trigger::SpecChange };
    let mut components: Vec<_> = pending.into_iter().map(new_component).collect();
    sort(view, &mut components, direction);
    let requested_hooks = request::of_new_wave(&view.observation.cluster, direction);
    Some(Wave { warnings, requested_hooks, ..wave_of(view, trigger, direction, components) })
}

fn new_component(pending: Pending) -> WaveComponent {
    WaveComponent {
        component: pending.component,
        phase: UpgradePhase::Detected,
        from_image: pending.from_image,
        to_image: pending.to_image,
        target: pending.target,
        scales_after: pending.scales_after,
        from_revision: pending.from_revision,
        from_target: pending.from_target,
        target_revision: String::new(),
        patched_generation: None,
        attempt: 1,
        hooks: Vec::new(),
        failed_for: None,
        next_retry_at: None,
        opened: None,
        gate: GateProgress::default(),
        image: None,
        started_at: None,
        completed_at: None,
        message: String::new(),
    }
}

/// The direction's order; what has to be repaired comes before all else.
fn sort(view: &View<'_>, components: &mut [WaveComponent], direction: Direction) {
    let place = |component: Component| direction.order().iter().position(|other| *other == component);
    components.sort_by_key(|step| (!repair::is_stuck(view, step), place(step.component)));
}

/// Brings a wave up to the present spec; `None` when nothing of it is left.
///
/// What has been touched is never forgotten: a component that is rolling takes the new target, and one whose post-hooks
/// run finishes. A wave whose direction changes, that goes back, or that failed and is tried anew, is another wave with
/// these in it.
pub(in crate::plan) fn retarget(view: &View<'_>, mut wave: Wave, aborted: Option<&Aborted>) -> Option<Wave> {
    let pending = pending(view);
    // What is left of a wave when nothing is pending goes on as it was going.
    let next = if pending.is_empty() { Ok(wave.direction) } else { direction(view, &pending, Some(&wave)) };
    let direction = wave.direction;
    let turns = next.as_ref().is_ok_and(|next| *next != direction);
    if let Some(trigger) = anew::why(view, &wave, &pending, turns, aborted) {
        return match next {
            Ok(next) => renewed(view, wave, pending, trigger, next),
            Err(_) => Some(wave),
        };
    }
    if next.is_err() {
        // What is asked for is refused: nothing takes it as its target, and so nothing is let go towards it.
        return Some(wave);
    }
    let is_pending = |component| pending.iter().any(|pending| pending.component == component);
    wave.components.retain(|step| {
        let wanted = view.desired.statefulset(step.component).is_some();
        let has_work = is_pending(step.component) || is_unfinished(view, step.component);
        wanted && (step.phase >= UpgradePhase::Rolling || has_work)
    });
    let mut is_other = false;
    for step in &mut wave.components {
        is_other |= take_target(view, step);
    }
    if is_other {
        // A gate that was opened for another target is shut for this one.
        wave.skipping = wave.skipping.map(|_| String::new());
    }
    for pending in pending {
        match wave.components.iter_mut().find(|step| step.component == pending.component) {
            Some(step) if step.phase == UpgradePhase::Completed => {
                keep_origin(&mut wave.origins, step);
                *step = new_component(pending);
            }
            Some(_) => {}
            None => wave.components.push(new_component(pending)),
        }
    }
    sort(view, &mut wave.components, direction);
    Some(wave)
}

/// The number of pods that the spec asks for, where that isn't the present one.
fn scales_after(view: &View<'_>, component: Component) -> Option<i32> {
    let live = view.observation.component(component).statefulset.as_ref()?.replicas;
    let wanted = view.desired.statefulset(component)?.replicas();
    (wanted != live).then_some(wanted)
}

/// A step that isn't complete is to become what the spec renders to at this moment. Whether that is another target.
fn take_target(view: &View<'_>, step: &mut WaveComponent) -> bool {
    let Some(rendered) = view.desired.statefulset(step.component) else { return false };
    // Another number since then is a change of replicas alone.
    step.scales_after = step.scales_after.filter(|replicas| *replicas == rendered.replicas());
    let is_it = step.phase == UpgradePhase::Completed || step.target == rendered.hash();
    if is_it || rendering::is_begun(view.desired, view.observation, step) {
        return false;
    }
    rendered.hash().clone_into(&mut step.target);
    rendered.image().clone_into(&mut step.to_image);
    step.scales_after = scales_after(view, step.component);
    step.message.clear();
    if step.phase == UpgradePhase::Finalizing {
        step.phase = UpgradePhase::Rolling;
        // They ran for the target before this one.
        step.hooks.retain(|run| run.phase == HookPhase::Pre);
    }
    step.opened = None;
    step.gate = GateProgress::default();
    step.target_revision.clear();
    step.patched_generation = None;
    true
}

/// Another wave, with what the one before it had touched and not finished.
fn renewed(
    view: &View<'_>,
    before: Wave,
    pending: Vec<Pending>,
    trigger: Trigger,
    direction: Direction,
) -> Option<Wave> {
    let warnings = warnings(view, &pending);
    let (requested_hooks, mut origins) = (before.requested_hooks, before.origins);
    let touched = before.components.into_iter().filter(WaveComponent::is_touched);
    let (done, mut components): (Vec<_>, Vec<_>) =
        touched.partition(|step| step.phase == UpgradePhase::Completed);
    done.iter().for_each(|step| keep_origin(&mut origins, step));
    components.retain(|step| view.desired.statefulset(step.component).is_some());
    // Its hooks have not run for where it goes to: it begins anew, however far it had come.
    let begins_anew = |step: &WaveComponent| {
        let changes = pending.iter().any(|pending| pending.component == step.component);
        let (old, new) =
            (Course { direction: before.direction, trigger: before.trigger }, Course { direction, trigger });
        changes && new.runs_hooks(view, step.component) && !old.runs_hooks(view, step.component)
    };
    let (unprepared, mut components): (Vec<_>, Vec<_>) = components.into_iter().partition(begins_anew);
    for step in &mut components {
        take_target(view, step);
    }
    for pending in pending {
        if components.iter().any(|step| step.component == pending.component) {
            continue;
        }
        let earlier = unprepared.iter().find(|step| step.component == pending.component);
        let mut step = new_component(pending);
        if let Some(Origin { image, revision, target, .. }) = earlier.map(WaveComponent::origin) {
            (step.from_image, step.from_revision, step.from_target) = (image, revision, target);
        }
        components.push(step);
    }
    if components.is_empty() {
        return None;
    }
    sort(view, &mut components, direction);
    Some(Wave { warnings, requested_hooks, origins, ..wave_of(view, trigger, direction, components) })
}

/// What a component ran that is done stays known; of several times the first counts.
fn keep_origin(origins: &mut Vec<Origin>, step: &WaveComponent) {
    if !origins.iter().any(|origin| origin.component == step.component) {
        origins.push(step.origin());
    }
}

fn wave_of(view: &View<'_>, trigger: Trigger, direction: Direction, components: Vec<WaveComponent>) -> Wave {
    let generation = view.observation.cluster.metadata.generation.unwrap_or_default();
    Wave {
        preflight: Preflight::default(),
        id: format!("g{generation}-{}", view.now.as_millisecond()),
        direction,
        trigger,
        started_at: view.time(),
        components,
        waiting_for: None,
        step: None,
        next: String::new(),
        warnings: Vec::new(),
        next_opening: None,
        rest_until: None,
        skipping: None,
        continued: None,
        skipped_gates: Vec::new(),
        requested_hooks: Vec::new(),
        origins: Vec::new(),
    }
}

/// A name for everything that a failed hook may have failed for: spec and script. A change of it is worth a new try.
pub(in crate::plan) fn circumstances(view: &View<'_>, component: Component) -> String {
    let spec = &view.observation.cluster.spec;
    let target = view.desired.statefulset(component).map(|set| set.hash().to_owned());
    let facts = format!(
        "{target:?} {:?} {:?} {:?}",
        spec.upgrade_hooks(component),
        spec.upgrade_preparation,
        view.observation.scripts.get(&component),
    );
    let digest = Sha256::digest(facts);
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
