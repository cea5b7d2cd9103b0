//! `upgradePreparation`: SQL hooks for the whole cluster, once a wave, before the first component.
//!
//! A statement that sets one of the settings that can be held becomes a hold: it is given back after the wave, also
//! when nobody wrote a statement for that.

use super::{
    Action, View, holds, readiness,
    retry::{Retry, retry},
    wave::{DEADLINE_EXCEEDED, Wait},
};
use crate::observation::{Database, Touched};
use hookgate_api::{
    StarRocksClusterStatus,
    defaults::DEFAULT_TIMEOUT_SECONDS,
    hooks::{HELD_SETTINGS, HookPhase, PredefinedHook, PreparationHook},
    status::{HookResult, HookRun, PreparationPhase, UpgradePreparationStatus},
};
use hookgate_policy::settings_set_by_sql;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// How long a hook of the preparation may take: it has no field for that.
const TIMEOUT: SignedDuration = SignedDuration::from_secs(DEFAULT_TIMEOUT_SECONDS as i64);

/// How far the preparation is.
pub(super) enum Progress {
    /// There is none, or it's complete.
    Done,
    /// It goes on.
    Wait(Wait),
    /// A critical hook has failed for good.
    Failed(String),
}

/// What a hook of the preparation does.
enum Kind<'a> {
    /// Holds settings.
    Hold(Vec<(&'static str, String)>),
    /// Runs a statement.
    Sql(&'a str),
}

fn kind(hook: &PreparationHook) -> Kind<'_> {
    let command = hook.command.trim();
    if command.is_empty()
        && let Ok(predefined) = hook.name.parse::<PredefinedHook>()
    {
        let settings = predefined.held_settings().iter();
        return Kind::Hold(settings.map(|(name, value)| (*name, (*value).to_owned())).collect());
    }
    match set_statement(command) {
        Some((name, value)) => Kind::Hold(vec![(name, value)]),
        None => Kind::Sql(command),
    }
}

/// The setting and value of `ADMIN SET FRONTEND CONFIG ("key" = "value")`, when it is all there is, and the setting one
/// that can be held. Others are sent as they are, and compared with afterwards.
fn set_statement(statement: &str) -> Option<(&'static str, String)> {
    let set = settings_set_by_sql(statement);
    let (key, value) = match (set.complete, set.values.iter().next(), set.values.len()) {
        (true, Some((key, values)), 1) if values.len() == 1 => (key, values.first()?),
        _ => return None,
    };
    // Nothing else is in the text.
    if statement.trim().trim_end_matches(';').contains(';') {
        return None;
    }
    // A value that no held setting can have goes to the database as it is, which says what is wrong with it.
    if value.parse::<i64>().is_err() && !["true", "false"].contains(&value.as_str()) {
        return None;
    }
    let (canonical, _) = HELD_SETTINGS.into_iter().find(|(name, alias)| key == name || key == alias)?;
    Some((canonical, value.clone()))
}

fn hooks<'a>(view: &View<'a>) -> &'a [PreparationHook] {
    match &view.observation.cluster.spec.upgrade_preparation {
        Some(preparation) if preparation.enabled => &preparation.hooks,
        _ => &[],
    }
}

/// The settings that the preparation of this wave holds.
pub(super) fn held(view: &View<'_>, wave: &str, status: &StarRocksClusterStatus) -> Vec<(String, String)> {
    let Some(preparation) = status.upgrade_preparation_status.as_ref().filter(|known| known.wave == wave)
    else {
        return Vec::new();
    };
    let begun =
        hooks(view).iter().zip(&preparation.hooks).filter(|(_, run)| run.result != HookResult::Failed);
    let settings = begun.flat_map(|(hook, _)| match kind(hook) {
        Kind::Hold(settings) => settings,
        Kind::Sql(_) => Vec::new(),
    });
    settings.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The settings that statements of the preparation of this wave have changed by themselves.
pub(super) fn changed(wave: &str, status: &StarRocksClusterStatus) -> Vec<(String, String)> {
    let preparation = status.upgrade_preparation_status.iter().filter(|known| known.wave == wave);
    let changed = preparation.flat_map(|known| &known.hooks).flat_map(|run| run.changed.iter().flatten());
    changed.map(|changed| (changed.name.clone(), changed.value.clone())).collect()
}

/// The settings that statements may change which are written down and not compared yet.
pub(super) fn watched(view: &View<'_>, wave: &str, status: &StarRocksClusterStatus) -> BTreeSet<String> {
    let preparation = status.upgrade_preparation_status.iter().filter(|known| known.wave == wave);
    let runs = preparation.flat_map(|known| hooks(view).iter().zip(&known.hooks)).enumerate();
    let open = runs.filter(|(_, (hook, run))| run.changed.is_none() && matches!(kind(hook), Kind::Sql(_)));
    open.flat_map(|(index, _)| of_statement(view, index)).collect()
}

/// The settings that a statement may change.
fn of_statement(view: &View<'_>, index: usize) -> BTreeSet<String> {
    let touched = view.observation.policy.statement_settings.get(&index);
    touched.map(Touched::names).unwrap_or_default()
}

/// Takes the preparation one step further.
pub(super) fn transition(view: &View<'_>, wave: &str, status: &mut StarRocksClusterStatus) -> Progress {
    let hooks = hooks(view);
    if hooks.is_empty() {
        return Progress::Done;
    }
    let known = status.upgrade_preparation_status.take().filter(|known| known.wave == wave);
    let mut preparation = known.unwrap_or_else(|| UpgradePreparationStatus {
        wave: wave.to_owned(),
        phase: PreparationPhase::Running,
        hooks: Vec::new(),
        started_at: view.time(),
        completed_at: None,
        message: String::new(),
    });
    let progress = match preparation.phase {
        PreparationPhase::Completed => Progress::Done,
        PreparationPhase::Failed => Progress::Failed(preparation.message.clone()),
        PreparationPhase::Running => advance(view, hooks, &mut preparation, status),
    };
    status.upgrade_preparation_status = Some(preparation);
    progress
}

/// A hook that is written down.
fn begun(view: &View<'_>, hook: &PreparationHook) -> HookRun {
    HookRun {
        name: hook.name.clone(),
        phase: HookPhase::Pre,
        result: HookResult::Running,
        attempt: 1,
        script_sha256: None,
        clearance: None,
        started_at: view.time(),
        finished_at: None,
        nonce: String::new(),
        job_uid: None,
        foreign_job: String::new(),
        started: false,
        changed: None,
        message: String::new(),
    }
}

fn advance(
    view: &View<'_>,
    hooks: &[PreparationHook],
    preparation: &mut UpgradePreparationStatus,
    status: &StarRocksClusterStatus,
) -> Progress {
    for (index, hook) in hooks.iter().enumerate() {
        let running =
            || Progress::Wait(Wait::new("PreparationRunning", format!("waiting for the hook {}", hook.name)));
        let refused = refusal(view, index, hook);
        if let (Some(message), true) = (&refused, hook.critical)
            && preparation.hooks.get(index).is_none_or(|run| run.result == HookResult::Running)
        {
            return Progress::Wait(Wait::new("PreparationRefused", message.clone()));
        }
        let Some(run) = preparation.hooks.get_mut(index) else {
            preparation.hooks.push(begun(view, hook));
            return running();
        };
        if let (HookResult::Running, Some(message)) = (run.result, refused) {
            run.result = HookResult::Failed;
            run.finished_at = Some(view.time());
            run.message = message;
        }
        if run.result == HookResult::Running
            && let Kind::Hold(settings) = kind(hook)
        {
            let settings = settings.iter().map(|(name, value)| (*name, value.as_str()));
            match holds::settings_verdict(view, status, settings) {
                Some(skipped) => {
                    run.result = HookResult::Succeeded;
                    run.finished_at = Some(view.time());
                    run.message = skipped;
                }
                None if view.now < run.started_at.0 + TIMEOUT => return running(),
                None => {
                    run.result = HookResult::Failed;
                    run.finished_at = Some(view.time());
                    DEADLINE_EXCEEDED.clone_into(&mut run.message);
                }
            }
        }
        if run.result == HookResult::Running && run.started {
            run.result = HookResult::Failed;
            run.finished_at = Some(view.time());
            "it was sent, and what came of it isn't known: the operator or the database ended in between"
                .clone_into(&mut run.message);
        }
        if run.result != HookResult::Running && run.changed.is_none() && matches!(kind(hook), Kind::Sql(_)) {
            // A statement that failed may have changed something all the same.
            if run.started && !holds::can_compare(view) {
                return running();
            }
            run.changed = Some(holds::changed(view, status, &of_statement(view, index), HookPhase::Pre));
        }
        match run.result {
            HookResult::Succeeded => {}
            HookResult::Running => return running(),
            HookResult::Failed if !hook.critical => {}
            HookResult::Failed => {
                let failed =
                    format!("preparation hook {} failed (try {}): {}", run.name, run.attempt, run.message);
                if !matches!(retry(view, run), Retry::Exhausted) {
                    return Progress::Wait(Wait::new("HookRetry", failed));
                }
                preparation.phase = PreparationPhase::Failed;
                preparation.message.clone_from(&failed);
                return Progress::Failed(failed);
            }
        }
    }
    preparation.phase = PreparationPhase::Completed;
    preparation.completed_at = Some(view.time());
    Progress::Done
}

/// Why the policy keeps a hook's statement from being sent. One that is critical is waited for, for statement and
/// policy may both be changed.
fn refusal(view: &View<'_>, index: usize, hook: &PreparationHook) -> Option<String> {
    let reason = view.observation.policy.refused_statements.get(&index)?;
    Some(format!("the statement of the preparation hook {} is refused by the policy: {reason}", hook.name))
}

/// Writes down, before they are sent, which statements are: none is sent a second time for the same try.
pub(super) fn note_started(actions: &[Action], status: &mut StarRocksClusterStatus) {
    let Some(preparation) = status.upgrade_preparation_status.as_mut() else { return };
    for action in actions {
        if let Action::ExecuteSql { index, .. } = action
            && let Some(run) = preparation.hooks.get_mut(*index)
        {
            run.started = true;
        }
    }
}

/// The statement that is to run at this moment.
pub(super) fn effect(view: &View<'_>, wave: &str, status: &StarRocksClusterStatus) -> Option<Action> {
    let preparation = status.upgrade_preparation_status.as_ref().filter(|known| known.wave == wave)?;
    let index = preparation.hooks.iter().position(|run| run.result == HookResult::Running)?;
    let hook = hooks(view).get(index)?;
    if refusal(view, index, hook).is_some() || !holds::is_watched(view, status, &of_statement(view, index)) {
        return None;
    }
    let Kind::Sql(statement) = kind(hook) else { return None };
    let leader = readiness::leader(readiness::members(view).ok()?)?;
    let Database::Asked(facts) = &view.observation.database else { return None };
    let frontend =
        facts.frontends.iter().find(|frontend| leader.is_pod(&frontend.pod, Some(&frontend.ip)))?;
    Some(Action::ExecuteSql {
        ip: frontend.ip.clone(),
        index,
        hook: hook.name.clone(),
        statement: statement.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_set_what_can_be_held() {
        for (statement, expected) in [
            (
                "ADMIN SET FRONTEND CONFIG (\"tablet_sched_max_scheduling_tablets\" = \"0\")",
                Some(("tablet_sched_max_scheduling_tablets", "0")),
            ),
            (
                "admin set frontend config('disable_balance'='true');",
                Some(("tablet_sched_disable_balance", "true")),
            ),
            ("ADMIN SET FRONTEND CONFIG (\"query_timeout\" = \"1\")", None),
            ("ADMIN SET FRONTEND CONFIG (\"disable_balance\" = \"true\", \"x\" = \"y\")", None),
            ("ADMIN SETFRONTEND CONFIG (\"disable_balance\" = \"true\")", None),
            ("ADMIN SHOW FRONTEND CONFIG LIKE 'disable_balance'", None),
            ("ALTER SYSTEM CREATE IMAGE", None),
            ("ADMIN SET FRONTEND CONFIG (\"disable_balance\" = \"yes\")", None),
            ("", None),
        ] {
            let expected = expected.map(|(name, value)| (name, value.to_owned()));
            assert_eq!(set_statement(statement), expected, "{statement}");
        }
    }
}
