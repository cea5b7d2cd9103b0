//! Machines: pods that run Debian's OpenSSH server, and plain processes that do.

use super::{kubectl_ok, plain::Plain};
use hookgate_e2e::{Problem, kubectl::kubectl};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// The namespace of a scenario's machines.
pub struct Machines {
    pub namespace: String,
    addresses: BTreeMap<String, String>,
    plain: BTreeMap<String, Plain>,
}

/// `123456` and `Letmein123,.1`, the passwords of the guide's examples, as `/etc/shadow` has them.
const FIRST: &str =
    "$6$hookgate$K8NTnnM2grPet1mwOM/drjeLe0lRfy3dtgiQsytQywABzNOBVBNLPLnKyAxnrthXLkqHX8zlVIxFIi3.Fqro3/";
const SECOND: &str =
    "$6$hookgate$5j49RVTc.p3ihSTbXcTLak2PKsMqXRgLgoccmWZnIvXsq/s1FQ/OVr/WZJ2wfe4H.UkOCvqP3iE0wEM8LTu36/";

/// What a machine does: it has a host key and a password, and its server is started again when it ends, unless
/// `/run/down` is there.
const BOOT: &str = r#"
umask 022
printf 'root:%s:19000:0:99999:7:::\nsshd:!:19000::::::\n' "$HASH" >/etc/shadow
"#;
/// The same for every machine, once it has its users.
pub const SERVE: &str = r#"
mkdir -p /run/sshd /var/log
ssh-keygen -q -t ed25519 -N '' -f /run/host_key
# A server of SFTP that does nothing more after 128 KiB until `/run/go` is there.
cat >/run/slow-sftp <<'END'
{ dd bs=1 count=131072 2>/dev/null; until [ -e /run/go ]; do sleep 0.1; done; cat; } | /usr/lib/openssh/sftp-server
END
while :; do
  [ -e /run/down ] || /usr/sbin/sshd -D -e -f /dev/null -h /run/host_key -o ListenAddress="${ADDRESS:-0.0.0.0}" \
    -o PermitRootLogin=yes -o UsePAM=no -o Subsystem="${SFTP:-sftp internal-sftp}" -o MaxStartups=100 || :
  sleep 0.2
done
"#;
/// Ends the SSH server and all of its sessions, as if by a fault.
const KILL_SSHD: &str = r#"
for process in /proc/[0-9]*; do
  read -r name <"$process/comm" && case $name in sshd*) kill -KILL "${process#/proc/}" ;; esac
done 2>/dev/null
:
"#;

impl Machines {
    /// Machines of these names, those of `first` with the first password and those of `second` with the second.
    pub async fn boot(namespace: &str, first: &[&str], second: &[&str]) -> Result<Self, Problem> {
        Self::boot_changed(namespace, first, second, |_| {}).await
    }

    /// The same, with something changed of their pods.
    pub async fn boot_changed(
        namespace: &str,
        first: &[&str],
        second: &[&str],
        change: impl Fn(&mut Value),
    ) -> Result<Self, Problem> {
        kubectl_ok(&["create", "namespace", namespace], None).await?;
        let pod = |name: &str, hash: &str| {
            json!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": namespace},
                "spec": {
                    "terminationGracePeriodSeconds": 0,
                    "automountServiceAccountToken": false,
                    "containers": [{
                        "name": "machine",
                        "image": "hookgate.dev/machine:dev",
                        "imagePullPolicy": "Never",
                        "command": ["/bin/sh", "-c", format!("{BOOT}{SERVE}")],
                        "env": [{"name": "HASH", "value": hash}],
                        "readinessProbe": {"tcpSocket": {"port": 22}, "periodSeconds": 1},
                    }],
                },
            })
        };
        let of_first = first.iter().map(|name| pod(name, FIRST));
        let mut pods: Vec<Value> = of_first.chain(second.iter().map(|name| pod(name, SECOND))).collect();
        pods.iter_mut().for_each(change);
        let list = json!({"apiVersion": "v1", "kind": "List", "items": pods}).to_string();
        kubectl_ok(&["create", "-f", "-"], Some(&list)).await?;
        kubectl_ok(
            &["wait", "-n", namespace, "--for=condition=Ready", "pods", "--all", "--timeout=120s"],
            None,
        )
        .await?;
        let mut addresses = BTreeMap::new();
        for name in first.iter().chain(second) {
            let address =
                kubectl_ok(&["get", "pod", "-n", namespace, name, "-o", "jsonpath={.status.podIP}"], None)
                    .await?;
            addresses.insert((*name).to_owned(), address);
        }
        Ok(Self { namespace: namespace.to_owned(), addresses, plain: BTreeMap::new() })
    }

    /// Adds machines that are no pods: processes with addresses of their own in the network of the node.
    pub async fn add_plain(&mut self, names: &[&str]) -> Result<(), Problem> {
        for name in names {
            let plain = Plain::boot(FIRST).await?;
            self.addresses.insert((*name).to_owned(), plain.address.clone());
            self.plain.insert((*name).to_owned(), plain);
        }
        Ok(())
    }

    pub fn address(&self, name: &str) -> &str {
        &self.addresses[name]
    }

    /// What a command prints on a machine.
    pub async fn run(&self, name: &str, script: &str) -> Result<String, Problem> {
        if let Some(plain) = self.plain.get(name) {
            return plain.run(script).await;
        }
        kubectl_ok(&["exec", "-n", &self.namespace, name, "--", "sh", "-c", script], None).await
    }

    /// The SSH server and its sessions end; the server starts again after a moment, the hooks stay.
    pub async fn kill_sshd(&self, name: &str) -> Result<(), Problem> {
        self.run(name, KILL_SSHD).await.map(drop)
    }

    /// The machine can't be reached any more.
    pub async fn down(&self, name: &str) -> Result<(), Problem> {
        self.run(name, "touch /run/down").await?;
        self.kill_sshd(name).await
    }

    /// The machine can be reached again.
    pub async fn up(&self, name: &str) -> Result<(), Problem> {
        self.run(name, "rm /run/down").await.map(drop)
    }

    /// The hooks that have run on a machine, each with its arguments.
    pub async fn hooks(&self, name: &str) -> Result<Vec<(String, Vec<String>)>, Problem> {
        // Octal, for kubectl gives text.
        let text = self.run(name, "cat /var/log/hooks 2>/dev/null | od -An -v -tx1").await?;
        let bytes: Vec<u8> =
            text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
        let mut hooks = Vec::new();
        let mut rest = bytes.as_slice();
        let next = |rest: &mut &[u8]| {
            let end = rest.iter().position(|byte| *byte == 0).expect("a NUL");
            let word = String::from_utf8(rest[..end].to_vec()).unwrap();
            *rest = &rest[end + 1..];
            word
        };
        while !rest.is_empty() {
            let name = next(&mut rest);
            let count: usize = next(&mut rest).parse().unwrap();
            let arguments = (0..count).map(|_| next(&mut rest)).collect();
            assert_eq!(rest[0], b'\n', "nothing follows the arguments");
            rest = &rest[1..];
            hooks.push((name, arguments));
        }
        Ok(hooks)
    }

    /// What all runs on a machine have said, in the order in which they began.
    pub async fn outputs(&self, name: &str) -> Result<String, Problem> {
        // Nothing is ever made or removed in `claimed`.
        let each =
            "cd /root/.hookgate/runs && for run in $(ls -dtr */claimed); do cat \"${run%/*}\"/output.*; done";
        self.run(name, each).await
    }

    pub async fn end(&self) -> Result<(), Problem> {
        kubectl(&["delete", "namespace", &self.namespace, "--wait=false"], None).await?;
        Ok(())
    }
}

/// How long anything on machines is waited for.
pub const LIMIT: Duration = Duration::from_secs(900);
