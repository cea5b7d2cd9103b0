//! Twenty lives of clusters, while the operator is killed at random moments: what the machines' own files say.

use super::{World, kill_operator, kubectl_ok, machines::Machines, provisioner, run, until};
use hookgate_api::platform::{Cluster, HookRun, HookType, Machine, RunState, Scope, condition};
use hookgate_e2e::Problem;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use kube::{Api, Client, api::ListParams};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

/// How many clusters live and die.
const LIVES: usize = 20;
/// How many machines they have between them: each is the master of two clusters and the worker of two others.
const MACHINES: usize = 10;
/// How often the operator is killed.
const KILLS: usize = 12;
/// How long an operator works before it is killed, in milliseconds: at most.
const LONGEST_WORK: u64 = 12_000;
/// How long it may take until an operator takes over from one that was killed.
const TAKE_OVER: Duration = Duration::from_secs(120);
/// The versions: that which is installed, and that to which it is upgraded.
const VERSIONS: [&str; 2] = ["1.18.3", "1.19.7"];
/// What is run as every hook.
const SCRIPT: &[u8] = include_bytes!("../../../machine-hooks/lives/note");

/// A line of a machine's file: hook, version, run, and what became of it.
type Line = (HookType, String, String, String);
/// The lines by machine and cluster.
type Noted = BTreeMap<(String, String), Vec<Line>>;

/// The machines of a cluster: its master, and its worker.
fn machines_of(life: usize) -> (String, String) {
    (format!("m{}", life % MACHINES), format!("m{}", (life + 3) % MACHINES))
}

fn manifests(name: &str, machines: &Machines) -> Vec<Value> {
    let hooks = |folder: &str| -> serde_json::Map<String, Value> {
        HookType::ALL.iter().map(|hook| (hook.to_string(), format!("{folder}/{hook}").into())).collect()
    };
    let access =
        |machine: &str| json!({"ip": machines.address(machine), "username": "root", "password": "MTIzNDU2"});
    let both = |life| {
        let (master, worker) = machines_of(life);
        let (cluster, folder) = (format!("{name}-{life}"), format!("/opt/{name}-{life}"));
        let metadata = json!({"name": cluster, "labels": {"test": name}});
        let mut of_cluster = metadata.clone();
        of_cluster["finalizers"] = json!([provisioner::FINALIZER]);
        let mut spec = access(&worker);
        spec["clusterName"] = cluster.into();
        [
            json!({
                "apiVersion": "platform.tkestack.io/v1",
                "kind": "Cluster",
                "metadata": of_cluster,
                "spec": {
                    "type": "Baremetal",
                    "version": VERSIONS[0],
                    "machines": [access(&master)],
                    "features": {"files": [{"src": "lives", "dst": folder}], "hooks": hooks(&folder)},
                },
            }),
            json!({"apiVersion": "platform.tkestack.io/v1", "kind": "Machine", "metadata": metadata, "spec": spec}),
        ]
    };
    (0..LIVES).flat_map(both).collect()
}

/// Those of this test.
async fn all<K>(client: &Client, name: &str) -> Result<Vec<K>, Problem>
where
    K: kube::Resource<DynamicType = ()> + Clone + std::fmt::Debug + serde::de::DeserializeOwned,
{
    let ours = ListParams::default().labels(&format!("test={name}"));
    let list = Api::<K>::all(client.clone()).list(&ours).await;
    Ok(list.map_err(Problem::api("the clusters and machines"))?.items)
}

/// Whether a hook's condition is true for that version for all clusters, and another one's for all workers.
async fn reached(
    client: &Client,
    name: &str,
    hooks: (HookType, HookType),
    version: &str,
) -> Result<bool, Problem> {
    let is_true = |conditions: &[hookgate_api::platform::Condition], hook: HookType| {
        condition(conditions, hook.condition()).is_some_and(|one| {
            one.status == "True" && one.other.get("targetVersion") == Some(&version.into())
        })
    };
    let (clusters, workers) = (all::<Cluster>(client, name).await?, all::<Machine>(client, name).await?);
    Ok(clusters.len() == LIVES
        && clusters
            .iter()
            .all(|one| one.status.as_ref().is_some_and(|status| is_true(&status.conditions, hooks.0)))
        && workers
            .iter()
            .all(|one| one.status.as_ref().is_some_and(|status| is_true(&status.conditions, hooks.1))))
}

/// Kills the operator, each time some random moments after one has begun to work.
async fn kill_at_random(client: &Client, seed: u64) -> Result<(), Problem> {
    let mut random = fastrand::Rng::with_seed(seed);
    let leases: Api<Lease> = Api::namespaced(client.clone(), "hookgate-system");
    let mut killed = BTreeSet::new();
    for _ in 0..KILLS {
        let begun = Instant::now();
        let holder = loop {
            let lease =
                leases.get_opt("hookgate-operator").await.map_err(Problem::api("the operator's lease"))?;
            let holder = lease.and_then(|lease| lease.spec).and_then(|spec| spec.holder_identity);
            match holder.filter(|holder| !holder.is_empty() && !killed.contains(holder)) {
                Some(holder) => break holder,
                None if begun.elapsed() > TAKE_OVER => {
                    return Err(Problem::Unexpected("no operator takes over".to_owned()));
                }
                None => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        let moment = Duration::from_millis(random.u64(..LONGEST_WORK));
        tokio::time::sleep(moment).await;
        kill_operator(client).await?;
        eprintln!("{holder} is killed after {} ms of work", moment.as_millis());
        killed.insert(holder);
    }
    Ok(())
}

/// Install, upgrade and delete of all clusters. Gives the runs by object as they were recorded before the end.
async fn live(client: &Client, name: &str, machines: &Machines) -> Result<Vec<HookRun>, Problem> {
    let names: Vec<String> = (0..LIVES).map(|life| format!("{name}-{life}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World {
        client: client.clone(),
        clusters: names.clone(),
        workers: names.clone(),
        kills: 0,
        kill_after: Duration::ZERO,
    };
    version_is(machines, VERSIONS[0]).await?;
    let list = json!({"apiVersion": "v1", "kind": "List", "items": manifests(name, machines)});
    kubectl_ok(&["create", "-f", "-"], Some(&list.to_string())).await?;
    let installed = (HookType::PostClusterInstall, HookType::PostInstall);
    until(&world, "the installations", async |client| reached(client, name, installed, VERSIONS[0]).await)
        .await?;
    version_is(machines, VERSIONS[1]).await?;
    let patch = json!({"spec": {"version": VERSIONS[1]}}).to_string();
    for name in &names {
        kubectl_ok(&["patch", "clusters.platform.tkestack.io", name, "--type=merge", "-p", &patch], None)
            .await?;
    }
    let upgraded = (HookType::PostClusterUpgrade, HookType::PostUpgrade);
    until(&world, "the upgrades", async |client| reached(client, name, upgraded, VERSIONS[1]).await).await?;
    let of_clusters = all::<Cluster>(client, name).await?.into_iter().filter_map(|one| one.status);
    let of_workers = all::<Machine>(client, name).await?.into_iter().filter_map(|one| one.status);
    let runs = of_clusters
        .flat_map(|status| status.hook_runs)
        .chain(of_workers.flat_map(|status| status.hook_runs))
        .collect();
    let ours = format!("test={name}");
    kubectl_ok(&["delete", "clusters.platform.tkestack.io", "-l", &ours, "--wait=false"], None).await?;
    until(&world, "the ends", async |client| Ok(all::<Cluster>(client, name).await?.is_empty())).await?;
    Ok(runs)
}

/// What the hooks note as the version from here on.
async fn version_is(machines: &Machines, version: &str) -> Result<(), Problem> {
    for machine in 0..MACHINES {
        machines.run(&format!("m{machine}"), &format!("echo {version} >/run/version")).await?;
    }
    Ok(())
}

async fn noted(machines: &Machines) -> Result<Noted, Problem> {
    let mut noted = Noted::new();
    for machine in (0..MACHINES).map(|number| format!("m{number}")) {
        let text = machines.run(&machine, "cat /var/log/lives").await?;
        for line in text.lines() {
            let [cluster, hook, version, run, word] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{machine}: {line:?}");
            };
            let entry = noted.entry((machine.clone(), cluster.to_owned())).or_default();
            entry.push((hook.parse().unwrap(), version.to_owned(), run.to_owned(), word.to_owned()));
        }
    }
    Ok(noted)
}

/// The lines that a machine has to have of a cluster, without the runs' names.
fn expected(is_master: bool) -> Vec<(HookType, &'static str, &'static str)> {
    let install = [
        HookType::PreClusterInstall,
        HookType::PreInstall,
        HookType::PostInstall,
        HookType::PostClusterInstall,
    ];
    let on_it = |hook: &&HookType| is_master || hook.scope() == Scope::Node;
    let mut lines = Vec::new();
    for hook in HookType::ALL.iter().filter(on_it) {
        let version = VERSIONS[usize::from(!install.contains(hook))];
        if *hook == HookType::PreUpgrade {
            lines.extend([(*hook, version, "began"), (*hook, version, "failed")]);
        }
        lines.extend([(*hook, version, "began"), (*hook, version, "succeeded")]);
    }
    lines
}

/// What is wrong with the lines that a machine has of a cluster: every hook that had to run succeeds once, in its order;
/// none runs after its success, and each try is a run of its own.
fn fault(lines: &[Line], is_master: bool) -> Option<String> {
    let seen: Vec<(HookType, &str, &str)> =
        lines.iter().map(|(hook, version, _, word)| (*hook, version.as_str(), word.as_str())).collect();
    if seen != expected(is_master) {
        return Some(format!("{seen:?}"));
    }
    let mut names = BTreeSet::new();
    let same = lines.chunks(2).find(|try_| try_[0].2 != try_[1].2 || !names.insert(&try_[0].2));
    same.map(|try_| format!("a try is not a run of its own: {try_:?}"))
}

fn judge(name: &str, noted: &Noted, runs: &[HookRun], machines: &Machines) {
    for life in 0..LIVES {
        let (master, worker) = machines_of(life);
        for (machine, is_master) in [(master, true), (worker, false)] {
            let key = (machine, format!("{name}-{life}"));
            let lines = noted.get(&key).unwrap_or_else(|| panic!("{key:?} has no line"));
            assert_eq!(fault(lines, is_master), None, "{key:?}");
        }
    }
    // What is recorded is what the machines say.
    let digest: String = Sha256::digest(SCRIPT).iter().map(|byte| format!("{byte:02x}")).collect();
    let succeeded: BTreeSet<(&str, HookType, &str, &str)> = noted
        .iter()
        .flat_map(|((machine, _), lines)| lines.iter().map(move |line| (machine, line)))
        .filter(|(_, line)| line.3 == "succeeded")
        .map(|(machine, (hook, version, run, _))| {
            (machines.address(machine), *hook, version.as_str(), run.as_str())
        })
        .collect();
    let before_the_end = HookType::ALL.iter().filter(|hook| !hook.as_str().ends_with("Delete"));
    let of_workers = before_the_end.clone().filter(|hook| hook.scope() == Scope::Node);
    assert_eq!(runs.len(), LIVES * (before_the_end.count() + of_workers.count()));
    for run in runs {
        assert!(run.state == RunState::Succeeded && run.digest == digest, "{run:?}");
        assert_eq!(run.attempts, if run.hook == HookType::PreUpgrade { 2 } else { 1 }, "{run:?}");
        let it = (run.machine.as_str(), run.hook, run.target_version.as_str(), run.run_id.as_str());
        assert!(succeeded.contains(&it), "the machine knows nothing of {run:?}");
    }
}

#[test]
fn no_hook_runs_again_after_its_success_in_20_lives_with_the_operator_killed_at_random() {
    run("machine-lives", async |client, name| {
        let given = std::env::var("SEED").ok();
        let seed = given.map_or_else(
            || u64::from(Timestamp::now().subsec_nanosecond().unsigned_abs()),
            |seed| seed.parse().expect("SEED is a number"),
        );
        println!("{LIVES} lives, {KILLS} kills, SEED={seed}");
        let names: Vec<String> = (0..MACHINES).map(|number| format!("m{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let machines = Machines::boot(name, &names, &[]).await?;
        let lives = Box::pin(live(client, name, &machines));
        let (runs, ()) = futures::future::try_join(lives, Box::pin(kill_at_random(client, seed))).await?;
        judge(name, &noted(&machines).await?, &runs, &machines);
        machines.end().await
    });
}

#[test]
fn a_hook_that_ran_again_is_noticed_and_one_that_never_ran() {
    let good: Vec<Line> = expected(false)
        .iter()
        .enumerate()
        .map(|(index, (hook, version, word))| {
            (*hook, (*version).to_owned(), format!("run-{}", index / 2), (*word).to_owned())
        })
        .collect();
    assert_eq!(fault(&good, false), None);
    let again = [good.clone(), good[..2].to_vec()].concat();
    let never = good[2..].to_vec();
    let mut same = good.clone();
    (same[2].2, same[3].2) = (same[0].2.clone(), same[0].2.clone());
    let mut other_version = good.clone();
    other_version[0].1 = VERSIONS[1].to_owned();
    for (what, lines) in
        [("again", again), ("never", never), ("same", same), ("other version", other_version)]
    {
        assert!(fault(&lines, false).is_some(), "{what}");
    }
    assert!(fault(&good, true).is_some(), "a master has the cluster's hooks as well");
}
