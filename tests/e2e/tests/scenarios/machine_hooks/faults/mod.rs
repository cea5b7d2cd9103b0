//! Faults on the cluster's machines: what the machines and the API objects say while they last, and once they are mended.

mod copy;
mod disks;
mod hooks;
mod identity;
mod reach;

use super::{World, cluster, done, kubectl_ok, machines::LIMIT, machines::Machines, until};
use futures::StreamExt;
use hookgate_api::platform::{Cluster, HookRun, HookType, RunState, condition};
use hookgate_e2e::Problem;
use kube::{
    Api, Client,
    runtime::{WatchStreamExt, watcher},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use tokio::task::AbortHandle;

/// The version that every cluster of these tests is installed with.
const VERSION: &str = "1.18.3";

/// A cluster whose machines have a fault.
struct Faulty<'a> {
    world: World<'a>,
    name: &'a str,
    machines: &'a Machines,
    /// All that the cluster ever was: what lasts for a moment only is seen as well.
    seen: Arc<Mutex<Vec<Cluster>>>,
    watch: AbortHandle,
}

impl Drop for Faulty<'_> {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

/// Where the files are on the machines: a folder of the cluster's own, unless the test is about a place.
fn folder(name: &str) -> String {
    format!("/opt/{name}")
}

/// How a machine is entered by the first password of the guide.
fn by_password(machines: &Machines, machine: &str) -> Value {
    json!({"ip": machines.address(machine), "username": "root", "password": "MTIzNDU2"})
}

/// A cluster with these masters, whose folder `faults` goes to `dst` and has the hooks.
fn manifest(test: &str, name: &str, masters: &[Value], dst: &str, hooks: &[(HookType, &str)]) -> Value {
    let hooks: serde_json::Map<String, Value> =
        hooks.iter().map(|(hook, script)| (hook.to_string(), format!("{dst}/{script}").into())).collect();
    json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {"name": name, "labels": {"test": test}},
        "spec": {
            "type": "Baremetal",
            "version": VERSION,
            "machines": masters,
            "features": {"files": [{"src": "faults", "dst": dst}], "hooks": hooks},
        },
    })
}

impl<'a> Faulty<'a> {
    async fn create(
        client: &Client,
        name: &'a str,
        machines: &'a Machines,
        manifest: &Value,
    ) -> Result<Self, Problem> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let only = watcher::Config::default().fields(&format!("metadata.name={name}"));
        let watched = watcher(Api::<Cluster>::all(client.clone()), only).default_backoff().applied_objects();
        let into = Arc::clone(&seen);
        let watching = tokio::spawn(async move {
            // After an error the watch goes on where it was, or looks anew.
            let keep = |cluster: Result<Cluster, _>| {
                into.lock().unwrap().extend(cluster);
                std::future::ready(())
            };
            watched.for_each(keep).await;
        });
        let watch = watching.abort_handle();
        kubectl_ok(&["create", "-f", "-"], Some(&manifest.to_string())).await?;
        let world = World {
            client: client.clone(),
            clusters: vec![name],
            workers: Vec::new(),
            kills: 0,
            kill_after: LIMIT,
        };
        Ok(Self { world, name, machines, seen, watch })
    }

    /// Waits until a condition has been false for that reason, with a message that has all of these parts. Gives the
    /// message.
    async fn hangs(&self, type_: &str, reason: &str, parts: &[&str]) -> Result<String, Problem> {
        let what = format!("{type_} that is False for {reason} with {parts:?}");
        let found = || {
            let seen = self.seen.lock().unwrap();
            seen.iter().filter_map(|cluster| told(cluster, type_)).find_map(|(status, why, message)| {
                let it =
                    status == "False" && why == reason && parts.iter().all(|part| message.contains(part));
                it.then(|| message.to_owned())
            })
        };
        until(&self.world, &what, async |_| Ok(found().is_some())).await?;
        Ok(found().unwrap_or_default())
    }

    /// Waits until a hook's condition is true for that version.
    async fn ends_well(&self, hook: HookType, version: &str) -> Result<(), Problem> {
        until(&self.world, &format!("{hook} for {version}"), async |client| {
            Ok(cluster(client, self.name).await?.is_some_and(|cluster| done(&cluster, hook, version)))
        })
        .await
    }

    /// Waits until a machine says something: a command prints it.
    async fn says(
        &self,
        machine: &str,
        script: &str,
        expected: impl Fn(&str) -> bool,
    ) -> Result<(), Problem> {
        until(&self.world, &format!("{script:?} on {machine}"), async |_| {
            Ok(expected(&self.machines.run(machine, script).await?))
        })
        .await
    }

    async fn now(&self) -> Result<Cluster, Problem> {
        let gone = || Problem::Unexpected(format!("{} is gone", self.name));
        cluster(&self.world.client, self.name).await?.ok_or_else(gone)
    }

    /// The record of a hook on a machine.
    async fn run(&self, machine: &str, hook: HookType) -> Result<Option<HookRun>, Problem> {
        let address = self.machines.address(machine);
        let runs = self.now().await?.status.map(|status| status.hook_runs).unwrap_or_default();
        Ok(runs.into_iter().find(|run| run.machine == address && run.hook == hook))
    }

    /// The hook has succeeded on a machine as the machine itself says: at that attempt, which is recorded, and once.
    async fn succeeded(&self, machine: &str, hook: HookType, attempts: Option<u32>) -> Result<(), Problem> {
        let run = self.run(machine, hook).await?.unwrap_or_else(|| panic!("{machine} has no run of {hook}"));
        assert!(run.state == RunState::Succeeded && run.exit_code == Some(0), "{machine}: {run:?}");
        let journal = self.journal(machine).await?;
        let mut succeeded = journal.iter().filter(|(word, _)| word == "succeeded").map(|(_, run)| run);
        let once = (succeeded.next(), succeeded.next()) == (Some(&run.run_id), None);
        assert!(once, "{machine}: {run:?}, {journal:?}");
        let began = journal.iter().filter(|(word, _)| word == "began").count();
        assert_eq!(began, run.attempts as usize, "{machine}: each attempt began once: {journal:?}");
        assert!(attempts.is_none_or(|attempts| attempts == run.attempts), "{machine}: {run:?}");
        Ok(())
    }

    /// The reasons of the Events that users see of the cluster, without repetitions.
    async fn events(&self) -> Result<BTreeSet<String>, Problem> {
        let of = format!("involvedObject.kind=Cluster,involvedObject.name={}", self.name);
        let reasons = "jsonpath={range .items[*]}{.reason}{\"\\n\"}{end}";
        let text =
            kubectl_ok(&["get", "events", "-n", "default", "--field-selector", &of, "-o", reasons], None)
                .await?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Waits until the operator's metrics say of a condition that it hangs, or that it doesn't.
    async fn is_counted_as_hanging(&self, condition: &str, hangs: bool) -> Result<(), Problem> {
        let name = self.name;
        let line = format!(
            r#"hookgate_machine_hook_hanging{{kind="Cluster",name="{name}",condition="{condition}"}} 1"#
        );
        until(&self.world, &format!("{line}: {hangs}"), async |_| {
            let pods = "jsonpath={.items[*].metadata.name}";
            let of = "app.kubernetes.io/name=hookgate-operator";
            let pods =
                kubectl_ok(&["get", "pods", "-n", "hookgate-system", "-l", of, "-o", pods], None).await?;
            let (mut shown, mut answered) = (false, false);
            for pod in pods.split_whitespace() {
                let path = format!("/api/v1/namespaces/hookgate-system/pods/{pod}:8081/proxy/metrics");
                // One that has just begun, or ends, doesn't answer.
                let Ok(metrics) = kubectl_ok(&["get", "--raw", &path], None).await else { continue };
                answered = true;
                shown |= metrics.lines().any(|other| other == line);
            }
            Ok(answered && shown == hangs)
        })
        .await
    }

    /// What the hooks have noted on a machine: a word, and the run's name.
    async fn journal(&self, machine: &str) -> Result<Vec<(String, String)>, Problem> {
        let text = self.machines.run(machine, JOURNAL).await?;
        let line = |line: &str| {
            let (word, run) = line.split_once(' ').unwrap_or_else(|| panic!("{machine}: {line:?}"));
            (word.to_owned(), run.to_owned())
        };
        Ok(text.lines().map(line).collect())
    }
}

/// Prints the journal of the hooks on a machine.
const JOURNAL: &str = "cat /var/log/faults 2>/dev/null || :";

/// What a condition says: status, reason and message.
fn told<'a>(cluster: &'a Cluster, type_: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let one = condition(&cluster.status.as_ref()?.conditions, type_)?;
    Some((&one.status, &one.reason, &one.message))
}
