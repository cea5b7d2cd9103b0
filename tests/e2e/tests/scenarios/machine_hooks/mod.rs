//! Machine hooks: whole lives of clusters on machines with OpenSSH, while the operator is killed.

mod examples;
mod faults;
mod lives;
mod machines;
mod plain;
mod plugin;
mod provisioner;

use crate::run::on_a_large_stack;
use futures::FutureExt;
use hookgate_api::platform::{Cluster, HookRun, HookType, Machine, RunState, Scope, condition};
use hookgate_e2e::{Problem, client, kubectl::kubectl};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client,
    api::{DeleteParams, ListParams},
};
use machines::{LIMIT, Machines};
use serde_json::{Value, json};
use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    time::{Duration, Instant},
};

/// What kubectl prints.
async fn kubectl_ok(arguments: &[&str], input: Option<&str>) -> Result<String, Problem> {
    let answer = kubectl(arguments, input).await?;
    if answer.success {
        Ok(answer.text)
    } else {
        Err(Problem::Unexpected(format!("kubectl {arguments:?}: {}", answer.text)))
    }
}

async fn patch_status(kind: &str, name: &str, status: &Value) -> Result<(), Problem> {
    let patch = json!({"status": status}).to_string();
    kubectl_ok(&["patch", kind, name, "--subresource=status", "--type=merge", "-p", &patch], None).await?;
    Ok(())
}

/// Does the provisioner's part until a state is reached; kills the operator now and then, if asked for.
async fn until(
    world: &World<'_>,
    what: &str,
    reached: impl AsyncFn(&Client) -> Result<bool, Problem>,
) -> Result<(), Problem> {
    let begun = Instant::now();
    let mut kills = 0;
    while !reached(&world.client).await? {
        if begun.elapsed() > LIMIT {
            let shown = kubectl(
                &["get", "clusters.platform.tkestack.io,machines.platform.tkestack.io", "-o", "yaml"],
                None,
            )
            .await?;
            return Err(Problem::Unexpected(format!("{what} is not reached: {}", shown.text)));
        }
        provisioner::step(&world.client, &world.clusters, &world.workers).await?;
        if begun.elapsed() > world.kill_after * (kills + 1) && kills < world.kills {
            kills += 1;
            kill_operator(&world.client).await?;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

struct World<'a> {
    client: Client,
    clusters: Vec<&'a str>,
    workers: Vec<&'a str>,
    /// How often the operator is killed during each part, and how long after its beginning.
    kills: u32,
    kill_after: Duration,
}

async fn kill_operator(client: &Client) -> Result<(), Problem> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), "hookgate-system");
    let operators = ListParams::default().labels("app.kubernetes.io/name=hookgate-operator");
    let now = DeleteParams::default().grace_period(0);
    pods.delete_collection(&now, &operators).await.map_err(Problem::api("killing the operator"))?;
    Ok(())
}

async fn cluster(client: &Client, name: &str) -> Result<Option<Cluster>, Problem> {
    Api::all(client.clone()).get_opt(name).await.map_err(Problem::api("the cluster"))
}

/// Whether a condition is true for that version.
fn done(cluster: &Cluster, hook: HookType, version: &str) -> bool {
    let conditions = cluster.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    condition(conditions, hook.condition())
        .is_some_and(|one| one.status == "True" && one.other.get("targetVersion") == Some(&version.into()))
}

async fn cluster_is(client: &Client, name: &str, hook: HookType, version: &str) -> Result<bool, Problem> {
    Ok(cluster(client, name).await?.is_some_and(|cluster| done(&cluster, hook, version)))
}

async fn worker_is(client: &Client, name: &str, hook: HookType, version: &str) -> Result<bool, Problem> {
    let machine =
        Api::<Machine>::all(client.clone()).get_opt(name).await.map_err(Problem::api("the machine"))?;
    let conditions =
        machine.and_then(|machine| machine.status).map(|status| status.conditions).unwrap_or_default();
    Ok(condition(&conditions, hook.condition())
        .is_some_and(|one| one.status == "True" && one.other.get("targetVersion") == Some(&version.into())))
}

/// A test, whose clusters and machines are gone at the end.
fn run(name: &str, test: impl AsyncFnOnce(&Client, &str) -> Result<(), Problem> + Send) {
    on_a_large_stack(async || {
        let client = client::client().await.unwrap();
        // Two runs at the same time have names of their own.
        let name = format!("{name}-{}", Timestamp::now().as_millisecond() % 1_000_000);
        // What an assertion finds must not leave anything behind either.
        let tested = AssertUnwindSafe(Box::pin(test(&client, &name))).catch_unwind().await;
        let log =
            kubectl(&["logs", "-n", "hookgate-system", "deployment/hookgate-operator", "--tail=400"], None)
                .await;
        for kind in ["clusters.platform.tkestack.io", "machines.platform.tkestack.io"] {
            let left = kubectl(&["delete", kind, "-l", &format!("test={name}"), "--wait=false"], None).await;
            left.unwrap();
            let unfinished =
                kubectl_ok(&["get", kind, "-l", &format!("test={name}"), "-o", "name"], None).await.unwrap();
            for object in unfinished.split_whitespace() {
                let patch = r#"{"metadata":{"finalizers":[]}}"#;
                kubectl(&["patch", object, "--type=merge", "-p", patch], None).await.unwrap();
            }
        }
        kubectl(&["delete", "namespace", &name, "--wait=false"], None).await.unwrap();
        let result = tested.unwrap_or_else(|panic| {
            eprintln!("{}", log.as_ref().map(|log| log.text.as_str()).unwrap_or_default());
            resume_unwind(panic)
        });
        if let Err(problem) = result {
            eprintln!("{}", log.map(|log| log.text).unwrap_or_default());
            panic!("{name}: {problem}");
        }
    });
}

/// The guide's first and second example, with a name added and the comments of the first removed.
#[test]
fn the_guides_examples_run() {
    run("machine-examples", async |client, name| {
        let machines = Machines::boot(name, &["first"], &["second"]).await?;
        let (one, two) = (format!("{name}-1"), format!("{name}-2"));
        let first = examples::first(&one, name, machines.address("first"));
        let second = examples::second(&two, name, machines.address("second"));
        plugin::plans_an_installation(&second, machines.address("second")).await?;
        plugin::tells_what_would_be_refused(&first).await?;
        for manifest in [&first, &second] {
            kubectl_ok(&["create", "-f", "-"], Some(&manifest.to_string())).await?;
        }
        let world = World {
            client: client.clone(),
            clusters: vec![&one, &two],
            workers: Vec::new(),
            kills: 0,
            kill_after: LIMIT,
        };
        for (cluster, version) in [(&one, "1.14.10"), (&two, "1.18.3")] {
            until(&world, "the installation", async |client| {
                cluster_is(client, cluster, HookType::PostClusterInstall, version).await
            })
            .await?;
        }
        let arguments = format!("key=value pair:location=xa test={name} node.alpha.kubernetes.io/test=hello");
        let said = machines.outputs("first").await?;
        assert_eq!(said, "pre node install\npost node install\n", "the first example's machine");
        let said = machines.outputs("second").await?;
        let expected = [
            &*format!("the cluster labels and annotations {arguments}"),
            "pre cluster install",
            "pre node install",
            "post node install",
            &*format!("the cluster labels and annotations {arguments}"),
            "post cluster install",
        ];
        assert_eq!(said.lines().collect::<Vec<_>>(), expected, "the second example's machine");
        for (name, hooks) in [(&one, 2), (&two, 4)] {
            let status = cluster(client, name).await?.and_then(|cluster| cluster.status).unwrap_or_default();
            let runs = &status.hook_runs;
            assert_eq!(runs.len(), hooks, "{runs:?}");
            assert!(runs.iter().all(|run| run.state == RunState::Succeeded && run.exit_code == Some(0)));
            let status = serde_json::to_string(&status).unwrap();
            assert!(!status.contains("Letmein") && !status.contains("TGV0bWVpbj"), "{status}");
        }
        plugin::shows_what_ran(&two, machines.address("second")).await?;
        plugin::plans_an_upgrade_without_hooks(&second).await?;
        // An upgrade without hooks, and the end, let the provisioner go as well.
        kubectl_ok(
            &[
                "patch",
                "clusters.platform.tkestack.io",
                &two,
                "--type=merge",
                "-p",
                r#"{"spec":{"version":"1.19.7"}}"#,
            ],
            None,
        )
        .await?;
        until(&world, "the upgrade", async |client| {
            cluster_is(client, &two, HookType::PostClusterUpgrade, "1.19.7").await
        })
        .await?;
        for cluster in [&one, &two] {
            kubectl_ok(&["delete", "clusters.platform.tkestack.io", cluster, "--timeout=60s"], None).await?;
        }
        machines.end().await
    });
}

/// Arguments that a shell would make something else of.
const HARD: [(&str, &str); 5] = [
    ("example.com/spaces", "two  words "),
    ("example.com/quotes", "it's \"quoted\""),
    ("example.com/substitution", "$(touch /pwned) `touch /pwned` ; touch /pwned"),
    ("example.com/lines", "one\ntwo\n"),
    ("example.com/empty", ""),
];

/// A cluster of three masters and a worker goes through install, upgrade and delete with all ten hooks.
async fn whole_life(client: &Client, name: &str, kills: u32, kill_after: Duration) -> Result<(), Problem> {
    let machines = Machines::boot(name, &["m1", "m2", "m3", "w1"], &[]).await?;
    let masters = ["m1", "m2", "m3"];
    let hooks: serde_json::Map<String, Value> =
        HookType::ALL.iter().map(|hook| (hook.to_string(), format!("/opt/all/{hook}").into())).collect();
    let access = |machine: &&str| json!({"ip": machines.address(machine), "port": 22, "username": "root", "password": "MTIzNDU2"});
    let annotations: serde_json::Map<String, Value> =
        HARD.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
    let manifest = json!({
        "apiVersion": "platform.tkestack.io/v1",
        "kind": "Cluster",
        "metadata": {"name": name, "labels": {"test": name, "location": "xa"}, "annotations": annotations, "finalizers": [provisioner::FINALIZER]},
        "spec": {
            "type": "Baremetal",
            "version": "1.18.3",
            "machines": masters.iter().map(access).collect::<Vec<_>>(),
            "features": {"files": [{"src": "all", "dst": "/opt/all"}], "hooks": hooks},
        },
    });
    let mut spec = access(&"w1");
    spec["clusterName"] = name.into();
    let worker = json!({"apiVersion": "platform.tkestack.io/v1", "kind": "Machine", "metadata": {"name": name, "labels": {"test": name}}, "spec": spec});
    kubectl_ok(&["create", "-f", "-"], Some(&manifest.to_string())).await?;
    plugin::plans_a_worker(&worker, machines.address("w1")).await?;
    kubectl_ok(&["create", "-f", "-"], Some(&worker.to_string())).await?;
    let world =
        World { client: client.clone(), clusters: vec![name], workers: vec![name], kills, kill_after };
    until(&world, "the installation", async |client| {
        Ok(cluster_is(client, name, HookType::PostClusterInstall, "1.18.3").await?
            && worker_is(client, name, HookType::PostInstall, "1.18.3").await?)
    })
    .await?;
    kubectl_ok(
        &[
            "patch",
            "clusters.platform.tkestack.io",
            name,
            "--type=merge",
            "-p",
            r#"{"spec":{"version":"1.19.7"}}"#,
        ],
        None,
    )
    .await?;
    until(&world, "the upgrade", async |client| {
        Ok(cluster_is(client, name, HookType::PostClusterUpgrade, "1.19.7").await?
            && worker_is(client, name, HookType::PostUpgrade, "1.19.7").await?)
    })
    .await?;
    plugin::shows_masters_and_worker(
        name,
        masters.map(|master| machines.address(master)),
        machines.address("w1"),
    )
    .await?;
    let runs = cluster(client, name)
        .await?
        .and_then(|cluster| cluster.status)
        .map(|status| status.hook_runs)
        .unwrap_or_default();
    assert!(
        runs.iter().all(|run: &HookRun| run.state == RunState::Succeeded && run.exit_code == Some(0)),
        "{runs:?}"
    );
    kubectl_ok(&["delete", "clusters.platform.tkestack.io", name, "--wait=false"], None).await?;
    until(&world, "the end", async |client| Ok(cluster(client, name).await?.is_none())).await?;
    judge(&machines, name).await?;
    machines.end().await
}

async fn judge(machines: &Machines, name: &str) -> Result<(), Problem> {
    let mut expected = vec!["location=xa".to_owned(), format!("test={name}")];
    let mut annotations: Vec<String> = HARD.iter().map(|(key, value)| format!("{key}={value}")).collect();
    annotations.sort();
    expected.extend(annotations);
    for machine in ["m1", "m2", "m3", "w1"] {
        let hooks = machines.hooks(machine).await?;
        let on_it = |hook: &HookType| machine == "m1" || hook.scope() == Scope::Node;
        let names: Vec<&str> = hooks.iter().map(|(name, _)| name.as_str()).collect();
        let order: Vec<&str> =
            HookType::ALL.iter().filter(|hook| on_it(hook)).map(|hook| hook.as_str()).collect();
        assert_eq!(names, order, "{machine}: each once, in their order");
        for (hook, arguments) in &hooks {
            let for_cluster = hook.parse::<HookType>().unwrap().scope() == Scope::Cluster;
            assert_eq!(
                *arguments,
                if for_cluster { expected.clone() } else { Vec::new() },
                "{machine} {hook}"
            );
        }
        let pwned = machines.run(machine, "ls /pwned 2>/dev/null || echo nothing").await?;
        assert_eq!(pwned.trim(), "nothing", "{machine}");
    }
    Ok(())
}

#[test]
fn all_ten_run_once_in_their_order_while_the_operator_is_killed() {
    run("machine-life", async |client, name| whole_life(client, name, 1, Duration::from_millis(2_500)).await);
}
