//! When a failed hook is tried again: after a wait that doubles, until it has failed too often.

use super::View;
use hookgate_api::status::{HookResult, HookRun};
use jiff::{SignedDuration, Timestamp};

/// What becomes of a run that failed.
pub(super) enum Retry {
    /// It has failed too often.
    Exhausted,
    /// It is tried again at that time.
    At(Timestamp),
    /// It is being tried again.
    Begun,
}

/// Begins the next try of a failed run, if its time has come.
pub(super) fn retry(view: &View<'_>, run: &mut HookRun) -> Retry {
    if run.attempt >= view.tuning.hook_attempts {
        return Retry::Exhausted;
    }
    let backoff = view.tuning.hook_backoff.saturating_mul(1 << run.attempt.saturating_sub(1).min(16));
    let finished = run.finished_at.as_ref().map_or(view.now, |time| time.0);
    let due = finished + SignedDuration::try_from(backoff).unwrap_or(SignedDuration::MAX);
    if view.now < due {
        return Retry::At(due);
    }
    run.attempt += 1;
    run.result = HookResult::Running;
    run.started = false;
    run.job_uid = None;
    run.foreign_job.clear();
    if !run.nonce.is_empty() {
        run.nonce.clone_from(&view.observation.nonce);
    }
    run.changed = None;
    run.started_at = view.time();
    run.finished_at = None;
    run.message = String::new();
    Retry::Begun
}
