//! Scripts that are written down: the corpora of the policy, and the cases of these tests.

use std::fs;
use std::path::{Path, PathBuf};

/// Every script of `tests/corpus` with its path.
pub fn files() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus")];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sh") {
                // Scripts with other bytes than text are refused before anything is read.
                match fs::read_to_string(&path) {
                    Ok(text) if !text.contains('\0') => found.push((path, text)),
                    _ => {}
                }
            }
        }
    }
    found.sort();
    assert!(found.len() > 300, "only {} scripts in tests/corpus", found.len());
    found
}

/// The cases that bash and we accept.
pub fn accepted() -> impl Iterator<Item = &'static str> {
    cases(include_str!("accepted.txt"))
}

/// The cases that bash and we reject.
pub fn rejected() -> impl Iterator<Item = &'static str> {
    cases(include_str!("rejected.txt"))
}

fn cases(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split("\n----\n").map(|case| case.strip_suffix("\n----").unwrap_or(case))
}
