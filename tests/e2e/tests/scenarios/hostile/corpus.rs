//! The attempts of `tests/corpus/escape` that one script can make one after the other.

use hookgate_e2e::{Problem, ensure};
use std::{fmt::Write as _, fs, path::Path, process::Command};

/// Those that end by themselves, need no program that the image hasn't, and leave nothing behind that holds a pipe open.
const FAMILIES: [&str; 5] = ["network", "programs", "secrets", "supervisor", "system-calls"];
/// What a body must not have: functions of its own, which admission sees as functions of the script, folders that only its
/// tests have, and what prints this script.
const LEFT_OUT: [&str; 3] = ["() {", "/mnt/", "\nset\n"];
/// The program of the corpus that makes system calls of its own.
const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../corpus/escape/attempt.c");
/// The function that runs it.
const NATIVE: &str = include_str!("../../../../corpus/escape/native.sh");

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

impl Attempt {
    /// Whether it is nothing but a system call, which the kernel refuses.
    pub fn is_native(&self) -> bool {
        self.body.starts_with("native ") && self.body.trim_end().lines().count() == 1
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

/// Functions that make the attempts, and their calls: whatever escapes is told to the database, and so are the numbers of
/// those that were made, and of the system calls that were refused.
///
/// # Errors
/// When the program of the corpus can't be built.
pub fn script(attempts: &[Attempt]) -> Result<(String, String), Problem> {
    let program = program()?;
    let mut functions = format!(
        "program() {{ base64 -d >/tmp/attempt <<'END'\n{program}END\nchmod 755 /tmp/attempt\n}}\n{NATIVE}"
    );
    let mut calls = "    program\n".to_owned();
    for (number, attempt) in attempts.iter().enumerate() {
        let _infallible = writeln!(functions, "attempt_{number}() {{\n{}\n}}", attempt.body.trim_end());
        let _infallible = writeln!(calls, "    made {number} '{}'", attempt.name);
    }
    functions.push_str(
        "count=0 refused=0\n\
         made() {\n    \
             said=$(\"attempt_$1\" 2>&1 </dev/null)\n    \
             count=$((count + 1))\n    \
             case $said in *'refused '*:*) refused=$((refused + 1)) ;; esac\n    \
             case $said in *ESCAPED*) mysql -e \"SELECT \\\"escaped: $2\\\"\" ;; esac\n\
         }\n",
    );
    calls.push_str("    mysql -e \"SELECT \\\"attempts: $count, refused: $refused\\\"\"\n");
    Ok((functions, calls))
}

/// The corpus's program, in base64.
fn program() -> Result<String, Problem> {
    let folder = std::env::temp_dir().join(format!("hookgate-attempt-{}", std::process::id()));
    let path = folder.join("attempt");
    let made = || {
        fs::create_dir_all(&folder)?;
        let built = Command::new("gcc")
            .args(["-O1", "-s", "-Wall", "-Werror", "-o"])
            .args([path.as_os_str(), PROGRAM.as_ref()])
            .output()?;
        let printed = Command::new("base64").arg(&path).output()?;
        fs::remove_dir_all(&folder)?;
        Ok((built, printed))
    };
    let (built, printed) = made().map_err(Problem::io("the corpus's program"))?;
    ensure(built.status.success() && printed.status.success(), || {
        format!("{PROGRAM} can't be built: {}", String::from_utf8_lossy(&built.stderr))
    })?;
    Ok(String::from_utf8_lossy(&printed.stdout).into_owned())
}
