//! How far the hooks of a Cluster are, as a table of machines and hooks: a pure function.

use super::WithWorkers;
use crate::status::{clock, duration};
use hookgate_api::platform::{
    Cluster, Condition, HookRun, HookType, Phase, RunState, Scope, TARGET_VERSION, condition, same_version,
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt;
use unicode_width::UnicodeWidthStr;

/// A machine with the runs of hooks on it.
struct Row<'a> {
    title: String,
    /// As records name it.
    name: String,
    is_first_master: bool,
    runs: &'a [HookRun],
    conditions: &'a [Condition],
}

/// Shows a Cluster: what it is, a table of its machines and hooks, what failed, and the conditions that are not true.
pub(crate) fn render(shown: &WithWorkers, now: Timestamp) -> String {
    let WithWorkers { cluster, .. } = shown;
    let mut lines = vec![headline(cluster)];
    let hooks: Vec<HookType> =
        HookType::ALL.into_iter().filter(|hook| cluster.spec.hook(*hook).is_some()).collect();
    let rows = rows(shown);
    if hooks.is_empty() {
        lines.push("It has no hooks.".to_owned());
    } else {
        let head = ["MACHINE".to_owned()].into_iter().chain(hooks.iter().map(ToString::to_string));
        let cells = rows.iter().map(|row| {
            let cells = hooks.iter().map(|hook| cell(cluster, row, *hook, now));
            [row.title.clone()].into_iter().chain(cells).collect()
        });
        lines.push(String::new());
        let table: Vec<Vec<String>> = std::iter::once(head.collect()).chain(cells).collect();
        lines.extend(aligned(&table));
    }
    let failed: Vec<String> = rows.iter().flat_map(|row| failures(row, now)).collect();
    let conditions = conditions(shown);
    for part in [failed, conditions] {
        if !part.is_empty() {
            lines.push(String::new());
            lines.extend(part);
        }
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn headline(cluster: &Cluster) -> String {
    let status = cluster.status.as_ref();
    let phase = match status.and_then(|status| status.phase.as_ref()) {
        None => "no phase yet".to_owned(),
        Some(Phase::Other(phase)) => phase.clone(),
        Some(phase) => format!("{phase:?}"),
    };
    let version = status.and_then(|status| status.version.as_deref()).filter(|version| !version.is_empty());
    let target = cluster.spec.version();
    let versions = match version {
        None => format!("to be installed with {target}"),
        Some(version) if same_version(version, target) => version.to_owned(),
        Some(version) => format!("{version}, to be {target}"),
    };
    format!("Cluster {}  {phase}, {versions}", cluster.name_any())
}

fn rows(shown: &WithWorkers) -> Vec<Row<'_>> {
    let status = shown.cluster.status.as_ref();
    let (runs, conditions) =
        status.map(|status| (status.hook_runs.as_slice(), status.conditions.as_slice())).unwrap_or_default();
    let masters = shown.cluster.spec.machines.iter().enumerate().map(|(index, machine)| {
        let name = machine.name();
        Row { title: format!("{name} (master)"), name, is_first_master: index == 0, runs, conditions }
    });
    let workers = shown.workers.iter().map(|machine| {
        let name = machine.spec.machine.name();
        let status = machine.status.as_ref();
        let (runs, conditions) = status
            .map(|status| (status.hook_runs.as_slice(), status.conditions.as_slice()))
            .unwrap_or_default();
        Row {
            title: format!("{name} ({})", machine.name_any()),
            name,
            is_first_master: false,
            runs,
            conditions,
        }
    });
    masters.chain(workers).collect()
}

/// The latest run of a hook on a machine.
fn latest<'a>(row: &Row<'a>, hook: HookType) -> Option<&'a HookRun> {
    let own = row.runs.iter().filter(|run| run.machine == row.name && run.hook == hook);
    own.max_by_key(|run| run.started_at.as_ref().map(|started| started.0))
}

fn cell(cluster: &Cluster, row: &Row<'_>, hook: HookType, now: Timestamp) -> String {
    if hook.scope() == Scope::Cluster && !row.is_first_master {
        return "-".to_owned();
    }
    let Some(run) = latest(row, hook) else { return without_run(cluster, row, hook) };
    let state = match run.state {
        RunState::Pending => "waits".to_owned(),
        RunState::Succeeded => "done".to_owned(),
        RunState::Failed => format!("failed, try {}", run.attempts),
        RunState::Running => match &run.started_at {
            Some(Time(started)) => format!("runs for {}", duration(*started, now)),
            None => "runs".to_owned(),
        },
    };
    for_version(cluster, state, &run.target_version)
}

/// A hook that has not run on a machine: it never will where its condition is true all the same.
fn without_run(cluster: &Cluster, row: &Row<'_>, hook: HookType) -> String {
    let concluded = condition(row.conditions, hook.condition()).filter(|one| one.status == "True");
    let version = concluded.and_then(|one| one.other.get(TARGET_VERSION)?.as_str());
    let (Some(concluded), Some(version)) = (concluded, version) else { return "not yet".to_owned() };
    let state = match concluded.reason.as_str() {
        "InstalledBefore" => "installed before",
        "Overtaken" => "overtaken",
        "Skipped" => "skipped",
        "NoHook" => "no hook then",
        other => other,
    };
    for_version(cluster, state.to_owned(), version)
}

fn for_version(cluster: &Cluster, state: String, version: &str) -> String {
    if same_version(version, cluster.spec.version()) { state } else { format!("{state} ({version})") }
}

/// Columns of the same width, two blanks between them.
fn aligned(table: &[Vec<String>]) -> Vec<String> {
    let columns = table.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| table.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let pad = |(cell, width): (&String, &usize)| {
        format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()) + 2))
    };
    table.iter().map(|row| row.iter().zip(&widths).map(pad).collect::<String>()).collect()
}

fn failures(row: &Row<'_>, now: Timestamp) -> Vec<String> {
    // One that is tried again has failed before, and says why until it succeeds.
    let has_failed = |run: &&HookRun| {
        run.state == RunState::Failed || (run.state == RunState::Running && !run.message.is_empty())
    };
    let mut lines = Vec::new();
    for run in row.runs.iter().filter(|run| run.machine == row.name).filter(has_failed) {
        let code = run.exit_code.map_or_else(String::new, |code| format!(" with exit code {code}"));
        let next = match (&run.retry_at, run.state) {
            (_, RunState::Running) => format!("; try {} is under way", run.attempts),
            (Some(Time(at)), _) => format!("; next try at {}", clock(*at, now)),
            (None, _) => String::new(),
        };
        lines.push(format!("{} on {} failed{code}{next}", run.hook, row.name));
        lines.extend(run.message.lines().map(|line| format!("  {line}")));
    }
    lines
}

fn conditions(shown: &WithWorkers) -> Vec<String> {
    let of = |whose: String, conditions: &[Condition]| -> Vec<String> {
        let waiting = conditions.iter().filter(|one| one.type_.starts_with("Ensure") && one.status != "True");
        waiting
            .map(|one| format!("{whose}{}: {} ({})", one.type_, first_line(&one.message), one.reason))
            .collect()
    };
    let status = shown.cluster.status.as_ref();
    let mut lines = of(String::new(), status.map(|status| status.conditions.as_slice()).unwrap_or_default());
    for machine in &shown.workers {
        let conditions =
            machine.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
        lines.extend(of(format!("{}: ", machine.name_any()), conditions));
    }
    lines
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-01-02T12:01:30Z".parse().unwrap()
    }

    fn shown() -> WithWorkers {
        let run = |machine: &str, hook: &str, state: &str, more: serde_json::Value| {
            let mut run = json!({"machine": machine, "hook": hook, "targetVersion": "1.18.3", "digest": "d", "state": state,
                "attempts": 1, "startedAt": "2026-01-02T12:00:00Z"});
            run.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            run
        };
        let cluster = serde_json::from_value(json!({
            "apiVersion": "platform.tkestack.io/v1", "kind": "Cluster", "metadata": {"name": "a"},
            "spec": {"version": "1.18.3", "machines": [{"ip": "10.0.0.9"}, {"ip": "10.0.0.10"}],
                "features": {"hooks": {"PreInstall": "/a", "PreClusterInstall": "/b"}}},
            "status": {"phase": "Initializing",
                "conditions": [
                    {"type": "EnsureCopyFiles", "status": "True"},
                    {"type": "EnsurePreInstallHook", "status": "False", "reason": "HookFailed", "message": "on 10.0.0.10\nmore"},
                ],
                "hookRuns": [
                    run("10.0.0.9", "PreClusterInstall", "Succeeded", json!({})),
                    run("10.0.0.9", "PreInstall", "Running", json!({})),
                    run("10.0.0.10", "PreInstall", "Failed", json!({"attempts": 3, "exitCode": 7,
                        "retryAt": "2026-01-02T12:02:00Z", "message": "no space left\non device"})),
                ]},
        }))
        .unwrap();
        let worker = serde_json::from_value(json!({
            "apiVersion": "platform.tkestack.io/v1", "kind": "Machine", "metadata": {"name": "w-1"},
            "spec": {"clusterName": "a", "ip": "10.0.0.11", "port": 2222},
            "status": {"hookRuns": [run("10.0.0.11:2222", "PreInstall", "Succeeded", json!({"targetVersion": "1.14.10"}))]},
        }))
        .unwrap();
        WithWorkers { cluster, workers: vec![worker] }
    }

    #[test]
    fn machines_and_hooks_are_a_table_and_failures_say_why() {
        let expected = "\
Cluster a  Initializing, to be installed with 1.18.3

MACHINE               PreClusterInstall  PreInstall
10.0.0.9 (master)     done               runs for 1 min 30 s
10.0.0.10 (master)    -                  failed, try 3
10.0.0.11:2222 (w-1)  -                  done (1.14.10)

PreInstall on 10.0.0.10 failed with exit code 7; next try at 12:02:00
  no space left
  on device

EnsurePreInstallHook: on 10.0.0.10 (HookFailed)
";
        assert_eq!(render(&shown(), now()), expected);
    }

    #[test]
    fn why_a_hook_has_failed_is_shown_while_it_is_tried_again() {
        let mut shown = shown();
        let run = &mut shown.cluster.status.as_mut().unwrap().hook_runs[2];
        (run.state, run.attempts, run.retry_at) = (RunState::Running, 4, None);
        let text = render(&shown, now());
        let why = "\nPreInstall on 10.0.0.10 failed with exit code 7; try 4 is under way\n  no space left\n";
        assert!(text.contains(why) && text.contains("runs for 1 min 30 s\n10.0.0.11"), "{text}");
    }

    #[test]
    fn a_cluster_without_hooks_says_so_and_one_that_nobody_looked_at_has_nothing_yet() {
        let mut shown = shown();
        shown.cluster.status = None;
        let text = render(&shown, now());
        assert!(text.starts_with("Cluster a  no phase yet, to be installed with 1.18.3\n"), "{text}");
        assert_eq!(text.matches("not yet").count(), 3, "{text}");
        shown.cluster.spec.features = None;
        assert_eq!(render(&shown, now()).lines().nth(1), Some("It has no hooks."));
    }
    #[test]
    fn a_hook_that_will_never_run_says_why_and_a_leading_v_is_no_other_version() {
        let mut shown = shown();
        shown.cluster.spec.version = Some("v1.18.3".to_owned());
        let hook = |hook: &str, reason: &str, version: &str| json!({"type": format!("Ensure{hook}Hook"), "status": "True", "reason": reason, "targetVersion": version});
        let conditions = json!([
            hook("PreInstall", "Overtaken", "v1.18.3"),
            hook("PreClusterInstall", "InstalledBefore", "1.14.10"),
        ]);
        let status = shown.cluster.status.as_mut().unwrap();
        status.conditions = serde_json::from_value(conditions).unwrap();
        status.version = Some("1.18.3".to_owned());
        let succeeded = status.hook_runs.remove(2);
        status.hook_runs =
            vec![HookRun { machine: "10.0.0.10".to_owned(), state: RunState::Succeeded, ..succeeded }];
        shown.workers.clear();
        let expected = "\
Cluster a  Initializing, 1.18.3

MACHINE             PreClusterInstall           PreInstall
10.0.0.9 (master)   installed before (1.14.10)  overtaken
10.0.0.10 (master)  -                           done
";
        assert_eq!(render(&shown, now()), expected);
    }
}
