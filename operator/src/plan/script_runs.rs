//! The runs of scripts that a status has, with the names of their Jobs.

use super::{CUSTOM, View, names::hook_job, readiness};
use crate::{observation::Database, run::Runner};
use hookgate_api::{
    Component, StarRocksCluster, StarRocksClusterStatus,
    status::{HookRun, WaveComponent},
};
use kube::ResourceExt;

/// A run of a script.
pub(crate) struct ScriptRun<'a> {
    /// The name of its Job.
    pub(crate) job: String,
    /// The component whose script it is.
    pub(crate) component: Component,
    /// What the status has of it.
    pub(crate) run: &'a HookRun,
}

/// The name of the Job of a run.
pub(crate) fn job_of(cluster: &StarRocksCluster, wave: &str, component: Component, run: &HookRun) -> String {
    let uid = cluster.uid().unwrap_or_default();
    hook_job(&cluster.name_any(), &uid, wave, component, run.phase, run.attempt)
}

/// The runs of scripts of a status's wave; the predefined hooks have no Jobs.
pub(crate) fn script_runs<'a>(
    cluster: &'a StarRocksCluster,
    status: &'a StarRocksClusterStatus,
) -> impl Iterator<Item = ScriptRun<'a>> {
    status.wave.iter().flat_map(move |wave| {
        let of_step = move |WaveComponent { component, hooks, .. }: &'a WaveComponent| {
            let (component, runs) = (*component, hooks.iter().filter(|run| run.name == CUSTOM));
            runs.map(move |run| ScriptRun { job: job_of(cluster, &wave.id, component, run), component, run })
        };
        wave.components.iter().flat_map(of_step)
    })
}

/// Where the statements of a run go: to FE's Service, as pods reach it. A run on the operator's own machine reaches what the
/// operator reaches: the leader's pod, or another that answers.
pub(super) fn frontend_address(view: &View<'_>) -> Option<String> {
    if view.observation.runner.kind == Runner::Job {
        return view.observation.fe_address.clone();
    }
    let Database::Asked(facts) = &view.observation.database else { return None };
    let leader = facts.members.as_ref().ok().and_then(readiness::leader);
    let mut answering = facts.frontends.iter().filter(|frontend| frontend.answer.is_ok());
    let leads = answering
        .clone()
        .find(|frontend| leader.is_some_and(|leader| leader.is_pod(&frontend.pod, Some(&frontend.ip))));
    leads.or_else(|| answering.next()).map(|frontend| frontend.ip.clone())
}
