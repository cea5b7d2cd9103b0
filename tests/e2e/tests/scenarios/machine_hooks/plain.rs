//! Machines that are plain processes: OpenSSH's server in the network of the node, at an address of its own, with files
//! and processes of its own.

use super::machines::SERVE;
use hookgate_e2e::Problem;
use std::{env, path::Path};
use tokio::process::Command;

/// Prints the number of the process in which the machine lives.
const BOOT: &str = r#"
ip addr add "$ADDRESS/32" dev lo
unshare --mount --pid --fork --mount-proc --kill-child sh -c "$MACHINE" </dev/null >/dev/null 2>&1 &
echo $!
"#;
/// What it writes is seen by nobody else, and gone with it.
const OWN_FILES: &str = r#"
umask 022
for folder in /run /root /opt /var/log /tmp; do mount -t tmpfs -o mode=755 tmpfs $folder || exit; done
printf 'root:x:0:0:root:/root:/bin/bash\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n' >/run/passwd
printf 'root:%s:19000:0:99999:7:::\nsshd:!:19000::::::\n' "$HASH" >/run/shadow
mount --bind /run/passwd /etc/passwd && mount --bind /run/shadow /etc/shadow || exit
"#;
/// The first process of the machine, as the node numbers it, runs a script.
const INSIDE: &str = r#"
n=0
until first=$(cat "/proc/$1/task/$1/children") && [ -n "$first" ]; do
  n=$((n + 1)); [ $n -lt 300 ] || exit 1; sleep 0.1
done
exec nsenter -t "${first%% *}" -m -p sh -c "$2"
"#;

pub struct Plain {
    pub address: String,
    node: Vec<String>,
    process: String,
}

impl Plain {
    /// A machine whose user has this password, as `/etc/shadow` has it.
    pub async fn boot(hash: &str) -> Result<Self, Problem> {
        let node = node()?;
        // Neither the node nor pods nor Services have such an address; two tests hardly take the same one.
        let address = format!("10.251.{}.{}", fastrand::u8(1..255), fastrand::u8(1..255));
        let settings =
            [format!("ADDRESS={address}"), format!("HASH={hash}"), format!("MACHINE={OWN_FILES}{SERVE}")];
        let mut words: Vec<&str> = vec!["env"];
        words.extend(settings.iter().map(String::as_str));
        words.extend(["sh", "-ec", BOOT]);
        let process = on_node(&node, &words).await?.trim().to_owned();
        let machine = Self { address, node, process };
        // The server is waited for by who connects: what it needs is there once it has its key.
        machine
            .run("for i in $(seq 300); do [ -e /run/host_key.pub ] && exit; sleep 0.1; done; exit 1")
            .await?;
        Ok(machine)
    }

    /// What a command prints on the machine.
    pub async fn run(&self, script: &str) -> Result<String, Problem> {
        on_node(&self.node, &["sh", "-c", INSIDE, "sh", &self.process, script]).await
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let [program, words @ ..] = self.node.as_slice() else { return };
        // All that runs on the machine ends with its first process.
        // `unshare` takes no TERM while it waits.
        let end = "kill -KILL \"$1\"; ip addr del \"$2/32\" dev lo";
        let ended = std::process::Command::new(program)
            .args(words)
            .args(["sh", "-c", end, "sh", &self.process, &self.address])
            .status();
        if !ended.is_ok_and(|status| status.success()) {
            eprintln!("the machine at {} could not be ended; it ends with the cluster", self.address);
        }
    }
}

/// The beginning of a command that runs something inside the node.
fn node() -> Result<Vec<String>, Problem> {
    let kubeconfig = env::var("KUBECONFIG").unwrap_or_default();
    let folder = Path::new(&kubeconfig).parent().filter(|folder| folder.join("record.json").exists());
    let name = folder.and_then(Path::file_name).and_then(|name| name.to_str());
    let name = name.ok_or_else(|| {
        Problem::Unexpected(format!(
            "machines that are plain processes need a cluster of tests/cluster, whose node they can enter: \
             KUBECONFIG={kubeconfig:?} is none's (`hookgate-cluster up` prints one)"
        ))
    })?;
    Ok(["hookgate-cluster", "exec", "--name", name, "--"].map(str::to_owned).into())
}

async fn on_node(node: &[String], words: &[&str]) -> Result<String, Problem> {
    let output = Command::new(&node[0])
        .args(&node[1..])
        .args(words)
        .output()
        .await
        .map_err(Problem::io("hookgate-cluster; tests/cluster/build makes it"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(said)
    } else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(Problem::Unexpected(format!("{words:?} inside the node: {said}{complaint}")))
    }
}
