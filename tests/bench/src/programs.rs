//! Programs that ours is compared with, and the files that they read.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Where the programs are, built by the script that starts the bench, and where files are put.
pub struct Tools {
    /// The folder of programs and files.
    pub folder: PathBuf,
    /// Our command line.
    pub hookgate: PathBuf,
}

/// Runs a program to its end; `codes` are the exit codes that it may have.
pub fn run(mut command: Command, codes: &[i32]) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let code = output.status.code().unwrap_or(-1);
    assert!(codes.contains(&code), "{command:?}: {code}: {}", String::from_utf8_lossy(&output.stderr));
}

/// `count` different scripts and ConfigMaps that hold them, below `folder`.
pub fn write_inputs(folder: &Path, script: &str, count: usize) -> (Vec<PathBuf>, PathBuf) {
    let (scripts, maps) = (folder.join("scripts"), folder.join("configmaps"));
    for folder in [&scripts, &maps] {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).expect("a folder");
    }
    let mut paths = Vec::new();
    for number in 0..count {
        let text =
            script.replace("readonly POLL_SECONDS=5", &format!("readonly POLL_SECONDS={}", number + 1));
        let path = scripts.join(format!("{number}.sh"));
        fs::write(&path, &text).expect("a script");
        paths.push(path);
        let mut map = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook-{number}\n  namespace: default\n  labels:\n    hookgate.dev/hook: \"true\"\ndata:\n  hooks.sh: |\n"
        );
        for line in text.lines() {
            map.push_str(if line.is_empty() { "" } else { "    " });
            map.push_str(line);
            map.push('\n');
        }
        fs::write(maps.join(format!("{number}.yaml")), map).expect("a ConfigMap");
    }
    (paths, maps)
}

/// OPA inside a Go program with a prepared query; it measures itself.
pub struct Opa {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Opa {
    /// Starts it.
    pub fn start(program: &Path, policy: &Path, input: &Path) -> Self {
        let mut command = Command::new(program);
        command.args([policy, input]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("opa-bench starts");
        let input = child.stdin.take().expect("a pipe");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, input, output }
    }

    /// The nanoseconds that one of `count` evaluations takes.
    pub fn evaluate(&mut self, count: u32) -> f64 {
        writeln!(self.input, "{count}").expect("opa-bench listens");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("opa-bench answers");
        line.trim().parse().expect("opa-bench answers with a number")
    }
}

impl Drop for Opa {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
