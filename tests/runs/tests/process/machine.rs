//! A machine with the runner's program, a folder of runs and an FE.

use crate::support::Cluster;
use hookgate_api::StarRocksCluster;
use hookgate_operator::runs::{HookRunner, ProcessRunner, Run, process::Settings};
use hookgate_runs::{Answer, Place};
use kube::{Client, client::Body};
use serde_json::json;
use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The password of the database's root.
pub const PASSWORD: &str = "s3cret word";

/// A folder of runs, an FE, and the lines that the runs have written.
pub struct Machine {
    pub folder: PathBuf,
    pub client: Client,
    database: Cluster,
    lines: Arc<Mutex<Vec<String>>>,
}

/// The program, built once and as the tests are.
pub fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build).clone()
}

fn build() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--package", "hookgate-runner", "--bin", "hookgate-runner"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .status();
    assert!(built.unwrap().success(), "hookgate-runner can't be built");
    // This test is in `deps` beside it.
    let own = std::env::current_exe().unwrap();
    own.parent().unwrap().parent().unwrap().join("hookgate-runner")
}

/// An API server that has nothing.
fn nothing() -> Client {
    let answer = |_: http::Request<Body>| async {
        let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
            "message": "", "code": 404});
        let body = Body::from(status.to_string().into_bytes());
        Ok::<_, Infallible>(http::Response::builder().status(404).body(body).unwrap())
    };
    Client::new(tower::service_fn(answer), "default")
}

impl Machine {
    pub async fn new() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "run this as root: a run gets a user and mounts of its own"
        );
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("hookgate-runs-{}-{number}", std::process::id()));
        let own = ["--root-password", PASSWORD].map(str::to_owned).to_vec();
        let database = Cluster::start_with(1, |_| own.clone()).await;
        Self { folder, client: nothing(), database, lines: Arc::default() }
    }

    pub fn settings(&self) -> Settings {
        Settings { folder: self.folder.clone(), program: program() }
    }

    pub fn open(&self, settings: Settings) -> ProcessRunner {
        let lines = Arc::clone(&self.lines);
        let lines = move |line: &str| lines.lock().unwrap().push(line.to_owned());
        ProcessRunner::open_with_lines(self.client.clone(), settings, Arc::new(lines)).unwrap()
    }

    pub fn fe_port(&self) -> i32 {
        self.database.fes[0].query.port().into()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

/// The processes of a run's user; /proc is the only witness.
pub fn processes_of(user: u32) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap() {
        let path = entry.unwrap().path();
        let Ok(status) = fs::read_to_string(path.join("status")) else { continue };
        let is_users = status.lines().any(|line| {
            line.strip_prefix("Uid:")
                .is_some_and(|ids| ids.split_whitespace().next() == Some(&user.to_string()))
        });
        let has_ended = status.lines().any(|line| line.starts_with("State:\tZ"));
        if is_users && !has_ended {
            let arguments = fs::read(path.join("cmdline")).unwrap_or_default();
            found.push(format!(
                "{}: {}",
                path.display(),
                String::from_utf8_lossy(&arguments).replace('\0', " ")
            ));
        }
    }
    found
}

impl Place for Machine {
    fn runner(&self) -> Arc<dyn HookRunner> {
        Arc::new(self.open(self.settings()))
    }

    fn cluster(&self) -> StarRocksCluster {
        serde_json::from_value(json!({"apiVersion": "starrocks.com/v1", "kind": "StarRocksCluster",
            "metadata": {"name": "sr", "namespace": "db", "uid": "u"},
            "spec": {"starRocksFeSpec": {"image": "fe:1", "replicas": 1,
                "feEnvVars": [{"name": "MYSQL_PWD", "value": PASSWORD}]}}}))
        .unwrap()
    }

    fn prepare<'a>(&'a self, run: &'a mut Run, _: &'a str) -> Answer<'a, ()> {
        run.frontend.address = "127.0.0.1".to_owned();
        run.frontend.query_port = self.fe_port();
        Box::pin(async {})
    }

    fn log<'a>(&'a self, run: &'a Run) -> Answer<'a, String> {
        let is_of_run = |line: &&String| {
            line.contains(&format!("run={} ", run.name))
                || line.contains(&format!("\"run\":\"{}\"", run.name))
        };
        let lines: Vec<_> = self.lines.lock().unwrap().iter().filter(is_of_run).cloned().collect();
        Box::pin(async move { lines.join("\n") })
    }

    fn processes<'a>(&'a self, run: &'a Run) -> Answer<'a, Vec<String>> {
        let found = processes_of(hookgate_operator::runs::user(&run.name));
        Box::pin(async move { found })
    }

    fn statements<'a>(&'a self, containing: &'a str) -> Answer<'a, usize> {
        let count =
            self.database.events().iter().filter(|one| format!("{one:?}").contains(containing)).count();
        Box::pin(async move { count })
    }

    fn forge<'a>(&'a self, run: &'a Run) -> Answer<'a, ()> {
        let folder = self.folder.join(&run.name);
        fs::create_dir_all(&folder).unwrap();
        let claim = json!({"run": run.name, "nonce": "another", "namespace": "db", "cluster": "sr", "uid": "u",
            "sha256": run.script.sha256, "function": "pre_upgrade", "at": "2026-01-01T00:00:00Z"});
        fs::write(folder.join("run.json"), claim.to_string()).unwrap();
        Box::pin(async {})
    }
}
