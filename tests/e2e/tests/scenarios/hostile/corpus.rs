//! The attempts of `tests/corpus/escape` that one script can make one after the other.

use std::{fmt::Write as _, fs, path::Path};

/// Those that end by themselves, need no program that the image hasn't, and leave nothing behind that holds a pipe open.
const FAMILIES: [&str; 4] = ["network", "programs", "secrets", "supervisor"];
/// What a body must not have: the program of the corpus that has to be compiled, functions of its own, which admission
/// sees as functions of the script, folders that only its tests have, and what prints this script.
const LEFT_OUT: [&str; 4] = ["native ", "() {", "/mnt/", "\nset\n"];

/// An attempt: its name, and what it does. It says ESCAPED when it succeeds.
pub struct Attempt {
    /// The family and the name.
    pub name: String,
    /// Lines of bash.
    pub body: String,
}

impl Attempt {
    /// An attempt of a scenario's own.
    pub fn new(name: &str, body: impl Into<String>) -> Self {
        Self { name: name.to_owned(), body: body.into() }
    }
}

/// The attempts of the corpus.
pub fn attempts() -> Vec<Attempt> {
    FAMILIES.into_iter().flat_map(family).collect()
}

fn family(family: &str) -> Vec<Attempt> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../corpus/escape/{family}.txt"));
    let text = fs::read_to_string(&path).expect("the corpus");
    let blocks = text.split("=== ").filter_map(|block| block.split_once("\n---\n"));
    let ends = |head: &str| !head.contains("DeadlineExceeded");
    blocks
        .filter(|(head, body)| ends(head) && !LEFT_OUT.iter().any(|part| body.contains(part)))
        .map(|(head, body)| {
            Attempt::new(&format!("{family}/{}", head.lines().next().unwrap_or_default()), body)
        })
        .collect()
}

/// Functions that make the attempts, and their calls: whatever escapes is told to the database, and so is the number of
/// those that were made.
pub fn script(attempts: &[Attempt]) -> (String, String) {
    let (mut functions, mut calls) = (String::new(), String::new());
    for (number, attempt) in attempts.iter().enumerate() {
        let _infallible = writeln!(functions, "attempt_{number}() {{\n{}\n}}", attempt.body.trim_end());
        let _infallible = writeln!(calls, "    made {number} '{}'", attempt.name);
    }
    functions.push_str(
        "count=0\n\
         made() {\n    \
             said=$(\"attempt_$1\" 2>&1 </dev/null)\n    \
             count=$((count + 1))\n    \
             case $said in *ESCAPED*) mysql -e \"SELECT \\\"escaped: $2\\\"\" ;; esac\n\
         }\n",
    );
    calls.push_str("    mysql -e \"SELECT \\\"attempts: $count\\\"\"\n");
    (functions, calls)
}
