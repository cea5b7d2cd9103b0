//! The promise of `restricted` against the real thing: what it accepts is run in real bash, in an empty
//! network namespace, with real awk, sed, grep and coreutils and a mysql whose answers are hostile. Every
//! program that is started, every connection and every file is traced, and must be on the page.
//!
//! Scripts are spliced together from the corpora and mutated. `HOOKGATE_SEED` repeats a run, and
//! `HOOKGATE_SOUNDNESS_SECONDS` makes it longer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, check};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// The programs of the page, and what plays the runner here.
const PROGRAMS: &[&str] = &[
    "mysql", "awk", "mawk", "gawk", "sed", "grep", "cut", "tr", "head", "tail", "wc", "sort", "uniq", "seq",
    "date", "sleep", "expr", "basename", "dirname", "cat", "timeout", "bash",
];

/// What the loader and the C library read for every program.
const SYSTEM: &[&str] = &[
    "/etc/ld.so",
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/usr/lib64/",
    "/usr/share/locale",
    "/etc/locale.alias",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/proc/self/maps",
    "/proc/filesystems",
    "/sys/fs/selinux",
    "/selinux",
    "/etc/selinux/config",
    "/sys/devices/system/cpu",
];

/// Replacements for words: near misses, and text that could be evaluated again.
const MUTANTS: &[&str] = &[
    "'a[$(id)]'",
    "\"$1\"",
    "$1",
    "/etc/passwd",
    "-o",
    "-f",
    "$x",
    "\"$x\"",
    "'$(id)'",
    "`id`",
    "$(id)",
    "x",
    "/tmp/y",
    "-e",
    "--",
    "-v",
    "'-v'",
    "|",
    "||",
    "&&",
    ";",
    ">",
    "<",
    "/dev/null",
    "!",
    "((",
    "))",
    "[[",
    "]]",
    "$((x))",
    "${x[$1]}",
    "IFS=$1",
    "eval",
    "local",
    "-n",
    "'x[$(id)]=1'",
    "~",
    "*",
    "{a,b}",
    "2>&1",
    "x=$1",
    "n",
    "$n",
    "$(( n ))",
    "'BEGIN{system(\"id\")}'",
    "'1e id'",
    "-s",
    "%n",
    "printf",
];

struct Random(u64);

impl Random {
    /// xorshift64*, which is enough to pick test cases.
    fn next(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % bound
    }
}

/// The bodies of `pre_upgrade` in the corpora.
fn snippets() -> Vec<String> {
    let mut found = Vec::new();
    for kind in ["allow", "deny"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(kind);
        for family in std::fs::read_dir(root).unwrap() {
            for file in std::fs::read_dir(family.unwrap().path()).unwrap() {
                let Ok(text) = String::from_utf8(std::fs::read(file.unwrap().path()).unwrap()) else {
                    continue;
                };
                let body = text
                    .split_once("pre_upgrade() {\n")
                    .and_then(|(_, rest)| rest.split_once("\n}\npost_upgrade"));
                // Loops that wait for a clock only cost time here.
                if let Some((body, _)) =
                    body.filter(|(body, _)| !body.contains("SECONDS") && !body.contains("while "))
                {
                    found.push(body.to_owned());
                }
            }
        }
    }
    found.sort();
    found
}

fn generate(random: &mut Random, snippets: &[String]) -> String {
    let mut body = String::new();
    for _ in 0..=random.next(3) {
        let snippet = &snippets[random.next(snippets.len())];
        if random.next(3) == 0 {
            body.push_str(snippet);
        } else {
            let mut words: Vec<&str> = snippet.split(' ').collect();
            for _ in 0..=random.next(2) {
                let at = random.next(words.len());
                words[at] = MUTANTS[random.next(MUTANTS.len())];
            }
            body.push_str(&words.join(" "));
        }
        body.push('\n');
    }
    format!("pre_upgrade() {{\n{body}}}\npost_upgrade() {{ :; }}\n")
}

struct Stage {
    root: PathBuf,
}

impl Stage {
    fn new() -> Self {
        // Not below /tmp, which the script gets an empty one of: a checkout may lie there.
        let root = Path::new("/var/tmp").join(format!("hookgate-soundness-{}", std::process::id()));
        let bin = root.join("bin");
        std::fs::create_dir_all(&bin).unwrap();
        let mysql = "#!/bin/sh\nprintf '%s\\n' 'a[$(id)]' '$(id)' '-v a[$(id)]' '/etc/passwd' '`id`'\nexit $(( $$ % 3 ))\n";
        for (name, text) in [("mysql", mysql), ("sleep", "#!/bin/sh\n:\n")] {
            let file = bin.join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { root }
    }

    /// Runs a script under trace and returns what it did that is not on the page.
    fn run(&self, script: &str) -> Vec<String> {
        let trace = self.root.join("trace");
        let _ = std::fs::remove_file(&trace);
        let bin = self.root.join("bin");
        let call = format!(
            ": > /tmp/.begin\n{script}\n( pre_upgrade 'a[$(id)]' '-v a[$(id)]' '/etc/passwd' ); post_upgrade\n"
        );
        let inside = "mount -t tmpfs none /tmp && cd /tmp && exec timeout -s KILL 3 strace -f -qq -s 300 \
             -e trace=%process,%network,%file -e signal=none -o \"$TRACE\" bash --norc --noprofile -c \"$CALL\"";
        let status = Command::new("unshare")
            .args(["-n", "-m", "sh", "-c", inside])
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin:/usr/sbin:/sbin", bin.display()))
            .env("TRACE", &trace)
            .env("CALL", call)
            .env("MYSQL_CMD", "mysql")
            .envs([("SR_NAMESPACE", "prod-a"), ("HOME", "/tmp"), ("SHELL", "/bin/bash")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("unshare and strace are needed for this test: install util-linux and strace");
        assert!(
            status.code() != Some(127) && trace.exists(),
            "the trace could not be made: root, unshare and strace are needed"
        );
        let text = String::from_utf8_lossy(&std::fs::read(&trace).unwrap()).into_owned();
        // What bash does before it reads the script is its own affair.
        let (_, script) = text
            .split_once("openat(AT_FDCWD, \"/tmp/.begin\"")
            .unwrap_or_else(|| panic!("the trace lacks the beginning of the script:\n{text}"));
        script.lines().skip(1).filter_map(|line| self.complaint(line)).collect()
    }

    fn complaint(&self, line: &str) -> Option<String> {
        let call = line.split_once(' ').map_or(line, |(_, call)| call.trim_start());
        let (name, rest) = call.split_once('(')?;
        let bad = || Some(line.to_owned());
        match name {
            "execve" | "execveat" => {
                let path = quoted(rest)?;
                let program = path.rsplit('/').next().unwrap_or_default();
                let allowed = PROGRAMS.contains(&program)
                    && (path.starts_with("/usr/bin/") || path.starts_with("/bin/") || self.owns(path));
                if allowed { None } else { bad() }
            }
            "connect" | "sendto" | "sendmsg" | "bind" | "listen" => bad(),
            "socket" => bad(),
            "wait4" | "exit_group" | "clone" | "clone3" | "vfork" | "fork" | "waitid" | "kill" | "tgkill"
            | "rt_sigqueueinfo" | "exit" => None,
            _ => {
                let path = quoted(rest)?;
                let search = matches!(
                    name,
                    "stat"
                        | "newfstatat"
                        | "access"
                        | "faccessat"
                        | "faccessat2"
                        | "readlink"
                        | "getcwd"
                        | "lstat"
                        | "statx"
                );
                let allowed = path.is_empty()
                    || path == "."
                    || path == "/tmp"
                    || path.starts_with("/tmp/")
                    || path.starts_with("/dev/fd/")
                    || ["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/"].contains(&path)
                    || SYSTEM.iter().any(|prefix| path.starts_with(prefix))
                    || self.owns(path)
                    // Looking for a program by its name on the path.
                    || search && ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].iter().any(|bin| path.starts_with(bin))
                    || path.starts_with("/proc/self/fd") && search;
                if allowed { None } else { bad() }
            }
        }
    }

    fn owns(&self, path: &str) -> bool {
        Path::new(path).starts_with(self.root.join("bin"))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// The first text in quotes.
fn quoted(text: &str) -> Option<&str> {
    let rest = text.split_once('"')?.1;
    Some(&rest[..rest.find('"').unwrap_or(rest.len())])
}

#[test]
fn what_is_accepted_stays_on_the_page() {
    let seed = std::env::var("HOOKGATE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        u64::from(now.subsec_nanos()) << 20 | now.as_secs()
    });
    let seconds =
        std::env::var("HOOKGATE_SOUNDNESS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(25);
    println!("HOOKGATE_SEED={seed}");
    let mut random = Random(seed | 1);
    let (stage, snippets) = (Stage::new(), snippets());
    assert!(snippets.len() > 500, "only {} snippets", snippets.len());
    // The trace sees what is not on the page, or the test would mean nothing.
    for bad in ["id", "cat /etc/passwd", "echo x > /dev/udp/127.0.0.1/9"] {
        assert!(
            !stage.run(&format!("pre_upgrade() {{ {bad}; }}\npost_upgrade() {{ :; }}")).is_empty(),
            "{bad} was not seen"
        );
    }
    let (mut generated, mut ran) = (0_usize, BTreeMap::new());
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        generated += 1;
        let script = generate(&mut random, &snippets);
        let report = check(script.as_bytes(), &Policy::default());
        // A number that comes from a query is one only while the FE is honest, which this one is not.
        let trusts_the_fe = report.findings().iter().any(|finding| finding.rule.to_string() == "HG212");
        if report.is_denied() || trusts_the_fe || ran.contains_key(&script) {
            continue;
        }
        let complaints = stage.run(&script);
        assert!(complaints.is_empty(), "HOOKGATE_SEED={seed}\n{script}\ndid:\n{}", complaints.join("\n"));
        ran.insert(script, ());
    }
    println!("{} of {generated} generated scripts were accepted and ran", ran.len());
    assert!(ran.len() >= 20, "only {} of {generated} generated scripts were accepted", ran.len());
}
