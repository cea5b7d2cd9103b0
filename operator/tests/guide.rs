//! The upgrade guide names every reason that the rules have for a wait, and every condition.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{collections::BTreeSet, fs, path::Path};

const PAGE: &str = include_str!("../../docs/upgrades.md");
/// Constants that name gates and not reasons.
const GATES: [&str; 5] = ["SettingsHeld", "ConcurrentWaves", "Database", "Endpoints", "Tablets"];

fn sources(folder: &Path, text: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            text.push(fs::read_to_string(&path).unwrap());
        }
    }
}

/// The text constant that begins there.
fn literal(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

fn is_reason(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_uppercase()) && word.chars().all(char::is_alphabetic)
}

/// What the rules give as the reason of a wait: a constant with a name, or one in place.
fn reasons() -> BTreeSet<String> {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan"), &mut texts);
    let mut reasons = BTreeSet::new();
    for text in &texts {
        let in_place = ["Wait::new(", "Wait::gate("].into_iter().flat_map(|call| text.split(call).skip(1));
        let named = text.split("const ").skip(1).filter_map(|rest| rest.split_once(": &str ="));
        let named = named.filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
        let all = in_place.chain(named.map(|(_, value)| value)).filter_map(literal);
        reasons.extend(all.filter(|word| is_reason(word) && !GATES.contains(word)).map(str::to_owned));
    }
    reasons
}

#[test]
fn every_reason_that_a_wave_may_wait_for_is_explained() {
    let reasons = reasons();
    for known in ["Paused", "WaitingForTurn", "GateTimedOut", "Preflight", "HookFailed"] {
        assert!(reasons.contains(known), "{known} was not found: {reasons:?}");
    }
    let table = PAGE.split("## What a wave waits for").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let explained: BTreeSet<_> = rows.flat_map(|first| first.split(", ")).map(str::to_owned).collect();
    let missing: Vec<_> = reasons.difference(&explained).collect();
    assert!(missing.is_empty(), "docs/upgrades.md, What a wave waits for, lacks {missing:?}");
}
