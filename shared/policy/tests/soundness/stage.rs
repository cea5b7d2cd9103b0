//! Where scripts run: a throw-away root with real programs, an empty network, and strace around it.

use crate::trace::{Events, read_trace};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The programs of the page that are not played by something of ours.
pub const PROGRAMS: &[&str] = &[
    "awk", "sed", "grep", "cut", "tr", "head", "tail", "wc", "sort", "uniq", "seq", "date", "sleep", "expr",
    "basename", "dirname", "cat", "timeout",
];

/// The awks, by the program and its arguments before those of the script.
pub const AWKS: &[&str] = &["gawk", "mawk", "busybox", "original-awk"];

/// What a hostile script would like to start; each leaves a trace and nothing else.
pub const CANARIES: &[&str] = &[
    "canary", "id", "kubectl", "helm", "docker", "curl", "wget", "nc", "ssh", "bash", "sh", "python3",
    "perl", "env", "xargs", "find", "nice", "rm", "cp", "ls", "tee", "touch", "dd", "git", "tar", "busybox",
    "sudo",
];

/// The connection that the operator gives a hook.
pub const CONNECTION: &[(&str, &str)] =
    &[("SR_FE_HOST", "fe.example"), ("SR_FE_PORT", "9030"), ("SR_FE_USER", "hookgate")];

/// Plays mysql. Its answers are hostile except those that the promise takes for numbers; whether it fails
/// is decided by its statement and the salt. What it reads is shown to the trace as an argument.
const MYSQL: &str = r#"#!/bin/dash
sql=
previous=
for argument; do
  case $previous in -e | --execute | -[NBsEtr]*e) sql=$argument ;; esac
  case $argument in -e?* | --execute=* | -[NBsEtr]*e?*) sql=$argument ;; esac
  previous=$argument
done
if [ -z "$sql" ]; then
  sql=$(cat)
  /opt/play/mysql-input "$sql"
fi
case $sql in
  *[Cc][Oo][Uu][Nn][Tt]\(* | *[Ss][Uu][Mm]\(* | *[Mm][Ii][Nn]\(* | *[Mm][Aa][Xx]\(* | *'/statistic'* | *'/cluster_balance'*)
    printf '%s\t%s\n' 3 4 ;;
  *)
    printf '%s\t%s\t%s\n' 'a[$(canary)]' '$(canary)' '-v a[$(canary)]' '/*' '/etc/*' '`canary`' \
      'x[$(canary)]=1' '-f /etc/shadow' '0 -o -v a[$(canary)]' '([$(canary)]=1)' '/etc/passwd' 'PATH=0' \
      '; canary' '%n' '-eSELECT canary' '../../etc/passwd' '-1' '--help' ;;
esac
exit $(( (${#sql} + ${#1} + SALT) % 5 == 0 ))
"#;

/// One way to run scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The version of bash, as it calls itself.
    pub version: String,
    /// The command line that starts it inside the root.
    bash: Vec<String>,
    /// Which awk is `awk`.
    pub awk: &'static str,
    /// Whether the other programs are those of busybox.
    pub busybox: bool,
}

impl std::fmt::Display for Variant {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tools = if self.busybox { "busybox" } else { "coreutils" };
        write!(formatter, "bash {}, {}, {tools}", self.version, self.awk)
    }
}

impl Variant {
    /// The search path that its scripts have.
    pub fn path(&self) -> Vec<String> {
        let mut path = vec![format!("/opt/awk/{}", self.awk)];
        if self.busybox {
            path.push("/opt/busybox".to_owned());
        }
        path.push("/usr/bin".to_owned());
        path
    }
}

/// The throw-away root. It is removed in the end; what a killed run has left is removed by the next.
pub struct Stage {
    directory: PathBuf,
    root: PathBuf,
    bashes: Vec<(String, Vec<String>)>,
}

impl Stage {
    pub fn new() -> Self {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        let parent = target.join("soundness");
        fs::create_dir_all(&parent).unwrap();
        remove_stale(&parent);
        static COUNTER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let directory = parent.canonicalize().unwrap().join(format!("{}-{number}", std::process::id()));
        let root = directory.join("root");
        let mut stage = Self { directory, root, bashes: Vec::new() };
        stage.furnish(&target);
        stage
    }

    fn furnish(&mut self, target: &Path) {
        for place in [
            "usr/bin",
            "tmp",
            "proc",
            "dev",
            "etc",
            "scripts",
            "mark",
            "opt/busybox",
            "opt/play",
            "root",
            "var",
        ] {
            fs::create_dir_all(self.root.join(place)).unwrap();
        }
        symlink("usr/bin", self.root.join("bin")).unwrap();
        for (name, text) in [("passwd", "root:x:0:0:root:/root:/bin/bash\n"), ("shadow", "root:secret\n")] {
            fs::write(self.root.join("etc").join(name), text).unwrap();
        }
        for name in PROGRAMS.iter().filter(|name| **name != "awk") {
            self.program(name, &format!("usr/bin/{name}"));
            symlink("/opt/play/busybox", self.root.join("opt/busybox").join(name)).unwrap();
        }
        self.program("busybox", "opt/play/busybox");
        for awk in AWKS {
            let place = format!("opt/awk/{awk}");
            fs::create_dir_all(self.root.join(&place)).unwrap();
            if *awk == "busybox" {
                symlink("/opt/play/busybox", self.root.join(place).join("awk")).unwrap();
            } else {
                self.program(awk, &format!("{place}/awk"));
            }
        }
        self.program("dash", "usr/bin/dash");
        self.program("true", "opt/play/true");
        self.program("bash", "opt/play/bash");
        for (place, text) in [("usr/bin/mysql", MYSQL), ("opt/play/mysql-input", "#!/bin/dash\n:\n")] {
            executable(&self.root.join(place), text);
        }
        for name in CANARIES {
            fs::copy(self.root.join("opt/play/true"), self.root.join("usr/bin").join(name)).unwrap();
        }
        self.bashes.push((version("/bin/bash", &[]), vec!["/opt/play/bash".to_owned()]));
        self.other_bashes(target);
    }

    /// Unpacks the other versions of bash.
    fn other_bashes(&mut self, target: &Path) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/soundness/bash-versions");
        let output = Command::new(script).arg(target.join("bash")).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        for line in errors.lines().filter(|line| line.starts_with("bash-versions:")) {
            crate::say(line);
        }
        for line in printed.lines() {
            let from = Path::new(line);
            let name = from.file_name().unwrap().to_str().unwrap();
            let to = self.root.join("opt").join(format!("bash-{name}"));
            fs::create_dir_all(to.join("lib")).unwrap();
            fs::copy(from.join("bash"), to.join("bash")).unwrap();
            let mut loader = String::new();
            for library in fs::read_dir(from.join("lib")).unwrap() {
                let library = library.unwrap();
                let file = library.file_name().into_string().unwrap();
                fs::copy(library.path(), to.join("lib").join(&file)).unwrap();
                if file.starts_with("ld-") {
                    loader = file;
                }
            }
            let place = format!("/opt/bash-{name}");
            let outside = [
                format!("{line}/lib/{loader}"),
                "--library-path".to_owned(),
                format!("{line}/lib"),
                format!("{line}/bash"),
            ];
            let found = version(&outside[0], &[&outside[1], &outside[2], &outside[3]]);
            let inside = vec![
                format!("{place}/lib/{loader}"),
                "--library-path".to_owned(),
                format!("{place}/lib"),
                format!("{place}/bash"),
            ];
            self.bashes.push((found, inside));
        }
        assert!(self.bashes.len() >= 3, "bash in two versions besides the machine's is needed: {errors}");
    }

    /// All ways to run scripts: each bash, each awk, both sets of tools.
    pub fn variants(&self) -> Vec<Variant> {
        let mut all = Vec::new();
        for busybox in [false, true] {
            for awk in AWKS {
                for (version, bash) in &self.bashes {
                    all.push(Variant { version: version.clone(), bash: bash.clone(), awk, busybox });
                }
            }
        }
        all
    }

    /// Copies a program of the machine with its libraries.
    fn program(&self, name: &str, place: &str) {
        let from = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"]
            .iter()
            .map(|directory| Path::new(directory).join(name))
            .find(|path| path.exists())
            .unwrap_or_else(|| panic!("{name} is needed for this test: run tests/cluster/install-packages"));
        let from = from.canonicalize().unwrap();
        fs::copy(&from, self.root.join(place)).unwrap();
        let libraries = Command::new("ldd").arg(&from).output().unwrap();
        for word in String::from_utf8_lossy(&libraries.stdout).split_whitespace() {
            if word.starts_with('/') && Path::new(word).exists() {
                let to = self.root.join(word.trim_start_matches('/'));
                if !to.exists() {
                    fs::create_dir_all(to.parent().unwrap()).unwrap();
                    fs::copy(word, to).unwrap();
                }
            }
        }
    }

    /// Runs scripts one after the other and returns what they did. A batch that takes too long is killed.
    pub fn run(&self, scripts: &[&str], variant: &Variant, salt: u64) -> Batch {
        let place = self.root.join("scripts");
        fs::remove_dir_all(&place).unwrap();
        fs::create_dir_all(&place).unwrap();
        for (index, script) in scripts.iter().enumerate() {
            fs::write(place.join(index.to_string()), script).unwrap();
        }
        fs::write(place.join("input"), HOSTILE_INPUT).unwrap();
        fs::write(place.join("driver"), DRIVER.replace("COUNT", &scripts.len().to_string())).unwrap();
        let trace = self.directory.join("trace");
        let _ = fs::remove_file(&trace);
        let inside = "mount -t tmpfs none \"$ROOT/tmp\" && mount -t proc none \"$ROOT/proc\" &&
            mount -t tmpfs none \"$ROOT/dev\" && mknod -m 666 \"$ROOT/dev/null\" c 1 3 &&
            ln -s /proc/self/fd \"$ROOT/dev/fd\" && ln -s fd/0 \"$ROOT/dev/stdin\" &&
            ln -s fd/1 \"$ROOT/dev/stdout\" && ln -s fd/2 \"$ROOT/dev/stderr\" &&
            exec timeout -s KILL 40 strace -f --seccomp-bpf -qq -s 4096 -e trace=%process,%network,%file \
            -e signal=none -o \"$TRACE\" env -i \"$@\"";
        let mut command = Command::new("unshare");
        command.args(["-n", "-m", "-p", "-i", "--fork", "--kill-child", "sh", "-c", inside, "sh"]);
        command.arg(format!("PATH={}", variant.path().join(":")));
        command.args(["HOME=/root", "TERM=dumb", "SR_NAMESPACE=prod", "SR_CLUSTER=c"]);
        command.args(CONNECTION.iter().map(|(name, value)| format!("{name}={value}")));
        command.args([&format!("SALT={salt}"), "MYSQL_CMD=mysql -hfe.example -P9030 -uhookgate"]);
        command.args([Path::new("/usr/sbin/chroot"), &self.root]);
        command.args(&variant.bash).args(["--norc", "--noprofile", "/scripts/driver"]);
        let status = command
            .env("ROOT", &self.root)
            .env("TRACE", &trace)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("unshare is needed for this test: run tests/cluster/install-packages");
        assert!(
            trace.exists(),
            "the trace could not be made ({status}): root, unshare and strace are needed"
        );
        let text = String::from_utf8_lossy(&fs::read(&trace).unwrap()).into_owned();
        Batch { events: read_trace(&text), finished: status.success() }
    }
}

/// What a batch of scripts did.
pub struct Batch {
    pub events: Events,
    /// Whether it came to its end.
    pub finished: bool,
}

/// What stands on the standard input of a hook that reads it.
const HOSTILE_INPUT: &str = "a[$(canary)] /* -f\n$(canary)\n/*\n/etc/passwd\n-v a[$(canary)]\n";

/// Runs the scripts: each function in a process of its own, with hostile arguments.
const DRIVER: &str = r#"
for ((number = 0; number < COUNT; number++)); do
  for name in pre_upgrade post_upgrade; do
    : >"/mark/$number-$name"
    ( . "/scripts/$number"; "$name" 'a[$(canary)]' '/*' '-v a[$(canary)]' '/etc/passwd' '$(canary)' '-f' \
    ) <"/scripts/input" >/dev/null 2>&1
  done
done
: >/mark/end
exit 0
"#;

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn remove_stale(parent: &Path) {
    for entry in fs::read_dir(parent).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let process = name.split('-').next().unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn executable(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn version(program: &str, arguments: &[&String]) -> String {
    let output =
        Command::new(program).args(arguments).args(["--norc", "-c", "echo $BASH_VERSION"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
