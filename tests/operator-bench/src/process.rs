//! An operator as a process of this program, and what the kernel says of it.

use hookgate_e2e::Problem;
use kube::config::Kubeconfig;
use serde_json::json;
use std::{
    env,
    fs::{self, File},
    io,
    path::Path,
    process::Stdio,
    time::Duration,
};
use tokio::process::{Child, Command};

/// Where our operator serves its metrics.
pub const HEALTH: &str = "127.0.0.1:18081";

/// A running operator; it is killed when this is dropped.
pub struct Operator {
    child: Child,
}

/// What a process has used since its start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// CPU seconds, of users and of the kernel.
    pub cpu: f64,
    /// The most memory that it had at a time, in KiB (`VmHWM`).
    pub peak_kib: u64,
}

impl Operator {
    /// Starts our operator.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn ours(program: &Path, kubeconfig: &Path, log: &Path) -> Result<Self, Problem> {
        let arguments = ["--lease-namespace", "hookgate-system", "--identity", "operator-bench"];
        let health = ["--health-address", HEALTH];
        start(program, &[arguments.as_slice(), health.as_slice()].concat(), kubeconfig, log)
    }

    /// Starts the upstream operator.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn upstream(program: &Path, kubeconfig: &Path, log: &Path) -> Result<Self, Problem> {
        let arguments = ["--metrics-bind-address", "127.0.0.1:18082"];
        let health = ["--health-probe-bind-address", "127.0.0.1:18083"];
        start(program, &[arguments.as_slice(), health.as_slice()].concat(), kubeconfig, log)
    }

    /// Kills it, and returns when it is dead.
    ///
    /// # Errors
    /// When it can't be killed.
    pub async fn kill(mut self) -> Result<(), Problem> {
        self.child.kill().await.map_err(Problem::io("killing the operator"))
    }

    /// What it has used so far.
    ///
    /// # Errors
    /// When it has ended.
    pub fn usage(&self) -> Result<Usage, Problem> {
        let id = self.child.id().ok_or_else(|| Problem::Unexpected("the operator has ended".to_owned()))?;
        let read = |file: &str| fs::read_to_string(format!("/proc/{id}/{file}"));
        let usage = read("stat").and_then(|stat| Ok((stat, read("status")?)));
        let (stat, status) = usage.map_err(Problem::io("what the operator has used"))?;
        usage_of(&stat, &status)
            .ok_or_else(|| Problem::Unexpected(format!("/proc/{id} can't be understood: {stat}")))
    }
}

fn start(program: &Path, arguments: &[&str], kubeconfig: &Path, log: &Path) -> Result<Operator, Problem> {
    let log =
        File::options().create(true).append(true).open(log).map_err(Problem::io("the operator's log"))?;
    let child = Command::new(program)
        .args(arguments)
        .env("KUBECONFIG", kubeconfig)
        .env("RUST_LOG", "info")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .map_err(Problem::io(format_args!("starting {}", program.display())))?;
    Ok(Operator { child })
}

/// The kernel counts CPU time for programs in hundredths of a second on every architecture (`USER_HZ`).
const TICKS: f64 = 100.0;

/// From `/proc/PID/stat`, whose fields 14 and 15 are the CPU time, and `/proc/PID/status`.
fn usage_of(stat: &str, status: &str) -> Option<Usage> {
    // The program's name, in parentheses, is the one field that may have spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    let cpu = (f64::from(ticks()?) + f64::from(ticks()?)) / TICKS;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(Usage { cpu, peak_kib: peak.trim().strip_suffix("kB")?.trim().parse().ok()? })
}

/// Writes a kubeconfig for the same API server as KUBECONFIG, with that token.
///
/// # Errors
/// When KUBECONFIG can't be read, or the file not be written.
pub fn write_kubeconfig(path: &Path, token: &str) -> Result<(), Problem> {
    let own = env::var_os("KUBECONFIG").unwrap_or_default();
    let own = Kubeconfig::read_from(Path::new(&own))
        .map_err(|error| Problem::Unexpected(format!("KUBECONFIG: {error}")))?;
    let cluster = own.clusters.first().and_then(|cluster| cluster.cluster.as_ref());
    let cluster = cluster.ok_or_else(|| Problem::Unexpected("KUBECONFIG names no cluster".to_owned()))?;
    let text = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bench",
        "clusters": [{"name": "bench", "cluster": cluster}],
        "users": [{"name": "bench", "user": {"token": token}}],
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
    });
    fs::write(path, text.to_string()).map_err(Problem::io("the operator's kubeconfig"))
}

/// How many clusters our operator has looked at since its start, by its metrics; none while it doesn't answer yet.
pub async fn looked_at() -> usize {
    let text = tokio::time::timeout(Duration::from_secs(5), metrics()).await;
    clusters_in(&text.ok().and_then(Result::ok).unwrap_or_default())
}

/// Each pass says how many settings of its cluster are held.
fn clusters_in(metrics: &str) -> usize {
    metrics.lines().filter(|line| line.starts_with("hookgate_held_settings{")).count()
}

async fn metrics() -> io::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut connection = tokio::net::TcpStream::connect(HEALTH).await?;
    connection.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").await?;
    let mut text = String::new();
    connection.read_to_string(&mut text).await?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_read_past_a_name_with_spaces() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 1 0 1 1 1";
        let status = "Name:\ta\nVmPeak:\t  9 kB\nVmHWM:\t  2048 kB\n";
        assert_eq!(usage_of(stat, status), Some(Usage { cpu: 2.0, peak_kib: 2048 }));
        assert_eq!(usage_of("7 (a) S 1", status), None);
    }

    #[test]
    fn each_cluster_that_was_looked_at_is_counted_once() {
        let metrics = "# HELP hookgate_held_settings x\nhookgate_reconcile_total{result=\"ok\"} 7\n\
                       hookgate_held_settings{cluster=\"a\"} 4\nhookgate_held_settings{cluster=\"b\"} 0\n";
        assert_eq!(clusters_in(metrics), 2);
    }
}
