//! The exhaustive sweep: every builtin × option × operand × special variable of bash, with bash as the
//! ground truth. Each candidate carries a canary, a piece of code that leaves a file; what `restricted`
//! accepts is run in real bash, and no canary may fire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

mod lists;

use hookgate_policy::{Policy, check};
use lists::{BUILTINS, CONSTRUCTS, PAYLOADS, SPECIAL, VARIABLE_SHAPES};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Candidate {
    number: usize,
    body: String,
    /// Whether it is one of [`CONSTRUCTS`], which do no harm when they are run.
    is_construct: bool,
}

fn candidates() -> Vec<Candidate> {
    let all_constructs =
        PAYLOADS.iter().flat_map(|payload| CONSTRUCTS.iter().map(|shape| fill(shape, payload)));
    let constructs: BTreeSet<String> = all_constructs.collect();
    let mut bodies = BTreeSet::new();
    for builtin in BUILTINS.split_whitespace() {
        builtin_bodies(builtin, PAYLOADS[0], &mut bodies);
    }
    for name in SPECIAL.split_whitespace() {
        for builtin in BUILTINS.split_whitespace() {
            bodies.insert(fill(&format!("{name}='%' {builtin} n '%'"), PAYLOADS[0]));
        }
        for shape in VARIABLE_SHAPES {
            bodies.insert(fill(&shape.replace('V', name), PAYLOADS[0]));
        }
    }
    bodies.retain(|body| !constructs.contains(body));
    let all =
        constructs.into_iter().map(|body| (body, true)).chain(bodies.into_iter().map(|body| (body, false)));
    // `@` is the number of the candidate; U+0001 stands for the `@` of bash itself.
    let numbered = |(number, (body, is_construct)): (usize, (String, bool))| {
        let body = body.replace('@', &number.to_string()).replace('\u{1}', "@");
        Candidate { number, body, is_construct }
    };
    all.enumerate().map(numbered).collect()
}

/// Puts the payload into the slots. A payload's own `@` and bash's are told apart.
fn fill(shape: &str, payload: &str) -> String {
    shape.replace('@', "\u{1}").replace("%%", "\u{2}").replace('%', payload).replace('\u{2}', "%")
}

/// Operands, with the payload in each of the first four places, as name, value and subscript.
const OPERANDS: &[&str] = &[
    "'%'",
    "n '%'",
    "'%' n",
    "n='%'",
    "n=('%')",
    "'%' '%'",
    "= '%'",
    "n = '%'",
    "\"$1\"",
    "$1",
    "n \"$1\"",
    "1 '%'",
    "'%' 1",
    "n[0]='%'",
    "'n=%'",
    "n n '%'",
    "n n n '%'",
    "n '%' n n",
    "n n '%' n",
    "'n[%]=1'",
    "n['%']=1",
    "n+='%'",
];

/// Operands after options with a plus sign, of which bash has few.
const FEW_OPERANDS: &[&str] = &["'%'", "n '%'", "n='%'", "\"$1\"", "'n[%]=1'"];

fn builtin_bodies(builtin: &str, payload: &str, bodies: &mut BTreeSet<String>) {
    let letters = || ('a'..='z').chain('A'..='Z');
    let close = if builtin == "[" { " ]" } else { "" };
    let mut add = |option: &str, operands: &[&str]| {
        for operands in operands {
            bodies.insert(fill(&format!("{builtin} {option} {operands}{close} <<< '%'"), payload));
        }
    };
    for letter in letters() {
        add(&format!("-{letter}"), OPERANDS);
        add(&format!("+{letter}"), FEW_OPERANDS);
    }
    add("", OPERANDS);
    add("--", OPERANDS);
    for prefix in ["n='%'", "n[0]='%'", "n=('%')", "IFS='%'", "LC_ALL=C", "TZ=UTC"] {
        for operands in FEW_OPERANDS {
            bodies.insert(fill(&format!("{prefix} {builtin} {operands}{close} <<< '%'"), payload));
        }
    }
}

fn script(body: &str) -> String {
    format!("pre_upgrade() {{\n{body}\n}}\npost_upgrade() {{ :; }}\n")
}

/// Runs candidates in one bash, each in a subshell, and returns the numbers of those that fired.
fn run(candidates: &[&Candidate], directory: &Path, bash: &[String]) -> BTreeSet<usize> {
    std::fs::create_dir_all(directory).unwrap();
    let mut batch = String::from("exec 2>/dev/null >/dev/null\n");
    for Candidate { number, body, .. } in candidates {
        let payload = |payload: &str| payload.replace('@', &number.to_string());
        let (first, second) = (payload(PAYLOADS[0]), payload(PAYLOADS[1]));
        // A body that does not parse must not take the others with it, so each is given to `eval`; so is
        // a hostile standard input.
        let quoted = format!("t() {{\n{body}\n}}").replace('\'', "'\\''");
        writeln!(batch, "( eval '{quoted}' && t '{first}' '{second}' '-v {first}' <<< '{first}' )").unwrap();
    }
    let file = directory.join("batch.sh");
    std::fs::write(&file, batch).unwrap();
    let work = directory.join("work");
    std::fs::create_dir_all(&work).unwrap();
    let status = Command::new("timeout")
        .arg("120")
        .args(bash)
        .args(["--norc", "--noprofile"])
        .arg(&file)
        .current_dir(&work)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("MYSQL_CMD", "true")
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.code() != Some(124), "the batch took too long: {}", file.display());
    let fired = std::fs::read_dir(&work).unwrap();
    fired.filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_prefix('c')?.parse().ok()).collect()
}

/// The command lines of the machine's bash and of those that `tests/soundness/bash-versions` fetches.
fn bashes() -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(root.join("tests/soundness/bash-versions"))
        .arg(root.join("target/bash"))
        .output()
        .unwrap();
    let mut bashes = vec![vec!["bash".to_owned()]];
    for directory in String::from_utf8(output.stdout).unwrap().lines() {
        let libraries = format!("{directory}/lib");
        let loader = std::fs::read_dir(&libraries).unwrap().flatten().map(|entry| entry.path());
        let loader =
            loader.into_iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with("ld-"));
        let loader = loader.unwrap().display().to_string();
        bashes.push(vec![loader, "--library-path".to_owned(), libraries, format!("{directory}/bash")]);
    }
    assert!(
        bashes.len() >= 3,
        "bash in two other versions is needed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    bashes
}

fn scratch(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("hookgate-sweep-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

fn run_all(chosen: &[&Candidate], name: &str, bash: &[String]) -> BTreeSet<usize> {
    let directory = scratch(name);
    let mut fired = BTreeSet::new();
    for (index, chunk) in chosen.chunks(500).enumerate() {
        fired.extend(run(chunk, &directory.join(index.to_string()), bash));
    }
    std::fs::remove_dir_all(&directory).unwrap();
    fired
}

#[test]
fn what_is_accepted_never_fires() {
    let all = candidates();
    let accepted =
        |candidate: &&Candidate| !check(script(&candidate.body).as_bytes(), &Policy::default()).is_denied();
    let (yes, no): (Vec<&Candidate>, Vec<&Candidate>) = all.iter().partition(accepted);
    // The sweep must not become vacuous: enough is accepted, and enough of what is denied would fire.
    assert!(all.len() > 100_000 && yes.len() > 600, "{} of {} accepted", yes.len(), all.len());
    let bashes = bashes();
    for bash in &bashes {
        let fired = run_all(&yes, "accepted", bash);
        let bad: Vec<&str> =
            yes.iter().filter(|c| fired.contains(&c.number)).map(|c| c.body.as_str()).collect();
        assert!(
            bad.is_empty(),
            "{} accepted scripts ran their canary in {bash:?}:\n{}",
            bad.len(),
            bad.join("\n")
        );
    }
    // Of what is denied only the constructs are run: builtins such as `kill` would do real harm.
    let constructs: Vec<&Candidate> = no.into_iter().filter(|candidate| candidate.is_construct).collect();
    let fired = run_all(&constructs, "denied", &bashes[0]);
    assert!(fired.len() > 100, "only {} of the denied candidates fire: the canary is broken", fired.len());
}
