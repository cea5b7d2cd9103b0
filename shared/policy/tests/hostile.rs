//! Scripts of the greatest size that are made to cost much, or to nest where a walk might recurse, get a verdict.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may stop at the first surprise

use hookgate_policy::{Policy, check};

/// Somewhat below what is the most for a script, in bytes.
const SIZE: usize = 250_000;

/// The stack of a thread that judges, in bytes: less than any that the programs have.
const STACK: usize = 1024 * 1024;

fn repeat(text: &str, size: usize) -> String {
    text.repeat(size / text.len())
}

/// Whether a script with this body is denied; found on a small stack.
fn is_denied(before: &str, body: &str) -> bool {
    let script = format!("{before}pre_upgrade() {{\n{body}\n}}\npost_upgrade() {{ :; }}\n");
    let judge = move || check(script.as_bytes(), &Policy::default()).is_denied();
    std::thread::Builder::new().stack_size(STACK).spawn(judge).expect("a thread").join().expect("a verdict")
}

#[test]
fn commands_that_start_commands_nest_without_recursion() {
    assert!(!is_denied("", &format!("{}cat", repeat("timeout 1 ", SIZE))));
    assert!(is_denied("", &repeat("env ", SIZE)));
    assert!(is_denied("", &format!("{}true", repeat("command ", SIZE))));
}

#[test]
fn what_many_uses_share_is_looked_at_once() {
    let half = SIZE / 2;
    let sql = format!("readonly Q=\"{}\"\n", repeat("SELECT 1; ", half));
    assert!(!is_denied(&sql, &repeat("n=$($MYSQL_CMD -N -e \"$Q\")\n", half)));
    let options = format!("readonly -a A=({})\n", repeat("-N ", half));
    assert!(is_denied(&options, &repeat("mysql \"${A[@]}\" -e 'SHOW BACKENDS'\n", half)));
    let name = format!("C=\"{}\"\n", repeat("xa", half));
    assert!(is_denied(&name, &repeat("$C\n", half)));
    let sums = format!("n=$(awk '{{ {} }}'); (( n ))", repeat("s += $1; print s; ", SIZE / 2));
    assert!(!is_denied("", &sums));
    let keys = "for k in \"${!a[@]}\"; do echo \"${a[$k]}\"; done\n";
    assert!(!is_denied("", &repeat(keys, SIZE)));
}
