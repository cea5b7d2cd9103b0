//! An operator outside the cluster: a process of this machine, which reaches the pods, and runs scripts as processes.
//!
//! It takes the place of the operator inside, so nothing else that needs one can run beside it.

use crate::run::{assert_completed, run, upgrade_state};
use hookgate_api::{Component, status::HookResult};
use hookgate_e2e::{
    Manifest, Problem, Scenario,
    manifest::hook,
    proofs::{rolled_in_order, script_ran_around_the_roll, statements},
    wait::answered,
};
use jiff::Timestamp;
use k8s_openapi::api::{apps::v1::Deployment, core::v1::Pod, core::v1::Service};
use kube::{
    Api, Client,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

const SYSTEM: &str = "hookgate-system";
/// How long the operator inside may take to go or to come, and a statement to be sent.
const STEP: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(300);

/// It is in the middle for long enough that the operator can be ended there.
const SCRIPT: &str = "pre_upgrade() {\n\
    mysql -e 'SELECT \"pre begins\"' || return 1\n\
    sleep 8\n\
    mysql -e 'SELECT \"pre ends\"' || return 1\n\
}\n\
post_upgrade() {\n\
    $MYSQL_CMD -e 'SELECT \"post\"' || return 1\n\
}\n";

#[test]
fn an_operator_outside_the_cluster_runs_scripts_as_processes_and_goes_on_after_it_was_killed() {
    run("outside", async |scenario| {
        let inside = replicas(&scenario.client, 0).await?;
        let upgraded = Box::pin(upgraded(scenario)).await;
        replicas(&scenario.client, inside).await?;
        upgraded
    });
}

async fn upgraded(scenario: &Scenario) -> Result<(), Problem> {
    let machine = Machine::of(scenario).await?;
    let operator = machine.operator(scenario)?;
    let password = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "root"},
        "stringData": {"password": "s3cret word"}});
    scenario.create(&password).await?;
    scenario.create(&hook("be-hooks", SCRIPT)).await?;
    let hooks = json!({"custom": {"configMapName": "be-hooks"}, "timeoutSeconds": 120});
    let manifest = Manifest::new("3.2.1", 1, 1, 0)
        .with_password("root", "password")
        .with(&json!({"spec": {"starRocksBeSpec": {"upgradeHooks": hooks}}}));
    scenario.deploy(&manifest).await?;
    let from = scenario.change(&manifest.images("3.2.2")).await?;
    said(scenario, from, "pre begins").await?;
    // Without a farewell, in the middle of the script.
    drop(operator);
    let _next = machine.operator(scenario)?;

    let cluster = scenario.upgraded().await?;
    assert_completed(&cluster, &manifest, "3.2.2");
    let timeline = scenario.timeline().await?;
    rolled_in_order(&timeline, from, &manifest.upgrade_order())?;
    assert!(timeline.jobs.is_empty(), "no Job is made: {:#?}", timeline.jobs);
    script_ran_around_the_roll(&timeline, from, Component::Be, "SELECT \"pre ends\"", "SELECT \"post\"")?;
    for text in ["pre begins", "pre ends", "post"] {
        assert_eq!(sent(scenario, from, text).await?, 1, "{text} is sent once");
    }
    let runs: Vec<_> = upgrade_state(&cluster, Component::Be).hooks.iter().collect();
    assert_eq!(runs.len(), 2, "{runs:#?}");
    for run in runs {
        assert_eq!((run.result, run.attempt), (HookResult::Succeeded, 1), "{run:?}");
    }
    let is_folder = |entry: &fs::DirEntry| entry.path().is_dir();
    let left = || -> Result<usize, Problem> {
        let entries = fs::read_dir(&machine.runs).map_err(Problem::io(machine.runs.display()))?;
        Ok(entries.filter_map(Result::ok).filter(is_folder).count())
    };
    answered("the runs' folders to be removed", STEP, PAUSE, "there are some", async || {
        Ok((left()? == 0).then_some(()))
    })
    .await
}

async fn sent(scenario: &Scenario, from: Timestamp, text: &str) -> Result<usize, Problem> {
    let (timeline, expected) = (scenario.timeline().await?, format!("SELECT \"{text}\""));
    Ok(statements(&timeline, from).filter(|(_, _, sent)| *sent == expected).count())
}

async fn said(scenario: &Scenario, from: Timestamp, text: &str) -> Result<(), Problem> {
    answered(&format!("{text:?} to be sent"), STEP, PAUSE, "it was not", async || {
        Ok((sent(scenario, from, text).await? > 0).then_some(()))
    })
    .await
}

/// Lets so many operators be inside, and waits until that is so; how many there should have been before.
async fn replicas(client: &Client, count: i32) -> Result<i32, Problem> {
    let deployments: Api<Deployment> = Api::namespaced(client.clone(), SYSTEM);
    let what = "the operator's Deployment";
    let before = deployments.get("hookgate-operator").await.map_err(Problem::api(what))?;
    let patch = Patch::Merge(json!({"spec": {"replicas": count}}));
    let patched = deployments.patch("hookgate-operator", &PatchParams::default(), &patch).await;
    patched.map_err(Problem::api(what))?;
    let pods: Api<Pod> = Api::namespaced(client.clone(), SYSTEM);
    let of_operator = ListParams::default().labels("app.kubernetes.io/name=hookgate-operator");
    answered("the operators inside", STEP, PAUSE, "there are others", async || {
        let pods = pods.list(&of_operator).await.map_err(Problem::api("listing pods"))?;
        Ok((i32::try_from(pods.items.len()) == Ok(count)).then_some(()))
    })
    .await?;
    Ok(before.spec.and_then(|spec| spec.replicas).unwrap_or(1))
}

/// This machine, as an operator on it sees the cluster.
struct Machine {
    /// The node whose network is the pods', where it is a process of this machine.
    node: Option<u64>,
    kubeconfig: PathBuf,
    /// The folder of runs.
    runs: PathBuf,
}

/// An operator, until it's dropped.
struct Operator(Child);

impl Drop for Operator {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

impl Machine {
    /// A cluster of `tests/cluster` has a network of its own, which its record beside the kubeconfig leads to. The pods of
    /// any other have to be reached from here.
    async fn of(scenario: &Scenario) -> Result<Self, Problem> {
        let kubeconfig = PathBuf::from(env::var_os("KUBECONFIG").unwrap_or_default());
        let runs = env::temp_dir().join(format!("hookgate-e2e-runs-{}", std::process::id()));
        let record = kubeconfig.with_file_name("record.json");
        if !record.exists() {
            return Ok(Self { node: None, kubeconfig, runs });
        }
        let node = read(&record)?.pointer("/node/pid").and_then(Value::as_u64);
        let services: Api<Service> = Api::namespaced(scenario.client.clone(), "default");
        let service = services.get("kubernetes").await.map_err(Problem::api("the API server's Service"))?;
        let address = service.spec.and_then(|spec| spec.cluster_ip).unwrap_or_default();
        let mut inside = read(&kubeconfig)?;
        if let Some(server) = inside.pointer_mut("/clusters/0/cluster/server") {
            *server = format!("https://{address}:443").into();
        }
        let file = runs.with_extension("kubeconfig");
        fs::write(&file, inside.to_string()).map_err(Problem::io(file.display()))?;
        Ok(Self { node, kubeconfig: file, runs })
    }

    /// Starts the operator that is built beside this test.
    fn operator(&self, scenario: &Scenario) -> Result<Operator, Problem> {
        let own = env::current_exe().map_err(Problem::io("this test's own file"))?;
        let program = own.ancestors().nth(2).unwrap_or(Path::new("/")).join("hookgate-operator");
        let mut command = match self.node {
            Some(pid) => {
                let mut command = Command::new("nsenter");
                command.arg(format!("--target={pid}")).args(["--net", "--"]).arg(&program);
                command
            }
            None => Command::new(&program),
        };
        let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e");
        fs::create_dir_all(&log).map_err(Problem::io(log.display()))?;
        let path = log.join("outside-operator.log");
        let log = fs::OpenOptions::new().create(true).append(true).open(&path);
        let log = log.map_err(Problem::io(path.display()))?;
        command.arg("--hook-runner=process").arg("--hook-runs-dir").arg(&self.runs);
        command.args([
            "--lease-namespace",
            SYSTEM,
            "--identity",
            "outside",
            "--health-address",
            "127.0.0.1:0",
        ]);
        command.args(["--watch-namespace", &scenario.namespace]).env("KUBECONFIG", &self.kubeconfig);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let what = format!("{} (cargo build -p hookgate-operator -p hookgate-runner)", program.display());
        command.spawn().map(Operator).map_err(Problem::io(what))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.runs);
        if self.node.is_some() {
            let _gone = fs::remove_file(&self.kubeconfig);
        }
    }
}

fn read(path: &Path) -> Result<Value, Problem> {
    let text = fs::read(path).map_err(Problem::io(path.display()))?;
    serde_json::from_slice(&text).map_err(|error| Problem::Unexpected(format!("{}: {error}", path.display())))
}
