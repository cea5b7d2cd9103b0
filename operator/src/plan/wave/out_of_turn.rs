//! Scripts of components whose turn it isn't: another component came before theirs. Two scripts never run at once, so
//! theirs give way, and run when their component's turn comes.

use super::hooks::{CUSTOM, compare, conclude, job_verdict, may_conclude};
use crate::plan::{View, job_of};
use hookgate_api::{
    StarRocksClusterStatus,
    status::{HookResult, HookRun, Wave, WaveComponent},
};

/// What is said of a run that gives way.
const GIVES_WAY: &str = "another component comes first: it runs when its turn comes";

/// Whether a run waits for its component's turn: it has neither a Job nor a nonce, and its time hasn't begun.
pub(in crate::plan) fn is_put_off(run: &HookRun) -> bool {
    run.name == CUSTOM && run.result == HookResult::Running && !run.started && run.nonce.is_empty()
}

/// Takes up a run that was put off: its turn has come.
pub(super) fn take_up(view: &View<'_>, run: &mut HookRun) {
    if is_put_off(run) {
        run.nonce.clone_from(&view.observation.nonce);
        run.started_at = view.time();
        run.message.clear();
    }
}

/// Ends or puts off the scripts of every component but the one whose turn it is.
pub(super) fn give_way(view: &View<'_>, wave: &mut Wave, status: &StarRocksClusterStatus) {
    let current = super::current(wave);
    let id = wave.id.clone();
    let others = wave.components.iter_mut().enumerate().filter(|(index, _)| Some(*index) != current);
    others.for_each(|(_, step)| give_way_step(view, &id, step, status));
}

fn give_way_step(view: &View<'_>, wave: &str, step: &mut WaveComponent, status: &StarRocksClusterStatus) {
    let component = step.component;
    let runs = step.hooks.iter_mut().filter(|run| run.name == CUSTOM && run.result == HookResult::Running);
    for run in runs.filter(|run| !is_put_off(run)) {
        let job = job_of(&view.observation.cluster, wave, component, run);
        if !run.started && !view.observation.jobs.contains_key(&job) {
            put_off(run);
            continue;
        }
        // How one has ended is not lost.
        match job_verdict(view, wave, component, run) {
            Some(verdict) if run.started => {
                if may_conclude(view, run) {
                    conclude(view, component, run, Some(verdict));
                    compare(view, component, run, status);
                }
            }
            // The next try has another Job, so that nobody takes this one for it.
            _ => {
                run.attempt = run.attempt.saturating_add(1);
                put_off(run);
            }
        }
    }
}

fn put_off(run: &mut HookRun) {
    run.started = false;
    run.job_uid = None;
    run.foreign_job.clear();
    run.nonce.clear();
    run.changed = None;
    GIVES_WAY.clone_into(&mut run.message);
}
