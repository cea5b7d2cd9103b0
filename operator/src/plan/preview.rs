//! What would happen for a spec: the same rules, asked without doing anything.

use super::{
    Desired, HELD_SETTINGS, PreviewedProxy, Tuning, View, Wanted,
    difference::waiting_for_user,
    proxy, readiness, request, summary, wanted,
    wave::{self, Course, Hook, new_wave, post_hooks, pre_hooks, retarget, skipping, waits},
};
use crate::{
    observation::{Database, Observation, ObservedScript},
    render::RenderError,
};
use hookgate_api::{
    Component, annotations,
    gate::Canary,
    hooks::HookPhase,
    status::{Direction, HookResult, PreparationPhase, Trigger, UpgradePhase, Wave, WaveComponent},
    validate::Violation,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What would happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// What is wrong with the spec. When there is anything, nothing else would happen.
    pub violations: Vec<Violation>,
    /// Why nothing would be touched though the spec is valid: one word, and a sentence with the way out.
    pub refused: Option<(&'static str, String)>,
    /// Components that would be created, in order, with their number of pods.
    pub created: Vec<(Component, i32)>,
    /// Components that would be deleted.
    pub deleted: Vec<Component>,
    /// Components whose number of pods would change, from and to. With a wave, those in it scale after their roll.
    pub scaled: Vec<(Component, i32, i32)>,
    /// The upgrade, if there would be one.
    pub wave: Option<PreviewedWave>,
    /// The wave in flight that would take the spec up.
    pub in_flight: Option<String>,
    /// Components that this version of Hookgate renders differently, and that are left as they are until the user's
    /// next change.
    pub left_alone: Vec<Component>,
    /// What would happen to the FE proxy, after all other components.
    pub proxy: Vec<PreviewedProxy>,
}

/// An upgrade that would happen.
#[derive(Clone, Debug, PartialEq)]
pub struct PreviewedWave {
    /// Which way the versions go.
    pub direction: Direction,
    /// What it would begin with, or has begun with.
    pub trigger: Trigger,
    /// The SQL hooks that run before any component is touched: name and statement.
    pub preparation: Vec<(String, String)>,
    /// The FE settings that are held, with the value and what asks for it.
    pub held: Vec<(String, String, Component)>,
    /// The components that are still to be done, in order.
    pub steps: Vec<PreviewedStep>,
    /// What it would wait for before its first pod, as far as that is known: the upgrade window, and a database that
    /// can't do without a server.
    pub waits: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// A component's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewedStep {
    /// Which.
    pub component: Component,
    /// The image before.
    pub from_image: String,
    /// The image after.
    pub to_image: String,
    /// Its hooks before that have not succeeded yet, by name.
    pub pre_hooks: Vec<&'static str>,
    /// Its pods that are still to go, in the order in which they go.
    pub pods: Vec<String>,
    /// Whether it's known which FE leads, and so goes last.
    pub leader_known: bool,
    /// What happens after its first pod.
    pub canary: Canary,
    /// Its hooks after, by name.
    pub post_hooks: Vec<&'static str>,
    /// Why its custom script would not run.
    pub script_refused: Option<String>,
}

impl Preview {
    /// Whether everything is as the spec says.
    pub fn is_nothing(&self) -> bool {
        self.violations.is_empty()
            && self.refused.is_none()
            && self.created.is_empty()
            && self.deleted.is_empty()
            && self.scaled.is_empty()
            && self.wave.is_none()
            && self.proxy.iter().all(PreviewedProxy::is_nothing)
    }

    /// Whether the spec would be refused.
    pub fn is_refused(&self) -> bool {
        !self.violations.is_empty() || self.refused.is_some()
    }
}

/// Judges what would happen for the spec of the cluster that was observed. A wave in flight takes it up from where it is.
///
/// # Errors
/// When an object can't be rendered.
pub fn preview(observation: &Observation, tuning: &Tuning, now: Timestamp) -> Result<Preview, RenderError> {
    let cluster = &observation.cluster;
    let in_flight = cluster.status.as_ref().and_then(|status| status.wave.as_ref());
    let desired = Desired::render(observation)?;
    let aborted = wave::in_force(cluster, &desired);
    let Wanted { reverted, violations } = wanted(&desired, observation);
    let desired = reverted.unwrap_or(desired);
    let mut preview = Preview {
        violations,
        refused: None,
        created: Vec::new(),
        deleted: Vec::new(),
        scaled: Vec::new(),
        wave: None,
        in_flight: in_flight.map(|wave| wave.id.clone()),
        left_alone: Vec::new(),
        proxy: Vec::new(),
    };
    if !preview.violations.is_empty() {
        return Ok(preview);
    }
    let effective = request::effective(observation);
    let observation = effective.as_ref();
    let view = View { observation, desired: &desired, tuning, now, skipping: skipping(cluster), turn: "" };
    preview.refused = refused(&view);
    if preview.refused.is_some() {
        return Ok(preview);
    }
    for component in Component::ALL {
        let live = observation.component(component).statefulset.as_ref();
        match (desired.statefulset(component), live) {
            (Some(rendered), None) => preview.created.push((component, rendered.replicas())),
            (Some(rendered), Some(live)) if rendered.replicas() != live.replicas => {
                preview.scaled.push((component, live.replicas, rendered.replicas()));
            }
            (None, Some(_)) => preview.deleted.push(component),
            _ => {}
        }
    }
    preview.left_alone = waiting_for_user(&view);
    preview.proxy = proxy::preview(&view);
    let wave = match in_flight {
        Some(wave) => retarget(&view, wave.clone(), aborted),
        None => new_wave(&view, aborted),
    };
    preview.wave = wave.map(|wave| previewed(&view, &wave)).filter(|wave| !wave.steps.is_empty());
    Ok(preview)
}

/// Why nothing at all would be touched.
fn refused(view: &View<'_>) -> Option<(&'static str, String)> {
    if view.observation.cluster.is_ignored() {
        let message = format!("the annotation {} tells the operator to leave it alone", annotations::IGNORED);
        return Some(("Ignored", message));
    }
    summary::refused(view).map(|refused| (refused.reason, refused.message))
}

fn previewed(view: &View<'_>, wave: &Wave) -> PreviewedWave {
    let cluster = &view.observation.cluster;
    let course = Course::of(wave);
    let runs_hooks = |component: Component| course.runs_hooks(view, component);
    let prepared = cluster.status.as_ref().and_then(|status| status.upgrade_preparation_status.as_ref());
    let is_prepared =
        prepared.is_some_and(|known| known.wave == wave.id && known.phase == PreparationPhase::Completed);
    let is_to_come = !is_prepared && wave.components.iter().any(|step| step.phase == UpgradePhase::Detected);
    let hooks = cluster
        .spec
        .upgrade_preparation
        .iter()
        .filter(|preparation| preparation.enabled && course.runs_preparation() && is_to_come);
    let preparation = hooks
        .flat_map(|preparation| &preparation.hooks)
        .map(|hook| (hook.name.clone(), hook.command.clone()))
        .collect();
    let mut held = BTreeMap::new();
    let undone = || wave.components.iter().filter(|step| step.phase != UpgradePhase::Completed);
    for component in undone().map(|step| step.component).filter(|one| runs_hooks(*one)) {
        for hook in pre_hooks(cluster, component) {
            let Hook::Predefined(predefined) = hook else { continue };
            for (setting, value) in predefined.held_settings() {
                held.entry(*setting).or_insert(((*value).to_owned(), component));
            }
        }
    }
    // In the order in which people know them.
    let held = HELD_SETTINGS.into_iter().filter_map(|(setting, _)| {
        let (value, component) = held.remove(setting)?;
        Some((setting.to_owned(), value, component))
    });
    let held = held.collect();
    let steps = undone().map(|step| PreviewedStep {
        component: step.component,
        from_image: from_image(view, step),
        to_image: step.to_image.clone(),
        pre_hooks: names(runs_hooks(step.component), &pre_hooks_to_come(view, step)),
        pods: pods(view, step),
        canary: if course.goes_back() || step.gate.passed > 0 {
            Canary::No
        } else {
            canary(view, step.component)
        },
        leader_known: step.component != Component::Fe || leader(view).is_some(),
        post_hooks: names(runs_hooks(step.component), &post_hooks(cluster, step.component)),
        script_refused: script(view, step, runs_hooks(step.component)),
    });
    let steps = steps.collect();
    let warnings = wave.warnings.clone();
    let waits = waits(view, wave);
    let Course { direction, trigger } = course;
    PreviewedWave { direction, trigger, preparation, held, steps, waits, warnings }
}

/// What the template says at this moment; once it is the target's, what it was before.
fn from_image(view: &View<'_>, step: &WaveComponent) -> String {
    match view.observation.component(step.component).statefulset.as_ref() {
        Some(live) if !is_patched(view, step) => live.image.clone(),
        _ => step.from_image.clone(),
    }
}

fn is_patched(view: &View<'_>, step: &WaveComponent) -> bool {
    let live = view.observation.component(step.component).statefulset.as_ref();
    step.is_touched() && live.is_some_and(|live| live.rendered_hash.as_ref() == Some(&step.target))
}

/// None, once they have run; before, those that have not succeeded yet.
fn pre_hooks_to_come(view: &View<'_>, step: &WaveComponent) -> Vec<Hook> {
    let is_before = matches!(step.phase, UpgradePhase::Detected | UpgradePhase::Preparing);
    let has_run = |hook: &Hook| {
        let mut runs = step.hooks.iter().filter(|run| run.phase == HookPhase::Pre && run.name == hook.name());
        runs.any(|run| run.result == HookResult::Succeeded)
    };
    let mut hooks = pre_hooks(&view.observation.cluster, step.component);
    hooks.retain(|hook| is_before && !has_run(hook));
    hooks
}

fn canary(view: &View<'_>, component: Component) -> Canary {
    view.observation.cluster.spec.rollout_gate(component).canary().unwrap_or(Canary::No)
}

fn names(runs_hooks: bool, hooks: &[Hook]) -> Vec<&'static str> {
    hooks.iter().filter(|_| runs_hooks).map(|hook| hook.name()).collect()
}

/// BE and CN from the highest ordinal down; FE likewise, the leader last.
fn pods(view: &View<'_>, step: &WaveComponent) -> Vec<String> {
    let component = step.component;
    let observed = view.observation.component(component);
    let mut pods: Vec<_> = observed.pods.iter().collect();
    if let Some(live) = observed.statefulset.as_ref().filter(|_| is_patched(view, step)) {
        pods.retain(|pod| pod.revision != live.update_revision);
    }
    let leader = leader(view).filter(|_| component == Component::Fe);
    let leads = |name: &str| leader.as_deref() == Some(name);
    pods.sort_by_key(|pod| (leads(&pod.name), std::cmp::Reverse(pod.ordinal)));
    pods.into_iter().map(|pod| pod.name.clone()).collect()
}

/// The pod of the FE that leads, where the database was asked and says so.
fn leader(view: &View<'_>) -> Option<String> {
    let Database::Asked(facts) = &view.observation.database else { return None };
    let leader = readiness::leader(facts.members.as_ref().ok()?)?;
    let pods = &view.observation.component(Component::Fe).pods;
    pods.iter().find(|pod| leader.is_pod(&pod.name, pod.ip.as_deref())).map(|pod| pod.name.clone())
}

fn script(view: &View<'_>, step: &WaveComponent, runs_hooks: bool) -> Option<String> {
    let component = step.component;
    let has_script = runs_hooks && pre_hooks_to_come(view, step).contains(&Hook::Custom);
    match view.observation.scripts.get(&component) {
        _ if !has_script => None,
        Some(ObservedScript::Accepted { judgement, .. }) => {
            let unapproved = |phase| judgement.approval.of(phase).err().map(str::to_owned);
            [HookPhase::Pre, HookPhase::Post].into_iter().find_map(unapproved)
        }
        Some(ObservedScript::Missing(what)) => Some(what.clone()),
        Some(ObservedScript::Refused { findings, .. }) => Some(findings.clone()),
        None => Some("the script has not been read".to_owned()),
    }
}
