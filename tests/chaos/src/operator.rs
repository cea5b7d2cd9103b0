//! The operator as a process of this program: started, killed on demand, and started again, as the kubelet would.

use crate::gate::KillRequest;
use hookgate_e2e::client::hookgate_image;
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    sync::mpsc,
};

/// The user that the operator runs as: nobody else's, so that its connections can be told from all others.
pub const USER: u32 = 64_777;
/// Between the operator's death and its next start.
const RESTART: Duration = Duration::from_millis(200);
/// More starts than any run needs; an operator that can't start ends the run instead of looping.
const MOST_STARTS: u32 = 5000;

/// How the operator is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its program.
    pub program: PathBuf,
    /// A kubeconfig that names the proxy.
    pub kubeconfig: PathBuf,
    /// The namespace of its Lease.
    pub namespace: String,
    /// Where its log goes. For people who look into a failure; nothing is proven from it.
    pub log: PathBuf,
}

/// How often the operator was started.
#[derive(Clone, Debug, Default)]
pub struct Starts(Arc<AtomicU32>);

impl Starts {
    /// So far.
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Keeps the operator running until the channel closes; kills it when asked.
///
/// # Errors
/// When it can't be started, or ends by itself too often.
pub async fn keep(
    settings: &Settings,
    mut kills: mpsc::Receiver<KillRequest>,
    starts: &Starts,
) -> io::Result<()> {
    let log = File::create(&settings.log)?;
    while starts.0.fetch_add(1, Ordering::Relaxed) < MOST_STARTS {
        let mut operator = start(settings, &log)?;
        tokio::select! {
            // It ends by itself when it has lost its lease, as after a long pause of the API server.
            ended = operator.wait() => { ended?; }
            kill = kills.recv() => {
                operator.kill().await?;
                match kill {
                    // Nobody waits any more when the proxy's connection is gone; it's dead either way.
                    Some(dead) => { let _gone = dead.send(()); }
                    None => return Ok(()),
                }
            }
        }
        tokio::time::sleep(RESTART).await;
    }
    Err(io::Error::other(format!("the operator was started {MOST_STARTS} times; {}", settings.log.display())))
}

fn start(settings: &Settings, log: &File) -> io::Result<Child> {
    let (repository, tag) = hookgate_image();
    let mut command = Command::new(&settings.program);
    command
        .args(["--lease-namespace", &settings.namespace, "--lease-seconds", "15"])
        .args(["--identity", "hookgate-chaos", "--health-address", "127.0.0.1:0"])
        .args(["--hook-backoff-seconds", "0.5", "--runner-image", &format!("{repository}:{tag}")])
        .env("KUBECONFIG", &settings.kubeconfig)
        .env("RUST_LOG", "info")
        .uid(USER)
        .gid(USER)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.try_clone()?)
        .kill_on_drop(true);
    command.spawn().map_err(|error| {
        io::Error::new(error.kind(), format!("{} can't be started: {error}", settings.program.display()))
    })
}

/// Writes the kubeconfig that names the proxy.
///
/// # Errors
/// When the file can't be written.
pub fn write_kubeconfig(path: &Path, port: u16) -> io::Result<()> {
    let text = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "proxy",
        "clusters": [{"name": "proxy", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
        "users": [{"name": "proxy", "user": {}}],
        "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
    });
    std::fs::write(path, text.to_string())
}
