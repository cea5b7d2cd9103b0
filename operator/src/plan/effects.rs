//! What a pass does, when it finds it written down.

use super::{
    Action, View, holds, names, preparation, readiness,
    wave::{CUSTOM, closed, current, is_outdated},
};
use crate::{
    observation::{ObservedJob, ObservedScript, ObservedStatefulSet},
    render::{self, Configuration, HookJob, Replicas, Rollout},
};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    hooks::UpgradeHooks,
    status::{HookResult, HookRun, UpgradePhase, Wave, WaveComponent},
};
use k8s_openapi::api::core::v1::EnvVar;
use kube::ResourceExt;

/// The effects of the intents in the status. At most one of them lets a pod go.
pub(super) fn effects(view: &View<'_>, status: &StarRocksClusterStatus) -> Vec<Action> {
    let mut actions = holds::effects(view, status);
    if let Some(wave) = &status.wave {
        actions.extend(preparation::effect(view, &wave.id, status));
        if let Some(step) = current(wave).and_then(|index| wave.components.get(index)) {
            actions.extend(custom_hook(view, wave, step));
            actions.extend(roll(view, status, step));
        }
        actions.extend(superfluous_jobs(view, wave));
    }
    actions
}

/// The Job of a run that is written down and doesn't exist yet.
fn custom_hook(view: &View<'_>, wave: &Wave, step: &WaveComponent) -> Option<Action> {
    let run = step.hooks.iter().find(|run| run.name == CUSTOM && run.result == HookResult::Running)?;
    let name = job_name(view, wave, step.component, run);
    if view.observation.jobs.contains_key(&name) {
        return None;
    }
    let cluster = &view.observation.cluster;
    let hooks = cluster.spec.upgrade_hooks(step.component)?;
    let custom = hooks.custom.as_ref()?;
    // Only a script that the policy accepts in this very pass, and that is the one written down.
    let Some(ObservedScript::Accepted { sha256 }) = view.observation.scripts.get(&step.component) else {
        return None;
    };
    if run.script_sha256.as_ref() != Some(sha256) {
        return None;
    }
    let fe = cluster.spec.star_rocks_fe_spec.as_ref()?;
    let none = Configuration::default();
    let fe_configuration = view.observation.configurations.get(&Component::Fe).unwrap_or(&none);
    let job = HookJob {
        name,
        component: step.component,
        phase: run.phase,
        wave: &wave.id,
        config_map: &custom.config_map_name,
        key: custom.script_key(),
        sha256,
        image: &view.observation.component(Component::Fe).statefulset.as_ref()?.image,
        image_pull_secrets: fe.server.common.image_pull_secrets.clone(),
        fe_query_port: fe_configuration.port("query_port", 9030),
        password: password(&fe.fe_env_vars),
        timeout_seconds: UpgradeHooks::timeout_seconds(hooks),
    };
    Some(Action::CreateJob(Box::new(render::hook_job(cluster, &job))))
}

/// root's password as FE's environment has it.
fn password(environment: &[EnvVar]) -> Option<EnvVar> {
    environment.iter().find(|variable| variable.name == "MYSQL_PWD").cloned()
}

fn job_name(view: &View<'_>, wave: &Wave, component: Component, run: &HookRun) -> String {
    let cluster = &view.observation.cluster;
    let uid = cluster.uid().unwrap_or_default();
    names::hook_job(&cluster.name_any(), &uid, &wave.id, component, run.phase, run.attempt)
}

/// Jobs that nobody waits for: their end is written down, or they are of a wave that has started anew since.
fn superfluous_jobs(view: &View<'_>, wave: &Wave) -> Vec<Action> {
    let running = |run: &&HookRun| run.name == CUSTOM && run.result == HookResult::Running;
    let awaited: Vec<_> = wave
        .components
        .iter()
        .flat_map(|step| {
            step.hooks.iter().filter(running).map(|run| job_name(view, wave, step.component, run))
        })
        .collect();
    let ours = view.observation.jobs.iter().filter(|(_, job)| **job != ObservedJob::Foreign);
    let superfluous = ours.filter(|(name, _)| !awaited.contains(name));
    superfluous.map(|(name, _)| Action::DeleteJob(name.clone())).collect()
}

/// What brings a component that is rolling one step further.
fn roll(view: &View<'_>, status: &StarRocksClusterStatus, step: &WaveComponent) -> Option<Action> {
    if step.phase != UpgradePhase::Rolling {
        return None;
    }
    let observed = view.observation.component(step.component);
    let set = observed.statefulset.as_ref()?;
    let rendered =
        view.desired.statefulset(step.component).filter(|rendered| rendered.hash() == step.target)?;
    let apply = |rollout: Rollout| {
        let object = rendered.object(Replicas::Keep(set.replicas), rollout);
        Some(Action::ApplyStatefulSet(Box::new(object)))
    };
    if set.rendered_hash.as_deref() != Some(rendered.hash()) {
        return apply(closed(step.component, set.replicas));
    }
    if set.observed_generation < set.generation {
        return None;
    }
    if let Some(opened) = &step.opened {
        // When no FE is there to ask, FE is what has to be repaired.
        let nobody_to_ask = step.component == Component::Fe && !observed.pods.iter().any(|pod| pod.ready);
        let may_go = !runs_hooks(status) || nobody_to_ask || holds::verified(view, status).is_ok();
        let still_there =
            observed.pod(opened.ordinal).is_none_or(|pod| pod.uid == opened.uid && !pod.terminating);
        return if may_go && still_there { open(view, step, set, opened.ordinal, &apply) } else { None };
    }
    let all_back = (0..set.replicas).all(|ordinal| !is_outdated(observed, set, ordinal));
    let ready = readiness::workload_ready(view, step.component).is_ok();
    if all_back && ready && set.rollout != Rollout::OPEN { apply(Rollout::OPEN) } else { None }
}

fn runs_hooks(status: &StarRocksClusterStatus) -> bool {
    status.wave.as_ref().is_some_and(|wave| wave.direction.runs_hooks())
}

fn open(
    view: &View<'_>,
    step: &WaveComponent,
    set: &ObservedStatefulSet,
    ordinal: i32,
    apply: &impl Fn(Rollout) -> Option<Action>,
) -> Option<Action> {
    match set.rollout {
        Rollout::OnDelete => {
            let pod = view.observation.component(step.component).pod(ordinal)?;
            Some(Action::DeletePod { name: pod.name.clone(), uid: pod.uid.clone() })
        }
        Rollout::Partition(partition) if partition > ordinal => apply(Rollout::Partition(ordinal)),
        Rollout::Partition(_) => None,
    }
}
