//! Which hooks would run where: a pure function.

use hookgate_api::platform::check::Problem;
use hookgate_api::platform::{Cluster, HookType, Lifecycle, Machine, Scope};
use kube::ResourceExt;

/// What a manifest of a Cluster would make run, given what is live.
pub(super) fn preview(
    wanted: &Cluster,
    live: Option<&Cluster>,
    workers: &[Machine],
    problems: &[Problem],
) -> Vec<String> {
    let installed = live.and_then(|live| live.status.as_ref()).and_then(|status| status.version.as_deref());
    let installed = installed.filter(|version| !version.is_empty());
    let target = wanted.spec.version();
    let (what, lifecycle) = match installed {
        None => (format!("  It would be installed with version {target}."), Some(Lifecycle::Install)),
        Some(version) if version != target => {
            (format!("  It would be upgraded from version {version} to {target}."), Some(Lifecycle::Upgrade))
        }
        Some(version) => (format!("  It has version {version} already: no hook would run."), None),
    };
    let mut lines = vec![what];
    let masters: Vec<String> = wanted.spec.machines.iter().map(|machine| machine.name()).collect();
    let others = workers.iter().map(|machine| machine.spec.machine.name());
    let all: Vec<String> = masters.iter().cloned().chain(others).collect();
    if lifecycle.is_some() {
        for file in wanted.spec.files() {
            lines.push(format!("  file: {} to {} on {}", file.src, file.dst, names(&all)));
        }
        for (number, (hook, path)) in (1..).zip(hooks(wanted, lifecycle)) {
            let machines = match hook.scope() {
                Scope::Cluster => masters.get(..1).unwrap_or_default(),
                Scope::Node => &all,
            };
            lines.push(format!("  {number}. {hook}: {path} on {}", names(machines)));
        }
    }
    lines.extend(problems.iter().map(|problem| format!("  {}: {problem}", problem.severity)));
    lines
}

/// What a manifest of a Machine would make run, given the Cluster that it belongs to.
pub(super) fn worker(wanted: &Machine, cluster: Option<&Cluster>, problems: &[Problem]) -> Vec<String> {
    let name = wanted.spec.machine.name();
    let mut lines = Vec::new();
    match cluster {
        None => lines.push(format!("  There is no Cluster {}: no hook would run.", wanted.spec.cluster_name)),
        Some(cluster) => {
            lines.push(format!("  It belongs to the Cluster {}.", cluster.name_any()));
            for file in cluster.spec.files() {
                lines.push(format!("  file: {} to {} on {name}", file.src, file.dst));
            }
            let own =
                hooks(cluster, Some(Lifecycle::Install)).filter(|(hook, _)| hook.scope() == Scope::Node);
            for (number, (hook, path)) in (1..).zip(own) {
                lines.push(format!("  {number}. {hook}: {path} on {name}"));
            }
        }
    }
    lines.extend(problems.iter().map(|problem| format!("  {}: {problem}", problem.severity)));
    lines
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
    fn a_worker_gets_the_hooks_of_its_cluster_that_run_on_machines() {
        let lines = worker(&machine(), Some(&cluster("1.18.3", &Value::Null)), &[]);
        assert_eq!(lines[2], "  1. PreInstall: /opt/pre/a on 10.0.0.11");
        assert_eq!(worker(&machine(), None, &[]), ["  There is no Cluster a: no hook would run."]);
    }
}
