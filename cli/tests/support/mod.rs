//! Running the program as a user does.
#![allow(dead_code)] // not every test file needs all of it

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const GOOD: &str = "pre_upgrade() {\n  echo hello\n}\npost_upgrade() { :; }\n";
pub const BAD: &str = "pre_upgrade() {\n  kubectl get pods\n}\npost_upgrade() { :; }\n";

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The program, with an environment that doesn't ask for colour.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookgate"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that doesn't read its input may end before it's written.
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Run {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn hookgate(arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    let mut command = command();
    command.args(arguments);
    run(command, input.as_ref())
}

pub fn lint(arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    hookgate(&[&["lint"], arguments].concat(), input)
}

/// A directory of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file, with its directories, and returns its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        self.path(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn config_map(name: &str, script: &str) -> String {
    let block: String = script
        .split_inclusive('\n')
        .map(|line| if line == "\n" { line.to_owned() } else { format!("    {line}") })
        .collect();
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  hooks.sh: |\n{block}")
}

/// A cluster with an FE whose spec goes on with these lines.
pub fn cluster(name: &str, fe: &str) -> String {
    format!(
        "apiVersion: starrocks.com/v1\nkind: StarRocksCluster\nmetadata:\n  name: {name}\nspec:\n  starRocksFeSpec:\n    \
         image: starrocks/fe-ubuntu:3.2.2\n{fe}"
    )
}
