//! What a pass does, when it finds it written down.

use super::{
    Action, View, frontend_address, holds, job_of, preparation, rolling, script_runs,
    wave::{CUSTOM, current, dry_run_effects, image_effect, startable},
};
use crate::{
    observation::{Database, ObservedJob},
    render::Configuration,
    run::{Run, RunFrontend, RunPod, RunScript},
};
use hookgate_api::{
    Component, StarRocksClusterStatus,
    defaults::DEFAULT_FE_USER,
    hooks::{HookPhase, UpgradeHooks},
    status::{HookResult, HookRun, UpgradePhase, Wave, WaveComponent},
};
use k8s_openapi::api::core::v1::EnvVar;

/// The effects of the intents in the status. At most one of them lets a pod go.
pub(super) fn effects(view: &View<'_>, status: &StarRocksClusterStatus) -> Vec<Action> {
    let mut actions = holds::effects(view, status);
    if let Some(wave) = &status.wave {
        // It's written down as sent: nothing that may fail comes before it.
        if actions.is_empty() {
            actions.extend(preparation::effect(view, &wave.id, status));
        }
        if let Some(step) = current(wave).and_then(|index| wave.components.get(index)) {
            actions.extend(custom_hook(view, status, wave, step));
            actions.extend(image_effect(view, step));
            actions.extend(rolling::effect(view, status, step));
        }
        actions.extend(dry_run_effects(view, wave));
        actions.extend(superfluous_jobs(view, status));
    }
    actions
}

/// The start of a run that is written down and hasn't begun.
fn custom_hook(
    view: &View<'_>,
    status: &StarRocksClusterStatus,
    wave: &Wave,
    step: &WaveComponent,
) -> Option<Action> {
    // A run that is left over from before a step was sent back does not start among its pods.
    let its_turn = |run: &&HookRun| match run.phase {
        HookPhase::Pre => step.phase == UpgradePhase::Preparing,
        HookPhase::Post => step.phase == UpgradePhase::Finalizing,
    };
    let is_due = |run: &&HookRun| run.name == CUSTOM && run.result == HookResult::Running && its_turn(run);
    let run = step.hooks.iter().find(is_due)?;
    let name = job_of(&view.observation.cluster, &wave.id, step.component, run);
    let found = view.observation.jobs.get(&name);
    if run.started || found == Some(&ObservedJob::Foreign) {
        return None;
    }
    // What it may change is written down first. One that is there and isn't known to be of this run was, when it was
    // made: whoever makes it looks at it.
    if found.is_none() && !holds::is_watched(view, status, &holds::of_script(view, step.component)) {
        return None;
    }
    // Never two scripts at once: those of earlier tries and waves are removed first.
    if found.is_none() && view.observation.own_jobs().next().is_some() {
        return None;
    }
    let cluster = &view.observation.cluster;
    let hooks = cluster.spec.upgrade_hooks(step.component)?;
    let custom = hooks.custom.as_ref()?;
    let (sha256, judgement) = startable(view, step.component, run)?;
    let fe = cluster.spec.star_rocks_fe_spec.as_ref()?;
    let none = Configuration::default();
    let fe_configuration = view.observation.configurations.get(&Component::Fe).unwrap_or(&none);
    let frontend = RunFrontend {
        address: frontend_address(view)?,
        query_port: fe_configuration.port("query_port", 9030),
        user: user(view).to_owned(),
    };
    let (config_map, key) = (custom.config_map_name.clone(), custom.script_key().to_owned());
    Some(Action::StartRun(Box::new(Run {
        name,
        nonce: run.nonce.clone(),
        component: step.component,
        phase: run.phase,
        wave: wave.id.clone(),
        script: RunScript { config_map, key, sha256: sha256.to_owned(), text: judgement.text.clone() },
        functions: judgement.functions.clone(),
        clearance: run.clearance.clone(),
        sql_policies: judgement.sql_policies.clone(),
        requires_sandbox: view.observation.runner.requires_sandbox,
        programs: view.observation.runner.programs.clone(),
        timeout_seconds: UpgradeHooks::timeout_seconds(hooks),
        frontend,
        pod: RunPod {
            image: view.observation.component(Component::Fe).statefulset.as_ref()?.image.clone(),
            image_pull_secrets: fe.server.common.image_pull_secrets.clone(),
            password: password(&fe.fe_env_vars),
        },
    })))
}

/// The user that the operator itself talks to the database as.
fn user<'a>(view: &View<'a>) -> &'a str {
    match &view.observation.database {
        Database::Asked(facts) => &facts.user,
        Database::NotAsked => DEFAULT_FE_USER,
    }
}

/// The user's password as FE's environment has it.
fn password(environment: &[EnvVar]) -> Option<EnvVar> {
    environment.iter().find(|variable| variable.name == "MYSQL_PWD").cloned()
}

/// Jobs that nobody waits for: their end is written down, or they are of a wave that has started anew since.
fn superfluous_jobs(view: &View<'_>, status: &StarRocksClusterStatus) -> Vec<Action> {
    let runs = script_runs(&view.observation.cluster, status);
    let running = runs.filter(|one| one.run.result == HookResult::Running);
    let awaited: Vec<_> = running.map(|one| one.job).collect();
    let superfluous = view.observation.own_jobs().filter(|(name, _)| !awaited.contains(name));
    superfluous.map(|(name, _)| Action::DeleteRun(name.clone())).collect()
}
