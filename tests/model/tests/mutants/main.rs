//! Every rule, broken on purpose in the operator's own source, makes the checker fail.
//!
//! The operator's crate is copied, each mutation is put into the copy behind a question that only the copy asks (which
//! mutant am I?), and the checker is built once against it. A mutation whose text is no longer in the source fails
//! loudly: it has to follow the source. What protects from outside the rules, the lease and the resourceVersion, is left
//! away in the model instead.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod list;
mod mutant;
mod workspace;

use list::MUTANTS;
use std::{path::Path, process::Command};

/// No mutant: the operator as it is.
const NOBODY: &str = "none of them";
const ONE_HELD_UP: [u8; 5] = [0, 1, 0, 0, 0];

/// What the checker says of one mutant: its exit code and its output.
fn explore(
    program: &Path,
    mutant: &str,
    world: &str,
    limits: [u8; 5],
    more: &[&str],
) -> (Option<i32>, String) {
    let limits = limits.map(|limit| limit.to_string());
    let output = Command::new(program)
        .args(["--world", world, "--limits"])
        .args(limits)
        .args(more)
        .env("HOOKGATE_MUTANT", mutant)
        .output()
        .unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

fn first_broken(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim().strip_prefix("BROKEN: "))
}

#[test]
fn every_broken_rule_is_caught() {
    let program = workspace::build(MUTANTS);
    let mut escaped = Vec::new();
    for mutant in MUTANTS {
        let (code, text) = explore(&program, mutant.name, mutant.world, mutant.limits, &[]);
        match (code, first_broken(&text)) {
            (Some(1), Some(property)) => println!("caught: {}: {property}", mutant.name),
            _ => escaped.push(format!("{} (exit code {code:?}):\n{text}", mutant.name)),
        }
    }
    for safeguard in ["fencing", "conflicts"] {
        let (code, text) = explore(&program, NOBODY, "fe", ONE_HELD_UP, &["--without", safeguard]);
        match (code, first_broken(&text)) {
            (Some(1), Some(property)) => println!("caught: without {safeguard}: {property}"),
            _ => escaped.push(format!("without {safeguard} (exit code {code:?}):\n{text}")),
        }
    }
    assert!(escaped.is_empty(), "these broken rules were not noticed:\n{}", escaped.join("\n"));
    // It is what was broken that is caught, not the copy.
    let (code, text) = explore(&program, NOBODY, "fe", ONE_HELD_UP, &[]);
    assert_eq!(code, Some(0), "{text}");
}
