//! Which hooks would run where: a pure function.

use hookgate_api::platform::check::Problem;
use hookgate_api::platform::{
    COPY_FILES, Cluster, Condition, File, HookType, Lifecycle, Machine, Phase, Scope, bare_version,
    installed, same_version, was_installed,
};
use kube::ResourceExt;

/// What a manifest of a Cluster would make run, given what is live.
pub(super) fn preview(
    wanted: &Cluster,
    live: Option<&Cluster>,
    workers: &[Machine],
    problems: &[Problem],
) -> Vec<String> {
    let status = live.and_then(|live| live.status.as_ref());
    let has = status.map_or(Has::Nothing, |status| {
        Has::of(status.version.as_deref(), status.phase.as_ref(), &status.conditions)
    });
    let (what, lifecycle) = due(has, wanted.spec.version());
    let mut lines = vec![what];
    let masters: Vec<String> = wanted.spec.machines.iter().map(|machine| machine.name()).collect();
    let others = workers.iter().map(|machine| machine.spec.machine.name());
    let all: Vec<String> = masters.iter().cloned().chain(others).collect();
    if let Some(lifecycle) = lifecycle {
        lines.extend(files(wanted, &names(&all)));
        lines.extend(steps(wanted, lifecycle, |hook| match hook.scope() {
            Scope::Cluster => Some(names(masters.get(..1).unwrap_or_default())),
            Scope::Node => Some(names(&all)),
        }));
    }
    lines.extend(problems.iter().map(|problem| format!("  {}: {problem}", problem.severity)));
    lines
}

/// What a manifest of a Machine would make run, given what is live, and the Cluster that it belongs to.
pub(super) fn worker(
    wanted: &Machine,
    live: Option<&Machine>,
    cluster: Option<&Cluster>,
    problems: &[Problem],
) -> Vec<String> {
    let name = wanted.spec.machine.name();
    let mut lines = Vec::new();
    match cluster {
        None => lines.push(format!("  There is no Cluster {}: no hook would run.", wanted.spec.cluster_name)),
        Some(cluster) => {
            let status = live.and_then(|live| live.status.as_ref());
            let has = status.map_or(Has::Nothing, |status| {
                Has::of(status.version(), status.phase.as_ref(), &status.conditions)
            });
            let (what, lifecycle) = due(has, cluster.spec.version());
            lines.push(format!("  It belongs to the Cluster {}.", cluster.name_any()));
            lines.push(what);
            if let Some(lifecycle) = lifecycle {
                if lifecycle == Lifecycle::Upgrade {
                    lines.push("  It waits until the masters are upgraded.".to_owned());
                }
                lines.extend(files(cluster, &name));
                lines.extend(steps(cluster, lifecycle, |hook| {
                    (hook.scope() == Scope::Node).then(|| name.clone())
                }));
            }
        }
    }
    lines.extend(problems.iter().map(|problem| format!("  {}: {problem}", problem.severity)));
    lines
}

/// What is there, as the operator takes it.
#[derive(Clone, Copy)]
enum Has<'a> {
    Nothing,
    Version(&'a str),
    /// It was installed, and nobody says with what.
    Unknown,
}

impl<'a> Has<'a> {
    fn of(version: Option<&'a str>, phase: Option<&Phase>, conditions: &[Condition]) -> Self {
        match installed(version, phase, conditions) {
            Some(version) => Self::Version(version),
            None if was_installed(conditions) => Self::Unknown,
            None => Self::Nothing,
        }
    }
}

/// What is due, in words, and which hooks it takes.
fn due(has: Has<'_>, target: &str) -> (String, Option<Lifecycle>) {
    let target = bare_version(target);
    match has {
        Has::Nothing => (format!("  It would be installed with version {target}."), Some(Lifecycle::Install)),
        Has::Version(version) if !same_version(version, target) => {
            let version = bare_version(version);
            (format!("  It would be upgraded from version {version} to {target}."), Some(Lifecycle::Upgrade))
        }
        Has::Version(_) => (format!("  It has version {target} already: no hook would run."), None),
        Has::Unknown => {
            let why = "its status has no version";
            (format!("  It was installed before, and {why}: no hook would run until it has."), None)
        }
    }
}

fn files(cluster: &Cluster, machines: &str) -> Vec<String> {
    if cluster.spec.skips(COPY_FILES) {
        return vec![format!("  no file: {COPY_FILES} is passed over (spec.features.skipConditions)")];
    }
    let line = |file: &File| format!("  file: {} to {} on {machines}", file.src, file.dst);
    cluster.spec.files().iter().map(line).collect()
}

/// The hooks in their order, those that run somewhere.
fn steps(
    cluster: &Cluster,
    lifecycle: Lifecycle,
    machines: impl Fn(HookType) -> Option<String>,
) -> Vec<String> {
    let own = hooks(cluster, Some(lifecycle)).filter_map(|(hook, path)| Some((hook, path, machines(hook)?)));
    let line = |(number, (hook, path, machines)): (usize, (HookType, &str, String))| {
        if cluster.spec.skips(hook.condition()) {
            return format!("  {number}. {hook}: passed over (spec.features.skipConditions)");
        }
        format!("  {number}. {hook}: {path} on {machines}")
    };
    (1..).zip(own).map(line).collect()
}

fn hooks(cluster: &Cluster, lifecycle: Option<Lifecycle>) -> impl Iterator<Item = (HookType, &str)> {
    HookType::ALL
        .into_iter()
        .filter(move |hook| Some(hook.lifecycle()) == lifecycle)
        .filter_map(|hook| Some((hook, cluster.spec.hook(hook)?)))
}

/// The names of machines, of many the first.
fn names(machines: &[String]) -> String {
    const SHOWN: usize = 5;
    match machines.len() {
        0 => "no machine".to_owned(),
        count if count <= SHOWN => machines.join(", "),
        count => {
            let first = machines.get(..SHOWN).unwrap_or_default().join(", ");
            format!("{first} and {} more", count - SHOWN)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn cluster(version: &str, status: &Value) -> Cluster {
        serde_json::from_value(json!({
            "apiVersion": "platform.tkestack.io/v1", "kind": "Cluster", "metadata": {"name": "a"},
            "spec": {"version": version, "machines": [{"ip": "10.0.0.9"}, {"ip": "10.0.0.10", "port": 2222}],
                "features": {"files": [{"src": "hooks/pre", "dst": "/opt/pre"}],
                    "hooks": {"PreInstall": "/opt/pre/a", "PreClusterInstall": "/opt/pre/b", "PreUpgrade": "/opt/pre/c"}}},
            "status": status,
        }))
        .unwrap()
    }

    fn machine() -> Machine {
        serde_json::from_value(json!({
            "apiVersion": "platform.tkestack.io/v1", "kind": "Machine", "metadata": {"name": "w"},
            "spec": {"clusterName": "a", "ip": "10.0.0.11"},
        }))
        .unwrap()
    }

    #[test]
    fn an_installation_names_files_hooks_and_machines_in_order() {
        let lines = preview(&cluster("1.18.3", &Value::Null), None, &[machine()], &[]);
        assert_eq!(
            lines,
            [
                "  It would be installed with version 1.18.3.",
                "  file: hooks/pre to /opt/pre on 10.0.0.9, 10.0.0.10:2222, 10.0.0.11",
                "  1. PreClusterInstall: /opt/pre/b on 10.0.0.9",
                "  2. PreInstall: /opt/pre/a on 10.0.0.9, 10.0.0.10:2222, 10.0.0.11",
            ]
        );
    }

    #[test]
    fn an_upgrade_runs_its_own_hooks_and_the_same_version_none() {
        let live = cluster("1.18.3", &json!({"phase": "Running", "version": "1.18.3"}));
        let lines = preview(&cluster("1.20.4", &Value::Null), Some(&live), &[], &[]);
        assert_eq!(lines[0], "  It would be upgraded from version 1.18.3 to 1.20.4.");
        assert_eq!(lines[2], "  1. PreUpgrade: /opt/pre/c on 10.0.0.9, 10.0.0.10:2222");
        let lines = preview(&cluster("1.18.3", &Value::Null), Some(&live), &[], &[]);
        assert_eq!(lines, ["  It has version 1.18.3 already: no hook would run."]);
    }

    #[test]
    fn a_v_before_a_version_says_nothing_and_only_a_failed_installation_begins_anew() {
        let live = cluster("1.18.3", &json!({"phase": "Running", "version": "v1.18.3"}));
        let lines = preview(&cluster("1.18.3", &Value::Null), Some(&live), &[], &[]);
        assert_eq!(lines, ["  It has version 1.18.3 already: no hook would run."]);
        let of = |conditions: Value, version: &str| {
            let status = json!({"phase": "Failed", "version": version, "conditions": conditions});
            let live = cluster("1.18.3", &status);
            preview(&cluster("1.19.7", &Value::Null), Some(&live), &[], &[]).remove(0)
        };
        let condition = |type_: &str, status: &str, reason: &str| json!({"type": type_, "status": status, "reason": reason, "targetVersion": "1.18.3"});
        let before = condition("EnsurePreInstallHook", "False", "HookFailed");
        let pending = condition("EnsurePostInstallHook", "False", "Pending");
        assert_eq!(of(json!([before, pending]), "1.18.3"), "  It would be installed with version 1.19.7.");
        let done = json!([condition("EnsurePostInstallHook", "True", "HookSucceeded")]);
        for (conditions, version, what) in [
            (done.clone(), "1.18.3", "would be upgraded from version 1.18.3 to 1.19.7."),
            (json!([]), "1.18.3", "would be upgraded from version 1.18.3 to 1.19.7."),
            (
                done,
                "",
                "was installed before, and its status has no version: no hook would run until it has.",
            ),
        ] {
            assert_eq!(of(conditions, version), format!("  It {what}"));
        }
    }

    #[test]
    fn what_is_passed_over_is_said() {
        let mut wanted = cluster("1.18.3", &Value::Null);
        let skipped = json!([COPY_FILES, "EnsurePreInstallHook"]);
        wanted.spec.features.as_mut().unwrap().other.insert("skipConditions".to_owned(), skipped);
        let lines = preview(&wanted, None, &[], &[]);
        assert_eq!(
            lines[1..],
            [
                "  no file: EnsureCopyFiles is passed over (spec.features.skipConditions)",
                "  1. PreClusterInstall: /opt/pre/b on 10.0.0.9",
                "  2. PreInstall: passed over (spec.features.skipConditions)",
            ]
        );
    }

    #[test]
    fn a_worker_gets_the_hooks_of_its_cluster_that_run_on_machines() {
        let of = |live: Option<&Machine>, version| {
            worker(&machine(), live, Some(&cluster(version, &Value::Null)), &[])
        };
        let lines = of(None, "1.18.3");
        assert_eq!(lines[1], "  It would be installed with version 1.18.3.");
        assert_eq!(lines[3..], ["  1. PreInstall: /opt/pre/a on 10.0.0.11"]);
        assert_eq!(worker(&machine(), None, None, &[]), ["  There is no Cluster a: no hook would run."]);
        let mut live = machine();
        let status = json!({"phase": "Running", "machineInfo": {"kubeletVersion": "v1.18.3"}});
        live.status = serde_json::from_value(status).unwrap();
        let lines = of(Some(&live), "1.18.3");
        assert_eq!(lines[1..], ["  It has version 1.18.3 already: no hook would run."]);
        let lines = of(Some(&live), "1.19.7");
        assert_eq!(lines[1], "  It would be upgraded from version 1.18.3 to 1.19.7.");
        assert_eq!(lines[2], "  It waits until the masters are upgraded.");
        assert_eq!(lines[4..], ["  1. PreUpgrade: /opt/pre/c on 10.0.0.11"]);
    }
}
