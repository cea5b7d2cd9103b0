//! Hooks of the installation: the chart's Helm hooks, as a release of their own beside the one that everything else is
//! tested with. A whole second release can't be: the chart's ClusterRoles and webhooks have the names of the first.

use crate::run::on_a_large_stack;
use futures::StreamExt;
use hookgate_e2e::{Problem, client, kubectl::kubectl};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::{
    Api, Client, ResourceExt,
    runtime::{WatchStreamExt, watcher},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};
use tokio::process::Command;

/// How long anything is waited for.
const LIMIT: Duration = Duration::from_secs(120);
/// What the release installs besides.
const INSTALLED: &str = "installed";

/// A hook that says where it is: in its log, and where the API server shows it.
fn hook(text: &str) -> String {
    format!("#!/bin/bash\necho \"${{0##*/}} {text}\" | tee /dev/termination-log\n")
}

/// The pod of a hook that has ended.
#[derive(Debug)]
struct Ran {
    stage: String,
    /// The API server's revisions when it was first seen, and when it had ended.
    seen: u64,
    ended: u64,
    exit_code: i32,
    message: String,
}

/// A namespace with a release, and the chart that is installed.
struct Place {
    namespace: String,
    client: Client,
    chart: PathBuf,
}

impl Place {
    async fn begin() -> Result<Self, Problem> {
        let namespace = format!("bootstrap-{}", Timestamp::now().as_millisecond() % 1_000_000);
        let chart = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&namespace);
        write_chart(&chart).map_err(Problem::io("the chart"))?;
        let place = Self { namespace, client: client::client().await?, chart };
        place.kubectl(&["create", "namespace", &place.namespace]).await?;
        Ok(place)
    }

    async fn kubectl(&self, arguments: &[&str]) -> Result<String, Problem> {
        let answer = kubectl(arguments, None).await?;
        if answer.success { Ok(answer.text) } else { Err(Problem::Unexpected(answer.text)) }
    }

    /// Installs a release with these hooks; what Helm said, and the pods of hooks that ended, `pods` of them.
    async fn install(
        &self,
        release: &str,
        hooks: &[(&str, String)],
        pods: usize,
    ) -> Result<(Output, Vec<Ran>), Problem> {
        let data: serde_json::Map<_, _> =
            hooks.iter().map(|(stage, script)| ((*stage).to_owned(), script.clone().into())).collect();
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": release, "namespace": self.namespace}, "data": data});
        let applied = kubectl(&["apply", "-f", "-"], Some(&map.to_string())).await?;
        assert!(applied.success, "{applied:?}");
        let (repository, tag) = client::hookgate_image();
        let mut helm = Command::new("helm");
        helm.args(["install", release, "--namespace", &self.namespace, "--timeout", "100s"]).arg(&self.chart);
        for value in [
            format!("image.repository={repository}"),
            format!("image.tag={tag}"),
            "bootstrapHooks.enabled=true".to_owned(),
            format!("bootstrapHooks.configMap={release}"),
            format!("bootstrapHooks.image={}", client::standin_image("fe", "3.2.1")),
        ] {
            helm.args(["--set", &value]);
        }
        let (output, ran) = tokio::join!(helm.kill_on_drop(true).output(), self.ended(release, pods));
        Ok((output.map_err(Problem::io("helm"))?, ran?))
    }

    /// Watches until so many pods of hooks have ended.
    async fn ended(&self, release: &str, pods: usize) -> Result<Vec<Ran>, Problem> {
        let pods_api: Api<Pod> = Api::namespaced(self.client.clone(), &self.namespace);
        let ours = format!("job-name,app.kubernetes.io/instance={release}");
        let config = watcher::Config::default().labels(&ours);
        let mut stream = Box::pin(watcher(pods_api, config).default_backoff().applied_objects());
        let mut seen = BTreeMap::new();
        let mut ran: Vec<Ran> = Vec::new();
        let watching = async {
            while ran.len() < pods {
                let Some(Ok(pod)) = stream.next().await else { continue };
                let revision = revision(&pod);
                let begun = *seen.entry(pod.uid()).or_insert(revision);
                if let Some(done) = of(&pod, begun, revision)
                    && !ran.iter().any(|other| other.seen == begun)
                {
                    ran.push(done);
                }
            }
        };
        let in_time = tokio::time::timeout(LIMIT, watching).await;
        in_time.map_err(|_| Problem::Unexpected(format!("{pods} hooks have not ended, only {ran:?}")))?;
        Ok(ran)
    }

    /// What the release installs besides, with its revision.
    async fn installed(&self) -> Result<Option<u64>, Problem> {
        let maps: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace);
        let map = maps.get_opt(INSTALLED).await.map_err(Problem::api("what was installed"))?;
        Ok(map.map(|map| map.resource_version().unwrap().parse().unwrap()))
    }

    async fn uninstall(&self, release: &str) -> Result<(), Problem> {
        let mut helm = Command::new("helm");
        helm.args(["uninstall", release, "--namespace", &self.namespace, "--wait"]);
        let output = helm.output().await.map_err(Problem::io("helm"))?;
        assert!(output.status.success(), "{output:?}");
        self.kubectl(&["delete", "jobs", "-n", &self.namespace, "--all"]).await?;
        Ok(())
    }

    /// Helm leaves the objects of hooks behind.
    async fn end(self) -> Result<(), Problem> {
        for kind in ["clusterrole", "clusterrolebinding"] {
            self.kubectl(&["delete", kind, "hookgate-bootstrap", "--ignore-not-found"]).await?;
        }
        self.kubectl(&["delete", "namespace", &self.namespace, "--wait=false"]).await?;
        fs::remove_dir_all(&self.chart).map_err(Problem::io("the chart"))
    }
}

/// The chart with its hooks of the installation only, and something that is installed between them.
fn write_chart(to: &Path) -> io::Result<()> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../charts/hookgate");
    fs::create_dir_all(to.join("templates"))?;
    for file in [
        "Chart.yaml",
        "values.yaml",
        "values.schema.json",
        "templates/_helpers.tpl",
        "templates/bootstrap-hooks.yaml",
    ] {
        fs::copy(from.join(file), to.join(file))?;
    }
    let installed = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": INSTALLED}});
    fs::write(to.join("templates/installed.yaml"), installed.to_string())
}

fn revision(pod: &Pod) -> u64 {
    pod.resource_version().and_then(|revision| revision.parse().ok()).expect("a revision")
}

/// The pod of a hook, if it has ended.
fn of(pod: &Pod, seen: u64, revision: u64) -> Option<Ran> {
    let containers = pod.status.as_ref()?.container_statuses.as_ref()?;
    let ended = containers.iter().find(|one| one.name == "hook")?.state.as_ref()?.terminated.as_ref()?;
    let job = pod.labels().get("job-name")?;
    Some(Ran {
        stage: job.strip_prefix("hookgate-bootstrap-")?.to_owned(),
        seen,
        ended: revision,
        exit_code: ended.exit_code,
        message: ended.message.clone().unwrap_or_default().trim().to_owned(),
    })
}

fn stages(ran: &[Ran]) -> Vec<(&str, i32, &str)> {
    ran.iter().map(|ran| (ran.stage.as_str(), ran.exit_code, ran.message.as_str())).collect()
}

async fn in_order(place: &Place) -> Result<(), Problem> {
    let hooks = ["pre-install", "post-cluster-ready", "post-install"].map(|stage| (stage, hook("runs")));
    let (output, ran) = place.install("order", &hooks, 3).await?;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        stages(&ran),
        [
            ("pre-install", 0, "pre-install runs"),
            ("post-cluster-ready", 0, "post-cluster-ready runs"),
            ("post-install", 0, "post-install runs"),
        ]
    );
    let installed = place.installed().await?.expect("it is installed");
    assert!(ran[0].ended < installed && installed < ran[1].seen, "{installed} between {ran:?}");
    assert!(ran[1].ended < ran[2].seen, "{ran:?}");
    place.uninstall("order").await
}

async fn missing(place: &Place) -> Result<(), Problem> {
    let (output, ran) = place.install("missing", &[("post-install", hook("runs"))], 3).await?;
    assert!(output.status.success(), "{output:?}");
    let expected =
        [("pre-install", 0, ""), ("post-cluster-ready", 0, ""), ("post-install", 0, "post-install runs")];
    assert_eq!(stages(&ran), expected);
    place.uninstall("missing").await
}

async fn failing(place: &Place, stage: &str, before: usize) -> Result<(), Problem> {
    let release = format!("failing-{stage}");
    let mut hooks = ["pre-install", "post-cluster-ready", "post-install"].map(|stage| (stage, hook("runs")));
    let failing = hooks.iter_mut().find(|hook| hook.0 == stage).expect("a stage");
    failing.1 = "#!/bin/bash\necho 'no licence for this machine' >&2\nexit 7\n".to_owned();
    let (output, ran) = place.install(&release, &hooks, before + 1).await?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains(&format!("hookgate-bootstrap-{stage}")), "{said}");
    let last = ran.last().expect("a hook");
    assert_eq!((last.stage.as_str(), last.exit_code), (stage, 7), "{ran:?}");
    let job = format!("job/hookgate-bootstrap-{stage}");
    let log = place.kubectl(&["logs", "-n", &place.namespace, "-c", "hook", &job]).await?;
    assert!(log.lines().any(|line| line == "no licence for this machine"), "{log}");
    assert!(log.contains(&format!("the hook {stage} ended with exit code 7; its output ended:")), "{log}");
    // What comes after it doesn't.
    let jobs = place.kubectl(&["get", "jobs", "-n", &place.namespace, "-o", "name"]).await?;
    assert_eq!(jobs.trim(), format!("job.batch/hookgate-bootstrap-{stage}"));
    assert_eq!(place.installed().await?.is_some(), stage != "pre-install");
    place.uninstall(&release).await
}

#[test]
fn the_installations_hooks_run_in_order_missing_ones_are_skipped_and_failing_ones_stop_it() {
    on_a_large_stack(async || {
        let place = Place::begin().await.unwrap();
        Box::pin(in_order(&place)).await.unwrap();
        Box::pin(missing(&place)).await.unwrap();
        Box::pin(failing(&place, "pre-install", 0)).await.unwrap();
        Box::pin(failing(&place, "post-cluster-ready", 1)).await.unwrap();
        place.end().await.unwrap();
    });
}
