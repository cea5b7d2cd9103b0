//! The machines: Debian's OpenSSH servers, each with processes, a home folder and a `/mnt` of its own.

use crate::Problem;
use std::{
    fs,
    io::Read,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long is waited for a machine's server.
const LIMIT: Duration = Duration::from_secs(60);
/// The size of each file, in bytes.
const FILE_BYTES: usize = 4096;
/// What is run: it leaves a file behind, by which it is known.
const HOOK: &str = "#!/bin/sh\necho ran >>/mnt/ran\necho done\n";

/// All machines; they end when this is dropped.
pub struct Machines {
    folder: PathBuf,
    addresses: Vec<SocketAddr>,
    processes: Vec<Child>,
}

impl Machines {
    /// Starts so many, and makes so many files for them.
    pub fn start(count: u16, files: u16) -> Result<Self, Problem> {
        // Not below `target`: an SSH control socket's path has to be short.
        let folder = std::env::temp_dir().join(format!("hookgate-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(Problem::io(folder.display()))?;
        let mut machines = Self { folder, addresses: Vec::new(), processes: Vec::new() };
        for key in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen
                .args(["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f"])
                .arg(machines.folder.join(key));
            succeed(&mut keygen)?;
        }
        write_hooks(&machines.folder.join("hooks"), files)?;
        for number in 0..count {
            let (address, process) = machine(&machines.folder, number)?;
            machines.addresses.push(address);
            machines.processes.push(process);
        }
        for address in &machines.addresses {
            wait_for_server(*address)?;
        }
        Ok(machines)
    }

    /// The first so many.
    pub fn first(&self, count: u16) -> Part<'_> {
        let count = usize::from(count).min(self.addresses.len());
        Part {
            folder: &self.folder,
            addresses: self.addresses.get(..count).unwrap_or_default(),
            processes: self.processes.get(..count).unwrap_or_default(),
        }
    }
}

/// A part of the machines.
pub struct Part<'a> {
    /// What they share: keys, and `hooks` with what is copied.
    pub folder: &'a Path,
    /// Their addresses.
    pub addresses: &'a [SocketAddr],
    processes: &'a [Child],
}

impl Part<'_> {
    /// The machines' host key, as in known_hosts.
    pub fn host_key(&self) -> Result<String, Problem> {
        fs::read_to_string(self.folder.join("host.pub")).map_err(Problem::io("the host key"))
    }

    /// Everything is on every machine, and the hook has run once.
    pub fn verify(&self, files: u16) -> Result<(), Problem> {
        let read = |path: &Path| fs::read(path).map_err(Problem::io(path.display()));
        for process in self.processes {
            let root = root_of(process)?;
            for number in 0..files {
                let name = format!("files/{number}");
                if read(&root.join("mnt").join(&name))? != read(&self.folder.join("hooks").join(&name))? {
                    return Err(Problem(format!("{name} is another one on a machine")));
                }
            }
            if read(&root.join("mnt/ran"))? != b"ran\n" {
                return Err(Problem("the hook has not run once on a machine".to_owned()));
            }
        }
        Ok(())
    }

    /// As before the first work.
    pub fn clean(&self) -> Result<(), Problem> {
        for (number, process) in self.processes.iter().enumerate() {
            let home = self.folder.join(format!("machine-{number}/home"));
            for folder in [root_of(process)?.join("mnt"), home] {
                for entry in fs::read_dir(&folder).map_err(Problem::io(folder.display()))?.flatten() {
                    if entry.file_name() != ".ssh" {
                        let path = entry.path();
                        let removed =
                            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                        removed.map_err(Problem::io(path.display()))?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Drop for Machines {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ended = process.kill();
            let _reaped = process.wait();
        }
        let _left = fs::remove_dir_all(&self.folder);
    }
}

/// A machine's files, as they are seen from here.
fn root_of(process: &Child) -> Result<PathBuf, Problem> {
    let children = format!("/proc/{0}/task/{0}/children", process.id());
    let children = fs::read_to_string(&children).map_err(Problem::io(children))?;
    let first =
        children.split_whitespace().next().ok_or_else(|| Problem("a machine has ended".to_owned()))?;
    Ok(Path::new("/proc").join(first).join("root"))
}

fn write_hooks(folder: &Path, files: u16) -> Result<(), Problem> {
    let write = |path: PathBuf, bytes: &[u8], mode| {
        fs::write(&path, bytes)
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(mode)))
            .map_err(Problem::io(path.display()))
    };
    fs::create_dir_all(folder.join("files")).map_err(Problem::io(folder.display()))?;
    let mut random = fastrand::Rng::with_seed(7);
    for number in 0..files {
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(FILE_BYTES).collect();
        write(folder.join(format!("files/{number}")), &bytes, 0o644)?;
    }
    write(folder.join("hook"), HOOK.as_bytes(), 0o755)
}

/// A machine of a number: its address, and the process that holds its namespaces.
fn machine(shared: &Path, number: u16) -> Result<(SocketAddr, Child), Problem> {
    let folder = shared.join(format!("machine-{number}"));
    let home = folder.join("home");
    fs::create_dir_all(home.join(".ssh")).map_err(Problem::io(folder.display()))?;
    // An address of its own, so that no two get the same port, which is free again until the server has it.
    let [high, low] = (number + 1).to_be_bytes();
    let ip = Ipv4Addr::new(127, 86, high, low);
    let address = TcpListener::bind((ip, 0)).and_then(|listener| listener.local_addr());
    let address = address.map_err(Problem::io("a free port"))?;
    let port = address.port();
    fs::copy(shared.join("user.pub"), home.join(".ssh/authorized_keys"))
        .map_err(Problem::io("the user's key"))?;
    let files = [
        (
            "passwd",
            format!(
                "root:x:0:0:root:{}:/bin/bash\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n",
                home.display()
            ),
        ),
        ("shadow", "root:*:19000:0:99999:7:::\nsshd:!:19000::::::\n".to_owned()),
        (
            "sshd_config",
            format!(
                "Port {port}\nListenAddress {ip}\nHostKey {}/host\nPermitRootLogin yes\nUsePAM no\nStrictModes no\n\
                 PidFile none\nMaxStartups 100\nSubsystem sftp internal-sftp\n",
                shared.display()
            ),
        ),
    ];
    for (name, text) in files {
        fs::write(folder.join(name), text).map_err(Problem::io(name))?;
    }
    let here = folder.display();
    let script = format!(
        "mount --bind {here}/passwd /etc/passwd && mount --bind {here}/shadow /etc/shadow && mount -t tmpfs tmpfs /run \
         && mkdir /run/sshd && mount -t tmpfs tmpfs /mnt && /usr/sbin/sshd -D -f {here}/sshd_config; exit 1"
    );
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", &script]);
    unshare.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Ok((address, unshare.spawn().map_err(Problem::io("unshare"))?))
}

fn wait_for_server(address: SocketAddr) -> Result<(), Problem> {
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        if let Ok(mut stream) = TcpStream::connect(address)
            && stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
            && stream.read(&mut [0; 4]).is_ok_and(|read| read > 0)
        {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Problem(format!("no SSH server at {address} within {} s", LIMIT.as_secs())))
}

fn succeed(command: &mut Command) -> Result<(), Problem> {
    let status = command.status().map_err(Problem::io(format!("{command:?}")))?;
    if status.success() { Ok(()) } else { Err(Problem(format!("{command:?}: {status}"))) }
}
