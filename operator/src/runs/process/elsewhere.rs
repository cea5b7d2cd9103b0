//! Runs that the operator has started on another machine, before it came to lead here.

use crate::{
    observation::ObservedJob,
    plan::{ScriptRun, script_runs},
    runs::Runs,
};
use hookgate_api::{
    StarRocksCluster,
    defaults::DEFAULT_TIMEOUT_SECONDS,
    hooks::UpgradeHooks,
    status::{HookResult, HookRun},
};
use jiff::{SignedDuration, Timestamp};

/// How much longer than its time a run may take until nothing of it is left: its supervisor ends it, and reports.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// The run of that name that the status has.
pub(super) fn awaited<'a>(cluster: &'a StarRocksCluster, name: &str) -> Option<&'a HookRun> {
    let runs = cluster.status.iter().flat_map(|status| script_runs(cluster, status));
    runs.into_iter().find(|one| one.job == name).map(|one| one.run)
}

/// Adds the runs that were started elsewhere: they go on until their time is certainly up, so that no second script runs
/// beside; how they went isn't known here.
pub(super) fn add(cluster: &StarRocksCluster, here: &str, now: Timestamp, observed: &mut Runs) {
    let runs = cluster.status.iter().flat_map(|status| script_runs(cluster, status));
    for ScriptRun { job, component, run } in runs {
        let Some(place) = run.job_uid.as_deref().filter(|place| *place != here) else { continue };
        if run.result != HookResult::Running || !run.started || observed.jobs.contains_key(&job) {
            continue;
        }
        let seconds = cluster
            .spec
            .upgrade_hooks(component)
            .map_or_else(|| i64::from(DEFAULT_TIMEOUT_SECONDS), UpgradeHooks::timeout_seconds);
        let is_over = now >= run.started_at.0 + SignedDuration::from_secs(seconds) + MARGIN;
        let state = if is_over {
            let message =
                format!("it was started on another machine ({place}), and how it went is not known here");
            ObservedJob::Failed { deadline_exceeded: false, message }
        } else {
            ObservedJob::Running
        };
        observed.jobs.insert(job, state);
    }
}
