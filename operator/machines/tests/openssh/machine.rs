//! A machine: an SSH server in namespaces of its own.

use hookgate_api::platform::HostKey;
use hookgate_machines::{
    run::{HookCommand, RunId},
    ssh::{Connection, Credentials, Patience, Target},
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// The password of the user of every machine.
pub const PASSWORD: &str = "let me in, 1.";
static NEXT: AtomicU32 = AtomicU32::new(0);

pub struct Machine {
    pub folder: PathBuf,
    pub address: SocketAddr,
    namespaces: Child,
}

/// How long anything is waited for in these tests.
pub const LIMIT: Duration = Duration::from_secs(120);

impl Machine {
    /// A machine whose user has `/bin/bash` for a shell.
    pub fn start() -> Self {
        Self::with_shell("/bin/bash")
    }

    pub fn with_shell(shell: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("hookgate-machine-{}-{number}", std::process::id()));
        let home = folder.join("home");
        fs::create_dir_all(home.join(".ssh")).unwrap();
        let key = |name: &str, kind: &str, passphrase: &str| {
            let path = folder.join(name);
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", kind, "-N", passphrase, "-C", "test", "-f"]).arg(&path);
            assert!(keygen.status().unwrap().success());
        };
        key("host_ed25519", "ed25519", "");
        key("host_rsa", "rsa", "");
        key("user", "ed25519", "");
        key("user_locked", "rsa", "a passphrase");
        let public = |name: &str| fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap();
        fs::write(home.join(".ssh/authorized_keys"), public("user") + &public("user_locked")).unwrap();
        let entry = |line: String| line + "\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n";
        fs::write(folder.join("passwd"), entry(format!("root:x:0:0:root:{}:{shell}", home.display())))
            .unwrap();
        let openssl = Command::new("perl")
            .args(["-e", "print crypt($ARGV[0], '$6$salt$')", PASSWORD])
            .output()
            .unwrap();
        let hash = String::from_utf8(openssl.stdout).unwrap();
        fs::write(folder.join("shadow"), format!("root:{hash}:19000:0:99999:7:::\nsshd:!:19000::::::\n"))
            .unwrap();
        // An address of its own, so that no two get the same port, which is free again until the server has it.
        let [_, _, high, low] = (number + 1).to_be_bytes();
        let ip = Ipv4Addr::new(127, 87, high, low);
        let address = TcpListener::bind((ip, 0)).unwrap().local_addr().unwrap();
        let port = address.port();
        let here = folder.display();
        let config = format!(
            "Port {port}\nListenAddress {ip}\nHostKey {here}/host_ed25519\nHostKey {here}/host_rsa\n\
             PermitRootLogin yes\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\nUsePAM no\n\
             StrictModes no\nPidFile none\nMaxStartups 100\nSubsystem sftp internal-sftp\n"
        );
        fs::write(folder.join("sshd_config"), config).unwrap();
        let machine = Self { namespaces: start(&folder), folder, address };
        machine.wait_for_server();
        machine
    }

    /// The server, its sessions and everything else on the machine end at once, and it starts anew.
    pub fn reboot(&mut self) {
        self.namespaces.kill().unwrap();
        self.namespaces.wait().unwrap();
        self.namespaces = start(&self.folder);
        self.wait_for_server();
    }

    /// The server and its sessions end; the server starts again after a moment, the hooks stay.
    pub fn kill_server(&self) {
        for pid in self.processes("sshd") {
            // One that has ended by itself is as good.
            let _ended = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }

    /// The machine's processes of a name.
    pub fn processes(&self, name: &str) -> Vec<i32> {
        let namespace = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        let first = format!("/proc/{0}/task/{0}/children", self.namespaces.id());
        let Some(first) =
            fs::read_to_string(first).ok().and_then(|text| Some(text.split_whitespace().next()?.to_owned()))
        else {
            return Vec::new();
        };
        let own = namespace(&first);
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let pid = entry.file_name().into_string().unwrap_or_default();
            let comm = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            if let Ok(number) = pid.parse()
                && comm.trim() == name
                && own.is_some()
                && namespace(&pid) == own
            {
                found.push(number);
            }
        }
        found
    }

    /// Runs a command in the machine's namespaces.
    pub fn inside(&self, script: &str) {
        let first = format!("/proc/{0}/task/{0}/children", self.namespaces.id());
        let first = fs::read_to_string(first).unwrap();
        let done = Command::new("nsenter")
            .args(["-t", first.split_whitespace().next().unwrap(), "-m", "-p", "sh", "-ec", script])
            .status()
            .unwrap();
        assert!(done.success(), "{script}");
    }

    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    pub fn host_key(&self, name: &str) -> HostKey {
        fs::read_to_string(self.folder.join(format!("{name}.pub"))).unwrap().parse().unwrap()
    }

    pub fn private_key(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    pub fn target(&self) -> Target {
        self.target_with(Credentials::new(Some(PASSWORD), None, None).unwrap())
    }

    pub fn target_with(&self, credentials: Credentials) -> Target {
        Target {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            user: "root".to_owned(),
            credentials,
            host_keys: Vec::new(),
        }
    }

    pub async fn connect(&self) -> Connection {
        Connection::open(&self.target(), Patience::default()).await.unwrap()
    }

    /// Puts a script into the home folder.
    pub fn script(&self, name: &str, text: &str) -> String {
        let path = self.home().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    pub fn wait_for_server(&self) {
        wait_until(|| {
            use std::io::Read;
            let Ok(mut stream) = std::net::TcpStream::connect(self.address) else { return false };
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            stream.read(&mut [0; 4]).is_ok_and(|read| read > 0)
        });
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ended = self.namespaces.kill();
        let _reaped = self.namespaces.wait();
        let _left = fs::remove_dir_all(&self.folder);
    }
}

fn start(folder: &Path) -> Child {
    let here = folder.display();
    let script = format!(
        "mount --bind {here}/passwd /etc/passwd && mount --bind {here}/shadow /etc/shadow && mount -t tmpfs tmpfs /run \
         && mkdir /run/sshd || exit; while :; do /usr/sbin/sshd -D -f {here}/sshd_config; sleep 0.1; done"
    );
    Command::new("unshare")
        .args(["--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", &script])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits for a state, at most [`LIMIT`].
pub fn wait_until(mut reached: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < LIMIT, "the state is not reached");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The run of a script, known by a number.
pub fn command(script: &str, arguments: &[&str], number: u32) -> HookCommand {
    HookCommand {
        id: RunId::parse(&format!("{number:032x}")).unwrap(),
        machine: "127.0.0.1".to_owned(),
        hook: "PreInstall".to_owned(),
        script: script.to_owned(),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        timeout: LIMIT,
        started: None,
        begin: true,
    }
}
