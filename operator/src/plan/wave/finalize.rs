//! Post-hooks: in order, once each. A failure is recorded and blocks nothing.

use super::{
    Course, Step, Wait,
    hooks::{
        Hook, compare, conclude, job_verdict, keep_script_current, may_conclude, note_waiting, place,
        post_hooks, start,
    },
};
use crate::{
    observation::ObservedScript,
    plan::{View, job_of},
};
use hookgate_api::{
    StarRocksClusterStatus,
    hooks::HookPhase,
    status::{HookResult, HookRun, UpgradePhase, WaveComponent},
};

pub(super) fn finalize(
    view: &View<'_>,
    wave: &str,
    course: Course,
    component: &mut WaveComponent,
    status: &StarRocksClusterStatus,
) -> Step {
    if course.runs_hooks(view, component.component) {
        for hook in post_hooks(&view.observation.cluster, component.component) {
            run(view, wave, component, hook, status)?;
        }
    }
    give_up(view, component);
    component.phase = UpgradePhase::Completed;
    component.completed_at = Some(view.time());
    Ok(())
}

/// A run may be unfinished when nobody asks for it any more: the wave went back, or the hook was taken out of the spec.
/// Its end is written down, or its Job would be waited for without end.
fn give_up(view: &View<'_>, component: &mut WaveComponent) {
    for run in component.hooks.iter_mut().filter(|run| run.result == HookResult::Running) {
        conclude(view, component.component, run, Some(Err("given up: it is no longer asked for".to_owned())));
    }
}

fn run(
    view: &View<'_>,
    wave: &str,
    component: &mut WaveComponent,
    hook: Hook,
    status: &StarRocksClusterStatus,
) -> Step {
    let Some(index) = place(component, hook, HookPhase::Post) else {
        let mut run = start(view, component.component, hook, HookPhase::Post);
        // It may have run for a target before: that run's Job is another.
        let is_taken = |run: &HookRun| {
            let name = job_of(&view.observation.cluster, wave, component.component, run);
            view.observation.own_jobs().any(|(taken, _)| *taken == name)
        };
        while hook == Hook::Custom && is_taken(&run) {
            run.attempt += 1;
        }
        component.hooks.push(run);
        return Err(running(hook));
    };
    let not_started =
        hook == Hook::Custom && keep_script_current(view, wave, component, index, HookPhase::Post);
    let refused = if not_started { script_can_run(view, component).err() } else { None };
    let verdict = match (hook, refused, component.hooks.get(index)) {
        // It lets go of the component's share, which being completed does.
        (Hook::Predefined(_), ..) => Some(Ok(String::new())),
        (Hook::Custom, Some(message), _) => Some(Err(message)),
        (Hook::Custom, None, Some(run)) => job_verdict(view, wave, component.component, run),
        (Hook::Custom, None, None) => None,
    };
    let Some(run) = component.hooks.get_mut(index) else { return Ok(()) };
    if run.result == HookResult::Running && may_conclude(view, run) {
        conclude(view, component.component, run, verdict);
    }
    note_waiting(view, wave, component.component, run);
    compare(view, component.component, run, status);
    if run.result == HookResult::Running { Err(running(hook)) } else { Ok(()) }
}

fn script_can_run(view: &View<'_>, component: &WaveComponent) -> Result<(), String> {
    match view.observation.scripts.get(&component.component) {
        Some(ObservedScript::Accepted { judgement, .. }) => {
            judgement.approval.of(HookPhase::Post).map(|_| ()).map_err(str::to_owned)
        }
        Some(ObservedScript::Missing(message)) => Err(message.clone()),
        Some(ObservedScript::Refused { findings, .. }) => {
            Err(format!("the hook script is refused by the policy: {findings}"))
        }
        None => Err("the hook script has not been read".to_owned()),
    }
}

fn running(hook: Hook) -> Wait {
    Wait::new("HookRunning", format!("waiting for the post-hook {} to end", hook.name()))
}
