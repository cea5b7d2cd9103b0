//! `mvdan.cc/sh`: our tree agrees with its in functions, commands, assignments, redirections,
//! here-documents, expansions and substitutions.

use crate::random::seeds;
use crate::shape::{self, Event};
use crate::{corpus, generate};
use serde::Deserialize;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Deserialize)]
struct Reading {
    error: String,
    events: Option<Vec<Event>>,
}

/// Builds the other reader, which is ours apart from the library, and has it read all scripts.
fn read(scripts: &[String]) -> Vec<Reading> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/mvdan");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mvdan");
    let built = Command::new("go")
        .current_dir(&directory)
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .output()
        .expect("Go is needed for this test: install it");
    assert!(built.status.success(), "go build: {}", String::from_utf8_lossy(&built.stderr));
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program that was built runs");
    let mut input = child.stdin.take().unwrap();
    let text = scripts.join("\0");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let readings: Vec<Reading> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(readings.len(), scripts.len());
    readings
}

/// Compares two readings; the first difference, in words.
fn difference(ours: &[Event], theirs: &[Event]) -> Option<String> {
    let only = |these: &[Event], those: &[Event]| these.iter().find(|event| !those.contains(event)).cloned();
    match (only(ours, theirs), only(theirs, ours)) {
        (None, None) if ours.len() == theirs.len() => None,
        (left, right) => Some(format!("ours:   {left:?}\ntheirs: {right:?}")),
    }
}

/// How many scripts were compared; panics when one is read in another way.
/// What they reject is wrong only when `rejections` count.
fn compare(scripts: &[String], rejections: bool) -> usize {
    let mut wrong = Vec::new();
    let mut compared = 0;
    for (script, reading) in scripts.iter().zip(read(scripts)) {
        let Ok(tree) = hookgate_shell::parse(script.as_bytes()) else { continue };
        let known = KNOWN.iter().any(|(text, _)| text == script);
        let Some(mut theirs) = reading.events else {
            if rejections && !known {
                wrong.push(format!("they say {}:\n{script}", reading.error));
            }
            continue;
        };
        theirs.sort();
        if known {
            wrong.push(format!("the other reader reads it: take it off the list:\n{script}"));
        }
        if let Some(difference) = difference(&shape::of(&tree), &theirs) {
            wrong.push(format!("{difference}\n{script}"));
        }
        compared += 1;
    }
    wrong.sort_by_key(String::len);
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n----\n");
    assert!(wrong.is_empty(), "{} scripts are read in another way:\n{shown}", wrong.len());
    compared
}

#[test]
fn the_corpora_are_read_alike() {
    let scripts: Vec<_> = corpus::files().into_iter().map(|(_, text)| text).collect();
    let count = scripts.len();
    let compared = compare(&scripts, true);
    assert!(compared * 10 > count * 9, "only {compared} of {count} were compared");
}

#[test]
fn written_cases_are_read_alike() {
    let scripts: Vec<_> = corpus::accepted().map(str::to_owned).collect();
    let compared = compare(&scripts, true);
    assert!(compared > 150, "only {compared} were compared");
}

/// What the other reader rejects here is judged by bash, in the tests of `bash -n`.
#[test]
fn generated_scripts_are_read_alike() {
    let scripts: Vec<_> = seeds(2000).map(generate::common_script).collect();
    let count = scripts.len();
    let compared = compare(&scripts, false);
    assert!(compared * 4 > count * 3, "only {compared} of {count} were compared");
}

/// Scripts that bash accepts and runs, and mvdan.cc/sh rejects, with the reason. Bash is right.
const KNOWN: &[(&str, &str)] = &[
    ("!", "it wants a command after `!`"),
    ("! ! a", "it allows one `!` only"),
    (">x if", "it takes `if` for a keyword after a redirection"),
    ("a &\\\n& b", "it does not join a line inside an operator"),
    ("function f ( : )", "it wants `)` after `function f (`, where a subshell is a body as well"),
    ("cat <<E\nends by the end of the file", "it wants the delimiter, where bash warns"),
    ("declare -A m=([a]=1 [b c]=2)", "it reads the key of an associative array as arithmetic"),
    ("eval a=(b)", "it knows arrays only after `declare` and its kin"),
    ("echo ${a^} ${a^^} ${a,} ${a,,} ${a~} ${a^^[a-z]}", "it does not know `${a~}`, which is not documented"),
    (
        "echo ${#a} ${#} ${##} ${#?} ${#a[@]} ${#1} ${#-} ${#:-x} ${##x} ${#%x}",
        "it reads `${#:-x}` as a length with an operator, where bash takes `$#`",
    ),
];
