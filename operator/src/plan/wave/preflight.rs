//! What is looked at before the first pod of a component, while nothing is switched off: the database is in a state to
//! lose a server, the API server would take each patch, and the metadata has a fresh image.

use super::{Step, Wait, others_ready, repair};
use crate::{
    observation::{Database, Member, MemberRole, Members},
    plan::{Action, View, readiness, strategy},
    render::{RenderedStatefulSet, Replicas},
};
use hookgate_api::{
    Component,
    status::{Direction, DryRun, ImageRun, UpgradePhase, Wave, WaveComponent},
};
use jiff::SignedDuration;

/// How long what was refused is left in peace.
const RETRY: SignedDuration = SignedDuration::from_secs(10);
/// The API server refuses a patch: nothing goes on until it's another, or is taken.
pub(in crate::plan) const PATCH_REFUSED: &str = "PatchRefused";
/// How many tables are named.
const NAMED_TABLES: usize = 20;

/// Looks at everything before a component's hooks. Why it can't go on is a wait that names the way out.
pub(super) fn look(view: &View<'_>, wave: &mut Wave, index: usize) -> Step {
    let Some(step) = wave.components.get(index) else { return Ok(()) };
    if step.phase != UpgradePhase::Detected {
        // It has taken another target since.
        return if is_to_be_patched(view, step) { dry_run(view, wave, step) } else { Ok(()) };
    }
    let is_stuck = repair::is_stuck(view, step);
    if !is_stuck {
        // What else isn't ready is said in its own words.
        if others_ready(view, step).is_err() {
            return Ok(());
        }
        if let Ok(members) = readiness::members(view)
            && !nobody_to_ask(view, step.component)
        {
            let has_fe = wave.components.iter().any(|step| step.component == Component::Fe);
            facts(view, members, step.component, has_fe)?;
        }
    }
    note_tables(view, wave);
    dry_runs(view, wave)
}

/// When it is FE's turn and no FE is there to ask, FE is what has to be repaired.
fn nobody_to_ask(view: &View<'_>, component: Component) -> bool {
    component == Component::Fe && !view.observation.component(Component::Fe).pods.iter().any(|pod| pod.ready)
}

/// What the database needs before a server of a component may go.
pub(super) fn facts(view: &View<'_>, members: &Members, component: Component, has_fe: bool) -> Step {
    let wait =
        |gate: &str, message: String| Err(Wait::gate("Preflight", format!("Preflight:{gate}"), message));
    let leaders = members.frontends.iter().filter(|fe| fe.role == MemberRole::Leader && fe.alive).count();
    if leaders != 1 {
        let message = format!("{leaders} FEs call themselves the leader: waiting until it's one");
        view.pass(wait("Leader", message))?;
    }
    let voters: Vec<_> = members.frontends.iter().filter(|fe| fe.role != MemberRole::Observer).collect();
    let alive = voters.iter().filter(|fe| fe.alive).count();
    // One FE, or two, have no quorum while one restarts, whatever is waited for.
    if has_fe && voters.len() > 2 && alive.saturating_sub(1) <= voters.len() / 2 {
        let message = format!(
            "{alive} of {} FEs are Alive: without one of these there's no quorum. Bring the others back, or take those \
             that are gone for good out of SHOW FRONTENDS by ALTER SYSTEM DROP FOLLOWER",
            voters.len()
        );
        view.pass(wait("Quorum", message))?;
    }
    if let Some(dead) = members.backends.iter().find(|be| !be.alive && !is_broken_pod(view, component, be)) {
        let message = format!(
            "BE {} is not Alive in SHOW BACKENDS: bring it back, or take it out by ALTER SYSTEM DROP BACKEND",
            dead.host
        );
        view.pass(wait("BackendsAlive", message))?;
    }
    if let Some(leaving) = members.backends.iter().find(|be| be.decommissioned) {
        let message = format!(
            "BE {} is being decommissioned: wait until its tablets have moved, or CANCEL DECOMMISSION BACKEND",
            leaving.host
        );
        view.pass(wait("Decommission", message))?;
    }
    Ok(())
}

/// A pod of the component itself that serves nobody is what the change may put right.
fn is_broken_pod(view: &View<'_>, component: Component, member: &Member) -> bool {
    let pods = &view.observation.component(component).pods;
    component == Component::Be
        && pods.iter().any(|pod| !pod.ready && member.is_pod(&pod.name, pod.ip.as_deref()))
}

/// Tables with one replica can't be read while the BE that has it restarts. That's the user's choice, and said.
fn note_tables(view: &View<'_>, wave: &mut Wave) {
    let Database::Asked(facts) = &view.observation.database else { return };
    let Some(tables) = facts.single_replica_tables.as_ref().filter(|_| !wave.preflight.tables_read) else {
        return;
    };
    wave.preflight.tables_read = true;
    let has_be = wave.components.iter().any(|step| step.component == Component::Be);
    match tables {
        Ok(tables) if has_be && !tables.is_empty() => {
            let named: Vec<_> = tables.iter().take(NAMED_TABLES).map(String::as_str).collect();
            let more = tables.len().saturating_sub(NAMED_TABLES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message = format!(
                "tables with one replica can't be read while their BE restarts: {}{more}",
                named.join(", ")
            );
            wave.preflight.warnings.push(message);
        }
        Ok(_) => {}
        Err(error) => {
            wave.preflight.warnings.push(format!("tables with one replica can't be looked for: {error}"));
        }
    }
}

/// Every patch of the wave is tried at the API server first, without effect.
fn dry_runs(view: &View<'_>, wave: &Wave) -> Step {
    let mut detected = wave.components.iter().filter(|step| step.phase == UpgradePhase::Detected);
    detected.try_for_each(|step| dry_run(view, wave, step))
}

fn dry_run(view: &View<'_>, wave: &Wave, step: &WaveComponent) -> Step {
    match tried(wave, step).map(|run| &run.refused) {
        Some(None) => Ok(()),
        Some(Some(refused)) => Err(Wait::new(PATCH_REFUSED, refused.clone())),
        // What isn't what the spec asks for is not tried, nor patched.
        None if wanted(view, step).is_none() => Ok(()),
        None => {
            let message = format!("trying the patch of {} without effect", step.component);
            Err(Wait::new("DryRun", message))
        }
    }
}

/// What the API server said to the patch of a step.
fn tried<'a>(wave: &'a Wave, step: &WaveComponent) -> Option<&'a DryRun> {
    let mut runs = wave.preflight.dry_runs.iter();
    runs.find(|run| run.component == step.component && run.target == step.target)
}

/// Whether the API server would take the patch of a step.
pub(in crate::plan) fn may_patch(wave: &Wave, step: &WaveComponent) -> bool {
    tried(wave, step).is_some_and(|run| run.refused.is_none())
}

/// The StatefulSet that a step works towards.
fn wanted<'a>(view: &View<'a>, step: &WaveComponent) -> Option<&'a RenderedStatefulSet> {
    view.desired.statefulset(step.component).filter(|set| set.hash() == step.target)
}

/// Whether a component that has begun is still to be patched.
fn is_to_be_patched(view: &View<'_>, step: &WaveComponent) -> bool {
    let begun = matches!(step.phase, UpgradePhase::Preparing | UpgradePhase::Ready | UpgradePhase::Rolling);
    let set = view.observation.component(step.component).statefulset.as_ref();
    begun && set.is_some_and(|set| set.rendered_hash.as_deref() != Some(step.target.as_str()))
}

/// The patches that are to be tried: those that haven't been, and those whose refusal was a while ago.
pub(in crate::plan) fn dry_run_effects(view: &View<'_>, wave: &Wave) -> Vec<Action> {
    let is_due = |step: &&WaveComponent| {
        let run = tried(wave, step);
        run.is_none_or(|run| run.refused.is_some() && view.now >= run.at.0 + RETRY)
    };
    let action = |step: &WaveComponent| {
        let rendered = wanted(view, step)?;
        let set = view.observation.component(step.component).statefulset.as_ref()?;
        let rollout = strategy::closed(view, step.component, set.replicas);
        let object =
            rendered.object(Replicas::Keep(set.replicas), &strategy::rolling(view, step.component, rollout));
        let (component, target) = (step.component, step.target.clone());
        Some(Action::DryRunStatefulSet { component, target, object: Box::new(object) })
    };
    let unpatched =
        |step: &&WaveComponent| step.phase == UpgradePhase::Detected || is_to_be_patched(view, step);
    wave.components.iter().filter(unpatched).filter(is_due).filter_map(action).collect()
}

/// Before FE's pods are replaced by another version the leader writes an image of the metadata.
pub(super) fn image(view: &View<'_>, direction: Direction, component: &mut WaveComponent) -> Step {
    let changes_version = matches!(direction, Direction::Upgrade | Direction::Downgrade);
    if component.component != Component::Fe || !changes_version || nobody_to_ask(view, Component::Fe) {
        return Ok(());
    }
    let repaired = repair::is_stuck(view, component);
    let start = |attempt| ImageRun { attempt, started_at: view.time(), done: false, message: String::new() };
    let run = component.image.get_or_insert_with(|| start(1));
    // A version that doesn't know the statement has no image to wait for; that is said.
    run.done |= run.message.contains("syntax error");
    if !run.done && repaired && can_have_no_leader(view) {
        run.done = true;
        "no FE leads, and none will before FE is repaired".clone_into(&mut run.message);
    }
    if run.done {
        return Ok(());
    }
    let message = if run.message.is_empty() {
        "waiting for the leader to write an image of the metadata (ALTER SYSTEM CREATE IMAGE)".to_owned()
    } else {
        format!("ALTER SYSTEM CREATE IMAGE failed (try {}) and is tried again: {}", run.attempt, run.message)
    };
    if !run.message.is_empty() && view.now >= run.started_at.0 + RETRY {
        *run = start(run.attempt.saturating_add(1));
    }
    view.pass(Err(Wait::gate("CreateImage", "Preflight:Image", message)))
}

/// Whether no FE leads, and too few are ready to elect one.
fn can_have_no_leader(view: &View<'_>) -> bool {
    let observed = view.observation.component(Component::Fe);
    let ready = observed.pods.iter().filter(|pod| pod.ready).count();
    let all = observed.statefulset.as_ref().and_then(|set| usize::try_from(set.replicas).ok());
    let leads = readiness::members(view).is_ok_and(|members| readiness::leader(members).is_some());
    !leads && all.is_some_and(|all| ready * 2 <= all)
}

/// The statement that is written down and has no answer yet.
pub(in crate::plan) fn image_effect(view: &View<'_>, step: &WaveComponent) -> Option<Action> {
    step.image.as_ref().filter(|run| !run.done && run.message.is_empty())?;
    if step.phase != UpgradePhase::Ready {
        return None;
    }
    let leader = readiness::leader(readiness::members(view).ok()?)?;
    let Database::Asked(facts) = &view.observation.database else { return None };
    let frontend = facts.frontends.iter().find(|fe| leader.is_pod(&fe.pod, Some(&fe.ip)))?;
    Some(Action::CreateImage { ip: frontend.ip.clone() })
}
