//! The attempts of `tests/corpus/escape`.

use hookgate_runner::supervise::Outcome;
use std::{fs, path::Path};

/// One attempt.
#[derive(Debug)]
pub struct Attempt {
    pub name: String,
    pub expect: Vec<Outcome>,
    pub timeout: u64,
    pub says: Vec<String>,
    pub never: Vec<String>,
    pub outside: bool,
    pub body: String,
}

impl Attempt {
    /// The script whose `pre_upgrade` is the body.
    pub fn script(&self) -> String {
        let native = include_str!("../../../../tests/corpus/escape/native.sh");
        format!("{native}pre_upgrade() {{\n{}\n}}\npost_upgrade() {{ :; }}\n", self.body)
    }
}

/// All attempts, by family and name.
pub fn attempts() -> Vec<Attempt> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/escape");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files.iter().flat_map(|path| family(path)).collect()
}

fn family(path: &Path) -> Vec<Attempt> {
    let family = path.file_stem().unwrap().to_str().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let blocks = text.split("=== ").filter(|block| !block.trim().is_empty());
    blocks.map(|block| attempt(family, block)).collect()
}

fn attempt(family: &str, block: &str) -> Attempt {
    let (head, body) = block.split_once("\n---\n").unwrap_or_else(|| panic!("{family}: no body in {block}"));
    let mut lines = head.lines();
    let name = format!("{family}/{}", lines.next().unwrap());
    let mut attempt = Attempt {
        name,
        expect: Vec::new(),
        timeout: 20,
        says: Vec::new(),
        never: Vec::new(),
        outside: false,
        body: body.to_owned(),
    };
    for line in lines {
        let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("{}: {line}", attempt.name));
        match key {
            "expect" => attempt.expect = value.split(' ').map(outcome).collect(),
            "timeout" => attempt.timeout = value.parse().unwrap(),
            "says" => attempt.says.push(value.to_owned()),
            "never" => attempt.never.push(value.to_owned()),
            "outside" => attempt.outside = value == "yes",
            other => panic!("{}: {other}", attempt.name),
        }
    }
    assert!(!attempt.expect.is_empty(), "{} expects nothing", attempt.name);
    attempt
}

fn outcome(text: &str) -> Outcome {
    match text {
        "Succeeded" => Outcome::Succeeded,
        "Failed" => Outcome::Failed,
        "DeadlineExceeded" => Outcome::DeadlineExceeded,
        other => panic!("no such outcome: {other}"),
    }
}
